"""What nginx counts of callers, and whom it refuses: `limit_req` and `limit_conn`, by address.

A rate is a bucket with a hole for each address: a request fills it by one, it runs out at the rate, and who would let
it run over is refused. In whole numbers: levels are in 60ths of a request, so that rates a minute are, too; requests of
a tick come evenly over it. Callers that have an address each and ask alike are one bucket of so many. Whoever comes by
a machine that puts its own address in place of his (externalTrafficPolicy Cluster) is one with all others who do.
"""

from __future__ import annotations

from attrs import define, field, frozen

from kubesim_tui.kernel.clock import Clock
from kubesim_tui.network.ingress_limits import Limits
from kubesim_tui.network.ingress_values import within
from kubesim_tui.traffic.fail import Fail, Hop
from kubesim_tui.traffic.histogram import PPM

UNIT = 60
"""Parts of a request."""
FORGOTTEN = 3_600
"""After so many ticks nothing is kept of whoever has not come."""
RATE, CONNECTIONS = "rate-limit", "connection-limit"
Refused = tuple[Fail, int]


@frozen
class Limited:
    """Callers of an Ingress that limits them. `callers`: how many addresses they are; 0: each request another one."""

    limits: Limits
    ingress: tuple[str, str]
    source: str
    callers: int = 1
    users: str = ""  # the stream whose users they are, if nothing hides that

    @property
    def way(self) -> tuple[Hop, ...]:
        """To where they are refused."""
        return (("Ingress", *self.ingress),)


@define(eq=False)
class Bucket:
    """Of one rate at one nginx. Below 0 is what runs out of an empty one before the tick is over."""

    level: int = 0
    tick: int = 0

    def room(self, most: int, rate: int, tick: int) -> int:
        """How many requests find room. `most`: when it runs over; `rate`: what runs out in a tick."""
        if self.tick < tick:
            self.level = max(0, max(0, self.level) - rate * (tick - self.tick - 1)) - rate
            self.tick = tick
        return max(0, most - self.level) // UNIT


@define(eq=False)
class Crowd:
    """Requests that are there at once, on average over a tick (millionths of a request)."""

    there: int = 0  # when the tick began
    come: int = 0  # since then, as many of them as will be there when it ends
    lasting_us: int = 1
    free: int = 0
    tick: int = 0

    def room(self, most: int, lasting_us: int, tick: int) -> int:
        """How many more requests find room, which stay so long."""
        if self.tick < tick:
            for _ in range(min(tick - self.tick, FORGOTTEN)):
                self.there += self.come - self.there * PPM // max(PPM, self.lasting_us)
                self.come = 0
            self.tick, self.lasting_us = tick, lasting_us
            stay_ppm = lasting_us // 2 if lasting_us < PPM else PPM - PPM * PPM // lasting_us // 2
            self.free = most * PPM - self.there * stay_ppm // PPM
        return max(0, self.free) // stays(lasting_us)

    def fill(self, n: int, lasting_us: int) -> None:
        """So many have come."""
        self.free -= n * stays(lasting_us)
        self.come += n * min(PPM, lasting_us)


@define(eq=False)
class Meter:
    """What one nginx counts of some callers. `share`: of those who come by it, how many they are."""

    limited: Limited
    share: int
    rates: tuple[tuple[Bucket, int, int], ...]  # each with its rate and when it runs over
    crowd: Crowd | None = None

    def admit(self, n: int, tick: int, lasting_us: int) -> tuple[int, tuple[Refused, ...]]:
        """How many of n requests, which stay so long, get on, and how the others are refused."""
        limited = self.limited
        rated = passed = min([n, *(bucket.room(most, rate, tick) for bucket, rate, most in self.rates)])
        if self.crowd is not None:
            most = limited.limits.connections * limited.callers
            passed = min(rated, self.crowd.room(most, lasting_us, tick))
            self.crowd.fill(passed, lasting_us)
        for bucket, _, _ in self.rates:
            bucket.level += passed * UNIT
        where, whose = "_".join(limited.ingress), f"client: {limited.source}"
        refused = []
        if rated < n:
            zone = f"{where}_{'rps' if limited.limits.rps else 'rpm'}"
            said = f'limiting requests by zone "{zone}", {whose}'
            refused.append((Fail(limited.limits.status, RATE, limited.way, said), n - rated))
        if passed < rated:
            said = f'limiting connections by zone "{where}_conn", {whose}'
            refused.append((Fail(limited.limits.status_of_connections, CONNECTIONS, limited.way, said), rated - passed))
        return passed, tuple(refused)


def stays(lasting_us: int) -> int:
    """For how much of the tick in which it comes a request is there, on average (millionths)."""
    lasts = min(lasting_us, PPM)
    return max(1, lasts - lasts * lasts // (2 * PPM))


@define(eq=False)
class Zones:
    """All that the controller's Pods remember of callers."""

    clock: Clock
    buckets: dict[tuple[str, ...], Bucket] = field(factory=dict)
    crowds: dict[tuple[str, ...], Crowd] = field(factory=dict)

    def meter(self, nginx: str, limited: Limited, share: int) -> Meter | None:
        """What a Pod (its container) counts of some callers; None: they are free."""
        self._forget()
        limits, many = limited.limits, limited.callers
        if not many or within(limited.source, limits.exempt):
            return None
        rates = [(name, rate, per) for name, rate, per in (("rps", limits.rps, UNIT), ("rpm", limits.rpm, 1)) if rate]
        made = [
            (self._of(nginx, limited, name), rate * per * many, (rate * limits.burst + 1) * UNIT * many)
            for name, rate, per in rates
        ]
        key, crowd = (nginx, *limited.ingress, limited.source, limited.users), None
        if limits.connections:
            crowd = self.crowds.setdefault(key, Crowd(tick=self.clock.tick - 1))
        return Meter(limited, share, tuple(made), crowd)

    def _of(self, nginx: str, limited: Limited, name: str) -> Bucket:
        key = (nginx, *limited.ingress, limited.source, limited.users, name)
        return self.buckets.setdefault(key, Bucket(tick=self.clock.tick - 1))

    def _forget(self) -> None:
        tick = self.clock.tick
        self.buckets = {key: one for key, one in self.buckets.items() if tick - one.tick < FORGOTTEN}
        self.crowds = {key: one for key, one in self.crowds.items() if tick - one.tick < FORGOTTEN}
