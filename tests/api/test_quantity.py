"""Quantities read, count and print as Kubernetes' own do."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import quantity
from kubesim_tui.api.quantity import Quantity, QuantityError
from tests.api.upstream import cases

EXACT = st.builds(Quantity, st.integers(-(10**21), 10**21), st.sampled_from(["DecimalSI", "BinarySI"]))


def exact(value):
    """An amount written as mantissa and exponent, or as a decimal text."""
    if isinstance(value, dict):
        return Fraction(value["mantissa"]) * Fraction(10) ** value["exponent10"]
    return Fraction(value)


def of(value, format):
    """The quantity of an exact amount, which may be finer than a nano-unit: then it is rounded up."""
    nano = exact(value) * 10**9
    return Quantity(-(-nano.numerator // nano.denominator), format)


def outcome(text):
    """Amount and format of a text, or that it is refused."""
    try:
        found = quantity.parse(text)
    except QuantityError:
        return {"error": True}
    return {"value": found.as_fraction(), "format": found.format}


@pytest.mark.parametrize("given, want", cases("scheduling/quantities", lambda g: g["kind"] in ("parse", "invalid")))
def test_a_text_is_an_exact_amount_in_a_format(given, want):
    value = want.get("value")
    expected = {"value": exact(value), "format": value["format"]} if value else {"error": True}
    assert expected == outcome(given["text"])


@pytest.mark.parametrize("given, want", cases("scheduling/quantities", lambda g: g["kind"] in ("emit", "string")))
def test_an_amount_has_one_canonical_text(given, want):
    value = given.get("value")
    found = of(value, value["format"]) if value else quantity.parse(given["text"])
    assert want["canonical"] == str(found)


@pytest.mark.parametrize("given, want", cases("workloads/quantity", lambda g: g["op"] == "parse"))
def test_text_with_a_sign_is_the_same_amount_with_that_sign(given, want):
    text = given["input"]
    if want["error"]:
        assert outcome(text) == {"error": True}
        return
    expected = {"value": Fraction(want["value"]), "format": want["format"]}
    assert expected == outcome(text)
    assert expected == outcome(f"+{text}")
    assert expected | {"value": -expected["value"]} == outcome(f"-{text}")


def printed(given):
    """What is printed of a case that says how the quantity is made."""
    match given["op"]:
        case "canonical":
            return str(of(given["value"], given["format"]))
        case "parse_print":
            return quantity.canonical(given["input"])
        case "from_milli":
            return str(quantity.from_milli(given["value"], given["format"]))
        case "from_int":
            return str(quantity.from_int(given["value"], given["format"]))
        case "add_text":
            return str(quantity.parse(given["a"]).add(quantity.parse(given["b"])))
        case "sub_text":
            return str(quantity.parse(given["a"]).sub(quantity.parse(given["b"])))
        case "reserialize":
            return quantity.canonical(given["text"])
    return None


@pytest.mark.parametrize("given, want", cases("workloads/quantity", lambda g: printed(g) is not None))
def test_a_quantity_prints_its_canonical_text(given, want):
    assert want["string"] == printed(given)
    for other in want.get("also_from_text", []):
        # The other spelling may be of another family: only its amount must be the same.
        assert quantity.parse(other).nano == of(given["value"], given["format"]).nano
    if "value" in want:
        assert exact(want["value"]) == quantity.parse(given["text"]).as_fraction()


def computed(given):
    """The answer to a case that asks for a number, in the form in which the table gives it."""
    match given["op"]:
        case "compare":
            return {"cmp": quantity.parse(given["a"]).cmp(quantity.parse(given["b"]))}
        case "compare_value":
            a, b = (exact(given[k]) for k in ("a", "b"))
            return {"cmp": of(a, "DecimalSI").cmp(of(b, "DecimalSI"))}
        case "round_up":
            rounded, same = quantity.parse(given["input"]).round_up(given["scale"])
            return {"value": rounded.as_fraction(), "exact": same}
        case "scaled_value":
            return {"int": of(Fraction(10) ** given["from_scale"], "DecimalSI").scaled_value(given["to_scale"])}
        case "add" | "sub":
            a, b = (of(given[k]["value"], given[k]["format"]) for k in ("a", "b"))
            return {"value": getattr(a, given["op"])(b).as_fraction()}
        case "as_float":
            return {"float": float(quantity.parse(given["input"]).as_fraction())}
    return None


# Upstream compares inf.Dec values here that its parser never makes: a Quantity is a whole number of nano-units.
FINER_THAN_NANO = ("9.99999999999999999",)


def is_computed(given):
    return given.get("a") not in FINER_THAN_NANO if given["op"] == "compare_value" else computed(given) is not None


@pytest.mark.parametrize("given, want", cases("workloads/quantity", is_computed))
def test_quantities_compare_add_and_round_exactly(given, want):
    expected = {k: Fraction(v) if k == "value" else v for k, v in want.items()}
    assert expected == computed(given)


def test_every_case_of_the_second_table_is_run():
    every = cases("workloads/quantity")
    run = [c for c in every if (g := c.values[0])["op"] == "parse" or printed(g) is not None or is_computed(g)]
    assert len(every) - len(FINER_THAN_NANO) == len(run)


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
