"""What traffic has measured: a sample a tick, totals since Go, latencies summed in histograms.

Exactly: sent = served + failed (by reason) + in flight.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from attrs import define, field, frozen

from kubesim_tui.kernel.trace import Ring
from kubesim_tui.traffic.histogram import Counts, Histogram
from kubesim_tui.traffic.way import Fail

KEPT = 3600


@frozen
class Sample:
    """One tick of one stream."""

    tick: int
    sent: int
    served: int
    failed: int
    latencies: Counts
    images: tuple[tuple[str, int], ...] = ()  # which image answered how many

    def __deepcopy__(self, _memo: Any) -> Sample:
        return self

    @property
    def ok_pm(self) -> int:
        """Per mille of what was decided in this tick that was served; -1 if nothing was."""
        decided = self.served + self.failed
        return self.served * 1000 // decided if decided else -1

    def percentile(self, pm: int) -> int:
        """A percentile of this tick's latencies, in µs."""
        return _percentile(self.latencies, pm)


@lru_cache(maxsize=8192)
def _percentile(counts: Counts, pm: int) -> int:
    return Histogram().plus(counts).percentile(pm)


@define
class Failure:
    """One way to fail: how often, and when first and last."""

    fail: Fail
    count: int
    first: int
    last: int


@define(eq=False)
class Stream:
    """All that is known of one stream of users."""

    sent: int = 0
    served: int = 0
    reasons: dict[str, int] = field(factory=dict)
    failures: dict[tuple[str, str, tuple[Any, ...]], Failure] = field(factory=dict)
    samples: Ring[Sample] = field(factory=lambda: Ring(KEPT))
    histogram: list[int] = field(factory=lambda: list(Histogram().counts))
    last: Sample | None = None

    @property
    def failed(self) -> int:
        """How many failed, by whatever reason."""
        return sum(self.reasons.values())

    @property
    def in_flight(self) -> int:
        """How many are not decided yet."""
        return self.sent - self.served - self.failed

    def fail(self, fail: Fail, count: int, tick: int) -> None:
        """Count a failure."""
        self.reasons[fail.reason] = self.reasons.get(fail.reason, 0) + count
        key = (fail.reason, fail.code, fail.way)
        known = self.failures.get(key)
        if known is None:
            self.failures[key] = Failure(fail, count, tick, tick)
        else:
            known.count += count
            known.last = tick

    def add(self, sample: Sample) -> None:
        """Take in what one tick has brought."""
        self.last = sample
        self.samples.add(sample)
        for bucket, count in sample.latencies:
            self.histogram[bucket] += count
