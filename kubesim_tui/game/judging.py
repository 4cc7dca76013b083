"""The verdict on a finished game: stars, medals, and the causes behind what was missed.

A drill's win is played again at once on three more seeds and must hold there; an incident's win stands, and holding on
three more seeds is a star of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from time import perf_counter

from attrs import define, field

from kubesim_tui.game import scoring
from kubesim_tui.game.game import Game
from kubesim_tui.game.recording import Input
from kubesim_tui.game.replay import Replay
from kubesim_tui.game.state import Score, Verdict
from kubesim_tui.game.whys import why_missed

MORE_SEEDS = 3
SLICE = 5  # ticks between two looks at the wall clock
HINTS_FREE = 2
"""After more hints than these, or a rewind, a win is a win, without medals."""


@define(eq=False)
class Judging:
    """A verdict in the making: a won game is played again on three other seeds, a slice at a time."""

    game: Game
    inputs: Sequence[Input]
    others: list[Game] = field(factory=list)
    _run: Replay | None = None

    @property
    def done(self) -> bool:
        """Nothing is left to play."""
        return not self.game.won or (len(self.others) == MORE_SEEDS and self._run is None)

    @property
    def done_pm(self) -> int:
        """How far it is, 0–1000."""
        whole = len(self.others) - (self._run is not None)
        part = self._run.game.since_go * 1000 // self.game.level.ends if self._run is not None else 0
        return 1000 if self.done else (whole * 1000 + min(1000, part)) // MORE_SEEDS

    def advance(self, until: float) -> bool:
        """Play on until wall time `until`; True when it is done."""
        while not self.done:
            self._slice()
            if perf_counter() >= until:
                break
        return self.done

    def _slice(self) -> None:
        if self._run is None:
            self.others.append(Game(self.game.level, f"{self.game.seed}+{len(self.others) + 1}"))
            self._run = Replay(self.others[-1], self.inputs)
            return
        before = self._run.game.tick
        if self._run.to(before + SLICE).tick == before:  # it is over, or stands
            self._run.to(None)
            self._run = None

    def verdict(self, *, hints: int = 0, rewound: bool = False, language: str = "en") -> Verdict:
        """The verdict, once it is done."""
        return _weigh(self.game, self.others, hints, rewound, language)


def judge(
    game: Game, inputs: Sequence[Input], *, hints: int = 0, rewound: bool = False, language: str = "en"
) -> Verdict:
    """Weigh a game that is over, at once."""
    judging = Judging(game, inputs)
    judging.advance(inf)
    return judging.verdict(hints=hints, rewound=rewound, language=language)


def _weigh(game: Game, others: Sequence[Game], hints: int, rewound: bool, language: str) -> Verdict:
    """A drill that falls on another seed is lost, for the reasons of that seed."""
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


def score_of(game: Game) -> Score:
    """The figures of the medals, so far."""
    sent, served, failed = game.served()
    return Score(sent, served, failed, game.score.cost_milli, game.score.changes)
