"""What follows an objective tick by tick, and what it may look at: the base of game.objectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from attrs import define

from kubesim_tui.game.level import ObjectiveSpec
from kubesim_tui.traffic.samples import Sample

OPEN, HOLDING, MET, FAILED = "open", "holding", "met", "failed"


class Board(Protocol):
    """What objectives look at."""

    def sample(self, traffic: str) -> Sample | None:
        """The last tick of a stream."""
        ...

    def expected(self, traffic: str, first: int, last: int) -> int:
        """How many requests a stream sends in [first, last) after Go, on average."""
        ...

    def lost(self, store: str) -> tuple[int, int]:
        """(lost, acknowledged) records of a store."""
        ...

    def queue(self, options: Mapping[str, Any]) -> tuple[int, int, int]:
        """Of the messages of a queue: (age of the oldest in ticks, how many were lost, how many came)."""
        ...

    def values(self, options: Mapping[str, Any]) -> list[Any]:
        """The values at a path of the named object, or of each that a selector chooses."""
        ...

    def denied(self, actor: str, verb: str, target: str) -> bool:
        """Whether an actor may not do a thing."""
        ...

    def measure(self, what: str) -> int:
        """cost, changes or nodes, so far."""
        ...

    def named(self) -> str:
        """The cause that the player has named, "" if none yet."""
        ...


@define(eq=False)
class Follower:
    """The base: final once `state` is met or failed."""

    spec: ObjectiveSpec
    end: int
    state: str = OPEN
    since: int = 0  # tick at which it became final

    def look(self, board: Board, tick: int) -> None:
        """Look at what tick `tick` (from Go) has brought, and at the end decide."""
        if tick < self.spec.start:
            return
        if self.state in (MET, FAILED):
            if tick < self.end:
                self.take(board)
            return
        self.follow(board, tick)
        if self.state in (MET, FAILED):
            self.since = tick
        elif tick >= self.end - 1:
            self.state, self.since = (MET if self.decide(board) else FAILED), tick

    def follow(self, board: Board, tick: int) -> None:
        """Take one tick in."""
        raise NotImplementedError

    def take(self, _board: Board) -> bool:
        """Count one tick, also after it is final: what is shown goes on. False if there is nothing to count."""
        return False

    def decide(self, _board: Board) -> bool:
        """At the end: whether it is met."""
        return self.state == HOLDING

    def value(self) -> str:
        """What it is worth now, in few characters."""
        return ""

    def shown(self, _language: str) -> str:
        """The same for the player, with what it counts where that is not plain."""
        return self.value()

    def done_pm(self) -> int:
        """How far it has come, per mille; -1 where that means nothing."""
        return -1
