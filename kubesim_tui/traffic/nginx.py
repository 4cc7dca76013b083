"""What the nginx of an ingress controller's Pods does itself, before what is asked for goes on to somebody's Pods.

Each Pod is a station of a few workers, as many as it has processors. A request costs it processor time, a new
connection by https more (the handshake); where that does not suffice requests wait in it. Whoever is served behind it
holds two connections of its all the while, his own and the one to the Pod; where no more are to be had a new one is
closed again. When it ends, all ends that it holds.

In the tree of ways it is the entrance (`Front`) of a destination whose legs are the Pods behind it: these are asked as
if by users, and as long as nginx has time in plenty it costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, field, frozen

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.traffic.account import Account
from kubesim_tui.traffic.gate import Gate
from kubesim_tui.traffic.histogram import PPM, Latency
from kubesim_tui.traffic.limits import Limited, Meter, Refused, Zones, stays
from kubesim_tui.traffic.network import Place, Proxy
from kubesim_tui.traffic.settling import Part, spent
from kubesim_tui.traffic.solver import by_legs, of_station, scaled
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.station import EMPTY
from kubesim_tui.traffic.stops import Doorway
from kubesim_tui.traffic.waiting import RESET
from kubesim_tui.traffic.way import Destination, Fail, Held, Leg, Result, Station
from kubesim_tui.traffic.work import Needs, Work
from kubesim_tui.world.plan import Plan

HANDSHAKE_US = 1_000
"""Processor time of a TLS handshake: mostly the signature with an RSA key of 2048 bits."""
CONNECTIONS = 16_384
"""`max-worker-connections`."""
EACH = 2
"""Connections for a request: the user's, and the Pod's."""
NOT_ENOUGH = "worker_connections are not enough"
NEGLIGIBLE_US = 50
"""Waits that no histogram tells apart from none."""


@frozen
class Nginx:
    """One Pod of the controller as requests of a kind meet it, which cost its workers so much."""

    place: Place
    plan: Plan
    workers: int
    room: int  # for so many requests it has connections
    limited: Limited | None = None  # whose requests they are, where that is counted
    opens_ppm: int = 0  # of a million requests so many need a new connection to a Pod

    @classmethod
    def of(
        cls,
        proxy: Proxy,
        place: Place,
        configuration: Configuration,
        plan: Plan,
        times: int,
        handshakes_ppm: int,
        limited: Limited | None = None,
    ) -> Nginx:
        """`plan`: of a request as its image says; `times`: it is asked so often; `handshakes_ppm`: of a million."""
        said, container = configuration.table.config, proxy.container
        limit, cpus = container.config.limits.cpu_milli, ceil_div(container.host.cpu_milli, 1000)
        workers = _number(said.get("worker-processes", ""), max(1, min(cpus, ceil_div(limit or cpus * 1000, 1000))))
        cpu_us = plan.cpu_us * times + HANDSHAKE_US * handshakes_ppm // PPM
        own = Plan(service_us=cpu_us, scv_pm=0, cpu_us=cpu_us, memory_bytes=plan.memory_bytes)
        room = _number(said.get("max-worker-connections", ""), CONNECTIONS) * workers // EACH
        return cls(place, own, workers, room, limited, opened_ppm(said))


def opened_ppm(said: Mapping[str, str]) -> int:
    """How many of a million requests need a new connection to a Pod, as the ConfigMap has it; 0: next to none."""
    if said.get("upstream-keepalive-connections", "").strip() == "0":
        return PPM
    return PPM // _number(said.get("upstream-keepalive-requests", ""), PPM + 1)


@define(eq=False)
class Door:
    """One Pod of the controller, and whose requests come by it (how many of a million)."""

    room: int
    needs: Needs | None  # of all requests, if they need the same
    passing: list[tuple[Account, Front, int]] = field(factory=list)
    slack: int = 0  # so many more can come before anybody has to look how many there are
    _tick: int = -1
    _ample: bool = False  # in this tick there is room for all
    _free: int = 0
    _work: Work | None = None  # the last that was looked at
    _busy: bool = False

    def takes_all(self, tick: int) -> bool:
        """Whether there is room for all that may come in this tick."""
        if self._tick != tick:
            there = sum([account.stream.in_flight * ppm for account, _, ppm in self.passing]) // PPM + 1
            self._tick, self._ample, self.slack = tick, there <= self.room, self.room - there
            if not self._ample:
                self._free = max(0, self.room * PPM - self._staying())
        return self._ample

    def _staying(self) -> int:
        """How many were there before (millionths, on average): those that leave are there for half of the tick."""
        found = 0
        for account, by, ppm in self.passing:
            before = (account.stream.in_flight - account.sent_now) * ppm
            found += before - before * min(PPM, PPM * PPM // by.lasting_us) // (2 * PPM)
        return found

    def lets_in(self, n: int, lasting_us: int, tick: int) -> int:
        """How many of n requests, which stay so long, find room."""
        if self.takes_all(tick):
            return n
        each = stays(lasting_us)
        n = min(n, self._free // each)
        self._free -= n * each
        return n

    def busy(self, work: Work | None, service_us: int) -> bool:
        """Whether somebody waits there for more than a moment."""
        if work is not self._work:
            if work is None:
                return True
            waits = work.mean_us > service_us + NEGLIGIBLE_US or work.outcome.backlog.waiting
            self._work, self._busy = work, bool(waits or work.refused)
        return self._busy


@define(eq=False)
class Front:
    """The entrance of one destination."""

    destination: Destination
    patience_us: int = 0  # of users
    gate: Gate | None = None
    draws: Draws | None = None
    spared: int = 0  # all have to be made
    lost: int = 0  # how many requests of this tick have not got on yet
    behind: Result | None = None  # of the last tick that had any
    _only: Leg | None = None  # its door, if all come by the same one
    _door: Doorway | None = None  # the same
    _turn: int = 0
    _came: int = 0  # in this tick
    _passed: int = 0
    _closed: Sequence[int] = ()  # at each door, for want of connections
    meters: tuple[tuple[Meter, ...], ...] = ()  # of each door, what is counted there
    _limited: tuple[Refused, ...] = ()
    _lasted_us: int = 0  # how long those stayed who got on last

    def leg(self, nginx: Nginx, station: Station, users: str) -> Leg:
        """A leg to one of its Pods."""
        needs: Needs = (nginx.plan.service_us, nginx.plan.scv_pm, nginx.plan.cpu_us)
        if not isinstance(station.door, Door):
            station.door = Door(nginx.room, needs)
        elif station.door.needs != needs:
            station.door.needs = None
        station.workers, station.room = nginx.workers, nginx.room
        leg = Leg((nginx.place.hop,), 0, station, nginx.plan, users=users, fine=True, direct=True, passes=self)
        station.legs.append(leg)
        return leg

    def settle_on(self) -> None:
        """All its doors are there."""
        destination = self.destination
        if len(destination.doors) == 1 and not destination.by_door[-1]:
            self._only = only = destination.doors[0]
            self._door = only.station.door if only.station is not None and not self.meters else None

    @property
    def lasting_us(self) -> int:
        """How long those stay on average who got on."""
        behind = self.behind
        if behind is None or not behind.total:
            return 1
        return max(1, spent(behind, self.patience_us) // behind.total)

    def counts(self, account: Account, share_ppm: int) -> None:
        """Its requests are in an account, of which they are so much."""
        destination = self.destination
        whole = sum(destination.by_door)
        for leg, weight in zip(destination.doors, destination.by_door, strict=False):
            if leg.station is not None and isinstance(leg.station.door, Door):
                leg.station.door.passing.append((account, self, share_ppm * weight // whole))

    # -- down --------------------------------------------------------------------------------------------------

    def admit(self, requests: int, tick: int) -> int:
        """How many of the requests of a tick get on."""
        n = requests if self.gate is None else self.gate.admit(requests, tick)
        leg, door = self._only, self._door
        if leg is not None and door is not None and leg.station is not None and not leg.station.capacity:
            door.slack -= n
            if door.slack >= 0 or door.takes_all(tick):  # the common case, in short
                self._came = self._passed = leg.arrivals = n
                leg.station.arrivals += n
                self.lost, self._closed = requests - n, ()
                return n
        self._came, self._passed = n, self._pass(n, tick)
        self.lost = requests - self._passed
        return self._passed

    def _pass(self, n: int, tick: int) -> int:
        """How many get past the doors."""
        doors, lasting_us = self.destination.doors, self.lasting_us
        parts = (n, 0) if self._only is not None else self._dealt(n)
        passed, closed = parts[-1], []
        self._limited = ()
        for at, (leg, part) in enumerate(zip(doors, parts, strict=False)):
            station = leg.station
            assert station is not None
            assert station.door is not None
            taken = station.door.lets_in(part, lasting_us, tick) if part else 0
            closed.append(part - taken)
            if self.meters and taken:
                taken = self._metered(at, taken, tick)
            leg.arrivals = taken
            station.arrivals += taken
            passed += min(taken, _share_of(station, taken)) if station.capacity else taken
        self._closed = closed
        return passed

    def _metered(self, at: int, n: int, tick: int) -> int:
        """How many of the requests at a door are within the limits."""
        meters, lasting_us = self.meters[at], self._lasts()
        counted = [meter.share for meter in meters]
        parts = share(n, (*counted, self.destination.by_door[at] - sum(counted)))
        passed = parts[-1]  # of callers that are not counted
        for meter, part in zip(meters, parts, strict=False):
            own, refused = meter.admit(part, tick, lasting_us)
            passed += own
            self._limited += refused
        return passed

    def _lasts(self) -> int:
        """How long those stay who get on, as far as is known: before anybody did, as long as they are worked on."""
        if self.behind is not None and self.behind.total:
            self._lasted_us = self.lasting_us
        known = [leg.network_us + leg.plan.service_us for leg in self.destination.legs if leg.plan is not None]
        return self._lasted_us or sum(known) // max(1, len(known)) or 1

    def _dealt(self, n: int) -> Sequence[int]:
        """How many come to each door, and (last) to none."""
        weights = self.destination.by_door
        if self.draws is None:
            at = self._turn = (self._turn + 1) % len(weights)
            parts = share(n, weights[at:] + weights[:at])
            return parts[len(weights) - at :] + parts[: len(weights) - at]
        left, drawn = sum(weights), []
        for weight in weights:
            drawn.append(self.draws.binomial(n, weight, left) if weight < left else n)
            n, left = n - drawn[-1], left - weight
        return drawn

    # -- up ----------------------------------------------------------------------------------------------------

    def told(self, result: Result) -> Result:
        """The result of those that got on, as their users see it, with those that did not."""
        self.behind = result
        leg = self._only
        if self._came != self._passed or (any(map(_busy, self.destination.doors)) if leg is None else _busy(leg)):
            result = self._seen(result)
        return result if self.gate is None else self.gate.told(result)

    def _seen(self, result: Result) -> Result:
        if result.by_row:
            result = by_legs(self.destination)
        doors = [(leg, *_of_door(leg)) for leg in self.destination.doors]
        limited = sum(n for _, n in self._limited)
        elsewhere = self._came - sum(leg.arrivals for leg, *_ in doors) - sum(self._closed) - limited
        done = [done for _, done, _, _ in doors]
        found = scaled(result, sum(done) + elsewhere)
        shut = self._closed or [0] * len(doors)
        closed = [refused + n for (_, _, refused, _), n in zip(doors, shut, strict=True)]
        failed = [(_closing(leg), n) for (leg, *_), n in zip(doors, closed, strict=True) if n]
        waits = [(leg, Held(leg.station, n, more_us=result.mean_us)) for leg, _, _, n in doors if n and leg.station]
        return evolve(
            found,
            parts=_later(found.parts, [leg for leg, *_ in doors], [*done, elsewhere]),
            failed=(*found.failed, *failed, *self._limited),
            held=(*found.held, *(held for _, held in waits)),
            by_leg=(*found.by_leg, *((leg, Result(held=(held,))) for leg, held in waits)),
        )

    def relay(self, n: int) -> Result:
        """What becomes of n requests that nginx had held and now passes on, as those behind it have answered lately."""
        return Result(n) if self.behind is None else evolve(scaled(self.behind, n), parts=())


def front(
    found: Destination,
    stations: Callable[[Place], Station],
    users: Users,
    gate: Gate | None,
    draws: Draws | None,
    zones: Zones,
) -> Front:
    """The entrance of a destination, and a leg for each Pod of the controller through which it is asked."""
    weights: dict[str, tuple[Nginx, int]] = {}
    counted: dict[str, dict[Limited, int]] = {}
    rest = 0
    for nginx, weight in found.through:
        if nginx is None:
            rest += weight
        else:
            if nginx.limited is not None:
                here = counted.setdefault(nginx.place.container.id, {})
                here[nginx.limited] = here.get(nginx.limited, 0) + weight
            known = weights.get(nginx.place.container.id, (nginx, 0))
            weights[nginx.place.container.id] = (known[0], known[1] + weight)
    made = Front(found, users.timeout_us, gate, draws)
    found.doors = tuple(made.leg(nginx, stations(nginx.place), users.name) for nginx, _ in weights.values())
    found.by_door = (*(weight for _, weight in weights.values()), rest)
    if counted:
        made.meters = tuple(_meters(zones, at, counted.get(at, {})) for at in weights)
    made.settle_on()
    return made


def _meters(zones: Zones, nginx: str, callers: Mapping[Limited, int]) -> tuple[Meter, ...]:
    found = (zones.meter(nginx, limited, weight) for limited, weight in callers.items())
    return tuple(meter for meter in found if meter is not None)


def _share_of(station: Station, taken: int) -> int:
    """How many of a stream's requests an overloaded nginx gets done: all that come share what it can."""
    return max(1, station.capacity * taken // max(taken, station.expected[0] // 1000, 1))


def _busy(leg: Leg) -> bool:
    """Whether somebody waits at a door for more than a moment."""
    station = leg.station
    if not leg.arrivals or station is None or leg.plan is None or station.door is None:
        return False
    return station.door.busy(station.own_work, leg.plan.service_us)


def _of_door(leg: Leg) -> tuple[int, int, int]:
    """How many of the requests of this tick a door has passed on, refused and still has."""
    station = leg.station
    work = station.work if station is not None else None
    if not leg.arrivals:
        return 0, 0, 0
    if station is None or work is None:
        return 0, leg.arrivals, 0
    if station.own_backlog is EMPTY and not work.refused:
        return leg.arrivals, 0, 0
    return of_station(leg, leg.arrivals, station, work)


def _later(parts: Sequence[Part], doors: Sequence[Leg], weights: Sequence[int]) -> tuple[Part, ...]:
    """Latencies behind doors that so many have passed (the last of them none)."""
    own = [_waiting(leg.station.work, leg) if leg.station is not None else None for leg in doors]
    found = []
    for latency, n in parts:
        for wait, count in zip([*own, None], share(n, weights), strict=True):
            if count:
                found.append((latency if wait is None else latency.then(wait), count))
    return tuple(found)


def _waiting(work: Work | None, leg: Leg) -> Latency | None:
    """How long requests wait at a door."""
    if work is None or leg.plan is None:
        return None
    latency = work.outcome.latency
    return evolve(latency, constant_us=max(0, latency.constant_us - leg.plan.service_us))


def _closing(leg: Leg) -> Fail:
    return Fail(RESET, "worker-connections", leg.way, NOT_ENOUGH)


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and int(text) else otherwise
