"""`$(NAME)` in commands, arguments and environment values (upstream: third_party/forked/golang/expansion).

`$$` is a literal `$`, so that `$$(NAME)` is left for the container's own shell; an unknown name stays as it is written.
"""

from __future__ import annotations

from collections.abc import Mapping


def expand(text: str, *names: Mapping[str, str]) -> str:
    """Fill in the references of a text; the first mapping that knows a name answers."""
    if "$" not in text:
        return text
    pieces: list[str] = []
    at = checkpoint = 0
    while at < len(text):
        if text[at] == "$" and at + 1 < len(text):
            pieces.append(text[checkpoint:at])
            read, advance = _read(text[at + 1 :], names)
            pieces.append(read)
            at += advance
            checkpoint = at + 1
        at += 1
    return "".join(pieces) + text[checkpoint:]


def _read(rest: str, names: tuple[Mapping[str, str], ...]) -> tuple[str, int]:
    """What stands for the text after a `$`, and how many characters of it were used."""
    if rest[0] == "$":
        return "$", 1
    if rest[0] != "(":
        return "$" + rest[0], 1
    end = rest.find(")")
    if end < 0:
        return "$(", 1
    name = rest[1:end]
    for mapping in names:
        if name in mapping:
            return mapping[name], end + 1
    return f"$({name})", end + 1
