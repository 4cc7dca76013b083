"""Objectives and the coach: what is asked, how it stands, what to do next."""

from __future__ import annotations

from textual.strip import Strip

from kubesim_tui.cluster.view import ObjectiveView
from kubesim_tui.game.state import GameState
from kubesim_tui.tui import glyphs
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit import markdown
from kubesim_tui.tui.kit.bars import bar
from kubesim_tui.tui.kit.cells import cell_len, wrap
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.panel import Panel

PAUSES = (N_("failures: look, then Space"),)  # what the session says when it stops by itself
TONES = {"met": "soft", "failed": "red", "holding": "text", "open": "soft"}


def rows(look: Look, objectives: tuple[ObjectiveView, ...], width: int, height: int, bars: bool = True) -> list[Strip]:
    """Each objective with its value; second lines and bars as far as there is room."""
    for roomy, barred in ((True, bars), (True, False), (False, False)):
        groups = [_objective(look, one, width, roomy, barred) for one in objectives]
        if sum(map(len, groups)) <= height:
            break
    return [strip for group in groups for strip in group] if objectives else []


def _objective(look: Look, one: ObjectiveView, width: int, roomy: bool, barred: bool) -> list[Strip]:
    glyph = glyphs.OBJECTIVES.get(one.state, glyphs.OBJECTIVES["open"])
    sign, colour = ("★", "yellow") if one.bonus and one.state in ("open", "holding") else (glyph.sign, glyph.colour)
    value = f" {one.value} " if one.value else " "
    room = max(4, width - 3 - cell_len(value))
    texts = wrap(one.text, room) if roomy else (one.text,)
    found = []
    for n, text in enumerate(texts or ("",)):
        line = look.line(width).add(f" {sign} " if n == 0 else "   ", colour, bold=True)
        line.add(text if roomy or cell_len(text) <= room else _cut(text, room), TONES.get(one.state, "soft"))
        if n == 0:
            line.right((value, colour if one.state != "open" else "soft", True))
        found.append(line.strip())
    if barred and one.done_pm >= 0 and one.state in ("open", "holding") and width >= 40:
        line = look.line(width).add("   ")
        found.append(bar(line, one.done_pm, width - 5, colour).strip())
    return found


def _cut(text: str, room: int) -> str:
    first = wrap(text, room - 1)
    return (first[0] if first else "") + "…"


def coach_rows(look: Look, state: GameState, width: int) -> list[Strip]:
    """The coach's line; why the game has just stopped, if it has; the level's goal while there is nothing else."""
    text, colour = state.coach.text or state.goal, "soft"
    if state.judging >= 0:
        return _judging(look, state.judging, width)
    found = []
    if state.pause_because:
        for n, part in enumerate(wrap(look.t(state.pause_because), width - 4)):
            found.append(
                look.line(width).add(" ‖ " if n == 0 else "   ", "yellow", bold=True).add(part, "yellow").strip()
            )
    for n, part in enumerate(wrap(text, width - 4)):
        found.append(look.line(width).add(" ✦ " if n == 0 else "   ", "cyan", bold=True).add(part, colour).strip())
    return found


def _judging(look: Look, per_mille: int, width: int) -> list[Strip]:
    """A won game is being played again."""
    said = look.t("Won! Three other seeds show whether it was luck.")
    found = [
        look.line(width).add(" ✓ " if n == 0 else "   ", "green", bold=True).add(part, "text").strip()
        for n, part in enumerate(wrap(said, width - 4))
    ]
    return [*found, bar(look.line(width).add("   "), per_mille, width - 5, "cyan").strip()]


class Objectives(Panel):
    """Objectives as a widget."""

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:
        """All of them."""
        return rows(self.look, state.objectives, width, height)


class Story(Painter):
    """The briefing, where there is room for it beside the board."""

    text = ""

    def tell(self, text: str) -> None:
        """Show a story (Markdown)."""
        if text != self.text:
            self.text = text
            self.repaint_all()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """All of it."""
        return markdown.rows(self.look, markdown.without_title(self.text), width)


class Coach(Panel):
    """The coach as a widget."""

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """Its line, wrapped."""
        return coach_rows(self.look, state, width)
