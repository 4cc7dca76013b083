"""What can be wrong with packets on a stretch of network: delay, loss (tc netem), and room for only so many bytes."""

from __future__ import annotations

from attrs import define, frozen

from kubesim_tui.world.shared import Shared

WHOLE_PM = 1_000
DEAF_PM = 850
"""So many of a thousand packets lost, and nothing more is got across in the time that anybody waits."""
LONGEST_QUEUE = 30
"""Seconds' worth of bytes that wait at most: for what waits longer nobody waits any more."""


@frozen
class Netem(Shared):
    """Of a Pod's network namespace: each round trip takes longer, and of its packets so many of a thousand are lost."""

    delay_us: int = 0
    loss_pm: int = 0

    def outlasts(self, timeout_us: int) -> bool:
        """Whether connecting and asking takes longer than somebody waits."""
        return self.loss_pm >= DEAF_PM or 2 * self.delay_us > timeout_us


def either(*losses_pm: int) -> int:
    """The share of packets that are lost on one of several stretches."""
    kept = WHOLE_PM
    for loss in losses_pm:
        kept = kept * (WHOLE_PM - loss) // WHOLE_PM
    return WHOLE_PM - kept


@define(eq=False)
class Pipe:
    """A link that takes only so many bytes a second: the others wait, first come, first served."""

    bytes_s: int
    backlog: int = 0  # at the beginning of the tick
    offered: int = 0  # in this tick
    _at: int = 0

    def offer(self, count: int, tick: int) -> None:
        """So many bytes more want to get through."""
        if tick != self._at:
            left = self.backlog + self.offered - (tick - self._at) * self.bytes_s
            self.backlog = max(0, min(left, LONGEST_QUEUE * self.bytes_s))
            self.offered, self._at = 0, tick
        self.offered += count

    def delay_us(self, count: int) -> int:
        """How long so many bytes of this tick take: those before them, and their own time."""
        waiting = self.backlog + max(0, self.offered - self.bytes_s) // 2
        return (waiting + count) * 1_000_000 // self.bytes_s
