"""A station keeps exact books, obeys queueing theory on average, and loses nothing."""

import heapq
from collections import deque
from hashlib import blake2b

import pytest
from attrs import astuple, evolve
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.traffic.histogram import PPM, Histogram, Latency, spread
from kubesim_tui.traffic.lasting import LONG_US
from kubesim_tui.traffic.random_wait import erlang_c
from kubesim_tui.traffic.station import EMPTY, TICK_US, Backlog, solve

ARRIVALS = st.integers(0, 3000)
SERVERS = st.integers(1, 64)
SERVICES = st.integers(1, 5 * TICK_US)
SHORT = st.integers(1, LONG_US - 1)
PHASES = st.integers(0, PPM - 1)
BACKLOGS = st.builds(
    Backlog, st.integers(0, 500), st.integers(0, 64), st.integers(0, 10 * TICK_US), st.integers(0, 20 * TICK_US)
)
OPTIONS = st.fixed_dictionaries(
    {
        "scv_pm": st.integers(0, 2000),
        "queue": st.integers(0, 300),
        "cpu_us": st.integers(0, TICK_US),
        "quota_milli": st.none() | st.integers(0, 4000),
        "timeout_us": st.none() | st.integers(0, 10 * TICK_US),
        "phase": PHASES,
    }
)


def run(arrivals, ticks: int, servers: int, service_us: int, backlog: Backlog = EMPTY, **options):
    """The outcomes of so many ticks with the same arrivals each."""
    outcomes = []
    for _ in range(ticks):
        outcomes.append(solve(arrivals, backlog, servers, service_us, **options))
        backlog = outcomes[-1].backlog
    return outcomes


# books


@given(ARRIVALS, BACKLOGS, st.integers(0, 64), SERVICES, OPTIONS)
def test_every_request_is_served_refused_or_still_inside(arrivals, backlog, servers, service, options):
    o = solve(arrivals, backlog, servers, service, **options)
    assert arrivals + backlog.total == o.served + o.refused + o.backlog.total


@given(ARRIVALS, BACKLOGS, st.integers(0, 64), SERVICES, OPTIONS)
def test_no_count_is_negative_and_none_exceeds_its_whole(arrivals, backlog, servers, service, options):
    o = solve(arrivals, backlog, servers, service, **options)
    bounds = [
        (o.served, arrivals + backlog.total),
        (o.refused, arrivals),
        (o.timed_out, o.served),
        (o.backlog.waiting, arrivals + backlog.total),
        (o.in_flight, max(servers, backlog.running)),
        (o.latency.wait_ppm, PPM),
    ]
    assert [(n, top) for n, top in bounds if not 0 <= n <= top] == []


@given(ARRIVALS, BACKLOGS, st.integers(0, 64), SERVICES, OPTIONS)
def test_integers_in_integers_out(arrivals, backlog, servers, service, options):
    o = solve(arrivals, backlog, servers, service, **options)
    b, wait = o.backlog, o.latency
    figures = (o.served, o.timed_out, o.refused, o.cpu_us, o.load_pm, b.waiting, b.running, b.progress_us)
    times = (wait.constant_us, wait.wait_ppm, wait.wait_us, wait.jitter_us)
    assert {type(n) for n in figures + times} == {int}


@given(ARRIVALS, SERVERS, SERVICES, OPTIONS)
def test_the_queue_never_exceeds_its_bound(arrivals, servers, service, options):
    last = run(arrivals, 5, servers, service, **options)[-1]
    assert last.backlog.total <= servers + options["queue"]


@given(ARRIVALS, BACKLOGS, SERVERS, SERVICES, OPTIONS)
def test_cpu_stays_within_its_quota(arrivals, backlog, servers, service, options):
    quota = options["quota_milli"]
    o = solve(arrivals, backlog, servers, service, **options)
    assert quota is None or 0 <= o.cpu_us <= quota * 1000


# more


@given(ARRIVALS, st.integers(0, 50), BACKLOGS, SERVERS, SHORT, OPTIONS)
def test_more_arrivals_are_never_served_less_refused_less_or_faster(arrivals, more, backlog, servers, service, options):
    few = solve(arrivals, backlog, servers, service, **options)
    many = solve(arrivals + more, backlog, servers, service, **options)
    delay_few, delay_many = few.latency.mean_us, many.latency.mean_us
    assert (few.served <= many.served, few.refused <= many.refused, delay_few <= delay_many + 1) == (True, True, True)


