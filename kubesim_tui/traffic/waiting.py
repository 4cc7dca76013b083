"""Who waits in stations: cohorts of requests that came in earlier ticks and leave, give up, or die with their Pod."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from attrs import evolve

from kubesim_tui.traffic.cohorts import Cohort, Inside
from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.lasting import Turns, begun_by
from kubesim_tui.traffic.settling import any_failed, settle_late
from kubesim_tui.traffic.sojourn import took
from kubesim_tui.traffic.station import EMPTY, TICK_US, Backlog
from kubesim_tui.traffic.way import TIMED_OUT, Fail, Hop, Kept, Leg, Row, Station
from kubesim_tui.traffic.work import Work


class Asker(Protocol):
    """Whoever is told what became of requests: a lane of users, or who works on messages (traffic/consumer)."""

    @property
    def patience_us(self) -> int:
        """How long he waits."""
        ...

    def late(self, *where: Hop) -> Fail:
        """The failure of who has waited as long as he would."""
        ...

    def fail(self, fail: Fail, n: int, tick: int, tries: int = 0) -> None:
        """Requests have failed now."""
        ...

    def fail_later(self, fail: Fail, n: int, tick: int, tries: int, sent: int, waited: int = 0) -> None:
        """Requests have failed, at once or when somebody stops waiting, who has waited for some ticks."""
        ...

    def leave(
        self, cohort: Cohort, n: int, latency: Latency, kept: Kept, tick: int, where: Hop, times: int = 1
    ) -> None:
        """Requests that had waited in a station are done; in so many stations alike, if all are in time."""
        ...

    def in_time(self, cohort: Cohort, n: int, latency: Latency, tick: int) -> bool:
        """Whether none of so many comes later than he waits."""
        ...


Lanes = Mapping[str, Asker]
RESET = "connection reset"
DIED = "its container ended while it was being served"


def finish(lanes: Lanes, station: Station, done: int, waited: int, tick: int, *, silent: bool) -> None:
    """Requests of earlier ticks leave; those whose users have given up stay as work.

    `done` of the `waited` are. Callers share what is held here by proportion, so that the whole numbers may say that a
    few more wait than there are: these leave, too. Where the machine is `silent` nobody hears the answer.
    """
    left = max(done, sum(c.count for c in station.own_cohorts) - (waited - done))
    work = station.work
    leaving = who_leaves(station.own_cohorts, left, work.outcome.leaving if work is not None else (), tick)
    for cohort, n in zip(station.own_cohorts[:], leaving, strict=True):
        if not n:
            continue
        if cohort.users and silent:
            break
        cohort.count -= n
        if cohort.users:
            _done(lanes, station, cohort, n, tick)
    station.own_cohorts[:] = _still(station.own_cohorts)
    _expire(lanes, station, tick, silent=silent)


def who_leaves(cohorts: Sequence[Cohort], left: int, turns: Turns, tick: int) -> list[int]:
    """How many leave of each cohort; more than the station says are the first of those who stay."""
    if all(first == n for first, n in turns):  # the common case
        found = []
        for cohort in cohorts:
            n = min(left, cohort.count)
            left -= n
            found.append(n)
        return found
    stay, gone = [cohort.count for cohort in cohorts], 0
    for first, n in turns:
        gone += _leave(stay, first - gone, n, tick)
    if gone < left:
        _leave(stay, 0, left - gone, tick)
    return [cohort.count - n for cohort, n in zip(cohorts, stay, strict=True)]


def _leave(stay: list[int], first: int, n: int, tick: int) -> int:
    """How many of so many leave: any of the first, or, where these are no more, in the order in which they came."""
    first = max(n, first)
    odd = begun_by((tick << 20) + first).below(first) if n < first else 0
    seen = gone = 0
    for at, count in enumerate(stay):
        if gone >= n:
            break
        seen = min(seen + count, first)
        more = (seen * n + odd) // first - gone
        stay[at] -= more
        gone += more
    return gone


def _still(cohorts: Iterable[Cohort]) -> list[Cohort]:
    """Those of whom some are left; who is there only as work is one cohort with his neighbours of that kind."""
    found: list[Cohort] = []
    for cohort in cohorts:
        if found and not cohort.users and not found[-1].users:
            found[-1].count += cohort.count
        elif cohort.count:
            found.append(cohort)
    return found


def died(lanes: Lanes, station: Station, tick: int, *, silent: bool) -> None:
    """The container is gone, and with it what it was working on. If its machine is, too, nobody is told."""
    station.own_backlog, station.capacity, station.own_work = EMPTY, 0, None
    if silent:
        _expire(lanes, station, tick, silent=True)
        return
    for cohort in station.own_cohorts:
        if cohort.users:
            leg = _by_way_of(station, cohort)
            reason = RESET if leg is not None and leg.direct and leg.proxy is None else "502"
            lanes[cohort.users].fail(Fail(reason, "pod-died", (station.pod,), DIED), cohort.count, tick, cohort.tries)
    station.own_cohorts.clear()


def cut(lanes: Lanes, station: Station, proxy: Station, tick: int, *, silent: bool) -> None:
    """A proxy has ended by which some had come who wait in a station: their work goes on, and nobody waits for it."""
    for cohort in station.own_cohorts:
        if cohort.users and cohort.via == proxy.container.id:
            fail = _unheard(proxy) if silent else Fail(RESET, "pod-died", (proxy.pod,), DIED)
            lanes[cohort.users].fail_later(fail, cohort.count, tick, cohort.tries, cohort.tick)
            cohort.users = ""


def _expire(lanes: Lanes, station: Station, tick: int, *, silent: bool) -> None:
    """Who has waited as long as he would: the user, or one who called for him."""
    for cohort in station.own_cohorts:
        if not cohort.users:
            continue
        lane = lanes[cohort.users]
        limit = lane.patience_us
        by_call = 0 < cohort.timeout_us < limit
        if not _expires(cohort, limit, tick):
            continue
        if not by_call:
            fail = _unheard(station) if silent else lane.late(station.pod)
            lane.fail(fail, cohort.count, tick, cohort.tries)
        else:
            _given_up(lane, station, cohort, cohort.count, tick)
        cohort.users = ""
    if (
        station.own_cohorts
        and all(not cohort.users for cohort in station.own_cohorts)
        and not station.own_backlog.total
    ):
        station.own_cohorts.clear()


def _expires(cohort: Cohort, limit_us: int, tick: int) -> bool:
    waited = (tick - cohort.tick) * TICK_US
    return waited >= (cohort.timeout_us if 0 < cohort.timeout_us < limit_us else limit_us)


def _given_up(lane: Asker, station: Station, cohort: Cohort, n: int, tick: int) -> None:
    """Who called goes on without an answer: it fails, or does not mind."""
    if cohort.fail is not None:
        lane.fail(cohort.fail, n, tick, cohort.tries)
    else:
        lane.leave(cohort, n, Latency(cohort.timeout_us), (), tick, station.pod)


def _by_way_of(station: Station, cohort: Cohort) -> Leg | None:
    """By which leg those came who wait here."""
    return next((leg for leg in (*station.legs, *station.former) if leg.users == cohort.users), None)


def _unheard(station: Station) -> Fail:
    way = (("Node", "", station.machine), station.pod)
    return Fail(TIMED_OUT, "black-hole", way, f"node {station.machine} does not answer", -1)


def _done(lanes: Lanes, station: Station, cohort: Cohort, n: int, tick: int) -> None:
    """Requests are done here: too late for who called, or well or not as what they called has answered."""
    lane, work = lanes[cohort.users], station.work
    latency = took(work.outcome if work is not None else None, tick - cohort.tick)
    if cohort.timeout_us and work is not None:
        late = _told(work, latency).slower(n, cohort.timeout_us)
        if late:
            _given_up(lane, station, cohort, late, tick)
            n -= late
        if not n:
            return
    leg = _by_way_of(station, cohort)
    if leg is None:
        lane.leave(cohort, n, latency, (), tick, station.pod)
        return
    lasted = work is not None and work.outcome.lasts
    result = settle_late(leg, n, lasted=lasted)
    if result.ok:
        lane.leave(cohort, result.ok, latency, result.kept, tick, station.pod)
    for fail, count in result.failed:
        if count:
            waited = tick - cohort.tick if lasted else 0  # the time that it takes to fail was a part of what lasted
            lane.fail_later(_as_told(fail, cohort), count, tick, cohort.tries, cohort.tick, waited)
    for held in result.held:
        more_us = cohort.more_us + held.more_us
        held.station.join(
            Cohort(
                cohort.users,
                cohort.tick,
                held.count,
                cohort.tries,
                cohort.image,
                held.timeout_us,
                held.fail,
                more_us,
                cohort.via,
            )
        )


def _told(work: Work, latency: Latency) -> Latency:
    """What decides whether who called still waits: so long as it took whom, or (short services) as it takes all."""
    return latency if work.outcome.lasts else work.outcome.latency


# -- in many stations alike ----------------------------------------------------------------------------------------

Leaving = Sequence[tuple[Cohort, int, Latency]]
"""Of each cohort, how many leave, and how long it took them."""


def leaving_well(lanes: Lanes, row: Row, told: Inside, work: Work, tick: int) -> Leaving | None:
    """Who leaves stations that are alike; None: somebody does not leave well, or has waited as long as he would."""
    waited, outcome = told.backlog.total, work.outcome
    left = max(outcome.old, sum([c.count for c in told.cohorts]) - (waited - outcome.old))
    leaving = who_leaves(told.cohorts, left, outcome.leaving, tick)
    found: list[tuple[Cohort, int, Latency]] = []
    for cohort, n in zip(told.cohorts, leaving, strict=True):
        latency = took(outcome, tick - cohort.tick)
        if cohort.users:
            lane = lanes[cohort.users]
            if n and not _leaves_well(lane, row, (cohort, n, latency), work, tick):
                return None
            if n < cohort.count and _expires(cohort, lane.patience_us, tick):
                return None
        found.append((cohort, n, latency))
    return found


def _as_told(fail: Fail, cohort: Cohort) -> Fail:
    """A failure as whoever called says it, who would tell of a time-out as well."""
    late = cohort.fail
    return fail if late is None else Fail(late.reason, fail.code, late.way, fail.detail, fail.delay_us)


def _leaves_well(lane: Asker, row: Row, who: tuple[Cohort, int, Latency], work: Work, tick: int) -> bool:
    cohort, n, latency = who
    if cohort.timeout_us and _told(work, latency).slower(n, cohort.timeout_us):
        return False
    leg = next((part.legs[0] for part in row.parts if part.legs[0].users == cohort.users), None)
    calls = leg.calls if leg is not None else ()
    if any_failed(calls) or (leg is not None and calls and not settle_late(leg, n, lasted=work.outcome.lasts).clean):
        return False
    return lane.in_time(cohort, n, latency, tick)


def leave_well(lanes: Lanes, leaving: Leaving, times: int, tick: int, where: Hop) -> None:
    """They leave so many stations."""
    for cohort, n, latency in leaving:
        if n and cohort.users:
            lanes[cohort.users].leave(cohort, n, latency, (), tick, where, times)


def left_over(leaving: Leaving, backlog: Backlog) -> list[Cohort]:
    """Who waits on."""
    found = _still([evolve(cohort, count=cohort.count - n) for cohort, n, _ in leaving if n < cohort.count])
    return found if backlog.total or any(cohort.users for cohort in found) else []
