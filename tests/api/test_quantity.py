"""Quantities read, count and print as Kubernetes' own do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import quantity
from kubesim_tui.api.quantity import Quantity, QuantityError

EXACT = st.builds(Quantity, st.integers(-(10**21), 10**21), st.sampled_from(["DecimalSI", "BinarySI"]))


@pytest.mark.parametrize(
    "text, error",
    [
        ("", quantity.FORMAT_WRONG),
        ("one", quantity.FORMAT_WRONG),
        ("1 Gi", quantity.FORMAT_WRONG),
        ("1GB", quantity.FORMAT_WRONG),
        ("1gi", quantity.FORMAT_WRONG),
        ("1Gii", quantity.SUFFIX_WRONG),
        ("1K", quantity.SUFFIX_WRONG),
        ("1e", quantity.SUFFIX_WRONG),
        ("1e999999999", quantity.SUFFIX_WRONG),
        ("9" * 5000, quantity.SUFFIX_WRONG),
    ],
)
def test_text_that_is_no_quantity_is_refused_in_upstreams_words(text, error):
    with pytest.raises(QuantityError) as found:
        quantity.parse(text)
    assert error == str(found.value)


@pytest.mark.parametrize(
    "text, canonical",
    [("1.500", "1.500"), ("+1", "+1"), ("010Ki", "010Ki"), ("0.5", "500m"), ("1000E", "1"), (".", "0")],
)
def test_upstreams_shortcuts_show_in_what_it_prints(text, canonical):
    """Checked against apimachinery v0.37.2."""
    assert canonical == quantity.canonical(text)


@pytest.mark.parametrize(
    "text, millis, units",
    [("250m", 250, 1), ("1.5", 1500, 2), ("1Ki", 1024000, 1024), ("1n", 1, 1), ("-1.5", -1500, -2)],
)
def test_whole_and_milli_units_are_rounded_away_from_zero(text, millis, units):
    assert (millis, units) == (quantity.milli(text), quantity.value(text))


def test_json_may_hold_a_number_or_blanks_around_the_text():
    assert [str(quantity.from_json(v)) for v in (2, 0.5, " 1024Mi ")] == ["2", "500m", "1Gi"]


@given(EXACT)
def test_the_canonical_text_reads_back_as_the_same_amount(amount):
    # Beyond 2^63-1 a binary amount is capped when it is read.
    if abs(amount.nano) <= quantity.MAX_INT64 * quantity.NANO_PER_UNIT:
        assert amount.nano == quantity.parse(str(amount)).nano


@given(EXACT, EXACT)
def test_what_is_added_can_be_taken_away_again(a, b):
    assert a.nano == a.add(b).sub(b).nano
