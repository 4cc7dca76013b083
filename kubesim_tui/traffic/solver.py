"""One tick of traffic through the trees of ways: arrivals down, outcomes up, in whole numbers.

1. Arrivals run down each tree: a destination shares them out over its legs, a leg passes them on to what it calls (no
   more than its container can take while it is overloaded).
2. Stations are solved callees first: while a container waits for what it calls, the request holds its server.
3. Outcomes run up: of what a leg completed, as many succeed as its calls allow; every failure keeps its reason.
What is still inside a station at the end of the tick stays in its backlog, and dies with it.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.traffic import station as stations
from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.split import evenly, share
from kubesim_tui.traffic.way import Destination, Fail, Leg, Result, Station

NOTHING = Result()
NO_TIME = Latency(0)
OVERLOAD = "overload"


class Draw(Protocol):
    """A stream of chance."""

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        ...


def arrive(destination: Destination, n: int) -> None:
    """Send n requests down."""
    destination.arrivals += n
    legs = destination.legs
    if not n or not legs:
        return
    if len(legs) == 1:
        _arrive_at(legs[0], n)
        return
    parts = evenly(n, len(legs), destination.turn)
    destination.turn = (destination.turn + n) % len(legs)
    for leg, part in zip(legs, parts, strict=True):
        if part:
            _arrive_at(leg, part)


def _arrive_at(leg: Leg, n: int) -> None:
    leg.arrivals += n
    station = leg.station
    if station is None:
        return
    station.arrivals += n
    passed = min(n, station.capacity) if station.capacity else n
    for called in leg.calls:
        arrive(called, passed)


def solve_station(station: Station, phase: int) -> None:
    """What the container does with the arrivals of this tick and the backlog of those before."""
    service, varies, cpu = _work(station)
    container = station.container
    out = stations.solve(
        station.arrivals,
        station.backlog,
        container.concurrency,
        max(1, service),
        scv_pm=varies,
        queue=container.queue,
        cpu_us=cpu,
        quota_milli=container.config.limits.cpu_milli,
        phase=phase,
    )
    before = station.backlog.total
    old_done = min(out.served, before)
    station.new_done = out.served - old_done
    station.new_refused = out.refused
    station.new_pending = station.arrivals - station.new_done - out.refused
    station.backlog, station.outcome = out.backlog, out
    overloaded = out.refused or out.backlog.waiting
    station.capacity = max(1, out.served) if overloaded else 0


def _work(station: Station) -> tuple[int, int, int]:
    """(mean time that a request holds a server, its variation, its processor time), over all that arrive."""
    total = service = cpu = varies = 0
    for leg in station.legs:
        n, plan = leg.arrivals, leg.plan
        if not n or plan is None:
            continue
        held = plan.service_us
        for called in leg.calls:
            held += _waits(called)
        total += n
        service += n * held
        cpu += n * plan.cpu_us
        varies += n * plan.scv_pm
    if not total:
        plan = station.legs[0].plan if station.legs else None
        return (plan.service_us, plan.scv_pm, plan.cpu_us) if plan else (1, 0, 0)
    return service // total, varies // total, cpu // total


def _waits(called: Destination) -> int:
    """How long on average a caller waits for this call, failures (and their time-outs) included."""
    result = called.result
    asked = result.total if result is not None else 0
    if result is None or not asked:
        return 0
    if result.ok == asked:
        return result.latency.mean_us
    spent = result.ok * result.latency.mean_us
    for fail, n in result.failed:
        spent += n * (called.timeout_us if fail.delay_us < 0 else fail.delay_us)
    for _, n in result.pending:
        spent += n * min(called.timeout_us, stations.TICK_US)
    return spent // asked


def settle_destination(destination: Destination) -> Result:
    """What became of the requests for a destination, from what became of its legs."""
    n = destination.arrivals
    if not n:  # what was true of the last ones is the best guess for those that still wait
        return destination.result or NOTHING
    if destination.fail is not None or not destination.legs:
        fail = destination.fail or Fail("503", "no-endpoints", destination.way)
        destination.result = Result(0, ((fail, n),))
        return destination.result
    results = [settle_leg(leg) for leg in destination.legs if leg.arrivals]
    if len(results) == 1:
        destination.result = results[0]
        return results[0]
    destination.result = _together(results)
    return destination.result


def _together(results: list[Result]) -> Result:
    ok = 0
    weighted = 0
    failed: dict[Fail, int] = {}
    pending: list[tuple[Station, int]] = []
    kept: list[tuple[Leg, int]] = []
    slowest = NO_TIME
    for r in results:
        ok += r.ok
        if r.ok:
            weighted += r.ok * r.latency.mean_us
            if r.latency.mean_us >= slowest.mean_us:
                slowest = r.latency
        for fail, count in r.failed:
            failed[fail] = failed.get(fail, 0) + count
        pending += r.pending
        kept += r.kept
    latency = slowest
    if ok and slowest.mean_us:
        mean = weighted // ok
        latency = Latency(max(0, slowest.constant_us + mean - slowest.mean_us), slowest.wait_ppm, slowest.wait_us,
                          slowest.jitter_us)  # fmt: skip
    return Result(ok, tuple(failed.items()), tuple(pending), latency, tuple(kept))


def settle_leg(leg: Leg) -> Result:
    """What became of the requests that went to one replica."""
    n = leg.arrivals
    station, plan = leg.station, leg.plan
    if leg.fail is not None or station is None or plan is None:
        fail = leg.fail or Fail("502", "refused", leg.way)
        leg.result = Result(0, ((fail, n),))
        return leg.result
    done, refused, pending = _of_station(leg, n, station)
    failed: dict[Fail, int] = {}
    if refused:
        failed[Fail("503", OVERLOAD, leg.way, "the queue is full")] = refused
    held: list[tuple[Station, int]] = [(station, pending)] if pending else []
    ok = done
    latency: Latency = station.outcome.latency if station.outcome is not None else NO_TIME
    kept: tuple[tuple[Leg, int], ...] = ()
    for called in leg.calls:
        ok, more = _after_call(ok, called, failed, held, leg)
        kept += more
    if plan.status >= 400 and ok:
        failed[Fail(str(plan.status), "answer", leg.way, plan.why)] = ok
        ok = 0
    if plan.store is not None and plan.store.verb == "append" and ok:
        kept += ((leg, ok),)
    if leg.network_us:
        latency = latency.plus(leg.network_us)
    leg.result = Result(ok, tuple(failed.items()), tuple(held), latency, kept)
    return leg.result


def settle_late(leg: Leg, n: int) -> tuple[int, dict[Fail, int], list[tuple[Station, int]]]:
    """Of n requests that a replica has been working on for more than a tick: (well, failed, still inside a callee)."""
    failed: dict[Fail, int] = {}
    held: list[tuple[Station, int]] = []
    ok = n
    for called in leg.calls:
        ok, _ = _after_call(ok, called, failed, held, leg)
    if leg.plan is not None and leg.plan.status >= 400 and ok:
        failed[Fail(str(leg.plan.status), "answer", leg.way, leg.plan.why)] = ok
        ok = 0
    return ok, failed, held


def _of_station(leg: Leg, n: int, station: Station) -> tuple[int, int, int]:
    """This leg's share of what the station completed, refused and kept."""
    if n == station.arrivals:
        return station.new_done, station.new_refused, station.new_pending
    at = station.legs.index(leg)
    weights = [other.arrivals for other in station.legs]
    refused = share(station.new_refused, weights)[at]
    pending = share(station.new_pending, weights)[at]
    return max(0, n - refused - pending), refused, min(pending, n - refused)


def _after_call(
    ok: int, called: Destination, failed: dict[Fail, int], held: list[tuple[Station, int]], leg: Leg
) -> tuple[int, tuple[tuple[Leg, int], ...]]:
    """How many are still well after a call, given what became of all that was asked there."""
    result = called.result
    if not ok or result is None:
        return ok, ()
    if result.ok == result.total:
        return ok, result.kept
    weights = [result.ok, *(n for _, n in result.failed), *(n for _, n in result.pending)]
    parts = share(ok, weights)
    good = parts[0]
    at = 1
    for fail, _ in result.failed:
        if called.failure:
            delay = called.timeout_us if fail.delay_us < 0 else fail.delay_us
            seen = Fail(str(called.failure), fail.code, leg.way + fail.way, fail.detail, delay)
            failed[seen] = failed.get(seen, 0) + parts[at]
        else:
            good += parts[at]
        at += 1
    for station, _ in result.pending:
        if parts[at]:
            held.append((station, parts[at]))
        at += 1
    return good, result.kept
