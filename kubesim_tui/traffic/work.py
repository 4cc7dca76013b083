"""What a station has done in a tick, as it is told to all who asked it."""

from __future__ import annotations

from typing import Any

from attrs import define, field, frozen

from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.random_wait import Expected
from kubesim_tui.traffic.station import Outcome

Needs = tuple[int, int, int]
"""How long a request holds a server on average (µs, at least 1), how much that varies (‰), its processor time."""


@frozen(eq=False)
class Work:
    """What a station has done in a tick. Stations that had the same to do share it."""

    outcome: Outcome
    done: int  # of those that arrived in this tick
    refused: int
    held: int  # still inside
    mean_us: int  # how long those took that are done
    inside: int  # how many are in there at any time
    cpu_us: int  # the processor time that they took
    _behind: dict[int, Latency] = field(factory=dict)  # by how far away who asks is

    def __deepcopy__(self, _memo: Any) -> Work:
        return self

    def latency_behind(self, network_us: int) -> Latency:
        """How long it took for who asked over a network: found once, however many are told."""
        found = self._behind.get(network_us)
        if found is None:
            found = self._behind[network_us] = self.outcome.latency.plus(network_us)
        return found

    @property
    def wait_us(self) -> int:
        """How long one more would have to wait for a server."""
        return self.mean_us if self.outcome.backlog.waiting else 0


MOST = 128
"""Works and results that a row remembers."""


@define(eq=False)
class Plenty:
    """What each of a row does without a backlog and with servers' time in plenty, as it was found once.

    By how many came, what they need, and whether the last fraction of a request is still there when the tick ends.
    """

    expected: Expected = (0, 0)
    works: dict[tuple[int, Needs, bool], Work] = field(factory=dict)
    results: dict[tuple[int, ...], tuple[Any, tuple[Work, ...]]] = field(factory=dict)
    """By how far they are, the works (which are kept, so that nothing else has their ids), and how many did each."""

    def __deepcopy__(self, _memo: Any) -> Plenty:
        return Plenty()
