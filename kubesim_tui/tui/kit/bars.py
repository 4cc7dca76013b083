"""Bars of one row: ━ over ─, with a half-cell end."""

from __future__ import annotations

from kubesim_tui.tui.kit.line import Line


def bar(line: Line, per_mille: int, width: int, colour: str) -> Line:
    """A bar of `width` cells, filled to `per_mille` (0–1000); anything above 0 shows half a cell."""
    per_mille = max(0, min(1000, per_mille))
    halves = (per_mille * width * 2 + 500) // 1000
    if per_mille and not halves:
        halves = 1
    full, half = divmod(halves, 2)
    line.add("━" * full + "╸" * half, colour)
    return line.add("─" * (width - full - half), "line")


def heat(per_mille: int) -> str:
    """The colour of a load: green below 70 %, yellow below 90 %, red above."""
    return "green" if per_mille < 700 else "yellow" if per_mille < 900 else "red"
