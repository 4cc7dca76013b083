"""One tick of traffic through the ways: arrivals down, outcomes up, in whole numbers.

1. Arrivals run down: a destination shares them out over its legs, a leg passes them on to what it calls (no more than
   its container can take while it is overloaded).
2. Stations are solved callees first: while a container waits for what it calls, the request holds its server. Where
   applications call each other in a circle, what the last tick took counts.
3. Outcomes run up: of what a leg completed, as many succeed as its calls allow; every failure keeps its reason.
What is still inside a station at the end of the tick stays in its backlog, and dies with it.

Replicas are alike: those with the same work in a tick are solved once (`known`), and their outcome is one object.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.random_wait import Expected
from kubesim_tui.traffic.settling import alike, failed_call, held_call, in_time, merged, told, waits
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.spreading import drawn, portions
from kubesim_tui.traffic.station import EMPTY, TICK_US, Backlog, ample, solve
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Held, Leg, Result, Station, Work
from kubesim_tui.world.ailment import FAULTY
from kubesim_tui.world.plan import Plan

Setting = tuple[int, int, int | None]
"""Servers, queue, processor quota in thousandths of a core."""
Needs = tuple[int, int, int]
"""How long a request holds a server on average (µs, at least 1), how much that varies (‰), its processor time."""
Known = dict[tuple[int, Needs, Setting, Expected], Work]
NO_NEEDS: Needs = (1, 0, 0)


# -- down ----------------------------------------------------------------------------------------------------------


def arrive(destination: Destination, tick: int) -> None:
    """Share the requests of a destination out over its legs, the odd ones to those whose turn it is."""
    n, legs = destination.arrivals, destination.legs
    if destination.gate is not None:
        n = destination.gate.admit(n, tick)
    if not legs:
        return
    if destination.pool is not None:
        for leg, part in zip(legs, destination.pool.deal(n), strict=True):
            if part:
                _come(leg, part, tick)
        return
    if destination.draws is None:
        destination.turn = _in_turn(legs, n, destination.turn, tick)
    elif destination.groups:
        for group, part in portions(destination.groups, n, destination.draws):
            group.turn = _in_turn(group.legs, part, group.turn, tick)
    else:
        for leg, part in drawn(legs, n, destination.draws):
            _come(leg, part, tick)


def _in_turn(legs: Sequence[Leg], n: int, first: int, tick: int) -> int:
    """n requests go round legs, from one on; whose turn it is then."""
    count = len(legs)
    each, odd = divmod(n, count)
    for place in range(count if each else odd):
        leg = legs[first + place - count]  # negative places count from the end
        _come(leg, each + 1 if place < odd else each, tick)
    return (first + odd) % count


def _come(leg: Leg, n: int, tick: int) -> None:
    """So many requests take a leg; what it calls is asked as often as they get there, and on."""
    if leg.wire is not None:
        n = leg.wire.send(n, tick)
    leg.arrivals = n
    station = leg.station
    if station is not None:
        station.arrivals += n
        if leg.calls:
            passed = min(n, station.capacity) if station.capacity else n
            for called in leg.calls:
                called.arrivals += passed


# -- stations ------------------------------------------------------------------------------------------------------


def solve_station(station: Station, phase: int, known: Known) -> None:
    """What the container does with the arrivals of this tick and the backlog of those before."""
    needs = needs_of(station)
    before = station.backlog
    if before is not EMPTY and before.total:
        work = _work(station.arrivals, before, station.setting, needs, station.expected, phase)
    else:
        alike = (station.arrivals, needs, station.setting, station.expected)
        found = known.get(alike)
        if found is None:
            found = known[alike] = _fresh(station.arrivals, station.setting, needs, station.expected, phase)
        work = found
    station.work, station.backlog = work, work.outcome.backlog
    if station.pulls:
        return
    if work.refused or station.backlog.waiting:
        station.capacity = max(1, work.outcome.served)
    elif station.capacity:
        station.capacity = 0


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
    done = out.served - min(out.served, before.total)
    mean = out.latency.mean_us
    inside = out.backlog.total + arrivals * mean // TICK_US
    return Work(out, done, out.refused, arrivals - done - out.refused, mean, inside)


def _fresh(arrivals: int, setting: Setting, needs: Needs, expected: Expected, phase: int) -> Work:
    """The work of a station without a backlog. Chance only rounds it where there is servers' time in plenty."""
    if not ample(arrivals, setting[0], needs[0], needs[1], needs[2], setting[2]):
        return _work(arrivals, EMPTY, setting, needs, expected, phase)
    spent = arrivals * needs[0]
    up = (spent + phase) // TICK_US > spent // TICK_US
    return _with_plenty(arrivals, setting, needs, expected, PPM - 1 if up else 0)


@lru_cache(maxsize=16384)
def _with_plenty(arrivals: int, setting: Setting, needs: Needs, expected: Expected, phase: int) -> Work:
    return _work(arrivals, EMPTY, setting, needs, expected, phase)


def needs_of(station: Station) -> Needs:
    """What a request needs, over all that arrive."""
    legs = station.legs or station.former
    if len(legs) != 1:
        return _mixed(station) if station.arrivals else _last(legs)
    plan = legs[0].plan
    if plan is None:
        return NO_NEEDS
    if not legs[0].calls:
        return plan.service_us or 1, plan.scv_pm, plan.cpu_us
    service, varies = _served(legs[0], plan)
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
    leg = legs[0] if legs else None
    if leg is None or leg.plan is None:
        return NO_NEEDS
    service, varies = _served(leg, leg.plan)
    return service or 1, varies, leg.plan.cpu_us


# -- up ------------------------------------------------------------------------------------------------------------


