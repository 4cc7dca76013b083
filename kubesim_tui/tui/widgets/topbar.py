"""The top row: logo, level, simulated clock, speed; users OK now, error budget, time left, stars."""

from __future__ import annotations

from attrs import frozen
from textual.strip import Strip

from kubesim_tui.game.state import GameState
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.widgets.figures import duration, ok_colour, percent
from kubesim_tui.tui.widgets.panel import Panel

Part = tuple[str, str, bool]


@frozen
class Clock:
    """What the front end knows of time: the speed (ticks a second × 1), whether it stands, whether it is judged."""

    speed: int = 1
    paused: bool = False


def users_ok(state: GameState) -> int:
    """Success of all users in the last second, per mille; -1 where nobody asked for anything."""
    streams = [t for t in state.view.traffic if t.now_ok_pm >= 0]
    rate = sum(t.rate for t in streams)
    return sum(t.now_ok_pm * t.rate for t in streams) // rate if rate else -1


def time_left(state: GameState) -> str:
    """Level time left; – before Go and where the level has no end."""
    view = state.view
    return duration(view.ends - view.tick) if view.ends is not None and view.go is not None else "–"


def pace(look: Look, state: GameState, clock: Clock) -> Part:
    """The clock's state as a sign and words."""
    if state.verdict is not None:
        return (f"■ {look.t('over')}", "mute", True)
    if clock.paused:
        return (f"‖ {look.t('paused')}", "yellow", True)
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
    """The whole row; groups on the right give way one by one where there is no room."""
    line = (
        look.line(width, "raised").add(" ⎈ ", "white", "kube", bold=True).add(" kubesim ", "white", "logo", bold=True)
    )
    line.add(f" {state.level}", "soft").add(" · ", "mute").add(state.title, "text", bold=True)
    groups = _groups(look, state, clock, width)
    while groups and sum(cell_len(p[0]) for g in groups for p in g) > line.room - 1:
        groups.pop(_least(len(groups)))
    return line.right(*(part for group in groups for part in group)).strip()


def _least(count: int) -> int:
    """Which group gives way first: the clock, then the stars …"""
    return 0 if count > 4 else count - 1


def _groups(look: Look, state: GameState, clock: Clock, width: int) -> list[list[Part]]:
    ok, budget, t = users_ok(state), state.budget_pm, look.t
    tone = "green" if budget >= 500 else "yellow" if budget > 0 else "red"
    gap = "   " if width >= 110 else "  "
    word = (lambda text: text + " ") if width >= 60 else (lambda _: "")
    slo = max((stream.slo_pm for stream in state.view.traffic), default=0)
    return [
        [(state.view.clock + gap, "text", True)],
        [(pace(look, state, clock)[0] + gap, *pace(look, state, clock)[1:])],
        [(word(t("users OK")), "mute", False), (percent(ok) + gap, ok_colour(ok, slo), True)],
        [(word(t("budget")), "mute", False), (f"{max(0, budget) // 10}%" + gap, tone, True)],
        [(word(t("left")), "mute", False), (time_left(state) + gap, "text", True)],
        [(stars(state) + " ", "yellow", True)],
    ]


class TopBar(Panel):
    """The row as a widget."""

    ground = "raised"
    clock = Clock()

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [row(self.look, state, self.clock, width)]
