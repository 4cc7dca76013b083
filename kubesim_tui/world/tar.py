"""Archives as `tar` writes them (ustar), over text: sizes count characters; files and directories only."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

BLOCK = 512
_END = "\0" * (2 * BLOCK)
_NAME, _PREFIX = 100, 155


class TarError(ValueError):
    """Not an archive, or one that ends too early; says so in tar's words."""


@frozen
class Member:
    """A file with its text, or (None) a directory."""

    name: str
    text: str | None


def pack(members: Iterable[Member]) -> str:
    """An archive of these."""
    return "".join(_header(m) + _padded(m.text or "") for m in members) + _END


def unpack(archive: str) -> list[Member]:
    """The members of an archive. Raises TarError."""
    found: list[Member] = []
    at = 0
    while archive[at : at + BLOCK].strip("\0"):
        header = archive[at : at + BLOCK]
        if len(header) < BLOCK or header[257:262] != "ustar":
            raise TarError("This does not look like a tar archive")
        size = int(_text(header, 124, 12) or "0", 8)
        name, prefix = _text(header, 0, _NAME), _text(header, 345, _PREFIX)
        at += BLOCK
        text = archive[at : at + size]
        if len(text) < size:
            raise TarError("Unexpected EOF in archive")
        at += -(-size // BLOCK) * BLOCK
        whole = f"{prefix}/{name}" if prefix else name
        found.append(Member(whole.rstrip("/"), None) if header[156] == "5" else Member(whole, text))
    return found


def _header(member: Member) -> str:
    name, prefix = member.name + ("/" if member.text is None else ""), ""
    if len(name) > _NAME:
        prefix = name[: name.find("/", len(name) - _NAME - 1)]
        name = name[len(prefix) + 1 :]
    kind, mode = ("5", "0000755") if member.text is None else ("0", "0000644")
    before = f"{_field(name, _NAME)}{mode}\0{'0000000'}\0{'0000000'}\0{len(member.text or ''):011o}\0{0:011o}\0"
    after = f"{kind}{_field('', 100)}ustar\00000{_field('root', 32)}{_field('root', 32)}0000000\x000000000\0"
    after = f"{after}{_field(prefix, _PREFIX)}".ljust(BLOCK - len(before) - 8, "\0")
    checksum = sum(map(ord, before + after)) + 8 * ord(" ")
    return f"{before}{checksum:06o}\0 {after}"


def _field(text: str, width: int) -> str:
    return text.ljust(width, "\0")


def _padded(text: str) -> str:
    return text.ljust(-(-len(text) // BLOCK) * BLOCK, "\0")


def _text(header: str, at: int, width: int) -> str:
    return header[at : at + width].partition("\0")[0].strip()
