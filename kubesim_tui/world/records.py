"""What applications have stored: numbered records, kept as runs.

Traffic numbers the writes of a store from 1. A disk that took numbers 1 … 5000 holds a few integers, not 5000: each
run is (first, last, tick of the acknowledgement). An acknowledged record that is found nowhere later is a lost write.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator

Run = tuple[int, int, int]


class Records:
    """Runs of record numbers in ascending order, without overlap; touching runs of the same tick are one."""

    __slots__ = ("_firsts", "_lasts", "_ticks", "count")

    def __init__(self) -> None:
        self._firsts = array("q")
        self._lasts = array("q")
        self._ticks = array("q")
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def __iter__(self) -> Iterator[int]:
        for first, last, _ in self.runs():
            yield from range(first, last + 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Records) and list(self.runs()) == list(other.runs())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Records({', '.join(f'{a}-{b}@{t}' for a, b, t in self.runs())})"

    def runs(self) -> Iterator[Run]:
        """(first, last, tick) in ascending order."""
        return zip(self._firsts, self._lasts, self._ticks, strict=True)

    def add(self, first: int, last: int, tick: int) -> None:
        """Add the numbers first … last, acknowledged at `tick`. What is there already stays as it is."""
        at = len(self._firsts)
        if at and first <= self._lasts[-1]:
            self._add_before(first, last, tick)
        elif at and self._lasts[-1] == first - 1 and self._ticks[-1] == tick:
            self.count += last - first + 1
            self._lasts[-1] = last
        elif first <= last:
            self._insert(at, first, last, tick)

    def update(self, other: Records) -> None:
        """Add all that another holds."""
        for first, last, tick in other.runs():
            self.add(first, last, tick)

    def until(self, tick: int) -> Records:
        """Those acknowledged at `tick` or before."""
        kept = Records()
        for first, last, when in self.runs():
            if when <= tick:
                kept.add(first, last, when)
        return kept

    def missing(self, acknowledged: Records) -> Records:
        """Of `acknowledged`, those that are not here."""
        lost = Records()
        for first, last, tick in acknowledged.runs():
            for start, end in self._gaps(first, last):
                lost.add(start, end, tick)
        return lost

    def _insert(self, at: int, first: int, last: int, tick: int) -> None:
        self._firsts.insert(at, first)
        self._lasts.insert(at, last)
        self._ticks.insert(at, tick)
        self.count += last - first + 1

    def _add_before(self, first: int, last: int, tick: int) -> None:
        for start, end in list(self._gaps(first, last)):
            self._insert(bisect_right(self._firsts, start), start, end, tick)

    def _gaps(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """The runs of first … last that are not here."""
        at = max(bisect_right(self._firsts, first) - 1, 0)
        while first <= last and at < len(self._firsts):
            if self._firsts[at] > last:
                break
            if self._firsts[at] > first:
                yield first, self._firsts[at] - 1
            first = max(first, self._lasts[at] + 1)
            at += 1
        if first <= last:
            yield first, last