def settle(destination: Destination, phase: int) -> None:
    """What became of the requests for a destination, once the stations of all its legs have worked."""
    if not destination.arrivals:
        return  # what was true of the last ones is the best guess for those that still wait
    result = _all_well(destination) or _settled(destination)
    if destination.timeout_us:
        late = Fail(TIMED_OUT, "slow", destination.way, "no answer in time", destination.timeout_us)
        result = in_time(result, late, phase)
    if destination.gate is not None:
        result = destination.gate.told(result)
    destination.result = result
    destination.waits_us = waits(destination, result)
    if destination.call is not None and result.parts:
        destination.waits_scv_pm = result.parts[-1][0].scv_pm


def _all_well(destination: Destination) -> Result | None:
    """The common case, in short: all that came is done, and nothing failed on the way."""
    if destination.wired:
        return None
    for called in destination.uses:
        if called.result is not None and not called.result.clean:
            return None
    found: dict[tuple[int, int], list[Any]] = {}
    for leg in destination.legs:
        n = leg.arrivals
        if not n:
            continue
        station = leg.station
        if station is None or not leg.fine or station.work is None:
            return None
        work = station.work
        if work.held or work.refused:
            return None
        at = (id(work), leg.network_us)  # it outlives this call: its station has it
        known = found.get(at)
        if known is None:
            found[at] = [work, leg.network_us, n]
        else:
            known[2] += n
    if not found:
        return None
    return Result(destination.admitted, merged([told(work, network, n) for work, network, n in found.values()]))


def _settled(destination: Destination) -> Result:
    fail = destination.fail
    if fail is not None or not destination.legs:
        fail = fail or Fail("503", "no-endpoints", destination.way)
        return Result(failed=((fail, destination.admitted),))
    return together([(leg, _over_wire(leg)) for leg in destination.legs if leg.arrivals or leg.wire is not None])


def together(results: list[tuple[Leg, Result]]) -> Result:
    """The results of several legs as one."""
    return Result(
        sum(result.ok for _, result in results),
        merged([(latency.mean_us, latency, n) for _, result in results for latency, n in result.parts]),
        alike([failure for _, result in results for failure in result.failed]),
        tuple(held for _, result in results for held in result.held),
        tuple(kept for _, result in results for kept in result.kept),
        tuple(results),
    )


def _over_wire(leg: Leg) -> Result:
    """What became of the requests for one replica, as those see it who asked over its network."""
    result = settle_leg(leg) if leg.arrivals else Result()
    return result if leg.wire is None else leg.wire.tell(result)


def settle_leg(leg: Leg) -> Result:
    """What became of the requests that went to one replica."""
    n, station = leg.arrivals, leg.station
    if leg.fail is not None or station is None or station.work is None:
        return Result(failed=((leg.fail or Fail("502", "refused", leg.way), n),))
    done, refused, held = _of_station(leg, n, station, station.work)
    result = settle_late(leg, done)
    if result.ok:
        _, latency, _ = told(station.work, leg.network_us, result.ok)
        result.parts = ((latency, result.ok),)
    if refused:
        result.failed += ((Fail("503", "overload", leg.way, "the queue is full"), refused),)
    if held:
        result.held += (Held(station, held),)
    return result


def settle_late(leg: Leg, n: int) -> Result:
    """What becomes of n requests that a replica has completed, as what it called has answered lately."""
    failed: dict[Fail, int] = {}
    held: list[Held] = []
    kept: tuple[tuple[Leg, int], ...] = ()
    ok = n
    for called in leg.calls:
        ok, more = _after_call(ok, called, failed, held, leg)
        kept += more
    plan = leg.plan
    if plan is not None and plan.status >= 400 and ok:
        failed[Fail(str(plan.status), plan.code, leg.way, plan.why)] = ok
        ok = 0
    if plan is not None and plan.errors_pm and ok:
        bad = leg.faulty(ok, plan.errors_pm)
        failed[Fail("500", plan.code, leg.way, FAULTY)] = bad
        ok -= bad
    if leg.outlet is not None and ok:
        taken = leg.outlet.publish(ok)
        if taken < ok:
            failed[leg.outlet.refusal] = ok - taken
            ok = taken
    if plan is not None and plan.store is not None and plan.store.verb == "append" and ok:
        kept += ((leg, ok),)
    return Result(ok, (), tuple(failed.items()), tuple(held), kept)


def _of_station(leg: Leg, n: int, station: Station, work: Work) -> tuple[int, int, int]:
    """This leg's share of what the station completed, refused and still has."""
    if n == station.arrivals:
        return work.done, work.refused, work.held
    at = station.legs.index(leg)
    weights = [other.arrivals for other in station.legs]
    refused = share(work.refused, weights)[at]
    held = min(share(work.held, weights)[at], n - refused)
    return n - refused - held, refused, held


def _after_call(
    ok: int, called: Destination, failed: dict[Fail, int], held: list[Held], leg: Leg
) -> tuple[int, tuple[tuple[Leg, int], ...]]:
    """How many are still well after a call, given what became of all that was asked there."""
    result = called.result
    if not ok or result is None:
        return ok, ()
    if result.clean:
        return ok, ()
    parts = iter(share(ok, [result.ok, *(n for _, n in result.failed), *(h.count for h in result.held)]))
    good = next(parts)
    for fail, _ in result.failed:
        part = next(parts)
        if called.failure:
            seen = failed_call(called, fail, leg)
            failed[seen] = failed.get(seen, 0) + part
        else:
            good += part
    for inside in result.held:
        part = next(parts)
        if part:
            held.append(held_call(called, inside, part, leg))
    return good, result.kept
