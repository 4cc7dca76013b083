"""A circuit breaker: a caller that stops asking somebody who does not answer, and tries again later.

closed ──(enough failures in the window)──▶ open ──(after a while)──▶ half-open ──(a trial is well)──▶ closed
                                             ▲                           │
                                             └────────(it is not)────────┘
While it is open each call fails at once: the caller's servers are free for what can be answered, and whoever was
overloaded is left in peace. It is the caller's own, and forgotten when its container ends.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import define, field, frozen

from kubesim_tui.world.shared import Shared


class State(StrEnum):
    """Of a circuit, as Netflix' Hystrix and its heirs call them."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@frozen
class Breaker(Shared):
    """When it opens (`failures` per cent of at least `least` calls in the last `window` ticks), and for how long."""

    failures: int = 50
    least: int = 20
    window: int = 10
    opens: int = 5
    trials: int = 1  # calls that are let through when it is half-open


@define(eq=False, repr=False)
class Circuit:
    """See the module. Ticks may be left out."""

    breaker: Breaker
    state: State = State.CLOSED
    since: int = 0  # the tick of that
    _counts: dict[int, tuple[int, int]] = field(factory=dict)  # tick → calls that were well, that failed

    def passes(self, calls: int, tick: int) -> int:
        """How many of the calls of a tick are made."""
        if self.state is State.OPEN and tick - self.since >= self.breaker.opens:
            self._become(State.HALF_OPEN, tick)
        if self.state is State.CLOSED:
            return calls
        return min(calls, self.breaker.trials) if self.state is State.HALF_OPEN else 0

    def told(self, well: int, failed: int, tick: int) -> None:
        """What became of the calls of a tick that were made."""
        if self.state is State.HALF_OPEN:
            if failed:
                self._become(State.OPEN, tick)
            elif well:
                self._become(State.CLOSED, tick)
        elif self.state is State.CLOSED:
            self._count(well, failed, tick)

    def _count(self, well: int, failed: int, tick: int) -> None:
        self._counts[tick] = (well, failed)
        for old in [at for at in self._counts if at <= tick - self.breaker.window]:
            del self._counts[old]
        if not failed:
            return
        lost = sum(n for _, n in self._counts.values())
        total = lost + sum(n for n, _ in self._counts.values())
        if total >= self.breaker.least and lost * 100 >= total * self.breaker.failures:
            self._become(State.OPEN, tick)

    def _become(self, state: State, tick: int) -> None:
        self.state, self.since = state, tick
        self._counts.clear()
