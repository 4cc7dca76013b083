"""The legend: every sign on the board and on the timeline in a word. Those that are there now always stand in it."""

from __future__ import annotations

from textual.strip import Strip

from kubesim_tui.cluster.view import Face
from kubesim_tui.game.state import GameState
from kubesim_tui.tui import glyphs
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.panel import Panel
from kubesim_tui.tui.widgets.selection import pods_of

OTHERS = (
    glyphs.Glyph("⊘", "yellow", N_("cordoned")),
    glyphs.Glyph("▲", "orange", N_("pressure")),
    glyphs.Glyph("▒", "red", N_("<SLO")),
)


def wanted(state: GameState) -> set[Face]:
    """Faces of the Pods on the board."""
    return {pod.face for pod in pods_of(state.view)}


def row(look: Look, state: GameState, width: int) -> Strip:
    """As many signs as fit; absent ones give way first, from the right."""
    here = wanted(state)
    signs = [(glyph, kind in here) for kind, glyph in glyphs.FACES.items()]
    signs += [(OTHERS[0], any(not n.schedulable for n in state.view.nodes))]
    signs += [(OTHERS[1], any(n.pressure for n in state.view.nodes))]
    signs += [(OTHERS[2], any(0 <= t.now_ok_pm < (t.slo_pm or 990) for t in state.view.traffic))]
    kinds = {mark.kind for mark in state.marks}
    signs += [(glyph, True) for kind, glyph in glyphs.MARKS.items() if kind in kinds]
    gap = 2 if width >= 110 else 1

    def needed() -> int:
        return sum(cell_len(look.t(glyph.word)) + 2 + gap for glyph, _ in signs) + 1

    while needed() > width and any(not present for _, present in signs):
        signs.pop(max(n for n, (_, present) in enumerate(signs) if not present))
    while needed() > width and len(signs) > 1:
        signs.pop(next((n for n, (glyph, _) in enumerate(signs) if glyph.word == "done"), len(signs) - 1))
    line = look.line(width, "bg").add(" ")
    for glyph, present in signs:
        line.add(glyph.sign, glyph.colour).add(f" {look.t(glyph.word)}" + " " * gap, "soft" if present else "mute")
    return line.strip()


class Legend(Panel):
    """The legend as a widget."""

    ground = "bg"

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [row(self.look, state, width)]
