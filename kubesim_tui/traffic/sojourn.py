"""How long those took who leave a station some ticks after they came.

Who came in one tick and leaves k later was there for k seconds, give or take one. Of short services nothing more is to
be found out (``borne_out``). Those that last are many ticks there: what is known of each is in which he leaves, and of
all of them together how their times are distributed. So the distribution is cut into slices, one for each k, as large
as the share of those who leave then, and those who do are told times of their slice: together they tell the whole
(``after``). Where more wait than the distribution knows of, the ticks alone tell.
"""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

from kubesim_tui.kernel.numeric import exp, log
from kubesim_tui.traffic.histogram import PPM, Latency, mixture
from kubesim_tui.traffic.station import TICK_US, Outcome

_LEAST = 1e-6
"""Of a tail beyond this the ticks tell."""
_ROOT_12 = 3.4641016151377544


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


@lru_cache(maxsize=8192)
def after(constant_us: int, wait_ppm: int, wait_us: int, jitter_us: int, ticks: int) -> Latency:
    """The times of those who leave so many ticks after they came, of all who take longer than their first tick."""
    tail = _Tail(*mixture(wait_ppm, wait_us, jitter_us))
    stay = _staying(constant_us, tail, 0)
    more = _staying(constant_us, tail, ticks - 1) / stay
    less = _staying(constant_us, tail, ticks) / stay
    if more - less < _LEAST:
        return Latency(max(ticks * TICK_US, constant_us))
    varies = min(more, tail.a + tail.b) - less
    if varies < _LEAST:
        return Latency(constant_us)
    low = tail.at(more)
    mean = low * (varies + less) + tail.area(low)
    width = _ROOT_12 * mean
    if less > _LEAST:
        high = tail.at(less)
        mean -= high * less + tail.area(high)
        width = high - low
    mean /= varies
    if varies < more - less - _LEAST:
        return Latency(constant_us, int(varies / (more - less) * PPM + 0.5), int(mean + 0.5))
    jitter = int(min(width / _ROOT_12, mean))
    return Latency(constant_us + int(mean + 0.5) - jitter, jitter_us=jitter)


def _staying(constant_us: int, tail: _Tail, ticks: int) -> float:
    """The chance to be there still when so many ticks have ended after that of the arrival, which is at any time."""
    start, end = ticks * TICK_US - constant_us, (ticks + 1) * TICK_US - constant_us
    sure = min(0, end) - min(0, start)
    return (sure + tail.area(max(0, start)) - tail.area(max(0, end))) / TICK_US
