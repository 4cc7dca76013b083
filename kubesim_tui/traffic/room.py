"""How many requests a way can take in a tick, and how fast it is when nobody else asks: the bounds of a closed loop.

So many users as wait for their answers cannot be more than there are: whoever asks again has been answered before. So
no more leave in a tick than users are free, and answers can come. The latter is the narrowest place on the way: its
servers, divided by how often a request passes there (the bottleneck law of operational analysis).
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.order import callers_first
from kubesim_tui.traffic.random_wait import PULLED
from kubesim_tui.traffic.sparing import Sparing
from kubesim_tui.traffic.station import most
from kubesim_tui.traffic.way import Destination, Leg
from kubesim_tui.traffic.working import needs_by

BOUNDLESS = 1 << 40
"""More than anybody asks for."""


@frozen(eq=False)
class Narrow:
    """Replicas that are alike, as one of them: each gets so many of a million requests."""

    leg: Leg
    ppm: int

    def room(self, phase: int) -> int:
        """How many requests can leave in a tick, for all that these replicas can do besides what others ask."""
        if self.leg.fail is not None:
            return 0 if self.leg.fail.delay_us else BOUNDLESS
        station = self.leg.station
        if station is None:
            return BOUNDLESS
        servers, _, quota = station.setting
        service, varies, cpu = needs_by(self.leg)
        done = most(station.backlog, servers, service, varies, cpu, quota, phase)
        expected = station.expected
        others = 0 if expected == PULLED else max(0, expected[0] - self.leg.expected_milli) // 1000
        return max(0, done - others) * PPM // self.ppm


def narrows(root: Destination) -> list[Narrow]:
    """All places on a way that may be its narrowest."""
    shares = {id(root): PPM}
    found: dict[object, Narrow] = {}
    for destination in callers_first(root):
        part = shares.get(id(destination), 0)
        if not part or not destination.legs or isinstance(destination.gate, Sparing):
            continue
        each = max(1, part // len(destination.legs))
        for leg in destination.legs:
            slow = leg.fail is not None and bool(leg.fail.delay_us)
            setting = leg.station.setting if leg.station is not None else None
            called = tuple([id(one) for one in leg.calls])
            found.setdefault((each, setting, leg.plan, called, slow), Narrow(leg, each))
            for one in leg.calls:
                shares[id(one)] = shares.get(id(one), 0) + each
    return list(found.values())


def room(root: Destination, places: Iterable[Narrow], phase: int) -> int:
    """How many requests a way can take in a tick."""
    if root.fail is not None and root.fail.delay_us:
        return 0
    return min((place.room(phase) for place in places), default=BOUNDLESS)


def unloaded_us(root: Destination) -> int:
    """How long a request takes on average where nobody waits for anybody."""
    known: dict[int, int] = {}
    for destination in reversed(callers_first(root)):
        took = [_alone(leg, known) for leg in destination.legs]
        known[id(destination)] = sum(took) // len(took) if took else 0
    return known[id(root)]


def _alone(leg: Leg, known: dict[int, int]) -> int:
    if leg.plan is None or leg.station is None:
        return leg.network_us
    quota = leg.station.setting[2]
    stretched = ceil_div(leg.plan.cpu_us * 1000, quota) if quota else 0
    return leg.network_us + max(leg.plan.service_us, stretched) + sum([known[id(one)] for one in leg.calls])
