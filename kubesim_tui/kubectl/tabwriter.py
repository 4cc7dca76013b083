"""Aligned columns as Go's text/tabwriter makes them: a column is a run of adjacent lines that have a cell there.

Cells end with a tab; what stands behind the last tab belongs to no column and is not padded. So a long line far below
does not widen a column that another block of lines has in the same place.
"""

from __future__ import annotations

from collections.abc import Sequence

Line = Sequence[str]


def align(text: str, *, minimum: int = 0, padding: int = 2) -> str:
    """The text with its tabs turned into blanks. A form feed ends all columns (Go's Flush)."""
    parts = text.split("\f")
    return "".join(_align(part, minimum, padding) for part in parts)


def _align(text: str, minimum: int, padding: int) -> str:
    lines = [line.split("\t") for line in text.split("\n")]
    return "\n".join(aligned(lines, minimum, padding))


def aligned(lines: Sequence[Line], minimum: int = 0, padding: int = 2) -> list[str]:
    """Lines given as cells, the last cell of each being the unpadded rest."""
    out: list[str] = []
    _format(lines, 0, len(lines), [], out, minimum, padding)
    return out


def _format(
    lines: Sequence[Line], start: int, end: int, widths: list[int], out: list[str], minimum: int, padding: int
) -> None:
    column = len(widths)
    at = start
    while at < end:
        if column >= len(lines[at]) - 1:
            at += 1
            continue
        _write(lines, start, at, widths, out)
        block = at
        width = minimum
        while at < end and column < len(lines[at]) - 1:
            width = max(width, len(lines[at][column]) + padding)
            at += 1
        _format(lines, block, at, [*widths, width], out, minimum, padding)
        start = at
    _write(lines, start, end, widths, out)


def _write(lines: Sequence[Line], start: int, end: int, widths: list[int], out: list[str]) -> None:
    for line in lines[start:end]:
        padded = [cell.ljust(widths[i]) if i < len(widths) else cell for i, cell in enumerate(line)]
        out.append("".join(padded))


def rows(headers: Sequence[str], body: Sequence[Sequence[str]], widths: list[int] | None = None) -> list[str]:
    """A table as `kubectl get` prints it: columns of at least 6, three blanks between. Remembers widths, if given."""
    lines = [list(headers), *body] if headers else list(body)
    if not lines:
        return []
    count = len(lines[0])
    known = widths if widths is not None else [0] * count
    if not known:
        known += [0] * count
    for i in range(count - 1):
        known[i] = max(known[i], 6, *(len(line[i]) + 3 for line in lines))
    return ["".join([*(c.ljust(known[i]) for i, c in enumerate(line[:-1])), line[-1]]) for line in lines]
