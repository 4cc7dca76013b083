"""Latencies: what one request may take (Latency), and how many took how long (Histogram).

A *latency* is a constant, plus the part of the service that varies, plus a wait that comes only with some
probability; both random parts fall off exponentially, so the chance to be slower than t has a closed form. ``spread``
turns n requests into whole counts without drawing n numbers: it takes n evenly spaced quantiles. Their common ``phase``
decides how fractions round: drawn at random, each bucket's mean count is exact, also in a tail of a hundredth of a
request a tick; the sum is always n.

A *histogram* has 102 buckets as Prometheus has them: each counts what is ≤ its upper edge and above the edge before.
The edges are 1 ms … 100 s, twenty a decade (each 12 % above the last), with one bucket below and one beyond. Histograms
add up, percentiles do not: the percentile of a route is read off the sum of its Pods' counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from math import isqrt
from typing import Any, Final

from attrs import frozen

from kubesim_tui.kernel.numeric import ceil_div, exp, mul_div, pow, round_half_even

PPM: Final = 1_000_000
EDGES: Final = tuple(int(1000.0 * pow(10.0, i / 20) + 0.5) for i in range(101))
"""The upper edges in µs of all buckets but the last, which has none."""
BUCKETS: Final = len(EDGES) + 1

Counts = tuple[tuple[int, int], ...]
"""A few buckets and how many requests fell into each: (bucket, count), bucket ascending, count > 0."""

FEW: Final = 64
_SHARED: Final = tuple([tuple([(i, n) for n in range(FEW)]) for i in range(BUCKETS)])
"""Buckets with few requests: they are kept by the ten thousand, and so made once for all."""

SCALE: Final = 10**12  # probabilities as integers
_DECAYS: Final = tuple(exp(-k / 32) for k in range(1024))


def bucket(latency_us: int) -> int:
    """The bucket that counts this latency: 0 up to 1 ms, 101 above 100 s."""
    return bisect_left(EDGES, latency_us)


@frozen
class Latency:
    """How long a request takes, in µs: ``constant_us`` at least.

    ``jitter_us``: mean (and standard deviation) of the exponential part of its service.
    ``wait_ppm``: in how many of a million cases it has to wait, and then ``wait_us`` on average.
    """

    constant_us: int
    wait_ppm: int = 0
    wait_us: int = 0
    jitter_us: int = 0

    @property
    def mean_us(self) -> int:
        """The mean, rounded."""
        return self.constant_us + self.jitter_us + round_half_even(self.wait_ppm * self.wait_us, PPM)

    @property
    def scv_pm(self) -> int:
        """The squared coefficient of variation, variance ÷ mean², per mille: 0 constant, 1000 exponential."""
        wait = mul_div(self.wait_ppm * (2 * PPM - self.wait_ppm), self.wait_us * self.wait_us, PPM * PPM)
        mean = self.mean_us
        return mul_div(1000, wait + self.jitter_us * self.jitter_us, mean * mean) if mean else 0

    def plus(self, us: int) -> Latency:
        """The same behind something that takes ``us``: a network, a proxy."""
        return Latency(self.constant_us + us, self.wait_ppm, self.wait_us, self.jitter_us)

    def then(self, other: Latency) -> Latency:
        """One after the other: means add up, variances of services too; waits keep their mean (all within 1 µs)."""
        jitter = isqrt(self.jitter_us * self.jitter_us + other.jitter_us * other.jitter_us)
        constant = self.constant_us + other.constant_us + self.jitter_us + other.jitter_us - jitter
        waits = self.wait_ppm * self.wait_us + other.wait_ppm * other.wait_us
        ppm = self.wait_ppm + other.wait_ppm - round_half_even(self.wait_ppm * other.wait_ppm, PPM)
        return Latency(constant, ppm, round_half_even(waits, ppm) if ppm else 0, jitter)

    def slower(self, n: int, than_us: int, phase: int = PPM // 2) -> int:
        """How many of ``n`` requests take longer: the time-outs, if ``than_us`` is one. ``phase`` as for ``spread``."""
        excess = than_us - self.constant_us
        if excess < 0:
            return n
        return (n * self.beyond(excess) + phase * (SCALE // PPM)) // SCALE

    def beyond(self, us: int) -> int:
        """The chance, in 10⁻¹², that it takes ``us`` ≥ 0 longer than its constant part."""
        return _beyond(us, self.wait_ppm, self.wait_us, self.jitter_us)

    def tails(self) -> tuple[int, tuple[int, ...]]:
        """(bucket of the constant, chances in 10⁻¹² to be slower than its upper edge, the next one …, down to 10⁻⁹)."""
        return _tails(self.constant_us, self.wait_ppm, self.wait_us, self.jitter_us)


def spread(n: int, latency: Latency, phase: int = PPM // 2, timeout_us: int | None = None) -> tuple[Counts, int]:
    """``n`` requests as (counts, timed out); the counts leave out those that exceed ``timeout_us``. Their sum is ``n``.

    ``phase``, 0 … 999 999: draw one a tick (``stream.below(PPM)``) for exact means; the default rounds to nearest. The
    number of requests slower than any bucket's edge is n times its probability, rounded up if its fraction ≥ 1 − phase.
    """
    slow = 0 if timeout_us is None else latency.slower(n, timeout_us, phase)
    counts = []
    left = n
    first, tails = latency.tails()
    offset = phase * (SCALE // PPM)
    for i, tail in enumerate(tails, first):
        slower = (n * tail + offset) // SCALE
        if slower <= slow:  # no more to come but those that timed out
            break
        if slower != left:
            here = left - slower
            counts.append(_SHARED[i][here] if here < FEW else (i, here))
            left = slower
    else:
        i = first + len(tails)
    if left != slow:
        here = left - slow
        counts.append(_SHARED[i][here] if here < FEW else (i, here))
    return tuple(counts), slow


def added(parts: Sequence[Counts]) -> Counts:
    """Several counts as one."""
    *others, last = parts
    if not others:
        return last
    found = dict(last)
    for part in others:
        for at, n in part:
            found[at] = found.get(at, 0) + n
    return tuple(sorted(found.items()))


def mixture(wait_ppm: int, wait_us: int, jitter_us: int) -> tuple[float, float, float, float]:
    """(a, u, b, v): the chance that jitter and wait together exceed t is a exp(−t/u) + b exp(−t/v)."""
    probability = wait_ppm / PPM if wait_us else 0.0
    wait, jitter = float(wait_us or 1), float(jitter_us or 1)
    if not jitter_us:
        return 0.0, 1.0, probability, wait
    if abs(wait - jitter) < jitter / 64:  # equal means would divide by 0; 1.6 % apart is as good
        wait = jitter * (65 / 64)
    share = probability / (wait - jitter)
    return 1.0 - probability - share * jitter, jitter, share * wait, wait


def _decay(x: float) -> float:
    """exp(−x) for x ≥ 0 to 10⁻¹⁰: a table of 32nds and five terms of the series. Twice as fast as ``numeric.exp``."""
    k = int(x * 32.0)
    if k >= 1024:
        return 0.0
    d = x - k * 0.03125
    return _DECAYS[k] * (1.0 - d * (1.0 - d * (0.5 - d * (1 / 6 - d * (1 / 24)))))


@lru_cache(maxsize=8192)
def _beyond(us: int, wait_ppm: int, wait_us: int, jitter_us: int) -> int:
    a, u, b, v = mixture(wait_ppm, wait_us, jitter_us)
    return max(0, min(SCALE, int((a * _decay(us / u) + b * _decay(us / v)) * SCALE)))


@lru_cache(maxsize=8192)
def _tails(constant_us: int, wait_ppm: int, wait_us: int, jitter_us: int) -> tuple[int, tuple[int, ...]]:
    first = bucket(constant_us)
    a, u, b, v = mixture(wait_ppm, wait_us, jitter_us)
    tails: list[int] = []
    last = SCALE
    for edge in EDGES[first:]:
        us = edge - constant_us
        last = min(last, int((a * _decay(us / u) + b * _decay(us / v)) * SCALE))
        if last < 1000:
            tails.append(0)
            break
        tails.append(last)
    return first, tuple(tails)


@frozen
class Histogram:
    """Counts of all 102 buckets. Frozen: ``plus`` and ``minus`` make new ones."""

    counts: tuple[int, ...] = (0,) * BUCKETS

    def __deepcopy__(self, memo: dict[int, Any]) -> Histogram:
        return self

    def plus(self, *parts: Counts) -> Histogram:
        """With the requests of some spreads counted in."""
        counts = list(self.counts)
        for part in parts:
            for i, n in part:
                counts[i] += n
        return Histogram(tuple(counts))

    def minus(self, *parts: Counts) -> Histogram:
        """Without them again: how a window of the last minutes forgets its oldest tick."""
        counts = list(self.counts)
        for part in parts:
            for i, n in part:
                counts[i] -= n
        return Histogram(tuple(counts))

    @staticmethod
    def sum(histograms: Iterable[Histogram]) -> Histogram:
        """The requests of all of them."""
        columns = zip(*(h.counts for h in histograms), strict=True)
        return Histogram(tuple(map(sum, columns)) or (0,) * BUCKETS)

    @property
    def total(self) -> int:
        """How many requests."""
        return sum(self.counts)

    def sparse(self) -> Counts:
        """The buckets that are not empty."""
        return tuple((i, n) for i, n in enumerate(self.counts) if n)

    def percentile(self, pm: int) -> int:
        """The latency in µs that ``pm`` per mille of the requests do not exceed (950: p95); 0 if there are none.

        As Prometheus' histogram_quantile does: linear within the bucket (rounded up), and the last edge, 100 s, for
        whatever lies beyond it. The error is at most one bucket, 12 %.
        """
        running = list(accumulate(self.counts))
        rank = max(1, ceil_div(running[-1] * pm, 1000))
        i = bisect_left(running, rank)
        if i >= BUCKETS - 1:
            return EDGES[-1] if i == BUCKETS - 1 else 0
        low = EDGES[i - 1] if i else 0
        return low + ceil_div((EDGES[i] - low) * (rank - running[i] + self.counts[i]), self.counts[i])

    def slower(self, than_us: int) -> int:
        """How many took longer; the bucket that ``than_us`` falls into counts by its share above it, rounded."""
        i = bucket(than_us)
        if i == BUCKETS - 1:
            return self.counts[i]
        low = EDGES[i - 1] if i else 0
        part = round_half_even(self.counts[i] * (EDGES[i] - than_us), EDGES[i] - low)
        return sum(self.counts[i + 1 :]) + part