@given(ARRIVALS, BACKLOGS, SERVERS, st.integers(1, 16), SHORT, OPTIONS)
def test_more_servers_never_serve_less_or_refuse_more(arrivals, backlog, servers, more, service, options):
    few = solve(arrivals, backlog, servers, service, **options)
    many = solve(arrivals, backlog, servers + more, service, **options)
    assert (few.served <= many.served, few.refused >= many.refused) == (True, True)


@given(ARRIVALS, SERVERS, st.integers(1, 16), SERVICES, st.integers(0, 2000), st.integers(0, 300))
def test_more_servers_never_make_it_slower(arrivals, servers, more, service, scv, queue):
    few = solve(arrivals, EMPTY, servers, service, scv_pm=scv, queue=queue)
    many = solve(arrivals, EMPTY, servers + more, service, scv_pm=scv, queue=queue)
    assert few.latency.mean_us + 2 >= many.latency.mean_us


# none


@given(SERVERS, SERVICES, OPTIONS)
def test_without_load_nothing_happens_and_nobody_waits(servers, service, options):
    o = solve(0, EMPTY, servers, service, **options)
    assert (o.served, o.refused, o.backlog, o.latency.wait_ppm, o.cpu_us, o.load_pm) == (0, 0, EMPTY, 0, 0, 0)


def test_one_request_takes_its_service_time():
    assert solve(1, EMPTY, 4, 50_000).latency.mean_us == pytest.approx(50_000, rel=0.001)


def test_a_paused_process_serves_nobody_and_its_queue_fills():
    outcomes = run(100, 3, 0, 50_000, queue=150)
    assert [(o.served, o.refused, o.backlog.waiting) for o in outcomes] == [(0, 0, 100), (0, 50, 150), (0, 100, 150)]


def test_a_paused_process_keeps_what_it_has_in_hand():
    before = Backlog(waiting=3, running=4, progress_us=70_000, age_us=40_000)
    assert solve(0, before, 0, 50_000, queue=10).backlog == evolve(before, age_us=1_040_000)


# in flight


def test_little_s_law_holds_at_the_end_of_the_tick():
    """100 a second of 50 ms each: 5 are inside at any moment."""
    assert run(100, 3, 10, 50_000)[-1].in_flight == 5


def test_a_replaced_pod_takes_only_what_it_had_in_hand():
    """A quarter of 100/s: its second's share is 25, of which one is in flight at the tick's end."""
    first, second = run(25, 2, 4, 50_000)
    assert ((first.served, first.in_flight), (second.served, second.in_flight)) == ((24, 1), (25, 1))


def test_a_request_of_three_seconds_is_not_done_before_the_third():
    ended = [o.served for o in run(10, 6, 100, 3 * TICK_US)]
    assert ended == [0, 0, 0, 10, 10, 10]


def test_a_lone_slow_server_works_at_its_pace():
    """One server, 2.5 s each: 40 in 100 s, for all that whole seconds do not divide."""
    served = sum(o.served for o in run(5, 101, 1, 2_500_000, queue=5))
    assert abs(served - 40) <= 1


def test_hung_requests_hold_all_servers_until_the_rest_is_refused():
    """Callee silent for 30 s: 8 servers and 20 places are full at once; from then on all are turned away."""
    outcomes = run(50, 3, 8, 30 * TICK_US, queue=20)
    assert [(o.served, o.refused, o.in_flight) for o in outcomes] == [(0, 22, 8), (0, 50, 8), (0, 50, 8)]


def test_hung_requests_end_when_their_callee_answers_again():
    """All 28, and of 40 new ones those that are not still in flight; nobody is refused."""
    hung = run(50, 3, 8, 30 * TICK_US, queue=20)[-1].backlog
    o = solve(40, hung, 8, 50_000, queue=20)
    assert (o.served, o.refused, o.in_flight) == (28 + 38, 0, 2)


def test_hung_requests_are_as_late_as_they_are():
    """They came in the first of three seconds, 2.5 s ago on average; the new ones know nothing of it."""
    hung = run(50, 3, 8, 30 * TICK_US, queue=20)[-1].backlog
    o = solve(40, hung, 8, 50_000, queue=20, timeout_us=2_000_000)
    assert (hung.age_us, o.late, o.late_us, o.timed_out) == (2_500_000, 28, 2_500_000, 28)


def test_a_resumed_process_answers_late():
    """Stopped for five seconds with 30 in its queue: they are served, but their clients are gone."""
    asleep = run(10, 5, 0, 50_000, queue=30)[-1].backlog
    awake = solve(10, asleep, 4, 50_000, queue=30, timeout_us=2_000_000)
    assert (awake.served, awake.timed_out) == (39, 30)


