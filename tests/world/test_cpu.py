"""The processors of a machine, shared out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.world.cpu import NO_END, share_out, shares


@pytest.mark.parametrize("milli, weight", [(0, 2), (1, 2), (100, 102), (1000, 1024), (2500, 2560)])
def test_the_weight_of_a_request(milli, weight):
    assert shares(milli) == weight


@pytest.mark.parametrize(
    "wishes, ceilings",
    [
        ([(1024, 1000), (1024, 2000)], None),
        ([(1024, NO_END), (1024, NO_END)], [2000, 2000]),
        ([(1024, NO_END), (3072, NO_END)], [1000, 3000]),
        ([(1024, 500), (1024, NO_END), (1024, NO_END)], [1750, 1750, 1750]),
        ([(2, NO_END), (1024, NO_END)], [7, 3992]),
        ([(2, NO_END), (1024, 1000)], [3000, 1536000]),
    ],
    ids=["enough", "equal", "by weight", "what one leaves over", "nothing requested", "nobody else wants it"],
)
def test_ceilings_on_four_cores(wishes, ceilings):
    assert share_out(4000, wishes) == ceilings


@given(
    st.integers(1, 64_000),
    st.lists(st.tuples(st.integers(2, 65_536), st.integers(0, 64_000)), min_size=1, max_size=30),
)
def test_nobody_gets_more_than_there_is_and_nothing_is_left_while_somebody_wants_more(capacity, wishes):
    ceilings = share_out(capacity, wishes)
    if ceilings is None:
        assert sum(wish for _, wish in wishes) <= capacity
        return
    used = [min(wish, ceiling) for (_, wish), ceiling in zip(wishes, ceilings, strict=True)]
    assert capacity - 2 * len(wishes) <= sum(used) <= capacity + len(wishes)
