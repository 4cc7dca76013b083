"""The area chart of success: a bright crest in the threshold's colour, a dimmed body, a dotted SLO line.

Cells below the objective carry ▒ besides their colour, so that the chart can be read without seeing colour.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.themes import Palette

EIGHTHS = " ▁▂▃▄▅▆▇█"


def verdict(per_mille: int, slo: int) -> str:
    """green at or above the objective (99 % where there is none), yellow a little below it, red far below."""
    slo = slo or 990
    if per_mille >= slo:
        return "green"
    return "yellow" if per_mille >= slo - max(30, (1000 - slo)) else "red"


def floor_of(values: Sequence[int], slo: int) -> int:
    """Where the vertical axis starts (per mille): low enough for the worst value, else well below the objective."""
    worst = min([v for v in values if v >= 0], default=1000)
    for floor in (900, 800, 500):
        if worst >= floor and (not slo or slo > floor):
            return floor
    return 0


def area(palette: Palette, values: Sequence[int], width: int, height: int, slo: int, label: int = 5) -> list[Line]:
    """Rows of the chart, top first, newest value at the right; -1 is a gap; `label` cells of axis on the left."""
    columns = max(1, width - label)
    shown = list(values)[-columns:]
    shown = [-1] * (columns - len(shown)) + shown
    floor = floor_of(shown, slo)
    levels = [_eighths(v, floor, height) for v in shown]
    slo_row = _row_of(slo, floor, height) if slo else -1
    rows = []
    for row in range(height):
        line = Line(palette, width).add(_axis(row, height, floor, label), "mute")
        for value, level in zip(shown, levels, strict=True):
            _cell(line, value, level, row, height, slo, row == slo_row)
        rows.append(line)
    return rows


def spark(values: Sequence[int], width: int, slo: int) -> list[tuple[str, str]]:
    """A history in one row of `width` cells, newest at the right: signs (the lower, the worse) and their colours."""
    shown = list(values)[-width:]
    blank = [(" ", "text")] * (width - len(shown))
    return blank + [(EIGHTHS[1 + value * 4 // 1000] if value >= 0 else " ", verdict(value, slo)) for value in shown]


def _eighths(value: int, floor: int, height: int) -> int:
    """Height of a column in eighths of a cell; a measured zero still shows one."""
    if value < 0:
        return 0
    return max(1, (max(0, value - floor) * height * 8 + (1000 - floor) // 2) // (1000 - floor))


def _row_of(slo: int, floor: int, height: int) -> int:
    return max(0, min(height - 1, height - 1 - (slo - floor) * height // (1000 - floor)))


def _axis(row: int, height: int, floor: int, label: int) -> str:
    """100 at the top, the floor at the bottom, the middle where there is room."""
    marks = {0: 1000, height - 1: floor}
    if height >= 6:
        marks[height // 2] = 1000 - (1000 - floor) * (height // 2) // height
    if row not in marks or label < 4:
        return " " * label
    return f"{marks[row] // 10:>{label - 1}} "


def _cell(line: Line, value: int, level: int, row: int, height: int, slo: int, on_slo: bool) -> None:
    """One cell: crest, body, SLO line or nothing."""
    base = (height - 1 - row) * 8
    fill = max(0, min(8, level - base))
    if fill == 0:
        line.add("┄" if on_slo else " ", "mute" if on_slo else "text")
        return
    colour = verdict(value, slo)
    crest = fill < 8 or level == base + 8
    if crest:
        line.add(EIGHTHS[fill], colour)
    elif value < (slo or 990):
        line.add("▒", colour, f"body_{colour}")
    else:
        line.add(" ", colour, f"body_{colour}")
