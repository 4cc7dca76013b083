"""Latencies become whole counts without losing a request, and percentiles come from sums of counts."""

import copy
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.traffic.histogram import BUCKETS, EDGES, PPM, Histogram, Latency, bucket, spread

US = st.integers(0, 200_000_000)
PHASES = st.integers(0, PPM - 1)
LATENCIES = st.builds(
    Latency,
    constant_us=st.integers(0, 150_000_000),
    wait_ppm=st.integers(0, PPM),
    wait_us=st.integers(0, 50_000_000),
    jitter_us=st.integers(0, 50_000_000),
)
BAGS = st.lists(US, min_size=1, max_size=200)


def histogram(latencies_us) -> Histogram:
    return Histogram().plus(*[((bucket(us), 1),) for us in latencies_us])


def draw(latency: Latency, stream: Stream) -> int:
    """One request, drawn the slow way."""
    wait = stream.exponential_us(latency.wait_us) if stream.chance(latency.wait_ppm, PPM) else 0
    return latency.constant_us + wait + stream.exponential_us(latency.jitter_us)


# buckets


def test_edges_are_the_nearest_integers_to_twenty_steps_a_decade():
    """(2e−1)/2 and (2e+1)/2, to the twentieth power, enclose 1000²⁰ · 10^i: no float decides."""
    nearest = [(2 * e - 1) ** 20 < 2**20 * 10 ** (60 + i) < (2 * e + 1) ** 20 for i, e in enumerate(EDGES)]
    assert (len(EDGES), all(nearest)) == (101, True)


def test_edges_go_from_a_millisecond_to_a_hundred_seconds():
    assert (EDGES[0], EDGES[20], EDGES[100]) == (1_000, 10_000, 100_000_000)


@pytest.mark.parametrize("us, expected", [(0, 0), (1000, 0), (1001, 1), (10_000, 20), (10_001, 21), (100_000_001, 101)])
def test_a_bucket_includes_its_upper_edge(us, expected):
    assert bucket(us) == expected


# spread


@given(st.integers(0, 5000), LATENCIES, PHASES, st.none() | US)
def test_spread_loses_no_request(n, latency, phase, timeout):
    counts, timed_out = spread(n, latency, phase, timeout)
    assert sum(c for _, c in counts) + timed_out == n


@given(st.integers(0, 5000), LATENCIES, PHASES, st.none() | US)
def test_spread_fills_buckets_in_order_with_positive_counts(n, latency, phase, timeout):
    counts, timed_out = spread(n, latency, phase, timeout)
    assert (counts == tuple(sorted(counts)), all(c > 0 for _, c in counts), timed_out >= 0) == (True, True, True)


@given(st.integers(0, 5000), LATENCIES, PHASES, US)
def test_spread_counts_no_request_beyond_its_time_out(n, latency, phase, timeout):
    counts, _ = spread(n, latency, phase, timeout)
    assert all(i <= bucket(timeout) for i, _ in counts)


@given(st.integers(0, 5000), LATENCIES, PHASES)
def test_every_edge_is_exceeded_by_its_share_within_one_request(n, latency, phase):
    """Rounded up or down, never further: percentiles keep their place."""
    h = Histogram().plus(spread(n, latency, phase)[0])
    off = [h.slower(edge) - latency.slower(n, edge, phase) for edge in EDGES]
    assert set(off) <= {0, 1, -1}


def test_a_constant_latency_falls_into_one_bucket():
    assert spread(100, Latency(50_000)) == (((bucket(50_000), 100),), 0)


def test_a_constant_latency_beyond_the_time_out_fails_all():
    assert spread(100, Latency(50_000), timeout_us=49_999) == ((), 100)


def test_a_latency_equal_to_the_time_out_is_in_time():
    assert spread(100, Latency(50_000), timeout_us=50_000) == (((bucket(50_000), 100),), 0)


def test_what_is_slower_than_all_buckets_lands_in_the_last():
    assert spread(3, Latency(200_000_000)) == (((BUCKETS - 1, 3),), 0)


def test_random_phases_make_rare_cases_as_frequent_as_they_are():
    """Ten requests a tick of which 1 in 500 is slow: each tick alone would always round that to none."""
    latency = Latency(10_000, wait_ppm=2_000, wait_us=10_000_000)
    phases = range(500, PPM, 1000)
    late = [spread(10, latency, phase, timeout_us=20_000)[1] for phase in phases]
    expected = 10 * 0.002 * math.exp(-0.001) * len(phases)
    assert abs(sum(late) - expected) <= 1


