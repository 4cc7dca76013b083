"""Who waits in stations: cohorts of requests that came in earlier ticks and leave, give up, or die with their Pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import evolve

from kubesim_tui.traffic.cohorts import Cohort, Inside
from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.settling import settle_late
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

    def fail_later(self, fail: Fail, n: int, tick: int, tries: int, sent: int) -> None:
        """Requests have failed, at once or when somebody stops waiting."""
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
    """Requests of earlier ticks leave, first in, first out; those whose users have given up stay as work.

    `done` of the `waited` are. Callers share what is held here by proportion, so that the whole numbers may say that a
    few more wait than there are: these leave, too. Where the machine is `silent` nobody hears the answer.
    """
    left = max(done, sum(c.count for c in station.own_cohorts) - (waited - done))
    while left and station.own_cohorts:
        cohort = station.own_cohorts[0]
        n = min(left, cohort.count)
        left -= n
        if cohort.users and silent:
            break
        cohort.count -= n
        if cohort.users:
            _leave(lanes, station, cohort, n, tick)
        if not cohort.count:
            station.own_cohorts.pop(0)
    _expire(lanes, station, tick, silent=silent)


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


def borne_out(usual: Latency, ticks: int) -> Latency:
    """How long it took what came so many ticks ago: what is usual now, as far as these ticks bear it out."""
    least, most = (ticks - 1) * TICK_US, ticks * TICK_US + TICK_US // 2
    return usual if least <= usual.mean_us <= most else Latency(max(least, min(usual.mean_us, most)))


def _leave(lanes: Lanes, station: Station, cohort: Cohort, n: int, tick: int) -> None:
    """Requests are done here: too late for who called, or well or not as what they called has answered."""
    lane, work = lanes[cohort.users], station.work
    usual = work.outcome.latency if work is not None else Latency(0)
    if cohort.timeout_us and work is not None:
        late = usual.slower(n, cohort.timeout_us)
        if late:
            _given_up(lane, station, cohort, late, tick)
            n -= late
        if not n:
            return
    latency = borne_out(usual, tick - cohort.tick)
    leg = _by_way_of(station, cohort)
    if leg is None:
        lane.leave(cohort, n, latency, (), tick, station.pod)
        return
    result = settle_late(leg, n)
    if result.ok:
        lane.leave(cohort, result.ok, latency, result.kept, tick, station.pod)
    for fail, count in result.failed:
        if count:
            lane.fail_later(fail, count, tick, cohort.tries, cohort.tick)
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


# -- in many stations alike ----------------------------------------------------------------------------------------

Leaving = Sequence[tuple[Cohort, int, Latency]]
"""Of each cohort, how many leave, and how long it took them."""


def leaving_well(lanes: Lanes, row: Row, told: Inside, work: Work, tick: int) -> Leaving | None:
    """Who leaves stations that are alike; None: somebody does not leave well, or has waited as long as he would."""
    waited, usual = told.backlog.total, work.outcome.latency
    done = min(work.outcome.served, waited)
    left = max(done, sum([c.count for c in told.cohorts]) - (waited - done))
    found: list[tuple[Cohort, int, Latency]] = []
    for cohort in told.cohorts:
        n = min(left, cohort.count)
        left -= n
        latency = borne_out(usual, tick - cohort.tick)
        if cohort.users:
            lane = lanes[cohort.users]
            if n and not _leaves_well(lane, row, (cohort, n, latency), usual, tick):
                return None
            if n < cohort.count and _expires(cohort, lane.patience_us, tick):
                return None
        found.append((cohort, n, latency))
    return found


def _leaves_well(lane: Asker, row: Row, who: tuple[Cohort, int, Latency], usual: Latency, tick: int) -> bool:
    cohort, n, latency = who
    if cohort.timeout_us and usual.slower(n, cohort.timeout_us):
        return False
    leg = next((part.legs[0] for part in row.parts if part.legs[0].users == cohort.users), None)
    if leg is not None and leg.calls and not settle_late(leg, n).clean:
        return False
    return lane.in_time(cohort, n, latency, tick)


def leave_well(lanes: Lanes, leaving: Leaving, times: int, tick: int, where: Hop) -> None:
    """They leave so many stations."""
    for cohort, n, latency in leaving:
        if n and cohort.users:
            lanes[cohort.users].leave(cohort, n, latency, (), tick, where, times)


def left_over(leaving: Leaving, backlog: Backlog) -> list[Cohort]:
    """Who waits on."""
    found = [evolve(cohort, count=cohort.count - n) for cohort, n, _ in leaving if n < cohort.count]
    return found if backlog.total or any(cohort.users for cohort in found) else []
