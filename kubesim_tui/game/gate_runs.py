"""Runs of a level for the gate: one settled game a seed, copied for every run (a checkpoint is a copy)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from time import process_time

from attrs import define, field, frozen

from kubesim_tui.explain.chain import name_of
from kubesim_tui.game import script
from kubesim_tui.game.follower import MET
from kubesim_tui.game.game import Game
from kubesim_tui.game.level import Level, Script
from kubesim_tui.game.player import play
from kubesim_tui.game.script import Play
from kubesim_tui.game.session import Session
from kubesim_tui.game.whys import chain_of


@frozen
class Row:
    """One finding of the gate."""

    level: str
    rule: int
    subject: str
    seeds: int
    expected: str
    found: str
    ok: bool
    seconds: float = 0.0


@frozen
class Ran:
    """What became of one run."""

    won: bool
    over: bool
    lost: tuple[str, ...]  # objectives that were missed
    bonus: bool  # every bonus was met
    figures: Mapping[str, int]  # failed requests, cost, changes: what the medals weigh
    causes: Mapping[str, str]  # objective missed → "cause object", as traps name it
    wrong: str = ""  # a line that failed, or a wait that ran out


@define(eq=False)
class Runs:
    """Plays a level again and again. `spent`: processor seconds of all runs so far."""

    level: Level
    started: dict[str, Game] = field(factory=dict)
    spent: float = 0.0

    def fresh(self, seed: str) -> Game:
        """A game that has settled and that nobody has touched."""
        if seed not in self.started:
            self.started[seed] = Game(self.level, seed)
        return copy.deepcopy(self.started[seed])

    def script(self, steps: Play, folder: str, seed: str, *, strict: bool) -> Ran:
        """Play a script to the end of the level."""
        began = process_time()
        session = Session(self.level, seed, game=self.fresh(seed))
        log = play(session, steps, Path(folder), strict=strict)
        self.spent += process_time() - began
        wrong = log.failed[0] if log.failed else ""
        return ran(session.game, wrong or (f"line {log.gave_up} waited in vain" if log.gave_up else ""))


def ran(game: Game, wrong: str = "") -> Ran:
    """What became of a game."""
    missed = game.missed() if not game.won else []
    chains = {f.spec.id: chain_of(game, f) for f in missed}
    return Ran(
        won=game.won,
        over=game.over,
        lost=tuple(f.spec.id for f in missed),
        bonus=bool(game.objectives.bonus) and all(f.state == MET for f in game.objectives.bonus),
        figures={"served": game.served()[2], "cost": game.score.cost_milli, "changes": game.score.changes},
        causes={name: f"{chain.cause} {name_of(chain.object)}".strip() for name, chain in chains.items()},
        wrong=wrong,
    )


def read(source: Script) -> Play:
    """The steps of a solution or a trap."""
    return script.parse("\n".join(text for _, text in source.lines), source.file)


class Watch:
    """Processor seconds since it was made: what a machine that others use too does not change."""

    def __init__(self) -> None:
        self.began = process_time()

    @property
    def seconds(self) -> float:
        """So far."""
        return process_time() - self.began