@given(st.integers(1, 200), SERVERS, SERVICES)
def test_at_a_steady_pace_nobody_is_late(arrivals, servers, service):
    assert {o.late for o in run(arrivals, 50, servers, service, queue=50)} == {0}


@given(ARRIVALS, BACKLOGS, SERVERS, SERVICES, OPTIONS)
def test_the_parts_are_all_that_were_served(arrivals, backlog, servers, service, options):
    o = solve(arrivals, backlog, servers, service, **options)
    assert sum(n for n, _ in o.parts) == o.served


# load


@given(st.integers(1, 200), SERVERS, st.integers(1000, 900_000), BACKLOGS)
def test_below_capacity_every_backlog_goes_away(arrivals, servers, service, backlog):
    """At four fifths of its capacity a station works off what it was left with in backlog ÷ (capacity / 5) ticks."""
    if arrivals * service > 800_000 * servers:
        arrivals = 800_000 * servers // service
    spare = servers * TICK_US // 5
    ticks = 10 + 2 * backlog.total * service // spare
    last = run(arrivals, ticks, servers, service, backlog, queue=1000)[-1]
    assert last.backlog.waiting == 0


@given(SERVERS, st.integers(1000, 3 * TICK_US))
def test_above_capacity_it_serves_its_capacity(servers, service):
    """Nothing gets lost between ticks: after a start of four, a hundred ticks within one request a server."""
    ticks = run(2 * servers * TICK_US // service + 2, 104, servers, service, queue=50)
    served = sum(o.served for o in ticks[4:])
    assert abs(served - 100 * servers * TICK_US // service) <= servers


def test_overload_fills_the_queue_and_then_refuses_the_excess():
    """Capacity 80, arrivals 100: 20 more wait each second until 50 do."""
    outcomes = run(100, 6, 4, 50_000, queue=50)
    assert [o.refused for o in outcomes[-2:]] == [20, 20]


def test_a_full_queue_delays_by_its_length():
    """50 waiting, 80 a second: 625 ms before the 50 of service."""
    assert run(100, 8, 4, 50_000, queue=50)[-1].latency.constant_us == 675_000


def test_waiting_beyond_the_time_out_wastes_the_work():
    """Everything is served, nothing in time: what keeps an overloaded service down."""
    last = run(100, 8, 4, 50_000, queue=200, timeout_us=1_000_000)[-1]
    assert (last.served, last.timed_out) == (80, 80)


def test_time_outs_are_those_slower_than_it():
    o = solve(1000, EMPTY, 60, 50_000, scv_pm=1000, timeout_us=150_000)
    assert o.timed_out == o.latency.slower(o.served, 150_000)


# CPU


def test_a_quota_of_half_a_core_halves_what_pure_computing_achieves():
    """50 ms of CPU each: 10 a second instead of 20."""
    served = sum(o.served for o in run(40, 20, 8, 50_000, cpu_us=50_000, quota_milli=500, queue=10))
    assert abs(served - 200) <= 1


def test_a_throttled_service_takes_longer_even_when_idle():
    assert solve(1, EMPTY, 8, 50_000, cpu_us=50_000, quota_milli=500).latency.constant_us == 100_000


def test_a_quota_does_not_slow_who_only_waits_for_others():
    """5 ms of CPU in 50 ms: 100 millicores feed one server, 800 all eight."""
    limited = solve(100, EMPTY, 8, 50_000, cpu_us=5_000, quota_milli=800)
    assert limited == solve(100, EMPTY, 8, 50_000, cpu_us=5_000)


def test_cpu_time_adds_up_to_that_of_all_requests():
    outcomes = run(30, 50, 4, 80_000, cpu_us=20_000)
    outcomes += run(0, 3, 4, 80_000, outcomes[-1].backlog, cpu_us=20_000)
    assert sum(o.cpu_us for o in outcomes) == pytest.approx(30 * 50 * 20_000, rel=0.002)


def test_without_any_cpu_nothing_is_served():
    assert solve(5, EMPTY, 4, 50_000, cpu_us=50_000, quota_milli=0, queue=10).served == 0


# waits


def test_one_server_makes_wait_as_often_as_it_is_busy():
    assert [erlang_c(1, load) for load in (0, 250, 500, 990, 1000)] == [0, 250_000, 500_000, 990_000, PPM]


def test_erlang_s_formula_for_two_servers():
    """C(2, ρ) = 2ρ²/(1+ρ): at one half, 1/3."""
    assert erlang_c(2, 500) == 333_333


@given(st.integers(1, 700), st.integers(0, 999))
def test_more_load_makes_more_wait(servers, load):
    assert erlang_c(servers, load) <= erlang_c(servers, load + 1)


@given(st.integers(1, 700), st.integers(0, 1000))
def test_more_servers_make_fewer_wait_at_equal_load(servers, load):
    assert erlang_c(servers, load) >= erlang_c(servers + 1, load)


def test_a_thousand_servers_wait_as_halfin_and_whitt_say():
    """(1−ρ)√c = 1, in the limit 1/(1 + Φ(1)/φ(1)) = 0.2234."""
    assert erlang_c(10_000, 990) == pytest.approx(223_400, rel=0.03)


def test_steady_services_wait_half_as_long_as_exponential_ones():
    """Pollaczek and Khinchine: the wait goes with (1 + scv)/2."""
    waits = [solve(250, EMPTY, 1, 2_000, scv_pm=scv, queue=99).latency.wait_us for scv in (0, 1000)]
    assert waits == [pytest.approx(2_000, abs=1), pytest.approx(4_000, abs=1)]


def test_no_queue_no_wait():
    assert solve(15, EMPTY, 1, 50_000).latency.wait_ppm == 0


def simulated(rate: float, servers: int, service: float, scv: float, seconds: int, stream: Stream) -> list[int]:
    """Every single request through first come, first served: the latencies in µs, sorted."""
    free, latencies, now = [0] * servers, [], 0
    jitter = int(service * TICK_US * scv**0.5)
    while now < seconds * TICK_US:
        now += stream.exponential_us(int(TICK_US / rate))
        start = max(now, heapq.heappop(free))
        end = start + int(service * TICK_US) - jitter + stream.exponential_us(jitter)
        heapq.heappush(free, end)
        latencies.append(end - now)
    return sorted(latencies)


def solved(rate: float, servers: int, service: float, scv: float, seconds: int, stream: Stream) -> Histogram:
    """The same station, tick by tick."""
    backlog, counts = EMPTY, deque()
    for _ in range(seconds):
        phase = stream.below(PPM)
        arrivals = stream.poisson(int(rate * 1000))
        o = solve(arrivals, backlog, servers, int(service * TICK_US), scv_pm=int(scv * 1000), queue=9999, phase=phase)
        backlog = o.backlog
        counts.append(spread(o.served, o.latency, stream.below(PPM))[0])
    return Histogram().plus(*counts)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8, 0.9])
