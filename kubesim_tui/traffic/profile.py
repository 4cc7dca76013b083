"""How many users come, second by second: shapes that multiply a rate, and batches that add to it.

All of it is whole numbers of whole ticks, counted from when the stream's clock began. A shape says its factor (per
mille) at a tick and until which tick (exclusive) that holds, so that nobody asks again while nothing changes: a steady
profile is asked once.
"""

from __future__ import annotations

from typing import Final, Protocol

from attrs import field, frozen

FOREVER: Final = 1 << 60
ONE: Final = 1000
"""The factor of a shape that changes nothing."""

Factor = tuple[int, int]
"""(per mille, until which tick it holds)."""


class Shape(Protocol):
    """A factor over time."""

    def at(self, t: int) -> Factor:
        """The factor at tick t ≥ 0."""
        ...


@frozen
class Wave:
    """Night and day: from the low over the high and back, again and again. It begins at the low, `shift` ticks in.

    The sine is Bhāskara's: a quotient of whole numbers, nowhere further off than one in six hundred. The halves mirror
    each other exactly, so that the mean of a whole (even) period is the mean of low and high.
    """

    every: int
    low_pm: int
    high_pm: int
    shift: int = 0

    def at(self, t: int) -> Factor:
        """See Shape."""
        half = 2 * self.every  # a half wave in quarters of a tick
        above, y = divmod((4 * (t + self.shift) - self.every) % (2 * half), half)
        product = y * (half - y)
        swing = (self.high_pm - self.low_pm) * 8 * product // (5 * half * half - 4 * product)
        return (self.low_pm + self.high_pm) // 2 + (-swing if above else swing), t + 1


@frozen
class Ramp:
    """In a straight line from one level to another, which then stays."""

    start: int
    over: int
    from_pm: int
    to_pm: int

    def at(self, t: int) -> Factor:
        """See Shape."""
        if t < self.start:
            return self.from_pm, self.start
        if t >= self.start + self.over:
            return self.to_pm, FOREVER
        return self.from_pm + (self.to_pm - self.from_pm) * (t - self.start) // self.over, t + 1


@frozen
class Spike:
    """So many times as many for a while: once, or every so often."""

    start: int
    lasts: int
    peak_pm: int
    every: int = 0

    def at(self, t: int) -> Factor:
        """See Shape."""
        if t < self.start:
            return ONE, self.start
        begun = t - (t - self.start) % self.every if self.every else self.start
        if t < begun + self.lasts:
            return self.peak_pm, begun + self.lasts
        return ONE, begun + self.every if self.every else FOREVER


@frozen
class Flash:
    """A flash crowd: up within `rise` ticks; what came in addition halves every `half` ticks after."""

    start: int
    rise: int
    peak_pm: int
    half: int

    def at(self, t: int) -> Factor:
        """See Shape."""
        more, since = self.peak_pm - ONE, t - self.start
        if since < 0:
            return ONE, self.start
        if since < self.rise:
            return ONE + more * (since + 1) // self.rise, t + 1
        halvings, rest = divmod(since - self.rise, self.half)
        left = (more >> halvings) * (2 * self.half - rest) // (2 * self.half)
        return (ONE + left, t + 1) if left else (ONE, FOREVER)


@frozen
class Batch:
    """So many requests at once: once, or every so often. No chance is in it."""

    start: int
    count: int
    every: int = 0

    def at(self, t: int) -> tuple[int, int]:
        """(how many come at tick t, until which tick that holds)."""
        if t < self.start:
            return 0, self.start
        since = (t - self.start) % self.every if self.every else t - self.start
        if not since:
            return self.count, t + 1
        return 0, t - since + self.every if self.every else FOREVER


@frozen
class Pace:
    """What a profile makes of a rate until a tick: that rate (thousandths a second), and so many requests besides."""

    rate_milli: int
    batch: int = 0
    until: int = FOREVER


@frozen
class Profile:
    """Shapes that multiply each other, and batches that add up."""

    shapes: tuple[Shape, ...] = ()
    batches: tuple[Batch, ...] = ()

    @property
    def steady(self) -> bool:
        """Whether nothing ever changes."""
        return not self.shapes and not self.batches

    def at(self, rate_milli: int, t: int) -> Pace:
        """The pace at tick t of users who else come at a rate."""
        until, batch = FOREVER, 0
        for shape in self.shapes:
            factor, end = shape.at(t)
            rate_milli, until = rate_milli * factor // ONE, min(until, end)
        for one in self.batches:
            count, end = one.at(t)
            batch, until = batch + count, min(until, end)
        return Pace(rate_milli, batch, until)


STEADY: Final = Profile()


@frozen(eq=False)
class Course:
    """How many requests a profile brings on average, from tick to tick; sums are kept, for who asks again and again."""

    profile: Profile
    rate_milli: int
    _sums: list[int] = field(factory=lambda: [0])

    def milli(self, first: int, last: int) -> int:
        """Thousandths of requests in [first, last)."""
        if self.profile.steady:
            return self.rate_milli * (last - first)
        sums = self._sums
        while len(sums) <= last:
            pace = self.profile.at(self.rate_milli, len(sums) - 1)
            for _ in range(min(pace.until, last + 1) - len(sums) + 1):
                sums.append(sums[-1] + pace.rate_milli + pace.batch * 1000)
        return sums[last] - sums[first]
