"""Services of half a second and more are followed, and keep to the formulas as short ones do."""

from hashlib import blake2b
from math import exp

import pytest
from attrs import astuple, frozen
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.traffic.cohorts import Cohort
from kubesim_tui.traffic.histogram import BUCKETS, EDGES, PPM, Histogram, spread
from kubesim_tui.traffic.lasting import LONG_US
from kubesim_tui.traffic.random_wait import erlang_c
from kubesim_tui.traffic.sojourn import took
from kubesim_tui.traffic.spreading import GOLDEN
from kubesim_tui.traffic.station import EMPTY, TICK_US, solve
from kubesim_tui.traffic.waiting import who_leaves
from tests.traffic.test_queueing import theory

STATIONS = [
    # servers, service (ms), scv and load (‰), requests
    *[(1, 500, scv, 300, 10_000) for scv in (0, 500, 1000)],
    *[(1, 1000, scv, 500, 15_000) for scv in (0, 1000)],
    *[(4, service, scv, 500, 10_000) for service in (500, 1500) for scv in (0, 500, 1000)],
    (4, 5000, 1000, 500, 10_000),
    *[(8, 2000, scv, 800, 30_000) for scv in (0, 500, 1000)],
    (16, 500, 1000, 800, 30_000),
    (16, 20_000, 1000, 800, 6_000),
    *[(200, 2000, scv, 800, 30_000) for scv in (0, 500, 1000)],
]
MINUTE = 60


@frozen
class Seen:
    """What a station has told of so many requests: how long they took, and how many were inside when a tick ended."""

    mean_us: float
    inside: float
    times: Histogram


