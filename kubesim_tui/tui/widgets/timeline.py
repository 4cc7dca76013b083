"""The timeline: from Go to the end, with marks ◆ ▲ ✗ and a playhead ┃; rewinding moves a second head."""

from __future__ import annotations

from textual.strip import Strip

from kubesim_tui.game.state import GameState
from kubesim_tui.tui import glyphs
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.figures import duration
from kubesim_tui.tui.widgets.panel import Panel

RANK = {"failed": 3, "fault": 2, "action": 1}


def row(look: Look, state: GameState, scrub: int | None, width: int) -> Strip:
    """The whole row; `scrub` is the tick that a rewind would go back to."""
    view = state.view
    start = view.go if view.go is not None else view.tick
    end = max(view.ends or view.tick + 1, view.tick, start + 1)
    tail = f" {duration(view.tick - start)} / {duration(end - start)} " if view.go is not None else ""
    if scrub is not None:
        tail = " " + look.t("rewind to {time}: Enter, or Esc", time=duration(scrub - start)) + " "
    elif view.go is None:
        tail = " " + look.t("press g: Go") + " "
    line = look.line(width, "bg").add(f" {look.t('Timeline')} ", "mute")
    tail_room = look.line(width).add(tail).n
    cells = max(1, width - line.n - tail_room)

    def column(tick: int) -> int:
        return max(0, min(cells - 1, (tick - start) * (cells - 1) // (end - start)))

    marks = {column(m.tick): m for m in sorted(state.marks, key=lambda m: RANK.get(m.kind, 0)) if m.tick >= start}
    head = column(view.tick)
    back = column(scrub) if scrub is not None else -1
    fades = look.palette.fades
    for x in range(cells):
        if x == back:
            line.add("┃", "yellow", bold=True)
        elif x == head:
            line.add("┃", "text", bold=True)
        elif x in marks:
            glyph = glyphs.mark(marks[x])
            line.add(glyph.sign, glyph.colour)
        elif x < head:
            line.add("━", fades[x * len(fades) // cells])
        else:
            line.add("─", "line")
    return line.add(tail, "yellow" if scrub is not None or view.go is None else "text", bold=True).strip()


class Timeline(Panel):
    """The timeline as a widget."""

    ground = "bg"
    scrub: int | None = None

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [row(self.look, state, self.scrub, width)]
