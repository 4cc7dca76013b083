"""Numbers or percentages: maxSurge, maxUnavailable, minAvailable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import intstr
from kubesim_tui.api.intstr import IntOrStringError
from tests.api.upstream import cases


def read(value):
    """Value and whether it is a percentage, or that it is refused."""
    try:
        share = intstr.percent(value)
    except IntOrStringError:
        return {"error": True}
    return {"value": value if share is None else share, "percent": share is not None}


def scaled(given):
    try:
        return {"value": intstr.scaled_value(given["input"], given["total"], round_up=given["round_up"])}
    except IntOrStringError:
        return {"error": True}


def without_success(want):
    return {k: v for k, v in want.items() if (k, v) != ("error", False)}


@pytest.mark.parametrize(
    "given, want",
    cases("scheduling/int_or_percent", lambda g: g["kind"] == "parse")
    + cases("workloads/intstr", lambda g: g["op"] == "value_or_percent"),
)
def test_only_digits_and_one_percent_sign_are_a_percentage(given, want):
    assert without_success(want) == read(given["input"])


@pytest.mark.parametrize(
    "given, want",
    cases("scheduling/int_or_percent", lambda g: g["kind"] == "scaled")
    + cases("workloads/intstr", lambda g: g["op"] == "scaled"),
)
def test_a_percentage_is_scaled_to_the_total(given, want):
    assert without_success(want) == scaled(given)


@pytest.mark.parametrize("given, want", cases("workloads/intstr", lambda g: g["op"] == "parse"))
def test_text_is_a_number_when_an_int32_holds_it(given, want):
    found = intstr.parse(given["input"])
    assert want == {"type": "int" if isinstance(found, int) else "string", "value": found}


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
