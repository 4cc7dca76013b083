"""What is still inside the stations of a row when a tick ends: kept, worked on and let go for many of them at once.

Neighbours in a row have had the same to do, so that the same is inside each of them: one backlog and the same cohorts,
told once (`Inside`). A tick cuts them where those who get one request more begin and end; neighbours in whom the same
is left become one again when it is over. All of it holds while whoever leaves leaves well and in time. Before anything
is done it is found out whether that is so; if not, each station does its own (traffic/waiting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from attrs import evolve, frozen

from kubesim_tui.traffic import waiting
from kubesim_tui.traffic.cohorts import Cohort, Inside, join
from kubesim_tui.traffic.station import EMPTY, Backlog
from kubesim_tui.traffic.way import Kind, Row, Span
from kubesim_tui.traffic.work import Work

FEWEST = 2
"""Stations that are told of together, on average, for which it is worth while."""
Came = tuple[int, int, int]
"""Neighbours, from a place to before another, and how many requests each of them has got."""
WorkOn = Callable[[int, Backlog], Work]
"""What one of them does with so many requests, and with what is left of earlier ones."""


@frozen
class Who:
    """Whose requests wait, when it is, and how to find out whether a machine is still heard."""

    lanes: waiting.Lanes
    tick: int
    machines: Iterable[str]
    hears: Callable[[str], bool]

    @cached_property
    def silent(self) -> frozenset[str]:
        """The machines that nobody hears."""
        return frozenset([machine for machine in self.machines if not self.hears(machine)])


def gather(row: Row) -> bool:
    """Let the row tell what is inside its stations; False: somebody waits for a server, or it differs too much."""
    if any(one.capacity or one.own_backlog.waiting for one in row.stations):
        return False
    found: list[Inside] = []
    most = len(row.stations) // FEWEST
    for place, one in enumerate(row.stations):
        if one.own_backlog is EMPTY and not one.own_cohorts:
            continue
        if not _continues(found, place, one.own_backlog, one.own_cohorts):
            found.append(Inside(place, place, one.own_backlog, one.own_cohorts))
        if len(found) > most:
            return False
        found[-1].end += 1
    for told in found:
        for one in row.stations[told.start : told.end]:
            one.own_backlog, one.own_cohorts = EMPTY, []
    row.inside, row.whole = found, True
    return True


def scatter(row: Row) -> None:
    """Each of its stations tells what is inside from now on."""
    for told in row.inside:
        for one in row.stations[told.start : told.end]:
            one.own_backlog, one.own_cohorts = told.backlog, [evolve(cohort) for cohort in told.cohorts]
    row.inside, row.whole = [], False


def stay(row: Row, start: int, end: int, cohort: Cohort) -> None:
    """Requests of this tick stay in each of some neighbours."""
    for one in row.inside:
        if start <= one.start < end:
            join(one.cohorts, evolve(cohort))


def unite(row: Row) -> bool:
    """The tick is over: neighbours in whom the same is left become one. False: too many differ to be told of so."""
    found: list[Inside] = []
    for told in row.inside:
        if _continues(found, told.start, told.backlog, told.cohorts):
            found[-1].end = told.end
        else:
            found.append(told)
    row.inside = found
    return len(found) <= len(row.stations) // FEWEST


def _continues(found: Sequence[Inside], place: int, backlog: object, cohorts: object) -> bool:
    last = found[-1] if found else None
    return last is not None and last.end == place and last.backlog == backlog and last.cohorts == cohorts


def crowded(work: Work) -> bool:
    """Whether somebody found no server."""
    return bool(work.refused or work.outcome.backlog.waiting)


def solve(row: Row, came: Sequence[Came], who: Who, work_on: WorkOn) -> bool:
    """Do the work of a row in which something is left of earlier ticks; False, and nothing is done: not all is well."""
    if who.silent & row.machines or not row.stations[0].setting[0]:
        return False
    spans: list[Span] = []
    left: list[tuple[Inside, waiting.Leaving]] = []
    for start, end, n, told in _cut(came, row.inside):
        if told is None and not n:
            continue
        work = work_on(n, told.backlog if told is not None else EMPTY)
        if crowded(work):
            return False
        spans.append((start, end, n, work))
        now = Inside(start, end, work.outcome.backlog)
        leaving: waiting.Leaving = ()
        if told is not None and told.cohorts:
            found = waiting.leaving_well(who.lanes, row, told, work, who.tick)
            if found is None:
                return False
            leaving = found
            now.cohorts = waiting.left_over(leaving, now.backlog)
        left.append((now, leaving))
    for now, leaving in left:
        pod = row.stations[now.start].pod
        waiting.leave_well(who.lanes, leaving, now.end - now.start, who.tick, pod)
    tell_of_others(row, spans)
    row.inside = [now for now, _ in left if now.backlog is not EMPTY or now.cohorts]
    row.turn, row.told, row.kinds = None, spans, _kinds(spans)
    row.holds = any(span[3].held for span in spans)
    return True


def tell_of_others(row: Row, spans: Sequence[Span]) -> None:
    """Those who do nothing in this tick tell themselves what they did last."""
    last = 0
    for start, end in (*[span[:2] for span in spans], (len(row.stations),) * 2):
        for place in range(last, start):
            done = row.work(place)
            if done is not None:
                row.stations[place].own_work = done
        last = end


def _kinds(spans: Sequence[Span]) -> list[Kind]:
    found: dict[int, Kind] = {}
    for start, end, n, work in spans:
        first, count, _, _ = found.get(id(work), (start, 0, n, work))
        found[id(work)] = (first, count + end - start, n, work)
    return list(found.values())


def _cut(came: Sequence[Came], inside: Sequence[Inside]) -> list[tuple[int, int, int, Inside | None]]:
    """Neighbours who have got as many requests, and in whom the same is left."""
    found: list[tuple[int, int, int, Inside | None]] = []
    todo = list(reversed(inside))
    for first, end, n in came:
        start = first
        while start < end:
            while todo and todo[-1].end <= start:
                todo.pop()
            told = todo[-1] if todo and todo[-1].start <= start else None
            stop = min(end, told.end if told is not None else todo[-1].start if todo else end)
            found.append((start, stop, n, told))
            start = stop
    return found
