"""Archives as `tar` writes them (ustar, and GNU's long names), over text: sizes count characters.

Files and directories only.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

BLOCK = 512
_END = "\0" * (2 * BLOCK)
_NAME, _PREFIX = 100, 155
_NAMES_THE_NEXT, _LONG_NAME = "L", "././@LongLink"
"""A member whose text is the name of the next one, for which the header is too short (as GNU tar does it)."""


class TarError(ValueError):
    """Not an archive, or one that ends too early; says so in tar's words."""


@frozen
class Member:
    """A file with its text, or (None) a directory."""

    name: str
    text: str | None


def pack(members: Iterable[Member]) -> str:
    """An archive of these."""
    return "".join(_packed(member) for member in members) + _END


def unpack(archive: str) -> list[Member]:
    """The members of an archive. Raises TarError."""
    found: list[Member] = []
    at, long_name = 0, ""
    while archive[at : at + BLOCK].strip("\0"):
        header = archive[at : at + BLOCK]
        if len(header) < BLOCK or header[257:262] != "ustar":
            raise TarError("This does not look like a tar archive")
        size = _size(header)
        name, prefix = _text(header, 0, _NAME), _text(header, 345, _PREFIX)
        at += BLOCK
        text = archive[at : at + size]
        if len(text) < size:
            raise TarError("Unexpected EOF in archive")
        at += -(-size // BLOCK) * BLOCK
        if header[156] == _NAMES_THE_NEXT:
            long_name = text.partition("\0")[0]
            continue
        whole = long_name or (f"{prefix}/{name}" if prefix else name)
        found.append(Member(whole.rstrip("/"), None) if header[156] == "5" else Member(whole, text))
        long_name = ""
    return found


def _packed(member: Member) -> str:
    kind, name, text = ("5", f"{member.name}/", "") if member.text is None else ("0", member.name, member.text)
    split = _split(name)
    if split is not None:
        return _record(*split, kind, text)
    return _record("", _LONG_NAME, _NAMES_THE_NEXT, f"{name}\0") + _record("", name[:_NAME], kind, text)


def _split(name: str) -> tuple[str, str] | None:
    """A name in two at a slash, as ustar has room for it; None where it has none."""
    if len(name) <= _NAME:
        return "", name
    at = name.find("/", len(name) - _NAME - 1, -1)
    return (name[:at], name[at + 1 :]) if 0 < at <= _PREFIX else None


def _record(prefix: str, name: str, kind: str, text: str) -> str:
    mode = "0000755" if kind == "5" else "0000644"
    before = f"{_field(name, _NAME)}{mode}\0{'0000000'}\0{'0000000'}\0{len(text):011o}\0{0:011o}\0"
    after = f"{kind}{_field('', 100)}ustar\00000{_field('root', 32)}{_field('root', 32)}0000000\x000000000\0"
    after = f"{after}{_field(prefix, _PREFIX)}".ljust(BLOCK - len(before) - 8, "\0")
    checksum = sum(map(ord, before + after)) + 8 * ord(" ")
    return f"{before}{checksum:06o}\0 {after}{_padded(text)}"


def _size(header: str) -> int:
    digits = _text(header, 124, 12)
    if digits.strip("01234567"):
        raise TarError("corrupted octal value in tar header")
    return int(digits or "0", 8)


def _field(text: str, width: int) -> str:
    return text.ljust(width, "\0")


def _padded(text: str) -> str:
    return text.ljust(-(-len(text) // BLOCK) * BLOCK, "\0")


def _text(header: str, at: int, width: int) -> str:
    return header[at : at + width].partition("\0")[0].strip()
