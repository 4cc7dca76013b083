"""Rows of replicas that are alike get what each of their legs would have got in turn."""

from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.traffic.rows import _stretch


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 11), st.integers(0, 11))
def test_those_of_a_row_with_one_request_more_stand_side_by_side(members, first, odd):
    count = len(members)
    places, first, odd = [at for at, member in enumerate(members) if member], first % count, odd % count
    if not places:
        return
    start, more = _stretch(places, first, odd, count)
    in_turn = [(place - first) % count < odd for place in places]
    assert [(at - start) % len(places) < more for at in range(len(places))] == in_turn
