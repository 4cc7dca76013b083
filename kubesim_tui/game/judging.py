"""The verdict on a finished game: stars, medals, and the causes behind what was missed.

A drill's win is played again at once on three more seeds and must hold there; an incident's win stands, and holding on
three more seeds is a star of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.game import scoring
from kubesim_tui.game.game import Game
from kubesim_tui.game.recording import Input
from kubesim_tui.game.replay import replay
from kubesim_tui.game.state import Score, Verdict
from kubesim_tui.game.whys import why_missed

MORE_SEEDS = 3
HINTS_FREE = 2
"""After more hints than these, or a rewind, a win is a win, without medals."""


def judge(
    game: Game, inputs: Sequence[Input], *, hints: int = 0, rewound: bool = False, language: str = "en"
) -> Verdict:
    """Weigh a game that is over. A drill that falls on another seed is lost, for the reasons of that seed."""
    others = again(game, inputs) if game.won else []
    held = sum(other.won for other in others)
    drill = game.level.mode == "drill"
    won = game.won and (held == len(others) or not drill)
    fallen = game if not game.won else next((other for other in others if not other.won), game)
    whys = () if won else tuple(why_missed(fallen, follower, language) for follower in fallen.missed())
    medals = scoring.medals(
        game.level.par,
        failed=game.served()[2],
        cost_milli=game.score.cost_milli,
        changes=game.score.changes,
        clean=won and hints <= HINTS_FREE and not rewound,
    )
    stars = scoring.stars(game.objectives, won=won, held=won and held == len(others))
    return Verdict(won, stars, medals, whys, (held, len(others)) if drill else (0, 0))


def again(game: Game, inputs: Sequence[Input]) -> list[Game]:
    """The same inputs on three other seeds."""
    return [replay(game.level, f"{game.seed}+{i}", inputs) for i in range(1, MORE_SEEDS + 1)]


def score_of(game: Game) -> Score:
    """The figures of the medals, so far."""
    sent, served, failed = game.served()
    return Score(sent, served, failed, game.score.cost_milli, game.score.changes)