@pytest.mark.parametrize(
    "latency",
    [
        Latency(20_000, wait_ppm=400_000, wait_us=30_000),
        Latency(20_000, jitter_us=30_000),
        Latency(20_000, wait_ppm=700_000, wait_us=80_000, jitter_us=30_000),
        Latency(20_000, wait_ppm=700_000, wait_us=10_000, jitter_us=30_000),
        Latency(20_000, wait_ppm=PPM, wait_us=30_000, jitter_us=30_000),
    ],
    ids=["wait", "jitter", "long wait", "short wait", "equal"],
)
def test_spread_is_the_distribution_of_drawn_requests(latency):
    """Kolmogorov's distance between 20 000 draws and the spread stays below its 0.1 % level, 1.95/√n."""
    stream, n = Stream.seeded("draws"), 20_000
    drawn = histogram(draw(latency, stream) for _ in range(n))
    spreaded = Histogram().plus(spread(n, latency)[0])
    distance = max(abs(drawn.slower(edge) - spreaded.slower(edge)) for edge in EDGES)
    assert distance < 1.95 * math.sqrt(n)


# latency


@given(st.integers(0, 1000), LATENCIES, US, US, PHASES)
def test_fewer_are_slower_than_a_longer_time(n, latency, a, b, phase):
    assert latency.slower(n, min(a, b), phase) >= latency.slower(n, max(a, b), phase)


def test_the_mean_counts_a_wait_by_its_probability():
    assert Latency(1000, wait_ppm=250_000, wait_us=400, jitter_us=50).mean_us == 1150


@given(LATENCIES, LATENCIES)
def test_means_add_up_one_after_the_other(a, b):
    assert abs(a.then(b).mean_us - a.mean_us - b.mean_us) <= 2


@given(LATENCIES)
def test_nothing_more_changes_nothing(latency):
    quiet = Latency(latency.constant_us, jitter_us=latency.jitter_us)
    assert quiet.then(Latency(0)) == quiet


def test_what_lies_before_is_added():
    assert Latency(5, 1, 2, 3).plus(100) == Latency(105, 1, 2, 3)


@pytest.mark.parametrize(
    "latency, expected",
    [(Latency(500), 0), (Latency(0, jitter_us=500), 1000), (Latency(500, jitter_us=500), 250), (Latency(0), 0)],
)
def test_scv_is_variance_over_mean_squared(latency, expected):
    assert latency.scv_pm == expected


def test_scv_of_a_wait_that_half_have():
    """Mean ½, second moment ½·2, variance ¾: 3."""
    assert Latency(0, wait_ppm=500_000, wait_us=1000).scv_pm == 3000


# histogram


@given(BAGS, st.integers(1, 1000))
def test_a_percentile_is_in_the_bucket_of_the_true_one(bag, pm):
    true = sorted(bag)[max(0, math.ceil(len(bag) * pm / 1000) - 1)]
    assert bucket(histogram(bag).percentile(pm)) == min(bucket(true), BUCKETS - 2)


@given(BAGS)
def test_percentiles_never_fall(bag):
    h = histogram(bag)
    values = [h.percentile(pm) for pm in range(0, 1001, 10)]
    assert values == sorted(values)


def test_percentiles_are_linear_within_a_bucket():
    """Four requests in (10 000, 11 220]: the half of them is at the half of it."""
    assert Histogram().plus(((21, 4),)).percentile(500) == 10_610


def test_percentiles_beyond_the_last_edge_are_the_last_edge():
    assert Histogram().plus(((BUCKETS - 1, 1),)).percentile(500) == EDGES[-1]


def test_the_percentile_of_nothing_is_zero():
    assert Histogram().percentile(950) == 0


def test_the_percentile_of_a_sum_is_not_the_mean_of_percentiles():
    """One slow Pod of two: the p95 of the route is the slow one's."""
    fast, slow = spread(100, Latency(10_000))[0], spread(100, Latency(1_000_000))[0]
    assert bucket(Histogram().plus(fast, slow).percentile(950)) == bucket(1_000_000)


@given(BAGS, US)
def test_slower_is_between_the_counts_of_the_edges_around(bag, us):
    i = bucket(us)
    counts = histogram(bag).counts
    assert sum(counts[i + 1 :]) <= histogram(bag).slower(us) <= sum(counts[i:])


@given(BAGS, st.sampled_from(EDGES))
def test_slower_than_an_edge_is_exact(bag, edge):
    assert histogram(bag).slower(edge) == sum(us > edge for us in bag)


@given(BAGS, BAGS)
def test_minus_undoes_plus(bag, more):
    part = histogram(more).sparse()
    assert histogram(bag).plus(part).minus(part) == histogram(bag)


@given(st.lists(BAGS, max_size=4))
def test_a_sum_holds_the_requests_of_all(bags):
    together = [us for bag in bags for us in bag]
    assert Histogram.sum(histogram(bag) for bag in bags) == histogram(together)


@given(BAGS)
def test_total_and_sparse_count_all(bag):
    h = histogram(bag)
    assert (h.total, sum(n for _, n in h.sparse())) == (len(bag), len(bag))


def test_a_copy_of_a_histogram_is_itself():
    """It is frozen: a checkpoint need not double it."""
    h = histogram([5, 500])
    assert copy.deepcopy([h])[0] is h
