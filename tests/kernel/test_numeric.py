"""exp, log and pow are right to a few units in the last place, and the same bits everywhere."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from hashlib import blake2b

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kernel import numeric


def ulps(actual: float, exact) -> float:
    """How many units in the last place ``actual`` is off; ``exact`` computes with 60 decimal digits."""
    with localcontext() as context:
        context.prec = 60
        return float(abs(Decimal(actual) - exact()) / Decimal(math.ulp(actual)))


@given(st.floats(-700, 709))
def test_exp_is_within_one_ulp(x):
    assert ulps(numeric.exp(x), lambda: Decimal(x).exp()) < 1


@given(st.floats(1e-300, 1e300))
def test_log_is_within_one_ulp(x):
    assert x == 1 or ulps(numeric.log(x), lambda: Decimal(x).ln()) < 1


@given(st.floats(0.5, 2))
def test_log_is_within_one_ulp_near_its_zero(x):
    assert x == 1 or ulps(numeric.log(x), lambda: Decimal(x).ln()) < 1


@given(st.floats(1e-9, 1e9), st.floats(-34, 34))
def test_pow_is_within_three_ulps(x, y):
    assert ulps(numeric.pow(x, y), lambda: (Decimal(x).ln() * Decimal(y)).exp()) < 3


@given(st.floats(0.9, 1.1), st.floats(-6000, 6000))
def test_pow_keeps_that_for_large_exponents(x, y):
    assert ulps(numeric.pow(x, y), lambda: (Decimal(x).ln() * Decimal(y)).exp()) < 3


@given(st.floats(-745, 700))
def test_exp_agrees_with_the_c_library_to_rounding(x):
    """Also where the result is subnormal."""
    assert math.isclose(math.exp(x), numeric.exp(x), rel_tol=4e-16, abs_tol=5e-324)


@pytest.mark.parametrize(
    "expected, actual",
    [
        (1.0, numeric.exp(0.0)),
        (0.0, numeric.exp(-800.0)),
        (0.0, numeric.exp(-math.inf)),
        (math.inf, numeric.exp(math.inf)),
        (0.0, numeric.log(1.0)),
        (math.inf, numeric.log(math.inf)),
        (1.0, numeric.pow(0.0, 0.0)),
        (0.0, numeric.pow(0.0, 2.5)),
        (1024.0, numeric.pow(2.0, 10.0)),
        (0.0, numeric.pow(10.0, -400.0)),
    ],
)
def test_the_corners(expected, actual):
    assert expected == actual


def test_exp_of_nan_is_nan():
    assert math.isnan(numeric.exp(math.nan))


@pytest.mark.parametrize("x", [709.79, 1e300])
def test_exp_overflows_as_the_c_library_does(x):
    with pytest.raises(OverflowError):
        numeric.exp(x)


@pytest.mark.parametrize("x", [0.0, -1.0, math.nan])
def test_log_is_defined_above_zero_only(x):
    with pytest.raises(ValueError):
        numeric.log(x)


@pytest.mark.parametrize("x, y", [(0.0, -1.0), (-2.0, 2.0)])
def test_pow_is_defined_from_zero_up(x, y):
    with pytest.raises(ValueError):
        numeric.pow(x, y)


@given(st.integers(0, 3000))
def test_log_factorial_agrees_with_the_exact_factorial(n):
    with localcontext() as context:
        context.prec = 60
        exact = float(Decimal(math.factorial(n)).ln())
    assert math.isclose(exact, numeric.log_factorial(n), rel_tol=2e-15)


def test_log_factorial_of_a_negative_number_is_refused():
    with pytest.raises(ValueError):
        numeric.log_factorial(-1)


def test_every_bit_is_the_same_on_every_machine():
    """A digest over six thousand results: one changed last bit anywhere changes it."""
    digest = blake2b(digest_size=8)
    for i in range(1, 2001):
        digest.update(numeric.exp((i - 1000) * 0.6171).hex().encode())
        digest.update(numeric.log(i * i * 0.0137).hex().encode())
        digest.update(numeric.pow(i * 0.0137, (i % 71 - 35) * 0.71).hex().encode())
    assert digest.hexdigest() == "ece59eaa895b8908"


def test_total_adds_from_left_to_right():
    """1 is lost beside 10¹⁶; Python 3.12's ``sum`` would rescue it, 3.11's would not."""
    assert numeric.total([1e16, 1.0, -1e16]) == 0.0


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**10))
def test_ceil_div_is_the_ceiling(a, b):
    assert numeric.ceil_div(a, b) == math.ceil(Fraction(a, b))


@given(st.integers(-1000, 1000), st.integers(1, 12))
def test_round_half_even_is_the_rounding_of_fractions(a, b):
    assert numeric.round_half_even(a, b) == round(Fraction(a, b))


@given(st.integers(-(10**20), 10**20), st.integers(-(10**20), 10**20), st.integers(1, 10**10))
def test_mul_div_rounds_down(a, b, c):
    assert numeric.mul_div(a, b, c) == math.floor(Fraction(a * b, c))


def test_percent_rounds_as_a_rollout_does():
    """25 % of 10: maxUnavailable rounds down to 2, maxSurge up to 3."""
    assert (numeric.percent(25, 10), numeric.percent(25, 10, up=True)) == (2, 3)


def test_per_mille_says_1000_only_of_all():
    assert [numeric.per_mille(p, 10_000) for p in (0, 9_999, 10_000)] == [0, 999, 1000]


def test_per_mille_of_nothing_is_zero():
    assert numeric.per_mille(0, 0) == 0
