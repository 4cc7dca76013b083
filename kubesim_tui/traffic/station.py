"""A replica as a station: a few servers behind a bounded queue, solved one simulated second at a time.

Services of half a second and more are followed one by one (traffic/lasting). For shorter ones:

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
from kubesim_tui.traffic.lasting import LONG_US, How, Stages, Turns, follow, in_order
from kubesim_tui.traffic.random_wait import CROWDED_PM, Expected, credible, in_the_long_run, random_wait

TICK_US: Final = 1_000_000
MAX_LOAD_PM: Final = 1_000_000
_ENDLESS: Final = 1 << 40
SURPRISE: Final = 4
"""A backlog is more than chance explains if it is so many times as long as theory says on average, and a service."""


@frozen
class Backlog:
    """What a station carries over from one tick to the next. It dies with its Pod."""

    waiting: int = 0
    running: int = 0  # in service: each holds a server
    progress_us: int = 0  # work already done on those, together
    age_us: int = 0  # mean time that all of them have spent here
    stages: Stages | None = None  # how far each is, of services that last (traffic/lasting)

    def __deepcopy__(self, _memo: Any) -> Backlog:
        return self

    @property
    def total(self) -> int:
        """All requests inside."""
        return self.waiting + self.running


EMPTY: Final = Backlog()


Done = tuple[int, int, Backlog, int, int, Turns]
"""What servers have done in a tick: how many requests, how many were refused, what is left, how much work that was
(µs); how many of those who are done had come in earlier ticks, and which they are."""


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
    old: int = 0  # of the served: had come in earlier ticks
    leaving: Turns = ()  # and which of those
    lasts: bool = False  # services last: see traffic/lasting

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
    work_on = _followed if service >= LONG_US else _as_a_whole
    done, refused, after, work, old, leaving = work_on(arrivals, backlog, servers, queue, speed, service, scv_pm, phase)
    cpu = work * cpu_us // service if quota_milli is None else min(work * cpu_us // service, quota_milli * 1000)
    held_up = (backlog.waiting + after.waiting) * service * 500 // speed
    tells = _long_latency if service >= LONG_US else _latency
    latency = tells(credible(expected, arrivals), held_up, speed, service, scv_pm, servers + queue)
    late = min(done, backlog.total) if backlog.age_us > 2 * latency.mean_us + TICK_US else 0
    load = min(MAX_LOAD_PM, arrivals * service // speed)
    outcome = Outcome(
        done,
        0,
        refused,
        after,
        latency,
        late,
        backlog.age_us if late else 0,
        cpu,
        load,
        old,
        leaving,
        service >= LONG_US,
    )
    return outcome if timeout_us is None else _timed(outcome, timeout_us, phase)


def most(
    backlog: Backlog, servers: int, service_us: int, scv_pm: int, cpu_us: int, quota_milli: int | None, phase: int
) -> int:
    """How many requests a station completes in a tick in which there are always more, as ``solve`` has it."""
    speed, service = pace(servers, service_us, cpu_us, quota_milli)
    if not speed:
        return 0
    if service >= LONG_US:
        return _followed(0, evolve(backlog, waiting=_ENDLESS), servers, 0, speed, service, scv_pm, phase)[0]
    return max(0, _as_a_whole(_ENDLESS, backlog, servers, 0, speed, service, scv_pm, phase)[0])


def ample(arrivals: int, servers: int, service_us: int, scv_pm: int, cpu_us: int, quota_milli: int | None) -> bool:
    """Whether servers without a backlog have time for all arrivals, however long they take; no quota stretches them.

    Then the phase decides only whether the last fraction of a request is still in service at the end of the tick.
    """
    if service_us >= LONG_US:
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
    if not scv_pm:
        return supply
    luck = isqrt(scv_pm * service * supply // 1000) * (2 * phase - PPM) * 1732 // (1000 * PPM)
    return supply + max(-supply // 2, min(supply // 2, luck))


def _stalled(arrivals: int, backlog: Backlog, queue: int) -> Outcome:
    """Nobody serves: the queue fills up, those in service stay as they are."""
    taken = max(0, min(arrivals, queue - backlog.waiting))
    age = _age(backlog, backlog.total, taken)
    after = Backlog(backlog.waiting + taken, backlog.running, backlog.progress_us, age, backlog.stages)
    return Outcome(0, 0, arrivals - taken, after, Latency(0), 0, 0, 0, MAX_LOAD_PM if after.total else 0)


def _age(backlog: Backlog, stayed: int, came: int) -> int:
    """The mean age after a tick in which some of the old stayed and some new ones came, half a tick ago on average."""
    if not stayed:  # the common case
        return TICK_US // 2 if came else 0
    return (stayed * (backlog.age_us + TICK_US) + came * TICK_US // 2) // (stayed + came)


def _as_a_whole(
    arrivals: int, backlog: Backlog, servers: int, queue: int, speed: int, service: int, scv_pm: int, phase: int
) -> Done:
    """Services within a tick get all the work that there is, but for what those in service at its end keep of it.

    The ages of these are taken as evenly spread over the service time, so that n of them have n/2 services of work
    behind them.
    """
    supply = _supply(speed, service, scv_pm, phase)
    before = min(backlog.progress_us, backlog.running * service)
    young = (arrivals * service + phase) // TICK_US
    limit = (2000 * (before + supply) - (speed - 1000) * service) // (2000 * service)
    present = arrivals - young + backlog.total
    full, done = limit < present, min(limit, present)
    left = arrivals + backlog.total - done
    refused = min(arrivals, max(0, left - servers - queue))
    inside = left - refused
    running = min(inside, ceil_div(speed, 1000))
    progress = before + supply - done * service if full else running * service // 2
    progress = max(0, min(progress, running * service))
    after = _left(backlog, inside - running, running, progress, done) if inside else EMPTY
    work = speed * TICK_US // 1000 if full else max(0, done * service + progress - before)
    old = min(done, backlog.total)
    return done, refused, after, work, old, in_order(old)


def _followed(
    arrivals: int, backlog: Backlog, servers: int, queue: int, speed: int, service: int, scv_pm: int, phase: int
) -> Done:
    """Services that last are followed (traffic/lasting)."""
    varies = _varies(service, scv_pm)
    began = backlog.stages
    if began is None:  # they were short until now
        running = backlog.running
        began = Stages(((min(backlog.progress_us // running, service), running),)) if running else Stages()
    tick = follow(arrivals, backlog.waiting, began, How(speed, service - varies, varies, servers + queue), phase)
    stages, running, waiting = tick.stages, tick.inside, tick.waiting + tick.came
    if not running and not waiting:
        after = EMPTY
    else:
        progress = sum([us * n for us, n in stages.line]) + stages.ripe * service
        after = evolve(_left(backlog, waiting, running, progress, tick.served), stages=stages)
    return tick.served, tick.refused, after, tick.work, tick.served_old, tick.leaving


def _left(backlog: Backlog, waiting: int, running: int, progress: int, done: int) -> Backlog:
    stayed = max(0, backlog.total - done)
    return Backlog(waiting, running, progress, _age(backlog, stayed, waiting + running - stayed))


def _varies(service: int, scv_pm: int) -> int:
    """The part of a service that varies, exponentially: its mean and deviation."""
    return service * isqrt(min(scv_pm, 1000) * 1000) // 1000


def _latency(expected: Expected, held_up: int, speed: int, service: int, scv_pm: int, room: int) -> Latency:
    """Backlog, random wait and service. ``held_up``: the wait for those who wait at the beginning and at the end."""
    jitter = _varies(service, scv_pm)
    constant = held_up + service - jitter
    ppm, wait = random_wait(expected, speed, service, scv_pm)
    if expected[0] * service >= CROWDED_PM * speed * 1000:  # servers are idle no more while a backlog is there
        wait -= held_up
    wait = min(wait, max(0, room * 1000 - speed) * service // speed - held_up)
    return Latency(constant, ppm, wait, jitter) if wait > 0 else Latency(constant, 0, 0, jitter)


def _long_latency(expected: Expected, held_up: int, speed: int, service: int, scv_pm: int, room: int) -> Latency:
    """Wait and service in the long run; where more wait than that explains, as long as these take."""
    jitter = _varies(service, scv_pm)
    constant, load = service - jitter, expected[0] * service // (speed * 1000)
    if load < CROWDED_PM:
        ppm, wait = in_the_long_run(load, speed, service, scv_pm)
        wait = min(wait, max(0, room * 1000 - speed) * service // speed)
        if held_up <= SURPRISE * ppm * wait // PPM + service:
            return Latency(constant, ppm, wait, jitter) if wait > 0 else Latency(constant, 0, 0, jitter)
    return Latency(constant + held_up, 0, 0, jitter)
