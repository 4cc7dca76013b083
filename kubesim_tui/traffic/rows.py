"""Replicas that are alike, dealt with together: a tick costs as much for two of them as for a hundred.

Requests are dealt out in turn, so that of equal replicas those in one stretch of their row have one request more than
the others: there are two works to solve, two latencies to tell, two loads to write down (world/ledger). Requests that
are in service when a tick ends are told by the row as well (traffic/inside); the next tick cuts it where neighbours
differ in them, too. A destination whose legs fall into few rows of equals is dealt with by rows while all is well. As
soon as requests find no server, anything fails or comes too late, or some replicas have no request at all, it is dealt
with leg by leg as every other one; what a row knows is then told to each of its legs and stations. Both come to the
same (tests/traffic/test_speed proves it).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kubesim_tui.traffic import inside
from kubesim_tui.traffic.settling import Timed, merged, settle_late, told
from kubesim_tui.traffic.way import Destination, Held, Inside, Leg, Result, Row, RowPart, Span
from kubesim_tui.traffic.working import Known, fresh, needs_of, work_on
from kubesim_tui.world.ledger import Ledger, Load

FEWEST = 2
"""Legs a row, on average, for which it is worth while."""


# -- ways ----------------------------------------------------------------------------------------------------------


def line_up(destinations: Iterable[Destination]) -> None:
    """Find the rows of ways that have just been built."""
    for destination in destinations:
        destination.rows = _rows(destination)
        for row in destination.rows:
            for place, station in enumerate(row.stations):
                station.row, station.place = row, place


def dissolve(destinations: Iterable[Destination]) -> None:
    """The ways are about to be built anew: each station keeps what its row has told of it."""
    for destination in destinations:
        for row in destination.rows:
            part(row)
            for station in row.stations:
                station.row = None


def _rows(destination: Destination) -> tuple[Row, ...]:
    if destination.draws is not None or destination.pool is not None or destination.wired:
        return ()
    alike: dict[object, list[int]] = {}
    for place, leg in enumerate(destination.legs):
        station = leg.station
        if station is None or len(station.legs) != 1 or station.pulls or not leg.fine or leg.outlet is not None:
            return ()
        calls = tuple([id(called) for called in leg.calls])
        image = station.container.config.image
        kind = (leg.plan, calls, leg.network_us, station.setting, station.memory_bytes, image)
        alike.setdefault(kind, []).append(place)
    if len(alike) * FEWEST > len(destination.legs):
        return ()
    return tuple([_row(destination.legs, places) for places in alike.values()])


def _row(legs: Sequence[Leg], places: Sequence[int]) -> Row:
    members = tuple([legs[place] for place in places])
    stations = tuple([leg.station for leg in members if leg.station is not None])
    containers: list[Any] = [station.container for station in stations]
    hosts: dict[int, list[Any]] = {}
    for container in containers:
        hosts.setdefault(id(container.host), []).append(container.host)
    ledger = Ledger.of(containers, [found[0] for found in hosts.values()])
    machines = frozenset([station.machine for station in stations])
    return Row(members, stations, tuple(places), ledger, max(map(len, hosts.values())), machines)


# -- a tick --------------------------------------------------------------------------------------------------------


def deal(destination: Destination, n: int) -> bool:
    """Deal n requests out to rows, and on to what they call; False: it has to be done leg by leg."""
    count, first = len(destination.legs), destination.turn
    each, odd = divmod(n, count)
    if not each or not all(row.whole or inside.gather(row) for row in destination.rows):
        for row in destination.rows:
            part(row)
        return False
    destination.turn = (first + odd) % count
    for row in destination.rows:
        row.dealt, row.each, size = True, each, len(row.legs)
        if size == count:
            row.first, row.odd = first, odd
        else:
            row.first, row.odd = _stretch(row.places, first, odd, count)
        for called in row.legs[0].calls:
            called.arrivals += each * size + row.odd
    return True


def _stretch(places: Sequence[int], first: int, odd: int, count: int) -> tuple[int, int]:
    """(first, odd) of a row whose legs are at these places of `count`, from those of all of them."""
    start, end = bisect_left(places, first), bisect_left(places, min(first + odd, count))
    more = end - start + (bisect_left(places, first + odd - count) if first + odd > count else 0)
    return start % len(places), more


def came(row: Row) -> list[inside.Came]:
    """How many requests each of its stations has got."""
    size, each, first, odd = len(row.legs), row.each, row.first, row.odd
    if not odd:
        return [(0, size, each)]
    end = first + odd
    if end > size:
        found = [(0, end - size, each + 1), (end - size, first, each), (first, size, each + 1)]
        return found if end - size < first else [(0, size, each + 1)]
    found = [(first, end, each + 1)]
    if first:
        found.insert(0, (0, first, each))
    if end < size:
        found.append((end, size, each))
    return found


def part(row: Row) -> None:
    """Each of its stations tells what it has done, and what is inside, from now on."""
    inside.scatter(row)
    for start, end, _, work in row.spans:
        for station in row.stations[start:end]:
            station.own_work = work
    row.spans = ()


def solve(row: Row, phase: int, known: Known, who: inside.Who) -> bool:
    """Do the work of a row; False if not all is well there, so that each of its stations has to do its own."""
    if not row.whole or not _solve(row, phase, known, who):
        write_row(row)
        part(row)
        row.dealt = False
        return False
    return True


def _solve(row: Row, phase: int, known: Known, who: inside.Who) -> bool:
    station = row.stations[0]
    needs = needs_of(station)
    if row.inside:
        return inside.solve(row, came(row), who, lambda n, before: work_on(n, before, needs, station, phase, known))
    each, odd, size, plenty = row.each, row.odd, len(row.legs), row.plenty
    less = more = fresh(each if odd < size else each + 1, needs, station, phase, known, plenty)
    if 0 < odd < size:
        more = fresh(each + 1, needs, station, phase, known, plenty)
    row.holds = bool(less.held or more.held)
    if (row.holds or less.refused or more.refused) and (inside.crowded(less) or inside.crowded(more)):
        return False
    spans = [(start, end, n, more if n > each else less) for start, end, n in came(row)]
    if row.holds:
        row.inside = [Inside(start, end, work.outcome.backlog) for start, end, _, work in spans if work.held]
    kinds = [(start, odd if n > each else size - odd, n, work) for start, _, n, work in spans[:2]]
    row.spans, row.kinds = spans, kinds
    return True


def dealt(destination: Destination) -> bool:
    """Whether all its rows have done the work of this tick."""
    return all(row.dealt for row in destination.rows)


def all_well(destination: Destination) -> Result | None:
    """What became of its requests, if all is well and what it calls is clean; None: some are still inside."""
    rows = destination.rows
    if any(row.holds for row in rows):
        return None
    if len(rows) == 1:
        network_us = rows[0].legs[0].network_us
        parts = [told(work, network_us, count * n) for _, count, n, work in rows[0].kinds]
        return Result(destination.admitted, merged(parts))
    found: list[tuple[int, Timed]] = []
    for row in rows:
        network_us, places = row.legs[0].network_us, row.places
        found += [(places[first], told(work, network_us, count * n)) for first, count, n, work in row.kinds]
    found.sort(key=_place)
    return Result(destination.admitted, merged([timed for _, timed in found]))


def settled(destination: Destination) -> Result | None:
    """What became of its requests, if all is well but that some are still inside; None: each leg has to be asked."""
    rows = destination.rows
    found: list[tuple[int, Timed]] = []
    held: list[tuple[int, Held]] = []
    parts: list[RowPart] = []
    for row in rows:
        leg, places = row.legs[0], row.places
        for span in row.spans:
            start, end, _, work = span
            late = settle_late(row.legs[start], work.done) if leg.calls else Result(work.done)
            if late.failed or late.kept or (late.held and len(rows) > 1):
                return None
            if late.ok:
                found.append((places[start], told(work, leg.network_us, (end - start) * late.ok)))
            if late.held or work.held:
                held += _held(row, span, late.held)
            parts.append((row, span, late.held))
    if len(rows) > 1:
        found.sort(key=_place)
        held.sort(key=_place)
    ok = sum([n for _, (_, _, n) in found])
    result = Result(ok, merged([timed for _, timed in found]) if found else (), held=tuple([one for _, one in held]))
    if held:
        result.by_row = tuple(parts)
    return result


def _held(row: Row, span: Span, called: Sequence[Held]) -> Iterator[tuple[int, Held]]:
    """What is inside whom each of some neighbours called, and in itself, by its place."""
    start, end, _, work = span
    for place in range(start, end):
        for one in called if place == start else settle_late(row.legs[place], work.done).held if called else ():
            yield row.places[place], one
        if work.held:
            yield row.places[place], Held(row.stations[place], work.held)


def _place(one: tuple[int, object]) -> int:
    return one[0]


def write(destination: Destination) -> None:
    """Tell each leg and station what its row knows."""
    for row in destination.rows:
        if row.dealt:
            write_row(row)


def write_row(row: Row) -> None:
    """Tell each leg and station of a row how many requests it has got in this tick."""
    if not row.written:
        row.written = True
        for start, end, n in came(row):
            for leg, station in zip(row.legs[start:end], row.stations[start:end], strict=True):
                leg.arrivals = station.arrivals = n


def rest(destination: Destination) -> None:
    """Clear what belonged to this tick."""
    clean = bool(destination.rows)
    for row in destination.rows:
        clean = clean and row.dealt and not row.written
        row.dealt = row.written = False
        if row.inside:
            inside.unite(row)
    if clean:
        return
    for leg in destination.legs:
        leg.arrivals = 0
        if leg.station is not None:
            leg.station.arrivals = 0


def loads(row: Row, tick: int) -> tuple[list[tuple[int, int, Load]], int, int]:
    """What a row puts on its containers, and the most memory and processor time that one of them needs for it."""
    memory, made = row.stations[0].memory_bytes, {}
    most_inside = most_cpu = 0
    for _, _, n, work in row.kinds:
        held, cpu_us = work.inside, work.outcome.cpu_us
        if held > most_inside:
            most_inside = held
        if cpu_us > most_cpu:
            most_cpu = cpu_us
        made[id(work)] = Load(tick, n, held, held * memory, cpu_us, work.wait_us)
    return [(start, end, made[id(work)]) for start, end, _, work in row.spans], most_inside * memory, most_cpu
