"""Quantities: both tables of upstream's quantity_test.go."""

from decimal import Decimal, localcontext
from fractions import Fraction

from kubesim_tui.api import quantity
from kubesim_tui.api.quantity import Quantity, QuantityError
from tests.upstream.adapters import answers


def exact(value):
    """An amount written as mantissa and exponent, or as a decimal text."""
    if isinstance(value, dict):
        assert value.keys() <= {"mantissa", "exponent10", "format"}
        return Fraction(value["mantissa"]) * Fraction(10) ** value["exponent10"]
    return Fraction(value)


def of(value, form):
    """The quantity of an amount, in a format: as the parser reads it, which rounds to nano-units."""
    amount = exact(value)
    with localcontext(prec=200):
        text = f"{Decimal(amount.numerator) / Decimal(amount.denominator):f}"
    assert Fraction(text) == amount
    return Quantity(quantity.parse(text).nano, form)


def read(text):
    """Amount and format of a text, or that it is refused."""
    try:
        found = quantity.parse(text)
    except QuantityError:
        return {"error": True}
    return {"error": False, "value": found.as_fraction(), "format": found.format}


def _amount(text):
    found = read(text)
    if found["error"]:
        return found
    amount = found["value"]
    return {"error": False, "value": _Value(amount, found["format"]), "format": found["format"]}


class _Value:
    """An exact amount, as either table writes it."""

    def __init__(self, amount, form):
        self.amount = amount
        self.form = form

    def __eq__(self, wanted):
        same = not isinstance(wanted, dict) or wanted["format"] == self.form
        return same and exact(wanted) == self.amount

    __hash__ = None

    def __repr__(self):
        return f"{self.amount} ({self.form})"


@answers("quantity", "parse")
def parsed_with_any_sign(given):
    text = given["input"]
    found = _amount(text)
    with_sign = [read(f"{sign}{text}") for sign in "+-"]
    if found["error"]:
        return found
    plus, minus = ({**r, "value": r["value"] * s} for r, s in zip(with_sign, (1, -1), strict=True))
    assert plus == minus == read(text)
    return found


@answers("quantities", "parse", "invalid")
def parsed(given):
    return _amount(given["text"])


@answers("quantities", "emit")
def emitted(given):
    return {"canonical": str(quantity.parse(given["text"]))}


@answers("quantities", "string")
def written(given):
    value = given["value"]
    return {"canonical": str(of(value, value["format"]))}


class _Spellings(list):
    """Other spellings of an amount: their family may be another, their amount is the same."""

    def __init__(self, amount):
        super().__init__()
        self.amount = amount

    def __eq__(self, wanted):
        return all(quantity.parse(text).nano == self.amount.nano for text in wanted)

    __hash__ = None


@answers("quantity", "canonical")
def canonical(given):
    made = of(given["value"], given["format"])
    negative = Quantity(-made.nano, made.format)
    assert str(negative) in (f"-{made}", str(made) if not made.nano else "")
    return {"string": str(made), "also_from_text": _Spellings(made)}


@answers("quantity", "parse_print")
def printed(given):
    return {"string": quantity.canonical(given["input"])}


@answers("quantity", "reserialize")
def reserialized(given):
    text = given["text"]
    return {"string": quantity.canonical(text), "value": _amount(text).get("value")}


@answers("quantity", "from_milli")
def from_milli(given):
    return {"string": str(quantity.from_milli(given["value"], given["format"]))}


@answers("quantity", "from_int")
def from_int(given):
    return {"string": str(quantity.from_int(given["value"], given["format"]))}


@answers("quantity", "compare")
def compared(given):
    return {"cmp": quantity.parse(given["a"]).cmp(quantity.parse(given["b"]))}


@answers("quantity", "compare_value")
def compared_exactly(given):
    """Upstream compares amounts here that its parser never makes: finer than a nano-unit."""
    a, b = (Quantity(exact(given[k]) * quantity.NANO_PER_UNIT, "DecimalSI") for k in "ab")
    return {"cmp": a.cmp(b)}


@answers("quantity", "round_up")
def rounded(given):
    found, same = quantity.parse(given["input"]).round_up(given["scale"])
    return {"value": _Value(found.as_fraction(), found.format), "exact": same}


@answers("quantity", "scaled_value")
def scaled(given):
    amount = of(Fraction(10) ** given["from_scale"], "DecimalSI")
    return {"int": amount.scaled_value(given["to_scale"])}


@answers("quantity", "add", "sub")
def computed(given):
    a, b = (of(given[k]["value"], given[k]["format"]) for k in "ab")
    found = getattr(a, given["op"])(b)
    return {"value": _Value(found.as_fraction(), found.format)}


@answers("quantity", "add_text", "sub_text")
def computed_of_texts(given):
    a, b = (quantity.parse(given[k]) for k in "ab")
    found = getattr(a, given["op"].removesuffix("_text"))(b)
    return {"string": str(found)}


@answers("quantity", "as_float")
def as_float(given):
    return {"float": float(quantity.parse(given["input"]).as_fraction())}
