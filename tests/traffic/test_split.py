"""Whole numbers shared out: nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.split import share, share_on, weighed

WEIGHTS = st.lists(st.integers(0, 1000), min_size=1, max_size=8)


@given(st.integers(0, 10_000), WEIGHTS)
def test_the_parts_are_the_whole(n, weights):
    assert sum(share(n, weights)) == (n if sum(weights) else 0)


@given(st.integers(0, 10_000), WEIGHTS)
def test_no_part_is_further_than_one_from_its_proportion(n, weights):
    total = sum(weights)
    found = zip(share(n, weights), weights, strict=True)
    assert all(abs(part * total - n * weight) < total for part, weight in found) or not total


@given(WEIGHTS, st.data())
def test_of_fewer_than_there_are_nobody_gets_more_than_he_has(weights, data):
    n = data.draw(st.integers(0, sum(weights)))
    assert all(part <= weight for part, weight in zip(share(n, weights), weights, strict=True))


def test_of_equals_the_first_gets_the_odd_one():
    assert share(4, [1, 1, 1]) == [2, 1, 1]


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 6)), min_size=1, max_size=4))
def test_groups_of_places_weigh_what_they_should(groups):
    weights, counts = zip(*groups, strict=True)
    copies = weighed(weights, counts)
    places = [c * n for c, n in zip(copies, counts, strict=True)]
    wrong = [abs(p / sum(places) - w / sum(weights)) for p, w in zip(places, weights, strict=True)]
    assert max(wrong) < 0.01


@given(st.lists(st.integers(0, 40), min_size=1, max_size=5), st.lists(st.integers(1, 9), max_size=30))
def test_parts_told_one_after_the_other_are_all_of_it_together(weights, sizes):
    total = sum(weights)
    if not total:
        return
    told, first = [], 0
    for n in [*sizes, total]:
        n = min(n, total - first)
        told.append(share_on(first, n, weights))
        assert (sum(told[-1]), min(told[-1]) >= 0) == (n, True)
        first += n
    assert [sum(column) for column in zip(*told, strict=True)] == weights


def test_the_one_of_ten_who_fails_is_not_lost_among_ten_who_ask_once():
    assert sorted(share_on(first, 1, (9, 1)) for first in range(10)) == [(0, 1)] + 9 * [(1, 0)]
