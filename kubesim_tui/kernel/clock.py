"""Integer time. A tick t is the simulated second [t, t + 1); `tick` counts the ticks that are done.

Time moves in one place only, `Engine.step`. Wall-clock texts come from an epoch that belongs to the level.
"""

from __future__ import annotations

MICROS = 1_000_000
DEFAULT_EPOCH = 1_767_258_000  # 2026-01-01T09:00:00Z


class Clock:
    """What time it is in the simulated world. `now`: Unix seconds, one integer a tick, shared by all who note it."""

    __slots__ = ("epoch", "now", "tick")

    def __init__(self, epoch: int = DEFAULT_EPOCH) -> None:
        self.epoch = self.now = epoch
        self.tick = 0

    def advance(self) -> None:
        """One tick is done."""
        self.tick += 1
        self.now = self.epoch + self.tick

    @property
    def now_us(self) -> int:
        """Unix microseconds."""
        return self.now * MICROS

    def tick_of(self, seconds: int) -> int:
        """The tick of a Unix time."""
        return seconds - self.epoch
