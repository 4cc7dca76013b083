"""Numbers or percentages: maxSurge, maxUnavailable, minAvailable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import intstr
from kubesim_tui.api.intstr import IntOrStringError


@pytest.mark.parametrize(
    "value, error",
    [
        ("a", "invalid value for IntOrString: invalid type: string is not a percentage"),
        (
            "a%",
            'invalid value for IntOrString: invalid value "a%": strconv.Atoi: parsing "a": invalid syntax',
        ),
        (
            "99999999999999999999%",
            'invalid value for IntOrString: invalid value "99999999999999999999%": '
            'strconv.Atoi: parsing "99999999999999999999": value out of range',
        ),
    ],
)
def test_what_is_refused_is_refused_in_upstreams_words(value, error):
    with pytest.raises(IntOrStringError) as found:
        intstr.scaled_value(value, 10, round_up=True)
    assert error == str(found.value)


def test_digits_without_end_are_out_of_range():
    assert isinstance(intstr.parse("9" * 5000), str)
    with pytest.raises(IntOrStringError, match="value out of range"):
        intstr.percent("9" * 5000 + "%")


@given(st.integers(0, 200), st.integers(0, 10**6))
def test_rounding_up_and_down_differ_by_one_at_most(share, total):
    up, down = (intstr.scaled_value(f"{share}%", total, round_up=u) for u in (True, False))
    assert (up - down) == (1 if share * total % 100 else 0)
