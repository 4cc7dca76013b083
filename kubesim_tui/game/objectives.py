"""Objectives: a small closed set of predicates on *behaviour*, followed tick by tick.

Each follower is plain data with `look(board, tick)` after each tick of the game (tick counts from Go), and a state:
"open" (nothing known yet), "holding" (true now, not yet final), "met" or "failed" (final). A share of served requests
has failed as soon as it cannot be reached any more: its error budget (what may fail, of all that will be sent) is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from kubesim_tui.game.follower import FAILED, HOLDING, MET, OPEN, Board, Follower
from kubesim_tui.game.level import ObjectiveSpec
from kubesim_tui.game.units import micros, share_pm, ticks
from kubesim_tui.traffic.histogram import EDGES
from kubesim_tui.traffic.samples import Sample


@define(eq=False)
class Served(Follower):
    """A share (or a number) of requests is served, fast enough, by the right image."""

    good: int = 0
    bad: int = 0
    expected: int = 0

    def follow(self, board: Board, tick: int) -> None:
        options = self.spec.options
        if not self.take(board):
            return
        self.expected = board.expected(options["traffic"], self.spec.start, self.end)
        left = board.expected(options["traffic"], min(tick + 1, self.end), self.end)
        if "count" in options:
            self.state = MET if self.good >= options["count"] else OPEN
        elif self.bad > self.allowed(left):
            self.state = FAILED
        else:
            self.state = HOLDING if self.share_pm >= self.wanted_pm else OPEN

    def take(self, board: Board) -> bool:
        """The requests of a tick; False if there is no figure of it."""
        sample = board.sample(self.spec.options["traffic"])
        if sample is not None:
            good = _good(sample, self.spec.options)
            self.good += good
            self.bad += sample.served + sample.failed - good
        return sample is not None

    def allowed(self, left: int) -> int:
        """How many may be bad, of all that were and will be sent (a little chance included)."""
        total = max(self.expected, self.good + self.bad + left)
        return total * (1000 - self.wanted_pm) // 1000

    def decide(self, _board: Board) -> bool:
        if "count" in self.spec.options:
            return self.good >= int(self.spec.options["count"])
        return self.good + self.bad > 0 and self.good * 1000 >= self.wanted_pm * (self.good + self.bad)

    @property
    def wanted_pm(self) -> int:
        """The share that is asked for."""
        return share_pm(self.spec.options.get("atLeast", "0%"))

    @property
    def share_pm(self) -> int:
        """The share so far."""
        total = self.good + self.bad
        return self.good * 1000 // total if total else 1000

    @property
    def budget_pm(self) -> int:
        """What is left of the error budget, per mille."""
        allowed = self.expected * (1000 - self.wanted_pm) // 1000
        return 1000 - self.bad * 1000 // allowed if allowed else (1000 if not self.bad else 0)

    def value(self) -> str:
        if "count" in self.spec.options:
            return f"{self.good}/{self.spec.options['count']}"
        pm = self.share_pm
        return f"{pm // 10}.{pm % 10}%" if self.good + self.bad else "–"

    def done_pm(self) -> int:
        if "count" in self.spec.options:
            return min(1000, self.good * 1000 // max(1, int(self.spec.options["count"])))
        return min(1000, (self.good + self.bad) * 1000 // self.expected) if self.expected else 0


def _good(sample: Sample, options: Mapping[str, Any]) -> int:
    good = sample.served
    if "within" in options:
        limit = micros(options["within"])
        good = sum(n for at, n in sample.latencies if at < len(EDGES) and EDGES[at] <= limit)
    if "image" in options:
        total = sum(n for _, n in sample.images)
        by = sum(n for image, n in sample.images if _is_image(image, options["image"]))
        good = good * by // total if total else 0
    return good


def _is_image(image: str, wanted: str) -> bool:
    return image == wanted or image.endswith("/" + wanted)


@define(eq=False)
class Data(Follower):
    """No more than so many acknowledged records are lost."""

    lost: int = 0
    kept: int = 0

    def follow(self, board: Board, tick: int) -> None:
        if (tick - self.spec.start) % 5 == 0 or tick >= self.end - 1:
            self.lost, self.kept = board.lost(self.spec.options["store"])
        self.state = HOLDING if self.lost <= int(self.spec.options["maxLost"]) else OPEN

    def decide(self, board: Board) -> bool:
        self.lost, self.kept = board.lost(self.spec.options["store"])
        return self.lost <= int(self.spec.options["maxLost"])

    def value(self) -> str:
        return f"-{self.lost}" if self.lost else f"{self.kept}"

    def shown(self, language: str) -> str:
        if not self.kept:
            return "–"
        return f"丢失 {self.lost}/{self.kept}" if language == "zh" else f"{self.lost}/{self.kept} lost"


@define(eq=False)
class Queued(Follower):
    """No message of a queue is older than so long, and no more than so many are lost."""

    age: int = 0
    lost: int = 0
    came: int = 0

    def follow(self, board: Board, _tick: int) -> None:
        self.take(board)
        options = self.spec.options
        late = "within" in options and self.age > ticks(options["within"])
        missing = "maxLost" in options and self.lost > int(options["maxLost"])
        self.state = FAILED if late or missing else HOLDING if self.came else OPEN

    def take(self, board: Board) -> bool:
        self.age, self.lost, self.came = board.queue(self.spec.options)
        return True

    def value(self) -> str:
        return f"{self.age}s"

    def shown(self, language: str) -> str:
        if not self.lost:
            return self.value()
        return f"{self.age}s，丢失 {self.lost}" if language == "zh" else f"{self.age}s, {self.lost} lost"


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
    ">=": lambda a, b: (a or 0) >= b,
    "<=": lambda a, b: (a or 0) <= b,
    ">": lambda a, b: (a or 0) > b,
    "<": lambda a, b: (a or 0) < b,
    "exists": lambda a, _: a is not None,
    "absent": lambda a, _: a is None,
}


def holds(board: Board, options: Mapping[str, Any]) -> bool:
    """Whether a predicate on status paths is true of every object that it names (and it names one)."""
    values = board.values(options)
    if not values:
        return bool(options["is"] == "absent")
    return all(COMPARE[options["is"]](v, options.get("value")) for v in values)


@define(eq=False)
class StateOf(Follower):
    """A status path has a value: at the end, or held for so long (and by then)."""

    run: int = 0

    def follow(self, board: Board, tick: int) -> None:
        options = self.spec.options
        now = holds(board, options)
        self.run = self.run + 1 if now else 0
        self.state = HOLDING if now else OPEN
        if ("heldFor" in options and self.run >= ticks(options["heldFor"])) or (
            "by" in options and "heldFor" not in options and now
        ):
            self.state = MET
        elif "by" in options and tick >= ticks(options["by"]):
            self.state = FAILED

    def decide(self, _board: Board) -> bool:
        return self.state == HOLDING and "heldFor" not in self.spec.options


@define(eq=False)
class Never(Follower):
    """A predicate is never true for longer than so long."""

    run: int = 0

    def follow(self, board: Board, _tick: int) -> None:
        self.run = self.run + 1 if holds(board, self.spec.options) else 0
        most = ticks(self.spec.options["maxFor"]) if "maxFor" in self.spec.options else 0
        self.state = FAILED if self.run > most else HOLDING


@define(eq=False)
class Denied(Follower):
    """An actor may not do a thing."""

    def follow(self, board: Board, _tick: int) -> None:
        o = self.spec.options
        self.state = HOLDING if board.denied(o["actor"], o["verb"], o["target"]) else OPEN


@define(eq=False)
class Done(Follower):
    """A Job or schedule has succeeded often enough, and not too often."""

    count: int = 0

    def follow(self, board: Board, tick: int) -> None:
        o = self.spec.options
        found = board.values({"object": o["object"], "path": "status.succeeded", "is": ">="})
        self.count = sum(int(v or 0) for v in found)
        enough = self.count >= int(o.get("atLeast", 1))
        if self.count > int(o.get("atMost", 1 << 60)) or ("by" in o and tick >= ticks(o["by"]) and not enough):
            self.state = FAILED
        else:
            self.state = HOLDING if enough else OPEN

    def value(self) -> str:
        return str(self.count)


@define(eq=False)
class Limit(Follower):
    """Cost, changes or nodes stay within a limit."""

    now: int = 0

    def follow(self, board: Board, _tick: int) -> None:
        what, most = _limit(self.spec.options)
        self.now = board.measure(what)
        self.state = FAILED if self.now > most else HOLDING

    def value(self) -> str:
        return f"{self.now}/{_limit(self.spec.options)[1]}"


def _limit(options: Mapping[str, Any]) -> tuple[str, int]:
    for what in ("cost", "changes", "nodes"):
        if what in options:
            return what, int(options[what])
    return "changes", int(options.get("max", 0))


@define(eq=False)
class Named(Follower):
    """The player has named the cause."""

    def follow(self, board: Board, _tick: int) -> None:
        said = board.named()
        if said:
            self.state = MET if said == self.spec.options["cause"] else FAILED


FOLLOWERS: Mapping[str, type[Follower]] = {
    "served": Served,
    "data": Data,
    "queue": Queued,
    "state": StateOf,
    "never": Never,
    "denied": Denied,
    "done": Done,
    "limit": Limit,
    "named": Named,
}


def follow(spec: ObjectiveSpec, ends: int) -> Follower:
    """A fresh follower of an objective."""
    return FOLLOWERS[spec.type](spec, spec.end or ends)


@define(eq=False)
class Objectives:
    """All objectives and bonuses of a level."""

    followers: list[Follower]
    bonus: list[Follower] = field(factory=list)

    def look(self, board: Board, tick: int) -> None:
        """After each tick."""
        for follower in (*self.followers, *self.bonus):
            follower.look(board, tick)

    @property
    def failed(self) -> list[Follower]:
        """Those that are missed for good."""
        return [f for f in self.followers if f.state == FAILED]

    @property
    def won(self) -> bool:
        """All are met."""
        return all(f.state == MET for f in self.followers)
