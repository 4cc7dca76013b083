"""The timeline: from Go to the end, with marks ◆ ▲ ✗ and a playhead ┃; rewinding moves a second head."""

from __future__ import annotations

from attrs import frozen
from textual import events
from textual.strip import Strip

from kubesim_tui.game.state import GameState
from kubesim_tui.tui import glyphs, messages
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.figures import duration
from kubesim_tui.tui.widgets.panel import Panel

RANK = {"failed": 3, "fault": 2, "action": 1}


@frozen
class Scale:
    """Where ticks lie in the row: `cells` of them from cell `left` on, for the ticks from `start` to `end`."""

    left: int
    cells: int
    start: int
    end: int

    def column(self, tick: int) -> int:
        """The cell of a tick, from 0 at Go."""
        return max(0, min(self.cells - 1, (tick - self.start) * (self.cells - 1) // (self.end - self.start)))

    def tick(self, x: int) -> int:
        """The tick of a cell of the row."""
        column = max(0, min(self.cells - 1, x - self.left))
        return self.start + column * (self.end - self.start) // max(1, self.cells - 1)


def title(look: Look) -> str:
    """What stands before the line."""
    return f" {look.t('Timeline')} "


def tail(look: Look, state: GameState, scrub: int | None) -> str:
    """What stands behind it: how long it has been since Go, or what can be done."""
    view = state.view
    if view.go is None:
        return " " + look.t("press g: Go") + " "
    if scrub is not None:
        return " " + look.t("rewind to {time}: Enter, or Esc", time=duration(scrub - view.go)) + " "
    end = max(view.ends or view.tick + 1, view.tick, view.go + 1)
    return f" {duration(view.tick - view.go)} / {duration(end - view.go)} "


def scale(look: Look, state: GameState, scrub: int | None, width: int) -> Scale:
    """Where ticks lie."""
    view = state.view
    start = view.go if view.go is not None else view.tick
    end = max(view.ends or view.tick + 1, view.tick, start + 1)
    left = cell_len(title(look))
    return Scale(left, max(1, width - left - cell_len(tail(look, state, scrub))), start, end)


def row(look: Look, state: GameState, scrub: int | None, width: int) -> Strip:
    """The whole row; `scrub` is the tick that a rewind would go back to."""
    view, on = state.view, scale(look, state, scrub, width)
    line = look.line(width, "bg").add(title(look), "mute")
    marks = {on.column(m.tick): m for m in sorted(state.marks, key=lambda m: RANK.get(m.kind, 0)) if m.tick >= on.start}
    head = on.column(view.tick)
    back = on.column(scrub) if scrub is not None else -1
    fades = look.palette.fades
    for x in range(on.cells):
        if x == back:
            line.add("┃", "yellow", bold=True)
        elif x == head:
            line.add("┃", "text", bold=True)
        elif x in marks:
            glyph = glyphs.mark(marks[x])
            line.add(glyph.sign, glyph.colour)
        elif x < head:
            line.add("━", fades[x * len(fades) // on.cells])
        else:
            line.add("─", "line")
    asks = scrub is not None or view.go is None
    return line.add(tail(look, state, scrub), "yellow" if asks else "text", bold=True).strip()


class Timeline(Panel):
    """The timeline as a widget."""

    ground = "bg"
    scrub: int | None = None

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [row(self.look, state, self.scrub, width)]

    def on_click(self, event: events.Click) -> None:
        """Rewind to where it was clicked, in steps of five seconds."""
        if self.state is not None and self.state.view.go is not None:
            on = scale(self.look, self.state, self.scrub, self.content_size.width)
            since = on.tick(event.x) - on.start
            self.post_message(messages.Scrubbed(on.start + (since + 2) // 5 * 5))
