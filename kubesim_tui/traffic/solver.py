"""One tick of traffic through the ways: arrivals down, outcomes up, in whole numbers.

1. Arrivals run down: a destination shares them out over its legs, a leg passes them on to what it calls (no more than
   its container can take while it is overloaded).
2. Stations are solved callees first: while a container waits for what it calls, the request holds its server. Where
   applications call each other in a circle, what the last tick took counts.
3. Outcomes run up: of what a leg completed, as many succeed as its calls allow; every failure keeps its reason.
What is still inside a station at the end of the tick stays in its backlog, and dies with it.

Legs that are alike are dealt with as rows (traffic/rows) as long as all is well with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from kubesim_tui.traffic import rows, telling
from kubesim_tui.traffic.settling import alike, in_time, merged, settle_late, told, varies, waits
from kubesim_tui.traffic.split import share, share_alike
from kubesim_tui.traffic.spreading import drawn, portions
from kubesim_tui.traffic.stops import Connections
from kubesim_tui.traffic.way import Destination, Fail, Held, Leg, Result, Station
from kubesim_tui.traffic.work import Work

# -- down ----------------------------------------------------------------------------------------------------------


def arrive(destination: Destination, tick: int) -> None:
    """Share the requests of a destination out over its legs, the odd ones to those whose turn it is."""
    n, legs = destination.arrivals, destination.legs
    if destination.gate is not None:
        n = destination.gate.admit(n, tick)
    if not legs:
        return
    if destination.pool is not None:
        _over(legs, destination.pool, n, tick)
        return
    if destination.draws is None:
        if not destination.parts or not rows.deal(destination, n):
            destination.turn = _in_turn(legs, n, destination.turn, tick)
    elif destination.groups:
        for group, part in portions(destination.groups, n, destination.draws):
            if group.pool is not None:
                _over(group.legs, group.pool, part, tick)
            else:
                group.turn = _in_turn(group.legs, part, group.turn, tick)
    else:
        for leg, part in drawn(legs, n, destination.draws):
            _come(leg, part, tick)


def _over(legs: Sequence[Leg], pool: Connections, n: int, tick: int) -> None:
    """n requests go over legs as somebody chooses."""
    for leg, part in zip(legs, pool.deal(n), strict=True):
        if part:
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
    if leg.tried:
        _ask_before(leg, n)
    station = leg.station
    if station is not None:
        station.arrivals += n
        if leg.calls:
            passed = min(n, station.capacity) if station.capacity else n
            for called in leg.calls:
                called.arrivals += passed


def _ask_before(leg: Leg, n: int) -> None:
    """A proxy has asked others before, who answered so that it went on."""
    for before in leg.tried:
        if before.station is not None:
            before.arrivals += n
            before.station.arrivals += n


# -- up ------------------------------------------------------------------------------------------------------------


def settle(destination: Destination, phase: int) -> None:
    """What became of the requests for a destination, once the stations of all its legs have worked."""
    if not destination.arrivals:
        return  # what was true of the last ones is the best guess for those that still wait
    result = _all_well(destination)
    if result is None and _by_rows(destination):
        result = telling.settled(destination)
    if result is None:
        result = by_legs(destination)
    if destination.timeout_us:
        result = in_time(result, destination.late, phase)
    if destination.gate is not None:
        result = destination.gate.told(result)
    destination.result = result
    destination.waits_us = waits(destination, result)
    if destination.call is not None:
        destination.waits_scv_pm, destination.luck = varies(destination, result), phase


def _all_well(destination: Destination) -> Result | None:
    """The common case, in short: all that came is done, and nothing failed on the way."""
    if destination.wired:
        return None
    for called in destination.uses:
        if called.result is not None and not called.result.clean:
            return None
    if _by_rows(destination):
        return telling.all_well(destination)
    for part in destination.parts:
        rows.write(part.row)
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


def _by_rows(destination: Destination) -> bool:
    """Whether it has been dealt out by rows, and all is well with them."""
    parts = destination.parts
    return bool(parts) and (parts[0].dealt if len(parts) == 1 else all(part.dealt for part in parts))


def by_legs(destination: Destination) -> Result:
    """The result of a destination as each of its legs tells it."""
    for part in destination.parts:
        rows.write(part.row)
    return _settled(destination)


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


def scaled(result: Result, n: int) -> Result:
    """The result of n requests that fare as those of another one did."""
    total = result.total
    if n == total or not total:
        return result
    if result.by_leg:
        shares = share(n, [of_leg.total for _, of_leg in result.by_leg])
        legs = zip(result.by_leg, shares, strict=True)
        return together([(leg, scaled(one, part)) for (leg, one), part in legs if part])
    ok, *others = share_alike(n, result.weights)
    failed = [(fail, part) for (fail, _), part in zip(result.failed, others, strict=False)]
    held = [evolve(one, count=part) for one, part in zip(result.held, others[len(failed) :], strict=True)]
    latencies = zip(result.parts, share(ok, [count for _, count in result.parts]), strict=True)
    parts = tuple([(latency, part) for (latency, _), part in latencies if part])
    return Result(ok, parts, tuple(failed), tuple(held), result.kept)


def _over_wire(leg: Leg) -> Result:
    """What became of the requests for one replica, as those see it who asked over its network."""
    result = settle_leg(leg) if leg.arrivals else Result()
    return result if leg.wire is None else leg.wire.tell(result)


def settle_leg(leg: Leg) -> Result:
    """What became of the requests that went to one replica."""
    n, station = leg.arrivals, leg.station
    work = station.work if station is not None else None
    if leg.fail is not None or station is None or work is None:
        return Result(failed=((leg.fail or Fail("502", "refused", leg.way), n),))
    done, refused, held = of_station(leg, n, station, work)
    result = settle_late(leg, done, lasted=work.outcome.lasts)
    if result.ok:
        _, latency, _ = told(work, leg.network_us, result.ok)
        result.parts = ((latency, result.ok),)
    if refused:
        result.failed += ((Fail("503", "overload", leg.way, "the queue is full"), refused),)
    if held:
        result.held += (Held(station, held),)
    return result


def of_station(leg: Leg, n: int, station: Station, work: Work) -> tuple[int, int, int]:
    """This leg's share of what the station completed, refused and still has."""
    if n == station.arrivals:
        return work.done, work.refused, work.held
    at = station.legs.index(leg)
    weights = [other.arrivals for other in station.legs]
    refused = share(work.refused, weights)[at]
    held = min(share(work.held, weights)[at], n - refused)
    return n - refused - held, refused, held
