"""Stations keep to the formulas of queueing theory: over a million requests, within five per cent."""

import pytest

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.random_wait import erlang_c
from kubesim_tui.traffic.station import EMPTY, TICK_US, solve
from kubesim_tui.traffic.way import Station
from kubesim_tui.traffic.working import work_on

REQUESTS = 1_000_000
STATIONS = {
    "M/M/1 5 ms": (1, 5_000, 1000),
    "M/M/1 50 ms": (1, 50_000, 1000),
    "M/D/1 5 ms": (1, 5_000, 0),
    "M/D/1 50 ms": (1, 50_000, 0),
    "M/M/4 50 ms": (4, 50_000, 1000),
    "M/M/8 200 ms": (8, 200_000, 1000),
    "M/M/64 500 ms": (64, 500_000, 1000),
}


def theory(servers: int, service_us: int, scv_pm: int, load_pm: int) -> float:
    """The mean time in a station, in µs: exact for M/M/c and M/D/1."""
    waits = erlang_c(servers, load_pm) / PPM
    return service_us + waits * service_us / servers / (1 - load_pm / 1000) * (1000 + scv_pm) / 2000


def mean_time(
    servers: int, service_us: int, scv_pm: int, load_pm: int, *, requests: int = REQUESTS, **options
) -> float:
    """The mean time in µs of so many requests that come at random."""
    rate = load_pm * servers * TICK_US // service_us
    stream = Stream.seeded(f"{servers} {service_us} {scv_pm} {load_pm}")
    backlog, served, spent = EMPTY, 0, 0
    while served < requests:
        phase, arrivals = stream.below(PPM), stream.poisson(rate)
        o = solve(
            arrivals,
            backlog,
            servers,
            service_us,
            scv_pm=scv_pm,
            queue=10**6,
            phase=phase,
            expected=(rate, rate),
            **options,
        )
        backlog = o.backlog
        served += o.served
        spent += sum(n * latency.mean_us for n, latency in o.parts)
    return spent / served


@pytest.mark.parametrize("load_pm", [500, 800])
@pytest.mark.parametrize("station", STATIONS)
def test_the_mean_time_in_a_station_is_that_of_the_formula(station, load_pm):
    mean = mean_time(*STATIONS[station], load_pm)
    assert mean == pytest.approx(theory(*STATIONS[station], load_pm), rel=0.05)


@pytest.mark.parametrize("load_pm", [200, 500, 800])
@pytest.mark.parametrize("scv_pm", [0, 1000])
@pytest.mark.parametrize("servers", [1, 2, 16])
@pytest.mark.parametrize("service_us", [1_000, 20_000, 200_000])
def test_so_it_is_for_quick_and_slow_services(service_us, servers, scv_pm, load_pm):
    """Of fewer requests where the mean of few is as sure."""
    requests = REQUESTS // (2 if load_pm == 800 else 20)
    mean = mean_time(servers, service_us, scv_pm, load_pm, requests=requests)
    assert mean == pytest.approx(theory(servers, service_us, scv_pm, load_pm), rel=0.05)


def test_a_quota_of_processor_time_is_a_slower_server():
    """50 ms of computing on 500 millicores take 100: at 8 a second that is an M/M/1 of load 0.8."""
    mean = mean_time(1, 50_000, 1000, 400, requests=REQUESTS // 4, cpu_us=50_000, quota_milli=500)
    assert mean == pytest.approx(theory(1, 100_000, 1000, 800), rel=0.05)


@pytest.mark.parametrize(
    "rate, service_us, servers, queue, inside",
    [(100, 400_000, 64, 64, 40), (100, 300_000, 16, 64, 16 + 64), (10, 4_000, 16, 64, 0)],
    ids=["with servers in plenty", "overloaded", "hardly anybody"],
)
def test_as_many_are_inside_as_littles_law_says_and_never_more_than_there_is_room_for(
    rate, service_us, servers, queue, inside
):
    setting, expected = (servers, queue, None), (rate * 1000, rate * 1000)
    station = Station(None, "", ("Pod", "default", "web"), setting=setting, expected=expected)
    backlog = EMPTY
    for _ in range(8):
        work = work_on(rate, backlog, (service_us, 0, 0), station, PPM // 2, {})
        backlog = work.outcome.backlog
    assert work.inside == inside
