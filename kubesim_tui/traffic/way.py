"""The way of a request, as a tree: destinations, their legs, and the calls that a leg makes in turn.

A *destination* is what a caller asks for (host, port, path): it has one leg a Pod that may answer. A *leg* ends in a
container with the plan of the work to do there, or in a failure. The tree is built once (traffic/routing) and walked
every tick (traffic/solver) until something on the way changes.
"""

from __future__ import annotations

from typing import Any

from attrs import define, frozen

from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.world.plan import Plan

Hop = tuple[str, str, str]
"""(kind, namespace, name): ("Ingress", "shop", "web"), ("Pod", …), ("Node", "", "a"), ("Outside", "", "db.example")."""

TIMED_OUT = "timed out"
NO_TIME = Latency(0)


@frozen
class Fail:
    """A failure on the way. `reason` is what the user sees and what is counted: 404, 502, connection refused …"""

    reason: str
    code: str  # what stands behind it, for explain: "no-endpoints", "refused", "black-hole", "no-route", "dns" …
    way: tuple[Hop, ...]  # from the user to where it failed
    detail: str = ""
    delay_us: int = 0  # how long it takes to fail; a black hole takes as long as the caller waits (-1)

    def __deepcopy__(self, _memo: Any) -> Fail:
        return self


@define(eq=False)
class Leg:
    """One replica's part of a destination."""

    way: tuple[Hop, ...]
    network_us: int = 0
    station: Station | None = None
    plan: Plan | None = None
    port: int = 0  # on which the container is asked
    users: str = ""  # the stream in whose tree it stands
    calls: tuple[Destination, ...] = ()
    fail: Fail | None = None
    # -- this tick --
    arrivals: int = 0
    result: Result | None = None


@define(eq=False)
class Destination:
    """What a caller asks for."""

    way: tuple[Hop, ...]
    legs: tuple[Leg, ...] = ()
    fail: Fail | None = None  # nobody can be asked
    failure: int = 0  # the status that the caller gives when this fails (0: it does not mind)
    timeout_us: int = 30_000_000
    turn: int = 0  # whose turn it is to get the odd request
    settled: int = -1  # the tick for which `result` holds
    # -- this tick --
    arrivals: int = 0
    result: Result | None = None


@define(eq=False)
class Result:
    """What became of the requests of a leg or a destination: `arrivals = ok + failed + pending`."""

    ok: int = 0
    failed: tuple[tuple[Fail, int], ...] = ()
    pending: tuple[tuple[Station, int], ...] = ()  # still inside a station at the end of the tick
    latency: Latency = NO_TIME  # of those that are ok
    kept: tuple[tuple[Leg, int], ...] = ()  # legs whose plan stored a record, and how many

    @property
    def total(self) -> int:
        """All requests that it is about."""
        return self.ok + self.lost + sum(n for _, n in self.pending)

    @property
    def lost(self) -> int:
        """How many failed."""
        return sum(n for _, n in self.failed)


@define(eq=False)
class Cohort:
    """Requests of one stream that wait in a station: first in, first out."""

    users: str  # "" when nobody waits for them any more
    tick: int
    count: int


@define(eq=False)
class Station:
    """A container as a queueing station. Its backlog is state, and dies with the container."""

    container: Any
    machine: str
    pod: Hop
    legs: list[Leg]
    backlog: Any
    cohorts: list[Cohort]
    capacity: int = 0  # requests that it can take in a tick, while it is overloaded (0: no limit known)
    outcome: Any = None
    arrivals: int = 0
    new_done: int = 0
    new_refused: int = 0
    new_pending: int = 0
