"""What is found in a script."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.shared import Shared


@frozen
class Asks(Shared):
    """A request that a script makes, and how often among the others."""

    url: str
    method: str = "GET"
    weight: int = 1


FAILED, CHECKS, DURATION = "http_req_failed", "checks", "http_req_duration"
"""The metrics whose limits are looked at; checks are taken to want a good answer."""


@frozen
class Limit(Shared):
    """What a script says that a figure must be: a threshold. `figure`: rate (of failures, or of what was well) in
    millionths, a percentile (`pm`) or else a mean of latencies in µs."""

    metric: str
    figure: str
    sign: str  # < <= > >=
    bound: int
    pm: int = 0

    def holds(self, value: int) -> bool:
        """Whether it is so."""
        less = value < self.bound or (value == self.bound and "=" in self.sign)
        more = value > self.bound or (value == self.bound and "=" in self.sign)
        return less if self.sign[0] == "<" else more


@frozen
class LoadScript(Shared):
    """See the module; 0 and () where nothing is said. `course`: (µs since the beginning, users who are there then)."""

    asks: tuple[Asks, ...] = ()
    users: int = 0
    think_us: int = 0  # before each request
    rate_milli: int = 0  # of an open loop
    count: int = 0
    lasts_us: int = 0
    course: tuple[tuple[int, int], ...] = ()
    limits: tuple[Limit, ...] = ()


NOTHING = LoadScript()
