"""Replicas that are alike, dealt with together: a tick costs as much for two of them as for a hundred.

Requests are dealt out in turn, so that of equal replicas those in one stretch of their row have one request more than
the others: there are two works to solve, two latencies to tell, two loads to write down (world/ledger). Where several
destinations lead to the same replicas (one for the callers of each zone), and where requests are still in service when
a tick ends (traffic/inside), a row is cut where neighbours differ. A destination whose legs fall into few rows
(traffic/lining) is dealt with by these while all is well. As soon as requests find no server, anything fails or comes
too late, it is dealt with leg by leg as every other one; what a row knows is then told to each of its legs and
stations. Both come to the same (tests/traffic/test_speed proves it).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from kubesim_tui.traffic import inside
from kubesim_tui.traffic.cohorts import Inside
from kubesim_tui.traffic.station import EMPTY, TICK_US, Backlog
from kubesim_tui.traffic.way import Destination, Kind, Part, Row, Span
from kubesim_tui.traffic.work import Needs, Pair, Turn, Work, in_turn
from kubesim_tui.traffic.working import Known, fresh, needs_by, work_on

# -- dealing -------------------------------------------------------------------------------------------------------


def deal(destination: Destination, n: int) -> bool:
    """Deal n requests out to rows, and on to what they call; False: it has to be done leg by leg."""
    count, first = len(destination.legs), destination.turn
    each, odd = divmod(n, count)
    for part in destination.parts:
        if not part.row.whole and (part.row.broken or not inside.gather(part.row)):
            for other in destination.parts:
                give_up(other.row)
            return False
    destination.turn = (first + odd) % count
    for part in destination.parts:
        part.dealt, part.each, size = True, each, len(part.legs)
        if size == count:
            part.first, part.odd = first, odd
        else:
            part.first, part.odd = _stretch(part.places, first, odd, count)
        for called in part.legs[0].calls:
            called.arrivals += each * size + part.odd
    return True


def _stretch(places: Sequence[int], first: int, odd: int, count: int) -> tuple[int, int]:
    """(first, odd) of a part whose legs are at these places of `count`, from those of all of them."""
    start, end = bisect_left(places, first), bisect_left(places, min(first + odd, count))
    more = end - start + (bisect_left(places, first + odd - count) if first + odd > count else 0)
    return start % len(places), more


def came(part: Part) -> list[inside.Came]:
    """How many requests each of its stations has got from a destination."""
    return in_turn(len(part.legs), part.each, part.first, part.odd)


def _all_came(row: Row) -> list[inside.Came]:
    """How many each has got from all of them, cut where that of any of them changes."""
    parts = row.parts
    if len(parts) == 1:
        return came(parts[0])
    size, level = len(row.stations), 0
    changes = {0: 0}
    for part in parts:
        level += part.each
        if part.odd:
            first, end = part.first, part.first + part.odd
            if end > size:
                level, end = level + 1, end - size
            changes[first] = changes.get(first, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    found, edges = [], sorted(changes)
    for at, start in enumerate(edges):
        level += changes[start]
        end = edges[at + 1] if at + 1 < len(edges) else size
        if start < end:
            found.append((start, end, level))
    return found


# -- working -------------------------------------------------------------------------------------------------------


def busy(row: Row) -> bool:
    """Whether there is anything to do in a row."""
    return row.parts[0].dealt or bool(row.inside) or any(part.dealt for part in row.parts)


def solve(row: Row, phase: int, known: Known, who: inside.Who) -> bool:
    """Do the work of a row; False if not all is well there, so that each of its stations has to do its own."""
    part = row.parts[0]
    if row.inside:
        done = _solve_inside(row, phase, known, who)
    elif len(row.parts) == 1 and part.each:
        done = _solve_simple(row, part, phase, known)
    else:
        done = _solve_several(row, phase, known)
    if not done:
        give_up(row)
    return done


def _solve_simple(row: Row, part: Part, phase: int, known: Known) -> bool:
    """Where all have requests, from one destination, and nothing is left inside: there are two works at most."""
    needs, each, odd, size = needs_by(part.legs[0]), part.each, part.odd, len(part.legs)
    if odd == size:
        each, odd = each + 1, 0
    pair = _pair(row, each, needs, phase, known, more=odd > 0)
    if pair is not None:
        row.turn, row.holds = Turn(size, each, part.first, odd, pair), False
        return True
    return _solve_several(row, phase, known)


def _pair(row: Row, each: int, needs: Needs, phase: int, known: Known, *, more: bool) -> Pair | None:
    """The two works, if those who do them have time in plenty, and nothing is left inside."""
    station, plenty = row.stations[0], row.plenty
    found = plenty.pairs.get((each, more, needs))
    if found is not None and phase < found.until and plenty.expected == station.expected:
        return found
    both = [fresh(n, needs, station, phase, known, plenty) for n in ((each, each + 1) if more else (each,))]
    if any(work.held or (n, needs, False) not in plenty.works for n, work in enumerate(both, each)):
        return None
    until = min(TICK_US - n * needs[0] % TICK_US for n, _ in enumerate(both, each))
    found = plenty.pairs[each, more, needs] = Pair(both[0], both[-1], until)
    return found


def _solve_several(row: Row, phase: int, known: Known) -> bool:
    """Where they have requests from several destinations, and maybe some have none."""
    station, needs = row.stations[0], needs_by(row.parts[0].legs[0])
    spans: list[Span] = []
    kinds: dict[int, Kind] = {}
    row.turn, row.holds, busy = None, False, 0
    for start, end, n in _all_came(row):
        if not n:
            continue
        many = end - start
        busy += many
        if n in kinds:
            first, count, _, work = kinds[n]
            kinds[n] = first, count + many, n, work
        else:
            work = fresh(n, needs, station, phase, known, row.plenty)
            if work.held or work.refused:
                if inside.crowded(work):
                    return False
                row.holds = True
            kinds[n] = start, many, n, work
        spans.append((start, end, n, work))
    if busy < len(row.stations):
        inside.tell_of_others(row, spans)
    if row.holds:
        row.inside = [Inside(start, end, work.outcome.backlog) for start, end, _, work in spans if work.held]
    row.told, row.kinds = spans, list(kinds.values())
    return True


def _solve_inside(row: Row, phase: int, known: Known, who: inside.Who) -> bool:
    station, needs = row.stations[0], needs_by(row.parts[0].legs[0])

    def work(n: int, backlog: Backlog) -> Work:
        if backlog is EMPTY:
            return fresh(n, needs, station, phase, known, row.plenty)
        return work_on(n, backlog, needs, station, phase, known)

    return inside.solve(row, _all_came(row), who, work)


def give_up(row: Row) -> None:
    """Each of its stations and legs tells from now on what came, what it has done, and what is inside."""
    row.broken = True
    for part in row.parts:
        if part.dealt:
            _write(part)
            part.dealt = False
    disband(row)


def disband(row: Row) -> None:
    """Each of its stations tells what it has done, and what is inside."""
    inside.scatter(row)
    for start, end, _, work in row.spans:
        for station in row.stations[start:end]:
            station.own_work = work
    row.turn, row.told = None, ()


# -- telling -------------------------------------------------------------------------------------------------------


def write(row: Row) -> None:
    """Tell each leg and station of a row how many requests it has got in this tick."""
    for part in row.parts:
        if part.dealt:
            _write(part)


def _write(part: Part) -> None:
    if part.written:
        return
    part.written = True
    for start, end, n in came(part):
        for leg, station in zip(part.legs[start:end], part.row.stations[start:end], strict=True):
            leg.arrivals = n
            station.arrivals += n


def rest(destination: Destination) -> None:
    """Clear what belonged to this tick."""
    for leg in destination.doors:
        leg.arrivals = 0
        if leg.station is not None:
            leg.station.arrivals = 0
    clean = bool(destination.parts)
    for part in destination.parts:
        clean = clean and part.dealt and not part.written
        part.dealt = part.written = part.row.broken = False
        part.each = part.odd = 0
        if part.row.inside and not inside.unite(part.row):
            disband(part.row)
    if clean:
        return
    for leg in destination.legs:
        leg.arrivals = 0
        if leg.station is not None:
            leg.station.arrivals = 0
        for before in leg.tried:
            before.arrivals = 0
            if before.station is not None:
                before.station.arrivals = 0
