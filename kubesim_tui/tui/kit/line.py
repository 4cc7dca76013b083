"""One row under construction: pieces of text added from the left, always exactly as wide as the row in the end."""

from __future__ import annotations

from collections.abc import Collection

from rich.segment import Segment
from textual.strip import Strip

from kubesim_tui.tui.kit.cells import cell_len, cut
from kubesim_tui.tui.kit.styles import style
from kubesim_tui.tui.themes import Palette

LIFTED = {"mute": "soft", "faint": "mute"}  # what pale colours become on a raised ground


class Line:
    """Builds a row of `width` cells; text that does not fit is cut with …; colours are names of the palette."""

    __slots__ = ("_parts", "bg", "n", "palette", "width")

    def __init__(self, palette: Palette, width: int, bg: str = "panel") -> None:
        self.palette = palette
        self.width = max(0, width)
        self.bg = bg
        self.n = 0  # cells used
        self._parts: list[tuple[str, str, str, bool, bool, bool]] = []

    @property
    def room(self) -> int:
        """Cells left."""
        return self.width - self.n

    def add(
        self,
        text: str,
        fg: str = "text",
        bg: str = "",
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
    ) -> Line:
        """Append text; returns the line."""
        if not text or self.room <= 0:
            return self
        text = cut(text, self.room)
        ground = bg or self.bg
        if ground in ("select", "alarm"):
            fg = LIFTED.get(fg, fg)
        self.n += cell_len(text)
        part = (text, fg, ground, bold, italic, underline)
        if self._parts and self._parts[-1][1:] == part[1:]:
            part = (self._parts[-1][0] + text, *part[1:])
            self._parts.pop()
        self._parts.append(part)
        return self

    def to(self, column: int) -> Line:
        """Blanks up to a column (nothing if it is already passed)."""
        return self.add(" " * (min(column, self.width) - self.n))

    def right(self, *parts: tuple[str, str] | tuple[str, str, bool]) -> Line:
        """Parts (text, colour[, bold]) flush right; dropped from the left while they do not all fit."""
        kept = list(parts)
        while kept and sum(cell_len(p[0]) for p in kept) > self.room:
            kept.pop(0)
        self.to(self.width - sum(cell_len(p[0]) for p in kept))
        for part in kept:
            self.add(part[0], part[1], bold=len(part) == 3 and part[2])
        return self

    def strip(self) -> Strip:
        """The finished row."""
        self.to(self.width)
        colour = self.palette.colour
        segments = [
            Segment(text, style(colour(fg), colour(bg), bold, italic, underline))
            for text, fg, bg, bold, italic, underline in self._parts
        ]
        return Strip(segments, self.width)


def blank(palette: Palette, width: int, bg: str = "panel") -> Strip:
    """An empty row."""
    return Line(palette, width, bg).strip()


def whole(strip: Strip, edges: Collection[int]) -> Strip:
    """The same row with no wide character across an edge: Textual cuts rows where widgets below end, and drops it.

    It moves right by one cell; what then no longer fits is cut off.
    """
    text = strip.text
    if text.isascii() or not edges:
        return strip
    segments, at = [], 0
    for segment in strip:
        kept = ""
        for sign in segment.text:
            wide = cell_len(sign)
            while wide == 2 and at + 1 in edges:  # edges may lie side by side
                kept += " "
                at += 1
            kept += sign
            at += wide
        segments.append(Segment(kept, segment.style))
    return Strip(segments).crop(0, strip.cell_length)


def beside(*strips: Strip) -> Strip:
    """Strips joined from left to right."""
    return Strip.join(strips)
