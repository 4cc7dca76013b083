"""A replica as a station: a few servers behind a bounded queue, solved one simulated second at a time.

The *fluid* part is exact bookkeeping. Work flows in with the arrivals and out at the speed of the servers; what is left
over is the backlog of the next tick, what finds the queue full is refused: arrivals + backlog = served + refused +
new backlog. A request that comes less than its service time before the end of the tick is still in flight.

The *stochastic* part is what happens within the tick, where the fluid sees none: see traffic/random_wait. It goes by
the arrivals that were to be expected; those that came, and services that take longer or shorter (``phase``), move the
backlog. Where the queue is short its end bounds the wait, too.

CPU: a request needs ``cpu_us`` of its service time on a processor. A quota of q millicores feeds q/1000 · service/cpu
servers; below one server the service itself is stretched (throttling).
"""

from __future__ import annotations

from math import isqrt
from typing import Any, Final

from attrs import evolve, frozen

from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.traffic.histogram import PPM, Latency
from kubesim_tui.traffic.random_wait import CROWDED_PM, Expected, credible, random_wait

TICK_US: Final = 1_000_000
MAX_LOAD_PM: Final = 1_000_000
_ENDLESS: Final = 1 << 40


@frozen
class Backlog:
    """What a station carries over from one tick to the next. It dies with its Pod."""

    waiting: int = 0
    running: int = 0  # in service: each holds a server
    progress_us: int = 0  # work already done on those, together
    age_us: int = 0  # mean time that all of them have spent here

    def __deepcopy__(self, _memo: Any) -> Backlog:
        return self

    @property
    def total(self) -> int:
        """All requests inside."""
        return self.waiting + self.running


EMPTY: Final = Backlog()


@frozen
class Outcome:
    """One tick of a station. ``arrivals + backlog before = served + refused + backlog.total``, exactly."""

    served: int  # completed, whether anybody still listens or not
    timed_out: int  # of those: slower than the time-out, so failed for the client although the work is done
    refused: int  # found servers and queue full
    backlog: Backlog
    latency: Latency  # of the served ones in this station, but for the late
    late: int  # of the served: were stuck here, ``late_us`` longer than the present pace explains
    late_us: int
    cpu_us: int
    load_pm: int  # offered load ÷ capacity, per mille, at most a million; above 1000 the backlog grows

    def __deepcopy__(self, _memo: Any) -> Outcome:
        return self

    @property
    def in_flight(self) -> int:
        """Requests in service at the end of the tick."""
        return self.backlog.running

    @property
    def parts(self) -> tuple[tuple[int, Latency], ...]:
        """The served ones by their latency: ``spread`` each of them."""
        if not self.late:
            return ((self.served, self.latency),)
        return (self.served - self.late, self.latency), (self.late, self.latency.plus(self.late_us))


