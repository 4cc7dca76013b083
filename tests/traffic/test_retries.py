"""Trying again: when, and how many may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.traffic.retries import A_SECOND, JITTERS, Backoff, Retries

S = 1_000_000


def retries(most: int = 5, backoff: Backoff = A_SECOND, budget_pm: int | None = None) -> Retries:
    return Retries(most, backoff, budget_pm, Stream.seeded("x"))


@pytest.mark.parametrize(
    "backoff, windows",
    [
        (Backoff(3 * S), [(3, 3), (3, 3), (3, 3), (3, 3)]),
        (Backoff(S, 2), [(1, 1), (2, 2), (4, 4), (8, 8)]),
        (Backoff(S, 2, 3 * S), [(1, 1), (2, 2), (3, 3), (3, 3)]),
        (Backoff(4 * S, 2, 0, "equal"), [(2, 4), (4, 8), (8, 16), (16, 32)]),
        (Backoff(4 * S, 2, 10 * S, "full"), [(1, 4), (1, 8), (1, 10), (1, 10)]),
        (Backoff(100_000), [(1, 1)] * 4),
    ],
)
def test_the_back_off_grows_up_to_its_cap_and_jitter_takes_from_it(backoff, windows):
    assert [backoff.window(tries) for tries in range(4)] == windows


@given(st.integers(1, 10_000), st.integers(0, 8), st.sampled_from(JITTERS))
def test_everybody_who_may_tries_again_once_within_his_window(n, tries, jitter):
    one = retries(9, Backoff(2 * S, 2, 60 * S, jitter))
    due = list(one.again(n, 100, tries))
    first, last = one.backoff.window(tries)
    assert sum(count for _, count in due) == n == one.waiting
    assert all(100 + first <= tick <= 100 + last for tick, _ in due)


def test_full_jitter_spreads_evenly():
    counts = [n for _, n in retries(1, Backoff(50 * S, jitter="full")).again(50_000, 0, 0)]
    assert len(counts) == 50
    assert all(abs(n - 1000) < 160 for n in counts)  # five standard deviations


def test_who_has_tried_often_enough_gives_up():
    assert list(retries(2).again(10, 0, 2)) == []


def test_a_budget_grants_a_share_of_the_first_tries_of_ten_seconds():
    one = retries(budget_pm=100)
    for tick in range(20):
        one.begin(tick, 50)
    assert sum(n for _, n in one.again(400, 19, 0)) == 50  # a tenth of 10 × 50
    assert list(one.again(400, 19, 0)) == []
    one.begin(20, 50)
    assert list(one.again(400, 20, 0)) == []  # the one tick that came is for the one that went
    for tick in range(21, 30):
        one.begin(tick, 50)
    assert sum(n for _, n in one.again(7, 29, 0)) == 7


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 300)), min_size=1, max_size=60), st.integers(0, 1000))
def test_nothing_is_granted_beyond_the_budget(ticks, budget_pm):
    one, granted = retries(budget_pm=budget_pm), []
    for tick, (fresh, failed) in enumerate(ticks):
        one.begin(tick, fresh)
        granted.append(sum(n for _, n in one.again(failed, tick, 0)))
        since = max(0, tick - 9)
        assert not granted[-1] or sum(granted[since:]) <= sum(f for f, _ in ticks[since : tick + 1]) * budget_pm // 1000


def test_in_a_storm_nobody_minds_the_budget():
    one = retries(0, budget_pm=0)
    one.storm = 3
    one.begin(0, 10)
    assert list(one.again(10, 0, 2)) == [(1, 10)]
