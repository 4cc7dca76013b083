"""Colours for YAML: one regular expression, cached by line; as fast as a parser and the same everywhere."""

from __future__ import annotations

import re
from functools import lru_cache

TOKEN = re.compile(
    r"""(?P<comment>(?:^|(?<=\s))\#.*$)
    |(?P<document>^(?:---|\.\.\.)\s*$)
    |(?P<key>[\w./\-]+|"[^"]*"|'[^']*')(?=\s*:(?:\s|$))
    |(?P<string>"(?:[^"\\]|\\.)*"|'[^']*')
    |(?P<boolean>\b(?:true|false|null)\b|~)
    |(?P<number>(?<![\w.\-])-?\d+(?:\.\d+)?(?:m|Mi|Gi|Ki|Ti|%|s)?(?![\w.\-]))
    |(?P<anchor>[&*!][\w./\-]+)
    |(?P<sign>[-:|>](?=\s|$)|[{}\[\],])""",
    re.VERBOSE,
)
COLOURS = {
    "comment": "mute", "document": "violet", "key": "blue", "string": "green", "boolean": "orange", "number": "yellow",
    "anchor": "pink", "sign": "mute",
}  # fmt: skip


@lru_cache(8192)
def tokens(line: str) -> tuple[tuple[int, int, str], ...]:
    """Start, end and colour of each piece of a line that is not plain text."""
    return tuple((m.start(), m.end(), COLOURS[m.lastgroup or "sign"]) for m in TOKEN.finditer(line))


def next_indent(line: str) -> int:
    """How far the line after this one is indented: beside its key, or below it where nothing follows the colon."""
    found = re.match(r"(?P<lead> *(?:- +)*)(?P<rest>.*)", line)
    if found is None:
        return 0
    opens = re.fullmatch(r"[^#]*:\s*(?:#.*)?|.*[|>][+-]?\s*", found["rest"]) is not None
    return len(found["lead"]) + (2 if opens and found["rest"] else 0)


def field_span(line: str) -> tuple[int, int]:
    """Where an error of a line is underlined: its key and value, without indentation, dash and comment."""
    body = re.sub(r"\s+#.*$", "", line)
    start = len(body) - len(body.lstrip(" -"))
    return (start, len(body)) if start < len(body) else (0, max(1, len(line)))
