"""What a station has done in a tick, as it is told to all who asked it."""

from __future__ import annotations

from collections.abc import Sequence
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


@frozen(eq=False)
class Pair:
    """What replicas have done of which some had one request more than the others, and none had anything left over.

    `until`: it is so up to this phase; from there on a fraction of a request is still inside when the tick ends.
    """

    less: Work
    more: Work
    until: int
    results: dict[int, Any] = field(factory=dict)  # of all together, by how many had more
    inside: int = field(init=False)  # the most requests that were in one of them at any time
    cpu_us: int = field(init=False)  # the most processor time that one of them took

    @inside.default
    def _inside(self) -> int:
        return max(self.less.inside, self.more.inside)

    @cpu_us.default
    def _cpu_us(self) -> int:
        return max(self.less.cpu_us, self.more.cpu_us)

    def __deepcopy__(self, _memo: Any) -> Pair:
        return self


@define(eq=False)
class Turn:
    """A tick of neighbours who had `each` requests; `odd` of them, from the place `first` on round, had one more."""

    size: int
    each: int
    first: int
    odd: int  # less than size
    pair: Pair
    _spans: Sequence[tuple[int, int, int, Work]] | None = None

    @property
    def less(self) -> Work:
        """What those have done who had `each`."""
        return self.pair.less

    @property
    def more(self) -> Work:
        """What those have done who had one more."""
        return self.pair.more

    @property
    def spans(self) -> Sequence[tuple[int, int, int, Work]]:
        """Neighbours who had as many: from a place to before another, how many, and what each has done."""
        if self._spans is None:
            came = in_turn(self.size, self.each, self.first, self.odd)
            self._spans = [(start, end, n, self.more if n > self.each else self.less) for start, end, n in came]
        return self._spans


def in_turn(size: int, each: int, first: int, odd: int) -> list[tuple[int, int, int]]:
    """How many requests each of `size` neighbours has got: `each`, and `odd` of them, from one on round, one more."""
    if not odd:
        return [(0, size, each)]
    end = first + odd
    if end > size:
        found = [(0, end - size, each + 1), (end - size, first, each), (first, size, each + 1)]
        return found if end - size < first else [(0, size, each + 1)]
    found = [(first, end, each + 1)]
    if first:
        found.insert(0, (0, first, each))
    if end < size:
        found.append((end, size, each))
    return found


@define(eq=False)
class Plenty:
    """What each of a row does without a backlog and with servers' time in plenty, as it was found once.

    By how many came, what they need, and whether the last fraction of a request is still there when the tick ends.
    """

    expected: Expected = (0, 0)
    works: dict[tuple[int, Needs, bool], Work] = field(factory=dict)
    results: dict[tuple[int, ...], tuple[Any, tuple[Work, ...]]] = field(factory=dict)
    """By how far they are, the works (which are kept, so that nothing else has their ids), and how many did each."""
    pairs: dict[tuple[int, bool, Needs], Pair] = field(factory=dict)
    """By how many came to each at least, whether some had one more, and what they need."""

    def __deepcopy__(self, _memo: Any) -> Plenty:
        return Plenty()
