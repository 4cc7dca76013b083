"""A panel that paints itself row by row, and repaints only the rows that have changed.

A subclass says what it shows in `lines(width, height)`. `repaint` builds the rows again, compares them with those on
the screen and refreshes only what differs (everything above 70 % changed). A mistake in one painter costs that panel
alone: it shows what happened, a report is written, and the rest goes on.
"""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from kubesim_tui.tui.kit.cells import wrap
from kubesim_tui.tui.kit.guard import Guarded
from kubesim_tui.tui.kit.line import blank
from kubesim_tui.tui.look import Look, look_of

ALL_ABOVE = 70  # per cent of rows changed above which everything is refreshed


class Painter(Guarded, Widget):
    """Base of all panels. `ground` names the colour behind its rows."""

    ground = "panel"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: list[Strip] = []
        self._painted_for: tuple[int, int] | None = None
        self._failure = ""

    @property
    def look(self) -> Look:
        """Colours and language of the app."""
        return look_of(self)

    def lines(self, width: int, height: int) -> list[Strip]:
        """The rows, top first; fewer than `height` are filled up, more are cut."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Build the rows again and refresh those that changed."""
        if self._painted_for != self._room():
            self._painted_for = None
            self.refresh()
            return
        if self.styles.is_auto_height and self.get_content_height(None, None, self._room()[0]) != self._room()[1]:
            self._painted_for = None
            self.refresh(layout=True)
            return
        before, self._rows = self._rows, self._build()
        changed = [y for y, (old, new) in enumerate(zip(before, self._rows, strict=False)) if old != new]
        if len(before) != len(self._rows) or len(changed) * 100 > len(before) * ALL_ABOVE:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self._rows[y].cell_length, 1) for y in changed))

    def repaint_all(self) -> None:
        """Forget what was painted (another look, another language)."""
        self._painted_for = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Textual asks for one row."""
        room = self._room()
        if self._painted_for != room:
            self._rows, self._painted_for = self._build(), room
        return self._rows[y] if y < len(self._rows) else blank(self.look.palette, room[0], self.ground)

    def notify_style_update(self) -> None:
        """Another theme: the colours in the rows are stale."""
        self._painted_for = None
        super().notify_style_update()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:  # noqa: ARG002
        """Rows that an ``auto`` height needs."""
        return len(self._safely(width, 10_000))

    def _room(self) -> tuple[int, int]:
        return self.content_size.width, self.content_size.height

    def _build(self) -> list[Strip]:
        width, height = self._room()
        rows = self._safely(width, height)[:height]
        empty = blank(self.look.palette, width, self.ground)
        return [*rows, *[empty] * (height - len(rows))]

    def _safely(self, width: int, height: int) -> list[Strip]:
        """The rows, or an apology for them."""
        try:
            return self.lines(width, height)
        except Exception as error:  # whatever it is, it must not take the session with it
            return self._apology(error, width)

    def _apology(self, error: Exception, width: int) -> list[Strip]:
        """What the panel shows instead of its content."""
        said = f"{type(error).__name__}: {error}"
        if said != self._failure:
            self._failure = said
            self.report(error)
        text = self.look.t("This panel could not be drawn. The cluster goes on. A report was written.") + f"\n{said}"
        return [self.look.line(width, self.ground).add(f" {row}", "red").strip() for row in wrap(text, width - 2)]