@pytest.mark.parametrize("servers, service, scv", [(4, 0.05, 1.0), (4, 0.05, 0.25), (16, 0.5, 0.25), (8, 0.2, 1.0)])
def test_percentiles_are_those_of_a_simulation_of_every_request(servers, service, scv, load):
    """Within 20 % for p50 and p95 up to 90 % load, where a bucket alone is 12 % wide."""
    rate, stream = load * servers / service, Stream.seeded(f"{servers} {service} {scv} {load}")
    every = simulated(rate, servers, service, scv, 1500, stream)
    ours = solved(rate, servers, service, scv, 1500, stream)
    truth = {pm: every[len(every) * pm // 1000] for pm in (500, 950)}
    assert {pm: ours.percentile(pm) for pm in truth} == {pm: pytest.approx(us, rel=0.2) for pm, us in truth.items()}


def test_the_latency_without_a_queue_is_the_service_as_it_varies():
    assert solve(0, EMPTY, 4, 50_000, scv_pm=250).latency == Latency(25_000, jitter_us=25_000)


def test_a_thousand_seconds_are_the_same_on_every_machine():
    """A digest over all figures of a busy, limited, varying station and the counts of its latencies."""
    stream, backlog, digest = Stream.seeded("golden"), EMPTY, blake2b(digest_size=8)
    for tick in range(1000):
        options = {"scv_pm": tick % 7 * 250, "queue": 40, "cpu_us": 20_000, "quota_milli": 1700, "timeout_us": 900_000}
        arrivals, phase = stream.poisson(70_000 + 100 * (tick % 200)), stream.below(PPM)
        o = solve(arrivals, backlog, 6, 70_000 + tick, phase=phase, **options)
        backlog = o.backlog
        digest.update(repr((astuple(o), spread(o.served, o.latency, stream.below(PPM), 900_000))).encode())
    assert digest.hexdigest() == "eec8b72b06654767"
