"""Who waits in stations: cohorts of requests that came in earlier ticks and leave, give up, or die with their Pod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kubesim_tui.traffic import solver
from kubesim_tui.traffic.histogram import Latency
from kubesim_tui.traffic.lane import Kept
from kubesim_tui.traffic.station import EMPTY, TICK_US
from kubesim_tui.traffic.way import TIMED_OUT, Cohort, Fail, Hop, Leg, Station


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

    def leave(self, cohort: Cohort, n: int, latency: Latency, kept: Kept, tick: int, where: Hop) -> None:
        """Requests that had waited in a station are done."""
        ...


Lanes = Mapping[str, Asker]
RESET = "connection reset"
DIED = "its container ended while it was being served"


def finish(lanes: Lanes, station: Station, done: int, waited: int, tick: int, *, silent: bool) -> None:
    """Requests of earlier ticks leave, first in, first out; those whose users have given up stay as work.

    `done` of the `waited` are. Callers share what is held here by proportion, so that the whole numbers may say that a
    few more wait than there are: these leave, too. Where the machine is `silent` nobody hears the answer.
    """
    left = max(done, sum(c.count for c in station.cohorts) - (waited - done))
    while left and station.cohorts:
        cohort = station.cohorts[0]
        n = min(left, cohort.count)
        left -= n
        if cohort.users and silent:
            break
        cohort.count -= n
        if cohort.users:
            _leave(lanes, station, cohort, n, tick)
        if not cohort.count:
            station.cohorts.pop(0)
    _expire(lanes, station, tick, silent=silent)


def died(lanes: Lanes, station: Station, tick: int, *, silent: bool) -> None:
    """The container is gone, and with it what it was working on. If its machine is, too, nobody is told."""
    station.backlog, station.capacity, station.own_work = EMPTY, 0, None
    if silent:
        _expire(lanes, station, tick, silent=True)
        return
    for cohort in station.cohorts:
        if cohort.users:
            leg = _by_way_of(station, cohort)
            reason = RESET if leg is not None and leg.direct and leg.proxy is None else "502"
            lanes[cohort.users].fail(Fail(reason, "pod-died", (station.pod,), DIED), cohort.count, tick, cohort.tries)
    station.cohorts.clear()


def _expire(lanes: Lanes, station: Station, tick: int, *, silent: bool) -> None:
    """Who has waited as long as he would: the user, or one who called for him."""
    for cohort in station.cohorts:
        if not cohort.users:
            continue
        lane = lanes[cohort.users]
        waited = (tick - cohort.tick) * TICK_US
        limit = lane.patience_us
        by_call = cohort.timeout_us and cohort.timeout_us < limit
        if waited < (cohort.timeout_us if by_call else limit):
            continue
        if not by_call:
            fail = _unheard(station) if silent else lane.late(station.pod)
            lane.fail(fail, cohort.count, tick, cohort.tries)
        else:
            _given_up(lane, station, cohort, cohort.count, tick)
        cohort.users = ""
    if station.cohorts and all(not cohort.users for cohort in station.cohorts) and not station.backlog.total:
        station.cohorts.clear()


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
    result = solver.settle_late(leg, n)
    if result.ok:
        lane.leave(cohort, result.ok, latency, result.kept, tick, station.pod)
    for fail, count in result.failed:
        if count:
            lane.fail_later(fail, count, tick, cohort.tries, cohort.tick)
    for held in result.held:
        more_us = cohort.more_us + held.more_us
        held.station.join(
            Cohort(
                cohort.users, cohort.tick, held.count, cohort.tries, cohort.image, held.timeout_us, held.fail, more_us
            )
        )
