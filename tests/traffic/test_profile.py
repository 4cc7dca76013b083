"""Profiles: exact whole numbers over time, asked only when something changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.profile import FOREVER, STEADY, Batch, Course, Flash, Pace, Profile, Ramp, Spike, Wave
from tests.boards import Board
from tests.traffic.test_users import alone, sent

SHARES = st.integers(0, 20_000)
TIMES = st.integers(0, 120)
LENGTHS = st.integers(1, 120)
SHAPES = st.one_of(
    st.builds(Wave, LENGTHS, SHARES, SHARES, TIMES),
    st.builds(Ramp, TIMES, LENGTHS, SHARES, SHARES),
    st.builds(Spike, TIMES, LENGTHS, SHARES, st.just(0)),
    st.builds(Spike, TIMES, st.integers(1, 20), SHARES, st.integers(21, 60)),
    st.builds(Flash, TIMES, TIMES, st.integers(1000, 20_000), LENGTHS),
)
BATCHES = st.builds(Batch, TIMES, st.integers(1, 500), st.sampled_from([0, 1, 7, 60]))
PROFILES = st.builds(Profile, st.lists(SHAPES, max_size=3).map(tuple), st.lists(BATCHES, max_size=2).map(tuple))


def factors(shape, ticks: int) -> list[int]:
    return [shape.at(t)[0] for t in range(ticks)]


def test_a_wave_goes_from_low_to_high_and_back():
    assert factors(Wave(8, 0, 1000), 9) == [0, 148, 500, 852, 1000, 852, 500, 148, 0]


def test_a_wave_may_begin_anywhere():
    assert factors(Wave(8, 0, 1000, shift=4), 3) == [1000, 852, 500]


@given(LENGTHS.map(lambda n: 2 * n), SHARES, SHARES)
def test_the_mean_of_a_wave_is_between_low_and_high(every, low, high):
    assert sum(factors(Wave(every, low, high), every)) == every * ((low + high) // 2)


def test_a_ramp_is_a_straight_line_that_stays():
    assert factors(Ramp(2, 4, 1000, 3000), 9) == [1000, 1000, 1000, 1500, 2000, 2500, 3000, 3000, 3000]


def test_a_ramp_may_lead_down():
    assert factors(Ramp(0, 4, 1000, 0), 6) == [1000, 750, 500, 250, 0, 0]


def test_a_spike_comes_once_or_again_and_again():
    assert factors(Spike(1, 2, 5000), 6) == [1000, 5000, 5000, 1000, 1000, 1000]
    assert factors(Spike(1, 1, 5000, every=3), 6) == [1000, 5000, 1000, 1000, 5000, 1000]


def test_what_a_flash_crowd_brings_in_addition_halves_again_and_again():
    assert factors(Flash(1, 2, 9000, 2), 9) == [1000, 5000, 9000, 9000, 7000, 5000, 4000, 3000, 2500]


def test_a_flash_crowd_ends():
    shape = Flash(0, 0, 9000, 3)
    assert shape.at(60) == (1000, FOREVER)


@pytest.mark.parametrize("every, coming", [(0, [0, 9, 0, 0, 0]), (2, [0, 9, 0, 9, 0])])
def test_a_batch_comes_at_its_times(every, coming):
    batch = Batch(1, 9, every)
    assert [batch.at(t)[0] for t in range(5)] == coming


def test_shapes_multiply_and_batches_add():
    profile = Profile((Ramp(0, 10, 2000, 2000), Spike(0, 5, 3000)), (Batch(0, 7), Batch(0, 2)))
    assert profile.at(10_000, 0) == Pace(60_000, 9, 1)


def test_who_is_steady_is_asked_once():
    assert STEADY.at(20_000, 0) == Pace(20_000, 0, FOREVER)


@given(PROFILES, st.integers(0, 200))
def test_a_pace_holds_until_it_says(profile, t):
    pace = profile.at(10_000, t)
    assert t < pace.until
    for later in range(t, min(pace.until, t + 300)):
        again = profile.at(10_000, later)
        assert (again.rate_milli, again.batch) == (pace.rate_milli, pace.batch)


@given(PROFILES, TIMES, TIMES)
def test_what_is_expected_is_the_sum_of_the_seconds(profile, a, b):
    first, last = sorted((a, b))
    paces = [profile.at(10_000, t) for t in range(first, last)]
    assert Course(profile, 10_000).milli(first, last) == sum(p.rate_milli + 1000 * p.batch for p in paces)


@given(PROFILES)
def test_users_keep_to_their_profile(profile):
    users = alone(0, profile=Profile(batches=profile.batches))
    assert sent(users, 150) == users.expected(0, 150)


def test_chance_is_around_the_profile_and_differs_by_the_seed():
    profile = Profile((Wave(100, 0, 2000),))
    totals = [sent(alone(seed=str(seed), profile=profile), 500) for seed in range(5)]
    assert all(abs(total - 10_000) < 400 for total in totals)  # four standard deviations
    assert len(set(totals)) > 1


def test_a_profile_begins_when_judgement_does():
    board = Board()
    users = board.users(rate=0, profile=Profile(batches=(Batch(3, 50),)))
    board.tick(2)
    board.cluster.traffic.reset()
    board.tick(3)
    before = users.stream.sent
    board.tick(1)
    assert (before, users.stream.sent) == (0, 50)
