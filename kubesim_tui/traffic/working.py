"""What a station does in a tick: its arrivals and its backlog against what each request needs there.

Replicas are alike: those with the same work in a tick are solved once (`Known`), and their outcome is one object.
"""

from __future__ import annotations

from functools import lru_cache

from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.random_wait import Expected
from kubesim_tui.traffic.station import EMPTY, TICK_US, Backlog, ample, solve
from kubesim_tui.traffic.way import Leg, Station
from kubesim_tui.traffic.work import MOST, Needs, Plenty, Work
from kubesim_tui.world.plan import Plan

Setting = tuple[int, int, int | None]
"""Servers, queue, processor quota in thousandths of a core."""
Known = dict[tuple[int, Backlog | None, Needs, Setting, Expected], Work]
NO_NEEDS: Needs = (1, 0, 0)


def solve_station(station: Station, phase: int, known: Known) -> None:
    """What the container does with the arrivals of this tick and the backlog of those before."""
    work = work_on(station.arrivals, station.own_backlog, needs_of(station), station, phase, known)
    before, station.own_work, station.own_backlog = station.own_backlog, work, work.outcome.backlog
    if station.door is not None and before is EMPTY and not work.refused and not work.outcome.backlog.waiting:
        station.own_backlog = EMPTY  # who is in its workers' hands just now counts as passed on
    if station.pulls:
        return
    if work.refused or work.outcome.backlog.waiting:
        station.capacity = max(1, work.outcome.served, _starts(station) if work.outcome.lasts else 0)
    elif station.capacity:
        station.capacity = 0


def _starts(station: Station) -> int:
    """How many services that last can begin in a tick, on average."""
    return station.setting[0] * TICK_US // needs_of(station)[0]


def work_on(arrivals: int, backlog: Backlog, needs: Needs, station: Station, phase: int, known: Known) -> Work:
    """The work of a station that gets so many requests and still has a backlog, and of all like it."""
    before = None if backlog is EMPTY else backlog
    setting, expected = station.setting, station.expected
    alike = (arrivals, before, needs, setting, expected)
    found = known.get(alike)
    if found is None:
        if before is not None and before.total:
            found = _work(arrivals, before, setting, needs, expected, phase)
        else:
            found = _fresh(arrivals, setting, needs, expected, phase)
        known[alike] = found
    return found


def fresh(arrivals: int, needs: Needs, station: Station, phase: int, known: Known, plenty: Plenty) -> Work:
    """The work of a station without a backlog, and of all of its row."""
    if plenty.expected != station.expected or len(plenty.works) >= MOST:
        plenty.expected, plenty.works, plenty.pairs = station.expected, {}, {}
    up = _rounded_up(arrivals * needs[0], phase)
    found = plenty.works.get((arrivals, needs, up))
    if found is None:
        setting, expected = station.setting, station.expected
        if not ample(arrivals, setting[0], needs[0], needs[1], needs[2], setting[2]):
            return work_on(arrivals, EMPTY, needs, station, phase, known)
        found = _with_plenty(arrivals, setting, needs, expected, up=up)
        plenty.works[arrivals, needs, up] = found
    return found


def _rounded_up(spent: int, phase: int) -> bool:
    """Whether the last fraction of a request is still in service at the end of the tick."""
    return (spent + phase) // TICK_US > spent // TICK_US


def _work(arrivals: int, before: Backlog, setting: Setting, needs: Needs, expected: Expected, phase: int) -> Work:
    servers, queue, quota = setting
    service, varies, cpu = needs
    out = solve(
        arrivals,
        before,
        servers,
        service,
        scv_pm=varies,
        queue=queue,
        cpu_us=cpu,
        quota_milli=quota,
        phase=phase,
        expected=expected,
    )
    done = out.served - out.old
    mean = out.latency.mean_us
    inside = out.backlog.total
    if not out.lasts:  # by Little's law, also where nobody is there just when the tick ends
        inside = max(inside, min(servers + queue, (arrivals - out.refused) * mean // TICK_US))
    return Work(out, done, out.refused, arrivals - done - out.refused, mean, inside, out.cpu_us)


def _fresh(arrivals: int, setting: Setting, needs: Needs, expected: Expected, phase: int) -> Work:
    """The work of a station without a backlog. Chance only rounds it where there is servers' time in plenty."""
    if not ample(arrivals, setting[0], needs[0], needs[1], needs[2], setting[2]):
        return _work(arrivals, EMPTY, setting, needs, expected, phase)
    up = _rounded_up(arrivals * needs[0], phase)
    return _with_plenty(arrivals, setting, needs, expected, up=up)


@lru_cache(maxsize=16384)
def _with_plenty(arrivals: int, setting: Setting, needs: Needs, expected: Expected, *, up: bool) -> Work:
    return _work(arrivals, EMPTY, setting, needs, expected, PPM - 1 if up else 0)


def needs_of(station: Station) -> Needs:
    """What a request needs, over all that arrive."""
    legs = station.legs or station.former
    if station.door is not None and station.door.needs is not None:
        return station.door.needs
    if len(legs) != 1:
        return _mixed(station) if station.arrivals else _last(legs)
    return needs_by(legs[0])


def needs_by(leg: Leg) -> Needs:
    """What a request needs that comes by a leg."""
    plan = leg.plan
    if plan is None:
        return NO_NEEDS
    if not leg.calls:
        return plan.service_us or 1, plan.scv_pm, plan.cpu_us
    service, varies = _served(leg, plan)
    return service or 1, varies, plan.cpu_us


def _served(leg: Leg, plan: Plan) -> tuple[int, int]:
    """How long a request holds its server, calls included, and how much that varies."""
    service, variance = plan.service_us, plan.service_us * plan.service_us * plan.scv_pm
    for called in leg.calls:
        waits = called.waits_us
        service += waits
        variance += waits * waits * called.waits_scv_pm
    return service, variance // (service * service) if service else 0


def _mixed(station: Station) -> Needs:
    service = cpu = varies = 0
    for leg in station.legs:
        n, plan = leg.arrivals, leg.plan
        if n and plan is not None:
            held, scv = _served(leg, plan)
            service += n * held
            cpu += n * plan.cpu_us
            varies += n * scv
    total = station.arrivals
    return service // total or 1, varies // total, cpu // total


def _last(legs: list[Leg]) -> Needs:
    """What those needed that are still inside, as far as the ways tell."""
    return needs_by(legs[0]) if legs else NO_NEEDS