def watch(servers: int, service_us: int, scv_pm: int, load_pm: int, requests: int) -> Seen:
    """Requests come at random to a station in which nothing is to be seen of the first minute, and are told of."""
    rate = load_pm * servers * TICK_US // service_us
    stream = Stream.seeded(f"{servers} {service_us} {scv_pm} {load_pm}")
    backlog, cohorts, times = EMPTY, list[Cohort](), [0] * BUCKETS
    seen = spent = inside = tick = 0
    start = max(MINUTE, 10 * service_us // TICK_US)
    while seen < requests:
        phase, arrivals = stream.below(PPM), stream.poisson(rate)
        o = solve(
            arrivals, backlog, servers, service_us, scv_pm=scv_pm, queue=10**6, phase=phase, expected=(rate, rate)
        )
        backlog, tick = o.backlog, tick + 1
        parts = [(o.latency, o.served - o.old)]
        for cohort, n in zip(cohorts, who_leaves(cohorts, o.old, o.leaving, tick), strict=True):
            cohort.count -= n
            parts.append((took(o, tick - cohort.tick), n))
        cohorts = [c for c in (*cohorts, Cohort("", tick, arrivals - o.served + o.old)) if c.count]
        if tick > start:
            seen += o.served
            inside += backlog.total
            spent += sum(n * latency.mean_us for latency, n in parts)
            for latency, n in parts:
                for at, count in spread(n, latency, tick * GOLDEN % PPM)[0] if n else ():
                    times[at] += count
    return Seen(spent / seen, inside / (tick - start), Histogram(tuple(times)))


# formulas


@pytest.mark.parametrize(("servers", "ms", "scv_pm", "load_pm", "requests"), STATIONS)
def test_mean_time_and_number_inside_are_those_of_the_formulas(servers, ms, scv_pm, load_pm, requests):
    seen = watch(servers, ms * 1000, scv_pm, load_pm, requests)
    mean = theory(servers, ms * 1000, scv_pm, load_pm)
    little = load_pm * servers / 1000 / ms * mean / 1000
    assert (seen.mean_us, seen.inside) == (pytest.approx(mean, rel=0.05), pytest.approx(little, rel=0.05))


@pytest.mark.parametrize("ms", [400, 499, 500, 501, 600, 999, 1000, 1001, 1500])
def test_nothing_jumps_where_a_service_gets_as_long_as_a_tick(ms):
    """Eight servers, half busy: hardly anybody waits."""
    seen = watch(8, ms * 1000, 500, 500, 10_000)
    mean = theory(8, ms * 1000, 500, 500)
    assert (seen.mean_us, seen.inside) == (pytest.approx(mean, rel=0.03), pytest.approx(4 * mean / ms / 1000, rel=0.03))


def slower(servers: int, service: float, load: float, t: float) -> float:
    """The chance in an M/M/c to take longer than t."""
    waits, wait = erlang_c(servers, round(load * 1000)) / PPM, service / servers / (1 - load)
    if abs(wait - service) < 1e-9:
        return exp(-t / service) * (1 + waits * t / service)
    both = (wait * exp(-t / wait) - service * exp(-t / service)) / (wait - service)
    return (1 - waits) * exp(-t / service) + waits * both


@pytest.mark.parametrize(("servers", "ms", "load_pm"), [(1, 1000, 300), (4, 500, 500), (16, 2000, 800)])
def test_so_many_take_longer_than_any_time_as_by_the_formula(servers, ms, load_pm):
    """Of users' time-outs the right share strikes, and the slowest twentieth is as slow as it should be."""
    times = watch(servers, ms * 1000, 1000, load_pm, 10_000).times
    beyond = [sum(times.counts[at + 1 :]) / times.total for at in range(len(EDGES))]
    exact = [slower(servers, ms * 1000, load_pm / 1000, edge) for edge in EDGES]
    assert beyond == pytest.approx(exact, abs=0.01)


def test_who_takes_as_long_as_all_is_told_so():
    """2.3 seconds each: over two ticks' ends or three, and all of them 2.3 seconds."""
    times = watch(16, 2_300_000, 0, 300, 2000).times
    assert [n for _, n in times.sparse()] == [times.total]


# time-outs


@given(
    st.integers(0, 200), st.integers(1, 64), st.integers(1, 3_000_000), st.integers(0, 1000), st.integers(0, PPM - 1)
)
def test_nobody_ends_before_the_time_out_of_whom_he_waits_for(arrivals, servers, service, scv_pm, phase):
    """Whatever they did before, from the tick on in which it hangs for 30 s they do nothing for 30 s."""
    backlog = EMPTY
    for _ in range(4):
        backlog = solve(arrivals, backlog, servers, service, scv_pm=scv_pm, queue=100, phase=phase).backlog
    served = 0
    for tick in range(26):
        o = solve(0, backlog, servers, 30 * TICK_US, scv_pm=0, queue=100, phase=(phase + tick) % PPM)
        backlog, served = o.backlog, served + o.served
    assert served == 0


# size


def test_ten_thousand_are_followed_as_a_few_groups():
    stages = None
    for constant in (0, 500):
        backlog = EMPTY
        for _ in range(60):
            backlog = solve(500, backlog, 20_000, 20 * TICK_US, scv_pm=constant, queue=0).backlog
        stages = backlog.stages
        assert stages is not None
        assert sum(n for _, n in stages.line) + stages.ripe == backlog.running > 9000
        assert len(stages.line) <= 128


def test_half_a_second_is_long():
    assert [solve(1, EMPTY, 1, us).lasts for us in (LONG_US - 1, LONG_US)] == [False, True]


def test_a_thousand_long_seconds_are_the_same_on_every_machine():
    stream, backlog, digest = Stream.seeded("golden"), EMPTY, blake2b(digest_size=8)
    for tick in range(1000):
        options = {"scv_pm": tick % 5 * 250, "queue": 40, "cpu_us": 20_000, "quota_milli": 90}
        arrivals, phase = stream.poisson(2_000 + 10 * (tick % 200)), stream.below(PPM)
        o = solve(arrivals, backlog, 6, 400_000 + tick * 2000, phase=phase, **options)
        backlog = o.backlog
        digest.update(repr((astuple(o), took(o, tick % 9))).encode())
    assert digest.hexdigest() == "973bb93cc5e97324"
