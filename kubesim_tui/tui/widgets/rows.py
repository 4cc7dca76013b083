"""Rows of the board that know what can be selected in them.

A page of the board is a pure function that returns rows. A row is finished cells plus *spots*: stretches of cells that
stand for an object. The cursor is an object's name, never a row's number, so it stays on its object while the board
changes around it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen
from textual.message import Message
from textual.strip import Strip

from kubesim_tui.cluster.view import Ref
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.look import Look


@frozen
class Spot:
    """Cells ``start … end - 1`` of a row stand for an object; `about` is it where `ref` only names the row."""

    ref: Ref
    start: int
    end: int
    about: Ref | None = None


@frozen
class Row:
    """One finished row of a page."""

    strip: Strip
    spots: tuple[Spot, ...] = ()


class RowMaker:
    """Builds one row: text as on a `Line`, and spots over it; the chosen object is drawn on the cursor's ground."""

    __slots__ = ("_chosen", "_spots", "line")

    def __init__(
        self, look: Look, width: int, chosen: Ref | None, whole: Ref | None = None, about: Ref | None = None
    ) -> None:
        """`whole` makes the entire row stand for that object (or for `about`, and is then only the row's name)."""
        self.line: Line = look.line(width, "select" if whole is not None and whole == chosen else "panel")
        self._chosen = chosen
        self._spots = [Spot(whole, 0, width, about)] if whole is not None else []

    def add(self, text: str, fg: str = "text", bold: bool = False) -> RowMaker:
        """Text that stands for nothing by itself."""
        self.line.add(text, fg, bold=bold)
        return self

    def spot(self, ref: Ref, text: str, fg: str = "text", bold: bool = False) -> RowMaker:
        """Text that stands for an object inside the row."""
        start = self.line.n
        if ref == self._chosen:
            self.line.add(text, "bg", "cyan", bold=True)
        else:
            self.line.add(text, fg, bold=bold)
        if self.line.n > start:
            self._spots.append(Spot(ref, start, self.line.n))
        return self

    def to(self, column: int) -> RowMaker:
        """Blanks up to a column."""
        self.line.to(column)
        return self

    def right(self, *parts: tuple[str, str] | tuple[str, str, bool]) -> RowMaker:
        """Parts flush right."""
        self.line.right(*parts)
        return self

    def done(self) -> Row:
        """The finished row; inner spots come before the whole-row one, so that a click finds the nearest."""
        whole, inner = [s for s in self._spots if s.start == 0 and s.end == self.line.width], self._spots
        ordered = [s for s in inner if s not in whole] + whole
        return Row(self.line.strip(), tuple(ordered))


class Selected(Message):
    """The cursor stands on another thing."""

    def __init__(self, ref: Ref | None) -> None:
        self.ref = ref
        super().__init__()


def text_row(look: Look, width: int, text: str, fg: str = "mute", bold: bool = False) -> Row:
    """A row of plain text."""
    return Row(look.line(width).add(text, fg, bold=bold).strip())


def refs_in(rows: Sequence[Row]) -> list[Ref]:
    """Everything that can be selected, in reading order, each once."""
    seen: dict[Ref, None] = {}
    for row in rows:
        for spot in sorted(row.spots, key=lambda s: (s.start, -s.end)):
            seen.setdefault(spot.ref)
    return list(seen)


def meaning(rows: Sequence[Row], ref: Ref | None) -> Ref | None:
    """The object that a chosen name stands for."""
    for row in rows:
        for spot in row.spots:
            if spot.ref == ref:
                return spot.about or spot.ref
    return None


def place_of(rows: Sequence[Row], ref: Ref | None) -> tuple[int, int] | None:
    """Row and column (middle) where an object is first drawn."""
    for y, row in enumerate(rows):
        for spot in row.spots:
            if spot.ref == ref:
                return y, (spot.start + spot.end) // 2
    return None


def heir(before: Sequence[Row], now: Sequence[Row], gone: Ref | None) -> Ref | None:
    """What takes the cursor when its object goes: the next one if it is of the same kind, else the nearest above it
    that is still there (a Pod's sister, a Pod's workload, a workload's Service); None where nothing of it is known.
    """
    order, left = refs_in(before), set(refs_in(now))
    if gone is None or gone not in order:
        return None
    at = order.index(gone)
    following = next((ref for ref in order[at + 1 :] if ref in left), None)
    if following is not None and following.kind == gone.kind:
        return following
    return next((ref for ref in reversed(order[:at]) if ref in left), following)


def at(rows: Sequence[Row], y: int, x: int) -> Ref | None:
    """The object under a cell: the narrowest spot there, else the nearest in the row."""
    if not 0 <= y < len(rows) or not rows[y].spots:
        return None
    return min(rows[y].spots, key=lambda s: (_distance(s, x), s.end - s.start)).ref


def _distance(spot: Spot, x: int) -> int:
    return 0 if spot.start <= x < spot.end else min(abs(spot.start - x), abs(spot.end - 1 - x))


def step_row(rows: Sequence[Row], ref: Ref | None, down: int) -> Ref | None:
    """The object above (-1) or below (+1) one: in the next row that has any, nearest in column."""
    place = place_of(rows, ref)
    if place is None:
        everything = refs_in(rows)
        return everything[0] if everything else None
    y, x = place
    y += down
    while 0 <= y < len(rows):
        found = at(rows, y, x if len(rows[y].spots) > 1 else 0)
        if found is not None and found != ref:
            return found
        y += down
    return ref


def step_across(rows: Sequence[Row], ref: Ref | None, right: int) -> Ref | None:
    """The object to the left (-1) or right (+1) in the same row; None where the row holds only this one."""
    place = place_of(rows, ref)
    if place is None:
        return None
    spots = sorted(rows[place[0]].spots, key=lambda s: s.start)
    if len(spots) < 2:
        return None
    here = next(i for i, spot in enumerate(spots) if spot.ref == ref)
    return spots[max(0, min(len(spots) - 1, here + right))].ref
