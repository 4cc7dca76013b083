"""Replicas that are alike, dealt with together: a tick costs as much for two of them as for a hundred.

Requests are dealt out in turn, so that of equal replicas those in one stretch of their row have one request more than
the others: there are two works to solve, two latencies to tell, two loads to write down (world/ledger). A destination
whose legs fall into few *rows* of equals is dealt with by rows while all is well. As soon as anybody waits in one of
them, anything fails, or some have no request at all, it is dealt with leg by leg as every other one; what a row knows
is then told to each of its legs and stations. Both come to the same (tests/traffic/test_speed proves it).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any

from kubesim_tui.traffic.settling import Timed
from kubesim_tui.traffic.settling import told as told_of
from kubesim_tui.traffic.station import EMPTY
from kubesim_tui.traffic.way import Destination, Leg, Row, Station, Work
from kubesim_tui.traffic.working import Known, needs_of, work_on
from kubesim_tui.world.ledger import Ledger, Load

FEWEST = 2
"""Legs a row, on average, for which it is worth while."""


# -- ways ----------------------------------------------------------------------------------------------------------


def line_up(destinations: Iterable[Destination]) -> None:
    """Find the rows of ways that have just been built."""
    for destination in destinations:
        destination.rows = _rows(destination)
        for row in destination.rows:
            for place, station in enumerate(stations(row)):
                station.row, station.place = row, place


def dissolve(destinations: Iterable[Destination]) -> None:
    """The ways are about to be built anew: each station keeps what its row has told of it."""
    for destination in destinations:
        for row in destination.rows:
            _part(row)
            for station in stations(row):
                station.row = None


def stations(row: Row) -> list[Station]:
    """Those at the ends of its legs."""
    return [leg.station for leg in row.legs if leg.station is not None]


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
    containers: list[Any] = [leg.station.container for leg in members if leg.station is not None]
    hosts: dict[int, list[Any]] = {}
    for container in containers:
        hosts.setdefault(id(container.host), []).append(container.host)
    ledger = Ledger.of(containers, [found[0] for found in hosts.values()])
    return Row(members, tuple(places), ledger, max(map(len, hosts.values())))


# -- a tick --------------------------------------------------------------------------------------------------------


def deal(destination: Destination, n: int) -> bool:
    """Deal n requests out to rows, and on to what they call; False: it has to be done leg by leg."""
    count, first = len(destination.legs), destination.turn
    each, odd = divmod(n, count)
    if not each or not all(row.calm or _calms_down(row) for row in destination.rows):
        for row in destination.rows:
            _part(row)
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


def _calms_down(row: Row) -> bool:
    """Whether nobody waits any more."""
    row.calm = all(one.backlog is EMPTY and not one.cohorts and not one.capacity for one in stations(row))
    return row.calm


def _part(row: Row) -> None:
    """Each of them has its own work from now on."""
    if row.works is not None:
        for station in stations(row):
            station.own_work = station.work
        row.works = None


def solve(row: Row, phase: int, known: Known) -> bool:
    """Do the work of a row; False if not all of it is done within the tick, so that each has to do its own."""
    station = row.legs[0].station
    assert station is not None
    needs, size = needs_of(station), len(row.legs)
    less = work_on(row.each, needs, station, phase, known) if row.odd < size else None
    more = work_on(row.each + 1, needs, station, phase, known) if row.odd else less
    assert more is not None
    if _done(more) and (less is None or _done(less)):
        row.works = (more, less or more)
        return True
    row.works, row.calm, row.dealt = None, False, False
    write_row(row)
    return False


def _done(work: Work) -> bool:
    return not work.held and not work.refused and work.outcome.backlog is EMPTY


def dealt(destination: Destination) -> bool:
    """Whether all its rows have done the work of this tick."""
    return all(row.dealt for row in destination.rows)


def told(destination: Destination) -> list[Timed]:
    """How long it took them, in the order of the legs."""
    found: list[tuple[int, Timed]] = []
    for row in destination.rows:
        assert row.works is not None
        (more, less), network_us, size = row.works, row.legs[0].network_us, len(row.legs)
        round_ = row.first + row.odd > size or row.first == 0
        if row.odd:
            place = row.places[0 if round_ else row.first]
            found.append((place, told_of(more, network_us, row.odd * (row.each + 1))))
        if row.odd < size:
            place = row.places[(row.first + row.odd) % size if round_ else 0]
            found.append((place, told_of(less, network_us, (size - row.odd) * row.each)))
    return [timed for _, timed in sorted(found, key=lambda one: one[0])]


def write(destination: Destination) -> None:
    """Tell each leg and station what its row knows."""
    for row in destination.rows:
        if row.dealt:
            write_row(row)


def write_row(row: Row) -> None:
    """Tell each leg and station of a row what it knows of this tick."""
    if not row.written:
        row.written = True
        for place, (leg, station) in enumerate(zip(row.legs, stations(row), strict=True)):
            leg.arrivals = station.arrivals = row.each + 1 if row.more(place) else row.each


def rest(destination: Destination) -> None:
    """Clear what belonged to this tick."""
    if destination.rows and not any(row.written or not row.dealt for row in destination.rows):
        for row in destination.rows:
            row.dealt = False
        return
    for row in destination.rows:
        row.dealt = row.written = False
    for leg in destination.legs:
        leg.arrivals = 0
        if leg.station is not None:
            leg.station.arrivals = 0


def loads(row: Row, tick: int) -> tuple[Load, Load]:
    """What a row puts on those of its containers that have one request more, and on the others."""
    assert row.works is not None
    station = row.legs[0].station
    assert station is not None
    more, less = row.works
    memory = station.memory_bytes
    return _load(more, row.each + 1, memory, tick), _load(less, row.each, memory, tick)


def _load(work: Work, requests: int, memory: int, tick: int) -> Load:
    return Load(tick, requests, work.inside, work.inside * memory, work.outcome.cpu_us, work.wait_us)
