"""A closed loop: users who think, ask, and wait for their answer before they think again.

Who thinks as a tick begins asks in it with the chance of one in Z, his thinking time in ticks. A request that takes R
is under way at R ends of ticks on average, so that X = N ÷ (Z + R) follows from nobody's asking twice at once. But some
of what users wait falls between the ends of ticks (the network, the random waits within a tick): that much longer they
do not ask. It is what they have seen of late less what was under way, both as running means.
"""

from __future__ import annotations

from typing import Final

from attrs import define

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic.histogram import EDGES, PPM, Counts
from kubesim_tui.traffic.station import TICK_US

MEMORY: Final = 16
"""Ticks over which the means run."""
_MIDDLES: Final = tuple((a + b) // 2 for a, b in zip((0, *EDGES), (*EDGES, EDGES[-1]), strict=True))


@define(eq=False)
class Loop:
    """See the module. The sums run over MEMORY ticks, the older the less."""

    think_us: int
    served_ppm: int = 0  # millionths
    seen_us: int = 0
    under_way_us: int = 0

    @property
    def between_us(self) -> int:
        """How long an answer takes between the ends of ticks."""
        more_us = max(0, self.seen_us - self.under_way_us)
        return min(TICK_US, more_us * PPM // self.served_ppm) if self.served_ppm else 0

    def asking(self, thinking: int, draws: Draws) -> int:
        """How many of those who think ask in this tick."""
        return draws.binomial(thinking, TICK_US, self.think_us + self.between_us) if thinking else 0

    def expected_milli(self, users: int) -> int:
        """How many thousandths of requests so many users are expected to send in a tick: N ÷ (Z + R)."""
        answer_us = self.seen_us * PPM // self.served_ppm if self.served_ppm else 0
        return users * TICK_US * 1000 // (self.think_us + answer_us)

    def feel(self, counts: Counts, under_way: int) -> None:
        """A tick ends: how many had their answer after how long (by bucket), and how many wait for theirs."""
        self.served_ppm += sum([n for _, n in counts]) * PPM - self.served_ppm // MEMORY
        self.seen_us += sum([n * _MIDDLES[at] for at, n in counts]) - self.seen_us // MEMORY
        self.under_way_us += under_way * TICK_US - self.under_way_us // MEMORY
