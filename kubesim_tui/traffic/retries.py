"""Who tries again, when, and how many may: back-off, jitter and a budget.

After the n-th failure a user waits base · growthⁿ, at most the cap, and at least a tick. *Jitter* spreads those who
failed together: full over the whole of that wait, equal over its second half. A *budget* lets no more retries out than
a share of the first tries of the last ten seconds; who gets none has failed for good. Both are what keeps a short
outage from feeding itself: without them every failure is up to `most` requests more for whom there was no room before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

from attrs import define, field, frozen

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.kernel.numeric import ceil_div

TICK_US: Final = 1_000_000
WINDOW: Final = 10
"""Ticks over which a budget counts."""
JITTERS: Final = ("none", "equal", "full")
_MOST_DOUBLINGS: Final = 40


@frozen
class Backoff:
    """How long somebody waits who has failed. `growth`: 1 waits the same every time; `cap_us` 0: there is no cap."""

    base_us: int = TICK_US
    growth: int = 1
    cap_us: int = 0
    jitter: str = "none"

    def window(self, tries: int) -> tuple[int, int]:
        """After how many ticks he tries again at the earliest and at the latest, who has tried `tries` times before."""
        wait = self.base_us * self.growth ** min(tries, _MOST_DOUBLINGS)
        if self.cap_us:
            wait = min(wait, self.cap_us)
        last = max(1, ceil_div(wait, TICK_US))
        if self.jitter == "none":
            return last, last
        return (max(1, ceil_div(wait, 2 * TICK_US)) if self.jitter == "equal" else 1), last


A_SECOND: Final = Backoff()


@define(eq=False)
class Retries:
    """The retries of one stream. `budget_pm`: of first tries (None: no limit). `storm`: so many, at once, whatever."""

    most: int
    backoff: Backoff
    budget_pm: int | None
    draws: Draws
    storm: int = 0
    waiting: int = 0  # who will try again
    _window: deque[tuple[int, int, int]] = field(factory=lambda: deque(maxlen=WINDOW))  # (tick, first tries, granted)

    @property
    def limit(self) -> int:
        """How often somebody tries again."""
        return max(self.most, self.storm)

    def begin(self, tick: int, fresh: int) -> None:
        """A tick with so many first tries begins."""
        if self.budget_pm is not None:
            self._window.append((tick, fresh, 0))

    def again(self, n: int, tick: int, tries: int) -> Iterator[tuple[int, int]]:
        """n have failed that had been tried so often before: (tick, how many try again in it)."""
        if tries >= self.limit:
            return
        granted = n if self.storm else self._grant(n, tick)
        if not granted:
            return
        self.waiting += granted
        first, last = (1, 1) if self.storm else self.backoff.window(tries)
        for due in range(first, last + 1):
            part = granted if due == last else self.draws.binomial(granted, 1, last + 1 - due)
            if part:
                granted -= part
                yield tick + due, part

    def _grant(self, n: int, tick: int) -> int:
        if self.budget_pm is None:
            return n
        recent = [one for one in self._window if one[0] > tick - WINDOW]
        allowed = sum(fresh for _, fresh, _ in recent) * self.budget_pm // 1000
        granted = max(0, min(n, allowed - sum(spent for _, _, spent in recent)))
        if granted:
            at, fresh, spent = self._window[-1]
            self._window[-1] = (at, fresh, spent + granted)
        return granted
