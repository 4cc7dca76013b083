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

from typing import Any

from kubesim_tui.traffic import station as stations
from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.settling import failed_call, held_call, in_time, merged, waits
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.station import Outcome
from kubesim_tui.traffic.way import Destination, Fail, Held, Leg, Result, Station

NOTHING = Result()
Known = dict[tuple[Any, ...], Outcome]


# -- down ----------------------------------------------------------------------------------------------------------


def arrive(destination: Destination) -> None:
    """Share the requests of a destination out over its legs, the odd ones to those whose turn it is."""
    n, legs = destination.arrivals, destination.legs
    if not legs:
        return
    count = len(legs)
    each, odd = divmod(n, count)
    first = destination.turn
    destination.turn = (first + odd) % count
    for place in range(count if each else odd):
        leg = legs[first + place - count]  # negative places count from the end
        part = each + 1 if place < odd else each
        leg.arrivals = part
        station = leg.station
        if station is not None:
            station.arrivals += part
            if leg.calls:
                passed = min(part, station.capacity) if station.capacity else part
                for called in leg.calls:
                    called.arrivals += passed


# -- stations ------------------------------------------------------------------------------------------------------


def solve_station(station: Station, phase: int, known: Known) -> None:
    """What the container does with the arrivals of this tick and the backlog of those before."""
    service, varies, cpu = _work(station)
    before = station.backlog
    if before.waiting or before.running:
        out = _solved(station, service, varies, cpu, phase)
    else:
        alike = (station.arrivals, service, varies, cpu, station.setting)
        found = known.get(alike)
        if found is None:
            found = known[alike] = _solved(station, service, varies, cpu, phase)
        out = found
    arrivals, after = station.arrivals, out.backlog
    done = out.served - min(out.served, before.waiting + before.running)
    station.new_done, station.new_refused = done, out.refused
    station.new_held = arrivals - done - out.refused
    station.backlog, station.outcome = after, out
    station.capacity = max(1, out.served) if out.refused or after.waiting else 0


def _solved(station: Station, service: int, varies: int, cpu: int, phase: int) -> Outcome:
    servers, queue, quota = station.setting
    return stations.solve(
        station.arrivals,
        station.backlog,
        servers,
        max(1, service),
        scv_pm=varies,
        queue=queue,
        cpu_us=cpu,
        quota_milli=quota,
        phase=phase,
    )


def _work(station: Station) -> tuple[int, int, int]:
    """(mean time that a request holds a server, its variation, its processor time), over all that arrive."""
    legs = station.legs
    if len(legs) == 1:
        plan = legs[0].plan
        if plan is None:
            return 1, 0, 0
        service = plan.service_us
        for called in legs[0].calls:
            service += called.waits_us
        return service, plan.scv_pm, plan.cpu_us
    return _mixed(station) if station.arrivals else _mean(legs)


def _mixed(station: Station) -> tuple[int, int, int]:
    service = cpu = varies = 0
    for leg in station.legs:
        n, plan = leg.arrivals, leg.plan
        if n and plan is not None:
            held = plan.service_us
            for called in leg.calls:
                held += called.waits_us
            service += n * held
            cpu += n * plan.cpu_us
            varies += n * plan.scv_pm
    total = station.arrivals
    return service // total, varies // total, cpu // total


def _mean(legs: list[Leg]) -> tuple[int, int, int]:
    """What those that arrive no more had needed, as far as the ways still say."""
    plan = legs[0].plan if legs else None
    return (plan.service_us, plan.scv_pm, plan.cpu_us) if plan is not None else (1, 0, 0)


# -- up ------------------------------------------------------------------------------------------------------------


def settle(destination: Destination, phase: int) -> None:
    """What became of the requests for a destination, once the stations of all its legs have worked."""
    if not destination.arrivals:
        return  # what was true of the last ones is the best guess for those that still wait
    result = _all_well(destination) or _settled(destination)
    if destination.timeout_us:
        result = in_time(destination, result, phase)
    destination.result = result
    destination.waits_us = waits(destination, result)


def _all_well(destination: Destination) -> Result | None:
    """The common case, in short: all that came is done, and nothing failed on the way."""
    found: dict[tuple[int, int], tuple[Latency, int]] = {}
    for leg in destination.legs:
        n = leg.arrivals
        if not n:
            continue
        station = leg.station
        if station is None or not leg.fine or station.outcome is None or station.new_done != station.arrivals:
            return None
        for called in leg.calls:
            if called.result is None or not called.result.clean:
                return None
        latency = station.outcome.latency
        at = (id(latency), leg.network_us)  # alike stations have the same outcome, and it outlives this call
        known = found.get(at)
        if known is None:
            found[at] = (latency.plus(leg.network_us) if leg.network_us else latency, n)
        else:
            found[at] = (known[0], known[1] + n)
    if not found:
        return None
    return Result(destination.arrivals, merged(list(found.values())))


def _settled(destination: Destination) -> Result:
    fail = destination.fail
    if fail is not None or not destination.legs:
        fail = fail or Fail("503", "no-endpoints", destination.way)
        return Result(failed=((fail, destination.arrivals),))
    return together([(leg, settle_leg(leg)) for leg in destination.legs if leg.arrivals])


def together(results: list[tuple[Leg, Result]]) -> Result:
    """The results of several legs as one."""
    failed: dict[Fail, int] = {}
    for _, result in results:
        for fail, count in result.failed:
            failed[fail] = failed.get(fail, 0) + count
    return Result(
        sum(result.ok for _, result in results),
        merged([part for _, result in results for part in result.parts]),
        tuple(failed.items()),
        tuple(held for _, result in results for held in result.held),
        tuple(kept for _, result in results for kept in result.kept),
        tuple(results),
    )


def settle_leg(leg: Leg) -> Result:
    """What became of the requests that went to one replica."""
    n, station = leg.arrivals, leg.station
    if leg.fail is not None or station is None or station.outcome is None:
        return Result(failed=((leg.fail or Fail("502", "refused", leg.way), n),))
    done, refused, held = _of_station(leg, n, station)
    result = settle_late(leg, done)
    if result.ok:
        latency = station.outcome.latency
        result.parts = ((latency.plus(leg.network_us) if leg.network_us else latency, result.ok),)
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
        failed[Fail(str(plan.status), "answer", leg.way, plan.why)] = ok
        ok = 0
    if plan is not None and plan.store is not None and plan.store.verb == "append" and ok:
        kept += ((leg, ok),)
    return Result(ok, (), tuple(failed.items()), tuple(held), kept)


def _of_station(leg: Leg, n: int, station: Station) -> tuple[int, int, int]:
    """This leg's share of what the station completed, refused and still has."""
    if n == station.arrivals:
        return station.new_done, station.new_refused, station.new_held
    at = station.legs.index(leg)
    weights = [other.arrivals for other in station.legs]
    refused = share(station.new_refused, weights)[at]
    held = min(share(station.new_held, weights)[at], n - refused)
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