def solve(
    arrivals: int,
    backlog: Backlog,
    servers: int,
    service_us: int,
    *,
    scv_pm: int = 0,
    queue: int = 0,
    cpu_us: int = 0,
    quota_milli: int | None = None,
    timeout_us: int | None = None,
    phase: int = PPM // 2,
    expected: Expected | None = None,
) -> Outcome:
    """One second of a station.

    ``servers``: how many requests at once; 0 for a process that is paused. ``service_us`` > 0: how long one is served,
    callees and the processor included; ``scv_pm``: variance ÷ mean² of that, per mille. ``queue``: how many may wait.
    ``cpu_us``: processor time of one request; ``quota_milli``: the limit, or the share that is to be had (None: no
    limit). ``timeout_us``: what the client allows this station. ``phase``, 0 … 999 999: the chance of this tick, a
    fresh draw below PPM: it rounds fractions of requests (see ``spread``) and lets services be longer or shorter than
    their mean; the default is the middle, no chance at all. ``expected``: how many arrivals were to be expected, in
    thousandths, and their variance (None: as many as there are).
    """
    speed, service = pace(servers, service_us, cpu_us, quota_milli)
    if not speed:
        return _stalled(arrivals, backlog, queue)
    supply = _supply(speed, service, scv_pm, phase)
    done, full = _completed(arrivals, backlog, speed, supply, service, phase)
    left = arrivals + backlog.total - done
    refused = min(arrivals, max(0, left - servers - queue))
    after, work = _carry(backlog, left - refused, done, full, speed, supply, service)
    if full:
        work = speed * TICK_US // 1000
    cpu = work * cpu_us // service if quota_milli is None else min(work * cpu_us // service, quota_milli * 1000)
    latency = _latency(
        credible(expected, arrivals), backlog.waiting + after.waiting, speed, service, scv_pm, servers + queue
    )
    late = min(done, backlog.total) if backlog.age_us > 2 * latency.mean_us + TICK_US else 0
    load = min(MAX_LOAD_PM, arrivals * service // speed)
    outcome = Outcome(done, 0, refused, after, latency, late, backlog.age_us if late else 0, cpu, load)
    return outcome if timeout_us is None else _timed(outcome, timeout_us, phase)


def most(
    backlog: Backlog, servers: int, service_us: int, scv_pm: int, cpu_us: int, quota_milli: int | None, phase: int
) -> int:
    """How many requests a station completes in a tick in which there are always more, as ``solve`` has it."""
    speed, service = pace(servers, service_us, cpu_us, quota_milli)
    if not speed:
        return 0
    supply = _supply(speed, service, scv_pm, phase)
    return max(0, _completed(_ENDLESS, backlog, speed, supply, service, phase)[0])


def ample(arrivals: int, servers: int, service_us: int, scv_pm: int, cpu_us: int, quota_milli: int | None) -> bool:
    """Whether servers without a backlog have time for all arrivals, however long they take; no quota stretches them.

    Then the phase decides only whether the last fraction of a request is still in service at the end of the tick.
    """
    if service_us >= TICK_US:
        return False
    speed = servers * 1000
    if quota_milli is not None and cpu_us:
        speed = min(speed, quota_milli * service_us // cpu_us)
    if speed < 1000:
        return False
    supply = speed * TICK_US // 1000
    least = supply - supply // 2 if scv_pm else supply
    return arrivals <= (2000 * least - (speed - 1000) * service_us) // (2000 * service_us)


def _timed(outcome: Outcome, timeout_us: int, phase: int) -> Outcome:
    """With those counted that nobody waited for."""
    timed_out = sum(latency.slower(n, timeout_us, phase) for n, latency in outcome.parts)
    return evolve(outcome, timed_out=timed_out) if timed_out else outcome


def pace(servers: int, service_us: int, cpu_us: int, quota_milli: int | None) -> tuple[int, int]:
    """(thousandths of servers that really work, service time): below one server it is the service that is stretched."""
    speed = servers * 1000
    if quota_milli is not None and cpu_us:
        speed = min(speed, quota_milli * service_us // cpu_us)
    if 0 < speed < 1000:
        return 1000, ceil_div(service_us * 1000, speed)
    return speed, service_us


def _supply(speed: int, service: int, scv_pm: int, phase: int) -> int:
    """The work in µs that the servers can do in this tick: as services vary, n of them take √(n scv) more or less."""
    supply = speed * TICK_US // 1000
    if service >= TICK_US or not scv_pm:
        return supply
    luck = isqrt(scv_pm * service * supply // 1000) * (2 * phase - PPM) * 1732 // (1000 * PPM)
    return supply + max(-supply // 2, min(supply // 2, luck))


def _stalled(arrivals: int, backlog: Backlog, queue: int) -> Outcome:
    """Nobody serves: the queue fills up, those in service stay as they are."""
    taken = max(0, min(arrivals, queue - backlog.waiting))
    age = _age(backlog, backlog.total, taken)
    after = Backlog(backlog.waiting + taken, backlog.running, backlog.progress_us, age)
    return Outcome(0, 0, arrivals - taken, after, Latency(0), 0, 0, 0, MAX_LOAD_PM if after.total else 0)


def _age(backlog: Backlog, stayed: int, came: int) -> int:
    """The mean age after a tick in which some of the old stayed and some new ones came, half a tick ago on average."""
    if not stayed:  # the common case
        return TICK_US // 2 if came else 0
    return (stayed * (backlog.age_us + TICK_US) + came * TICK_US // 2) // (stayed + came)


def _completed(arrivals: int, backlog: Backlog, speed: int, supply: int, service: int, phase: int) -> tuple[int, bool]:
    """(how many are done within the tick, whether the servers had no moment to spare).

    The ages of those in service are taken as evenly spread over the service time, so that n of them have n/2 services
    of work behind them. Services within a tick get all the work that there is, but for what those in service at its
    end keep of it. Longer services are done in the order of their age, of which ``progress`` is the measure.
    """
    progress = min(backlog.progress_us, backlog.running * service)
    if service < TICK_US:
        young = (arrivals * service + phase) // TICK_US
        limit = (2000 * (progress + supply) - (speed - 1000) * service) // (2000 * service)
        present = arrivals - young + backlog.total
        return (limit, True) if limit < present else (present, False)
    ripe = (2 * progress - backlog.running * (service - TICK_US) + TICK_US) // service
    return max(0, min(ripe, (progress + supply) // service, backlog.running)), False


def _carry(
    backlog: Backlog, inside: int, done: int, full: bool, speed: int, supply: int, service: int
) -> tuple[Backlog, int]:
    """(the new backlog, the work in µs that was done within the tick)."""
    running = min(inside, ceil_div(speed, 1000))
    before = min(backlog.progress_us, backlog.running * service)
    if full:
        progress = before + supply - done * service
    elif service < TICK_US:
        progress = running * service // 2
    else:  # between the ticks' ends the number in service moves evenly
        busy = min((backlog.running + running) * TICK_US // 2, supply)
        progress = before + busy - done * service
    progress = max(0, min(progress, running * service))
    stayed = max(0, backlog.total - done)
    after = Backlog(inside - running, running, progress, _age(backlog, stayed, inside - stayed)) if inside else EMPTY
    return after, max(0, done * service + progress - before)


def _latency(expected: Expected, waiting_twice: int, speed: int, service: int, scv_pm: int, room: int) -> Latency:
    """Backlog, random wait and service. ``waiting_twice``: how many wait at the beginning and at the end, together."""
    backlog_us = waiting_twice * service * 500 // speed
    jitter = service * isqrt(min(scv_pm, 1000) * 1000) // 1000
    constant = backlog_us + service - jitter
    ppm, wait = random_wait(expected, speed, service, scv_pm)
    if expected[0] * service >= CROWDED_PM * speed * 1000:  # servers are idle no more while a backlog is there
        wait -= backlog_us
    wait = min(wait, max(0, room * 1000 - speed) * service // speed - backlog_us)
    return Latency(constant, ppm, wait, jitter) if wait > 0 else Latency(constant, 0, 0, jitter)
