"""Error budgets and how fast they burn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.samples import Sample
from kubesim_tui.traffic.slo import ENDLESS, burn_milli, goodput_milli, worst_milli


def second(served: int, failed: int) -> Sample:
    return Sample(0, served + failed, served, failed, ())


@pytest.mark.parametrize(
    "failed, decided, slo_pm, burn",
    [
        (0, 0, 990, 0),
        (0, 1000, 990, 0),
        (10, 1000, 990, 1_000),
        (144, 1000, 990, 14_400),
        (1000, 1000, 990, 100_000),
        (1, 1000, 1000, ENDLESS),
    ],
)
def test_a_burn_rate_is_what_fails_by_what_may(failed, decided, slo_pm, burn):
    assert burn_milli(failed, decided, slo_pm) == burn


def test_the_worst_window_counts():
    samples = [second(100, 0)] * 5 + [second(50, 50)] * 2 + [second(100, 0)] * 5
    assert [worst_milli(samples, window, 990) for window in (1, 2, 4, 100)] == [50_000, 50_000, 25_000, 8_333]


def test_where_all_is_promised_one_failure_is_endless():
    assert worst_milli([second(9, 0), second(9, 1), second(9, 0)], 1, 1000) == ENDLESS


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30), st.integers(1, 40))
def test_the_worst_window_burns_no_slower_than_any(pairs, window):
    samples = [second(*pair) for pair in pairs]
    worst = worst_milli(samples, window, 950)
    for end in range(window, len(samples) + 1):
        part = samples[end - window : end]
        failed = sum(s.failed for s in part)
        assert worst >= burn_milli(failed, failed + sum(s.served for s in part), 950)


def test_goodput_is_what_is_served_a_second_whatever_was_sent():
    assert goodput_milli([second(10, 90), second(20, 0)]) == 15_000
    assert goodput_milli([]) == 0
