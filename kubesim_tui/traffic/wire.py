"""What a leg's packets meet where the network is not as it should be: loss, a narrow link, a Pod's own trouble.

Of an exchange (a packet there, its answer back) some share is not heard of again. TCP tries once more: the opening of a
connection after 1 and 3 s, everything else after 200, 600, 1400 ms …; so a few requests take so much longer, and those
that have not opened their connection by the third try have failed. The shares are exact over time, and even.
A link of little bandwidth delays all by what waits before it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

from attrs import define, evolve, field

from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.network import Fabric, Place
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.way import Fail, Leg, Result
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.netem import WHOLE_PM, Netem, Pipe, either

OPENING_US = (0, 1_000_000, 3_000_000)
"""After the first, second and third try of a SYN; ingress-nginx and most users have given up before the fourth."""
AGAIN_US = (0, 200_000, 600_000, 1_400_000, 3_000_000, 6_200_000)
"""The same of data, by the least time-out of Linux, doubled each time."""


@define(eq=False)
class Wire:
    """Of one leg. `late`: how many of this tick's requests come so much later; `lost`: how many never do."""

    loss_pm: int
    opens: bool  # each request over a connection of its own
    code: str  # what is behind it
    pipes: tuple[Pipe, ...] = ()
    bytes: int = 0  # of a request and its answer
    fail: Fail | None = None  # what becomes of who gets no answer
    lost: int = 0
    late: list[tuple[int, int]] = field(factory=list)
    _owed: list[int] = field(factory=list)

    def fails_as(self, silence: Fail) -> Wire:
        """The same for somebody to whom silence is this failure."""
        text = f"{self.loss_pm * 100 // WHOLE_PM} % of the packets are lost"
        self.fail = evolve(silence, code=self.code, detail=text)
        return self

    def again(self) -> Wire:
        """The same for other requests."""
        return evolve(self, lost=0, late=[], owed=[])

    def once(self, luck_ppm: int) -> int | None:
        """How much later a single request comes, of a million equally likely ones the luck_ppm-th; None: never."""
        outcomes, lost_ppm = delays(self.loss_pm, self.opens)
        if luck_ppm < lost_ppm:
            return None
        late = sum(pipe.delay_us(self.bytes) for pipe in self.pipes)
        for extra, ppm in outcomes:
            luck_ppm -= ppm
            if luck_ppm < lost_ppm:
                return late + extra
        return late

    def send(self, n: int, tick: int) -> int:
        """How many of n requests arrive."""
        outcomes, lost_ppm = delays(self.loss_pm, self.opens)
        if not self._owed:
            self._owed = [0] * (len(outcomes) + 1)
        self.lost = left = self._due(-1, n, lost_ppm, n)
        left = n - self.lost
        self.late = []
        for at, (extra, ppm) in enumerate(outcomes):
            count = self._due(at, n, ppm, left)
            if count:
                left -= count
                self.late.append((extra, count))
        for pipe in self.pipes:
            pipe.offer((n - self.lost) * self.bytes, tick)
        return n - self.lost

    def _due(self, at: int, n: int, ppm: int, most: int) -> int:
        count, self._owed[at] = divmod(n * ppm + self._owed[at], PPM)
        return min(count, most)

    def tell(self, result: Result) -> Result:
        """The result of those that arrived, as who asked sees it; those that are lost have failed."""
        queued = sum(pipe.delay_us(self.bytes) for pipe in self.pipes)
        late = sum(n for _, n in self.late)
        parts = []
        for latency, n in result.parts:
            groups = [(0, max(0, n - late)), *self.late]
            for (extra, _), count in zip(groups, share(n, [count for _, count in groups]), strict=True):
                if count:
                    parts.append((latency.plus(extra + queued), count))
        lost, self.lost = self.lost, 0
        failed = (*result.failed, (self.fail, lost)) if lost and self.fail is not None else result.failed
        return evolve(result, parts=tuple(parts), failed=failed)


@lru_cache(maxsize=256)
def delays(loss_pm: int, opens: bool) -> tuple[tuple[tuple[int, int], ...], int]:
    """(how much later, for how many of a million) of all that come later, and how many of a million never come."""
    again = PPM - (WHOLE_PM - loss_pm) ** 2
    openings, unopened = _tries(OPENING_US if opens else OPENING_US[:1], again if opens else 0)
    answers, unanswered = _tries(AGAIN_US, again)
    found: dict[int, int] = {}
    for first, a in openings:
        for then, b in answers:
            found[first + then] = found.get(first + then, 0) + a * b // PPM
    found.pop(0, None)
    lost = PPM - (PPM - unopened) * (PPM - unanswered) // PPM
    return tuple(sorted((extra, ppm) for extra, ppm in found.items() if ppm)), lost


def _tries(waits: tuple[int, ...], again: int) -> tuple[list[tuple[int, int]], int]:
    """(wait, share) of each try that succeeds, and the share for which none does."""
    left, found = PPM, []
    for wait in waits:
        found.append((wait, left * (PPM - again) // PPM))
        left = left * again // PPM
    return found, left


def of_leg(fabric: Fabric, leg: Leg, machine: str, asks: Any, place: Place, *, users: bool) -> Wire | None:
    """The wire from a machine (and the container there that asks, if it is one) to a place; None if all is well.

    `users` ask from outside, over connections of their own.
    """
    troubled = [c.sandbox.netem for c in (asks, place.container) if c is not None and c.sandbox.netem is not None]
    netems: list[Netem] = troubled
    if not netems and not fabric.troubled():
        return None
    stops = [machine, place.machine] if not users or machine == OUTSIDE else [OUTSIDE, machine, place.machine]
    links = [fabric.losses(a, b) for a, b in pairwise(stops) if a != b]
    own = either(*(netem.loss_pm for netem in netems))
    loss = either(own, *(loss for loss, _ in links))
    leg.network_us += sum(netem.delay_us for netem in netems)
    pipes = {id(pipe): pipe for _, found in links for pipe in found}
    if not loss and not pipes:
        return None
    size = leg.plan.size_bytes if leg.plan is not None else 0
    return Wire(loss, users, "pod-network" if own else "link-loss", tuple(pipes.values()), size)
