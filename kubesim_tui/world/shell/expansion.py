"""Words after their substitutions: splitting into fields, file names, patterns.

A word on its way is a list of segments (text, kind): LITERAL (from the script), QUOTED, SPLIT (an unquoted expansion:
it is split at IFS and its stars count), or BREAK (where "$@" starts a new field).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Protocol

LITERAL = 0
QUOTED = 1
SPLIT = 2
BREAK = 3

Segment = tuple[str, int]
_MAGIC = "*?["
_CLASS = re.compile(r"\[:(\w+):\]")
_CLASSES = {
    "digit": "0-9",
    "alpha": "a-zA-Z",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9a-fA-F",
}
_ESCAPE = "\0"
"""Before a character that stands for itself in a pattern."""


class Directory(Protocol):
    """The files that globs look through."""

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        ...

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        ...

    def names(self, path: str) -> list[str]:
        """The names in a directory."""
        ...


def text_of(segments: list[Segment]) -> str:
    """The word as one text, not split ("$@" joined by blanks)."""
    return "".join(" " if kind == BREAK else text for text, kind in segments)


def pattern_of(segments: list[Segment]) -> str:
    """The word as a pattern: what was quoted stands for itself."""
    return "".join(_protect(text) if kind == QUOTED else text for text, kind in segments)


def _protect(text: str) -> str:
    return "".join(_ESCAPE + char if char in _MAGIC + "]\\" else char for char in text)


def fields(segments: list[Segment], ifs: str, directory: str, files: Directory, *, glob: bool = True) -> list[str]:
    """The fields that a word becomes: none for an empty unquoted expansion."""
    found: list[str] = []
    current: list[str] | None = None
    for text, kind in segments:
        if kind == BREAK:
            found.append("".join(current or []))
            current = []
        elif kind == SPLIT:
            pieces = _split(text, ifs)
            for number, piece in enumerate(pieces):
                if number and current is not None:
                    found.append("".join(current))
                    current = None
                if piece or (current is None and number and number < len(pieces) - 1):
                    current = [*(current or []), piece]
        else:
            current = [*(current or []), _protect(text) if kind == QUOTED else text]
    if current is not None:
        found.append("".join(current))
    return [name for one in found for name in (_glob(one, directory, files) if glob else [_bare(one)])]


def _split(text: str, ifs: str) -> list[str]:
    """At runs of blanks of IFS, and at each other character of it. Empty first or last pieces mark blanks there."""
    return re.split(separator(ifs), text) if ifs else [text]


def separator(ifs: str) -> str:
    """A regular expression for what separates fields."""
    blanks = re.escape("".join(c for c in ifs if c in " \t\n"))
    others = re.escape("".join(c for c in ifs if c not in " \t\n"))
    if others and blanks:
        return f"[{blanks}]*[{others}][{blanks}]*|[{blanks}]+"
    return f"[{blanks}]+" if blanks else f"[{others}]"


def _bare(text: str) -> str:
    return text.replace(_ESCAPE, "")


def _glob(field: str, directory: str, files: Directory) -> list[str]:
    """The file names that fit; the field itself if it is no pattern or nothing fits."""
    if not _has_magic(field):
        return [_bare(field)]
    absolute = field.startswith("/")
    found = ["/" if absolute else ""]
    for part in [part for part in field.split("/") if part]:
        found = [name for before in found for name in _step(before, part, directory, files)]
    return sorted(found) or [_bare(field)]


def _step(before: str, part: str, directory: str, files: Directory) -> list[str]:
    place = before if before.startswith("/") else f"{directory.rstrip('/')}/{before}"
    if not _has_magic(part):
        path = f"{place.rstrip('/')}/{_bare(part)}"
        return (
            [f"{before}{'/' if before and not before.endswith('/') else ''}{_bare(part)}"] if files.exists(path) else []
        )
    if not files.is_directory(place.rstrip("/") or "/"):
        return []
    names = [n for n in files.names(place.rstrip("/") or "/") if not n.startswith(".") or part.startswith(".")]
    joint = "" if not before or before.endswith("/") else "/"
    return [f"{before}{joint}{name}" for name in names if matches(part, name)]


def _has_magic(text: str) -> bool:
    plain = re.sub(f"{_ESCAPE}.", "", text, flags=re.DOTALL)
    return any(char in plain for char in _MAGIC)


def matches(pattern: str, text: str) -> bool:
    """Whether a shell pattern fits the whole text."""
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, lazy: bool = False) -> re.Pattern[str]:
    pieces = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char in (_ESCAPE, "\\") and at < len(pattern):
            pieces.append(re.escape(pattern[at]))
            at += 1
        elif char == "*":
            pieces.append(".*?" if lazy else ".*")
        elif char == "?":
            pieces.append(".")
        elif char == "[" and (end := _bracket_end(pattern, at)) > 0:
            inside = _CLASS.sub(lambda found: _CLASSES.get(found[1], ""), pattern[at:end].replace("\\", "\\\\"))
            pieces.append("[" + ("^" + inside[1:] if inside[:1] in "!^" else inside) + "]")
            at = end + 1
        else:
            pieces.append(re.escape(char))
    try:
        return re.compile("".join(pieces), re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))


def _bracket_end(pattern: str, at: int) -> int:
    """Where a bracket expression closes: the first character may be `]`, and so may that of a class."""
    at += pattern[at : at + 1] in ("!", "^")
    at += pattern[at : at + 1] == "]"
    while at < len(pattern):
        found = _CLASS.match(pattern, at)
        if found is not None:
            at = found.end()
        elif pattern[at] == "]":
            return at
        else:
            at += 1
    return -1


def trim(text: str, op: str, pattern: str) -> str:
    """`${x#p}` the shortest, `##` the longest at the beginning; `%`, `%%` at the end."""
    lengths = range(len(text) + 1)
    if op[0] == "#":
        for length in lengths if op == "#" else reversed(lengths):
            if matches(pattern, text[:length]):
                return text[length:]
    else:
        for length in lengths if op == "%" else reversed(lengths):
            if matches(pattern, text[len(text) - length :]):
                return text[: len(text) - length]
    return text


def replace(text: str, pattern: str, other: str, *, every: bool) -> str:
    """`${x/p/q}`, with every: `${x//p/q}`; `${x/#p/q}` at the beginning, `${x/%p/q}` at the end."""
    if not pattern:
        return text
    if not every and pattern[0] in "#%":
        rest = trim(text, pattern[0] * 2, pattern[1:])
        if rest == text and not matches(pattern[1:], ""):
            return text
        return other + rest if pattern[0] == "#" else rest + other
    return _compiled(pattern).sub(lambda _: other, text, count=0 if every else 1)


def cased(text: str, op: str) -> str:
    """`${x^}`, `${x^^}`, `${x,}`, `${x,,}`."""
    end = len(text) if len(op) == 2 else 1
    head = text[:end].upper() if op[0] == "^" else text[:end].lower()
    return head + text[end:]
