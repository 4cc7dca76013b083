"""The top row: logo, level, simulated clock, speed; users OK now, error budget, time left, stars."""

from __future__ import annotations

from attrs import frozen
from textual.strip import Strip

from kubesim_tui.game.state import GameState
from kubesim_tui.tui.kit.cells import cell_len, cut
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.figures import duration, ok_colour, percent
from kubesim_tui.tui.widgets.panel import Panel

Part = tuple[str, str, bool]

SHORTEST = 14  # cells of a title, before other things give way


@frozen
class Clock:
    """What the front end knows of time: ticks a second, whether it stands, whether an earlier tick is shown."""

    speed: int = 1
    paused: bool = False
    past: bool = False


def users_ok(state: GameState) -> int:
    """Success of all users in the last second, per mille; -1 where nobody asked for anything."""
    streams = [t for t in state.view.traffic if t.now_ok_pm >= 0 and t.pod is None]
    rate = sum(t.rate for t in streams)
    return sum(t.now_ok_pm * t.rate for t in streams) // rate if rate else -1


def time_left(state: GameState) -> str:
    """Level time left; – before Go and where the level has no end."""
    view = state.view
    return duration(view.ends - view.tick) if view.ends is not None and view.go is not None else "–"


def pace(look: Look, state: GameState, clock: Clock) -> Part:
    """The clock's state as a sign and words."""
    if clock.past:
        return (f"◂ {look.t('the past')}", "yellow", True)
    if state.judging >= 0:
        return (f"◔ {look.t('judging')} {state.judging // 10}%", "cyan", True)
    if state.verdict is not None:
        return (f"■ {look.t('over')}", "mute", True)
    if clock.paused:
        speed = f" {clock.speed}×" if clock.speed > 1 else ""
        return (f"‖ {look.t('paused')}{speed}", "yellow", True)
    if state.view.go is None and state.mode == "incident":
        return (f"‖ {look.t('before Go')}", "yellow", True)
    if state.view.go is None:
        return (f"▸ {look.t('drill')} {clock.speed}×", "cyan", True)
    return (f"▸ {clock.speed}×", "green", True)


def stars(state: GameState) -> str:
    """★★☆: of a finished run, else all still open."""
    won = state.verdict.stars if state.verdict else 0
    return "★" * won + "☆" * (3 - won)


def row(look: Look, state: GameState, clock: Clock, width: int) -> Strip:
    """The whole row; without room words get short, then the clock and the stars go, then the title is cut."""
    line = (
        look.line(width, "raised").add(" ⎈ ", "white", "kube", bold=True).add(" kubesim ", "white", "logo", bold=True)
    )
    line.add(f" {state.level}", "soft").add(" · ", "mute")
    title = cell_len(state.title) + 1
    for long in (True, False):
        groups = _groups(look, state, clock, long, "   " if width >= 110 else "  ")
        if _cells(groups) + title <= line.room:
            break
    for name in ("clock", "stars", "left", "budget"):
        least = title if name in ("clock", "stars") else min(title, SHORTEST)
        if _cells(groups) + least > line.room:
            groups.pop(name, None)
    line.add(cut(state.title, max(1, line.room - _cells(groups) - 1)), "text", bold=True)
    return line.right(*(part for group in groups.values() for part in group)).strip()


def _cells(groups: dict[str, list[Part]]) -> int:
    return sum(cell_len(text) for group in groups.values() for text, _, _ in group)


def _groups(look: Look, state: GameState, clock: Clock, long: bool, gap: str) -> dict[str, list[Part]]:
    """What stands at the right, each with its word; short words where the long ones have no room."""
    ok, budget, t = users_ok(state), state.budget_pm, look.t
    tone = "green" if budget >= 500 else "yellow" if budget > 0 else "red"
    slo = max((stream.slo_pm for stream in state.view.traffic), default=0)
    text, colour, bold = pace(look, state, clock)
    left = [(t("left") + " ", "mute", False)] if long else []
    users = t("users OK") if long else t("OK")
    return {
        "clock": [(state.view.clock + gap, "text", True)],
        "pace": [(text + gap, colour, bold)],
        "users": [
            (users + " ", "mute", False),
            (percent(ok) + gap, ok_colour(ok, slo), True),
        ],
        "budget": [(t("budget") + " ", "mute", False), (f"{max(0, budget) // 10}%" + gap, tone, True)],
        "left": [*left, (time_left(state) + gap, "text", True)],
        "stars": [(stars(state) + " ", "yellow", True)],
    }


class TopBar(Panel):
    """The row as a widget."""

    ground = "raised"
    clock = Clock()

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [row(self.look, state, self.clock, width)]
