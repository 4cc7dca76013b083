"""Braces, as bash alone expands them: `{a,b}c` are two words, `{1..3}` three."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from kubesim_tui.world.shell.expansion import LITERAL, Segment

MOST = 10_000
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?|([a-zA-Z])\.\.([a-zA-Z])")


def expand(segments: list[Segment]) -> list[list[Segment]]:
    """The words that a word with braces stands for; only what is written in the script itself counts."""
    units = [(char, kind) for text, kind in segments for char in (text if kind == LITERAL else [text])]
    return [_joined(word) for word in _words(units)[:MOST]]


def _joined(units: list[Segment]) -> list[Segment]:
    found: list[Segment] = []
    for text, kind in units:
        if found and kind == LITERAL and found[-1][1] == LITERAL:
            found[-1] = (found[-1][0] + text, LITERAL)
        else:
            found.append((text, kind))
    return found


def _words(units: list[Segment]) -> list[list[Segment]]:
    for start, unit in enumerate(units):
        if unit == ("{", LITERAL):
            end, commas = _closing(units, start)
            choices = _choices(units, start, end, commas) if end else []
            if choices:
                rest = _words(units[end + 1 :])
                heads = ([*units[:start], *choice] for choice in choices)
                return list(islice(([*head, *tail] for head in heads for tail in rest), MOST))
    return [units]


def _closing(units: list[Segment], start: int) -> tuple[int, list[int]]:
    """(the place of the brace that closes, 0 if none does; the places of the commas between)."""
    depth = 0
    commas: list[int] = []
    for at in range(start, len(units)):
        match units[at]:
            case ("{", 0):
                depth += 1
            case ("}", 0):
                depth -= 1
                if depth == 0:
                    return at, commas
            case (",", 0) if depth == 1:
                commas.append(at)
    return 0, []


def _choices(units: list[Segment], start: int, end: int, commas: list[int]) -> list[list[Segment]]:
    if commas:
        ends = [start, *commas, end]
        parts = [units[a + 1 : b] for a, b in pairwise(ends)]
        return [word for part in parts for word in _words(part)]
    inside = units[start + 1 : end]
    found = _RANGE.fullmatch("".join(text for text, _ in inside)) if all(k == LITERAL for _, k in inside) else None
    return [[(text, LITERAL)] for text in _range(found)] if found is not None else []


def _range(found: re.Match[str]) -> list[str]:
    letters = found[4] is not None
    first, last = (ord(found[4]), ord(found[5])) if letters else (int(found[1]), int(found[2]))
    step = max(1, abs(int(found[3] or 1)))
    numbers = range(first, last + 1, step) if first <= last else range(first, last - 1, -step)
    width = max((len(text) for text in (found[1] or "", found[2] or "") if text.lstrip("-")[:1] == "0"), default=0)
    return [chr(number) if letters else f"{number:0{width}}" for number in numbers[:MOST]]
