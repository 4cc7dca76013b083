"""JSON as Go reads it: one value after the other from a stream, numbers that fit an int64 as integers, Go's errors.

Python's parser does the work. Only when it fails does a second reader walk the text, to say what Go would have said and
where; and only when a line is asked for are the lines of the fields looked up.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from attrs import frozen

from kubesim_tui.api.yamlgo.jsonfaults import explain, skip_blanks
from kubesim_tui.api.yamlgo.values import MAX_INT64, MIN_INT64

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|\n|[^\s{}\[\],:"]+', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@frozen
class Found:
    """A value read: where it starts, where the text goes on."""

    value: Any
    start: int
    end: int


def read_value(text: str, at: int) -> Found | None:
    """The next value from a place on; None when only blanks are left. Raises JsonProblem with Go's message."""
    start = skip_blanks(text, at)
    if start == len(text):
        return None
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        explain(text, start)
    if _ESCAPED_SURROGATE.search(text, start, end):
        value = _mended(value)
    return Found(value, start, end)


def lines_of(text: str, found: Found) -> tuple[dict[Path, int], list[tuple[Path, int]]]:
    """The line (from 0) of every field of a value that was read, and every key that stands twice."""
    walk = _Lines(text.count("\n", 0, found.start))
    for token in _TOKEN.finditer(text, found.start, found.end):
        walk.take(token.group())
    return walk.lines, walk.duplicates


def _whole(text: str) -> int | float:
    value = int(text)
    return value if MIN_INT64 <= value <= MAX_INT64 else float(text)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _fraction(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant)


def _mended(value: Any) -> Any:
    """Halves of a pair of surrogates become the replacement character, as in Go."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_mended(item) for item in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(item) for key, item in value.items()}
    return value


class _Lines:
    """Follows the tokens of a valid value."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.lines: dict[Path, int] = {}
        self.duplicates: list[tuple[Path, int]] = []
        self.path: Path = ()
        # For each open collection: its path, and the keys seen (None for a list).
        self.open: list[tuple[Path, set[str] | None]] = []
        self.key_next = False

    def take(self, token: str) -> None:
        """Note one token."""
        if token == "\n":
            self.line += 1
        elif token in "]}":
            self.path, _ = self.open.pop()
            self.key_next = False
        elif token == ",":
            self._next_item()
        elif token == ":":
            self.key_next = False
        elif self.key_next and token[0] == '"':
            self._key(json.loads(token))
        else:
            self._value(token)

    def _value(self, token: str) -> None:
        self.lines.setdefault(self.path, self.line)
        if token in "{[":
            self.open.append((self.path, set() if token == "{" else None))
            self.key_next = token == "{"
            if token == "[":
                self.path = (*self.path, 0)

    def _next_item(self) -> None:
        parent, keys = self.open[-1]
        self.key_next = keys is not None
        if keys is None:
            last = self.path[len(parent)]
            assert isinstance(last, int)
            self.path = (*parent, last + 1)

    def _key(self, key: str) -> None:
        parent, keys = self.open[-1]
        assert keys is not None
        self.path = (*parent, key)
        if key in keys:
            self.duplicates.append((self.path, self.line))
        keys.add(key)
        self.lines[self.path] = self.line
