"""The wait that whole ticks do not see: requests come at random, so some wait although there is room on average.

Erlang's C formula gives the chance to wait, M/M/c theory the mean of that wait, and Allen and Cunneen's factor
(ca² + cs²)/2 corrects it for services that vary less or more than exponentially. The formula is asked with the number
of arrivals that is expected, never with the one that was drawn: waits grow faster than load, so that over draws their
mean would be too long.

That theory tells of all waiting, in the long run. A part of it the fluid of a station shows by itself, as a backlog:
from one tick to the next it is a random walk that cannot fall below nothing. Were it looked at without pause its mean
would be σ²/2μ (σ² the variance of a tick's work, μ the time to spare in a tick); looked at between ticks only it is
less by exp(−2 · 0.5826 μ/σ) (Siegmund 1979, Chang and Peres 1997), and where steps are longer than what is walked a
little less again. What is left, theory less backlog, is the wait within a tick: the two tell the whole together, and
nothing counts twice.
"""

from __future__ import annotations

from functools import lru_cache
from math import isqrt
from typing import Final

from kubesim_tui.kernel.numeric import exp, sqrt
from kubesim_tui.traffic.histogram import PPM

Expected = tuple[int, int]
"""The mean and the variance of the number of requests that arrive in a tick, in thousandths."""

PULLED: Final[Expected] = (0, -1)
"""Of servers that fetch their work: what comes does not wait for them here, but where it is fetched."""
CROWDED_PM: Final = 950
"""Nearer to full load a queue needs minutes to build up: there it is the backlog that tells of it."""
_TICK_US: Final = 1_000_000
_MANY: Final = 512  # servers beyond which Erlang's formula is scaled instead of summed


def credible(expected: Expected | None, arrivals: int) -> Expected:
    """What was expected, unless nothing was or what came is four deviations off: then it no longer holds."""
    if expected is not None and abs(arrivals * 1000 - expected[0]) <= 4 * isqrt(expected[0] * 1000) + 1000:
        return expected
    return PULLED if expected == PULLED else (arrivals * 1000, arrivals * 1000)


def random_wait(expected: Expected, speed: int, service_us: int, scv_pm: int) -> tuple[int, int]:
    """(in how many of a million cases, how many µs then) a request waits within a tick, besides its station's backlog.

    ``speed``: thousandths of servers that work. Services of a second and more see their chance from tick to tick.
    """
    if service_us >= _TICK_US or not expected[0]:
        return 0, 0
    load = min(CROWDED_PM, expected[0] * service_us // (speed * 1000))
    ppm, wait = in_the_long_run(load, speed, service_us, scv_pm)
    if not ppm:
        return 0, 0
    wait -= _backlog_us(expected[1], load, speed, service_us, scv_pm) * PPM // ppm
    wait = wait * (PPM - service_us * service_us // PPM) // PPM  # long services wait in whole ticks
    return (ppm, wait) if wait > 0 else (0, 0)


def in_the_long_run(load_pm: int, speed: int, service_us: int, scv_pm: int) -> tuple[int, int]:
    """(in how many of a million cases, how many µs then) a request waits for a server, in the long run."""
    ppm = erlang_c(speed // 1000, load_pm)
    if speed % 1000:  # between two whole numbers of servers
        ppm += (erlang_c(speed // 1000 + 1, load_pm) - ppm) * (speed % 1000) // 1000
    return (ppm, service_us * (1000 + scv_pm) * 500 // (speed * (1000 - load_pm))) if ppm else (0, 0)


def _backlog_us(varies_milli: int, load_pm: int, speed: int, service_us: int, scv_pm: int) -> int:
    """The mean wait for the backlog that chance leaves from tick to tick: of arrivals, and of the services' length."""
    arrivals_us = service_us * isqrt(varies_milli * 1000) // speed
    deviation = isqrt(arrivals_us * arrivals_us + _luck_ppm(service_us * scv_pm // speed) * PPM)
    spare_us = (1000 - load_pm) * (_TICK_US // 1000)
    if deviation * 8 < spare_us:
        return 0
    share = _between_ticks(spare_us * 1000 // deviation)
    share += share * 200 // speed  # a backlog is met by more requests than its share of time: all servers are busy then
    return deviation * deviation * share // (2 * spare_us * PPM)


def _luck_ppm(variance_ppm: int) -> int:
    """The variance of the work that a server does in a tick, as a station draws it: evenly, and half a tick at most."""
    if 12 * variance_ppm <= PPM:
        return variance_ppm
    return PPM // 4 - isqrt(PPM * PPM * PPM // (12 * variance_ppm)) // 6


@lru_cache(maxsize=8192)
def _between_ticks(drift_pm: int) -> int:
    """How much of a walk's mean is seen between its steps, in millionths. ``drift_pm``: μ/σ of a step, per mille."""
    drift = drift_pm / 1000
    return int(exp(-(1.1652 + 0.22 * drift) * drift) * PPM + 0.5)


@lru_cache(maxsize=16384)
def erlang_c(servers: int, load_pm: int) -> int:
    """The chance, in millionths, that a request has to wait for one of ``servers`` that are ``load_pm``/1000 busy.

    By the recurrence of Erlang's B formula. Beyond 512 servers it depends in the limit on (1 − load) √servers alone
    (Halfin and Whitt 1981), so that a larger station is looked up as one of 512.
    """
    if load_pm >= 1000:
        return PPM
    load = load_pm / 1000
    if servers > _MANY:
        load = 1.0 - (1.0 - load) * sqrt(servers / _MANY)
        servers = _MANY
    if load <= 0.0:
        return 0
    offered, blocked = load * servers, 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return int(blocked / (1.0 - load * (1.0 - blocked)) * PPM + 0.5)
