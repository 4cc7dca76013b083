"""How long those took who leave a station some ticks after they came.

Who came in one tick and leaves k later was there for k seconds, give or take one. Of short services nothing more is to
be found out (``borne_out``). Those that last are many ticks there: what is known of each is in which he leaves, and of
all of them together how their times are distributed. So the distribution is cut into slices, one for each k, as large
as the share of those who leave then, and those who do are told times of their slice: together they tell the whole
(``after``). Where more wait than the distribution knows of, the ticks alone tell.
"""

from __future__ import annotations

from functools import lru_cache

from attrs import evolve, frozen

from kubesim_tui.kernel.numeric import exp, log
from kubesim_tui.traffic.histogram import SCALE, Latency, mixture
from kubesim_tui.traffic.station import TICK_US, Outcome

_LEAST = 1e-6
"""Of a tail beyond this the ticks tell."""


def took(outcome: Outcome | None, ticks: int) -> Latency:
    """How long it took what a station has done that came so many ticks ago; None: nobody knows what is usual there."""
    usual = outcome.latency if outcome is not None else Latency(0)
    if outcome is not None and outcome.lasts and ticks > 0:
        return after(usual.constant_us, usual.wait_ppm, usual.wait_us, usual.jitter_us, ticks)
    return borne_out(usual, ticks)


def borne_out(usual: Latency, ticks: int) -> Latency:
    """What is usual now, as far as so many ticks bear it out."""
    least, most = (ticks - 1) * TICK_US, ticks * TICK_US + TICK_US // 2
    return usual if least <= usual.mean_us <= most else Latency(max(least, min(usual.mean_us, most)))


@frozen
class _Tail:
    """What varies in a latency: the chance that it exceeds x is a exp(−x/u) + b exp(−x/v)."""

    a: float
    u: float
    b: float
    v: float

    def beyond(self, x: float) -> float:
        """The chance to exceed x."""
        return self.a * exp(-x / self.u) + self.b * exp(-x / self.v)

    def area(self, x: float) -> float:
        """How much longer than x it takes on average, of all (in no time if it does not exceed x)."""
        return self.a * self.u * exp(-x / self.u) + self.b * self.v * exp(-x / self.v)

    def at(self, chance: float) -> float:
        """What is exceeded with this chance; by Newton's method, where exponential tails are straight."""
        most = self.a + self.b
        if chance >= most:
            return 0.0
        x = self.area(0.0) / most * log(most / chance)
        for _ in range(12):
            first, second = self.a * exp(-x / self.u), self.b * exp(-x / self.v)
            step = log((first + second) / chance) * (first + second) / (first / self.u + second / self.v)
            x = max(0.0, x + step)
            if -1.0 < step < 1.0:
                break
        return x


@frozen
class Slice(Latency):
    """Of a latency those who are slower than some: as slow as between ``over`` and ``under`` of all (in 10⁻¹²)."""

    over: int = SCALE
    under: int = 0

    @property
    def mean_us(self) -> int:
        """Their mean, rounded."""
        return self.constant_us + _mean(self)

    def plus(self, us: int) -> Latency:
        """The same behind something that takes ``us``."""
        return evolve(self, constant_us=self.constant_us + us)

    def beyond(self, us: int) -> int:
        """As for all of them, but for those who are not of the slice."""
        return self._cut(_whole(self).beyond(us))

    def tails(self) -> tuple[int, tuple[int, ...]]:
        """As for all of them, but for those who are not of the slice."""
        first, tails = _whole(self).tails()
        return first, tuple([self._cut(tail) for tail in tails])

    def _cut(self, chance: int) -> int:
        return (max(self.under, min(self.over, chance)) - self.under) * SCALE // (self.over - self.under)


def _whole(part: Slice) -> Latency:
    return Latency(part.constant_us, part.wait_ppm, part.wait_us, part.jitter_us)


def _mean(part: Slice) -> int:
    """How much longer than its constant part a slice takes."""
    tail = _Tail(*mixture(part.wait_ppm, part.wait_us, part.jitter_us))
    over, under = part.over / SCALE, part.under / SCALE
    low, mean = tail.at(over), 0.0
    if min(over, tail.a + tail.b) > under:
        mean = low * (min(over, tail.a + tail.b) - under) + tail.area(low)
        if under > _LEAST:
            high = tail.at(under)
            mean -= (high - low) * under + tail.area(high)
    return int(mean / (over - under) + 0.5)


@lru_cache(maxsize=8192)
def after(constant_us: int, wait_ppm: int, wait_us: int, jitter_us: int, ticks: int) -> Latency:
    """The times of those who leave so many ticks after they came, of all who take longer than their first tick."""
    tail = _Tail(*mixture(wait_ppm, wait_us, jitter_us))
    stay = _staying(constant_us, tail, 0)
    more = _staying(constant_us, tail, ticks - 1) / stay
    less = _staying(constant_us, tail, ticks) / stay
    if more - less < _LEAST:
        return Latency(max(ticks * TICK_US, constant_us))
    return Slice(constant_us, wait_ppm, wait_us, jitter_us, int(more * SCALE), int(less * SCALE))


def _staying(constant_us: int, tail: _Tail, ticks: int) -> float:
    """The chance to be there still when so many ticks have ended after that of the arrival, which is at any time."""
    start, end = ticks * TICK_US - constant_us, (ticks + 1) * TICK_US - constant_us
    sure = min(0, end) - min(0, start)
    return (sure + tail.area(max(0, start)) - tail.area(max(0, end))) / TICK_US
