"""Quantities: amounts of CPU, memory and everything else that a Pod can ask for (``250m``, ``1.5Gi``, ``1e3``).

A quantity is a whole number of nano-units (finer text is rounded away from zero: who asks for a little gets a little)
and the *format*, the family of suffixes that it was written in: ``DecimalSI`` (m k M G), ``BinarySI`` (Ki Mi Gi) or
``DecimalExponent`` (e3). The canonical text keeps the family and takes the largest suffix that leaves no fraction, so
``1000M`` is ``1G`` and ``1.5Gi`` is ``1536Mi``. Upstream has one shortcut that shows: text that its scanner holds to be
canonical already is given back as it came (``1.500`` stays ``1.500``). Source: apimachinery pkg/api/resource.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from attrs import field, frozen

DECIMAL_SI = "DecimalSI"
BINARY_SI = "BinarySI"
DECIMAL_EXPONENT = "DecimalExponent"

NANO_PER_UNIT = 10**9
NANO_PER_MILLI = 10**6
MAX_INT64 = 2**63 - 1
# Exponents beyond this are refused, and longer texts. Upstream has no limit and computes for hours.
MAX_EXPONENT = 1000

FORMAT_WRONG = r"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
SUFFIX_WRONG = "unable to parse quantity's suffix"

_SHAPE = re.compile(r"([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)")
_DECIMAL_SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIXES = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_BY_EXPONENT = {exponent: suffix for suffix, exponent in _DECIMAL_SUFFIXES.items()}
_BINARY_BY_EXPONENT = {0: ""} | {exponent: suffix for suffix, exponent in _BINARY_SUFFIXES.items()}
_MAX_FAST_DIGITS = 18  # decimal digits that always fit an int64


class QuantityError(ValueError):
    """Text that is not a quantity; the message is upstream's."""


@frozen
class Quantity:
    """An exact amount: ``nano`` 10⁻⁹ units, and the family of suffixes in which it prints."""

    nano: int
    format: str = DECIMAL_SI
    # What upstream prints instead of the canonical text; no part of the amount.
    text: str = field(default="", eq=False)

    def __str__(self) -> str:
        """The canonical text, as Go's String() and the API server write it."""
        return self.text or _canonical(self.nano, self.format)

    def value(self) -> int:
        """Whole units, rounded up (away from zero)."""
        return _round_away(self.nano, NANO_PER_UNIT)

    def milli_value(self) -> int:
        """Thousandths of a unit, rounded up (away from zero): millicores for CPU."""
        return _round_away(self.nano, NANO_PER_MILLI)

    def scaled_value(self, scale: int) -> int:
        """In units of 10 to the power ``scale``, rounded up (away from zero)."""
        if scale <= -9:
            return int(self.nano * 10 ** (-9 - scale))
        return _round_away(self.nano, int(10 ** (scale + 9)))

    def round_up(self, scale: int) -> tuple[Quantity, bool]:
        """Rounded away from zero to a multiple of 10 to the power ``scale``; and whether nothing was lost."""
        step = int(10 ** (max(scale, -9) + 9))
        rounded = _round_away(self.nano, step) * step
        if rounded == self.nano:
            return self, True
        return Quantity(rounded, self.format), False

    def is_zero(self) -> bool:
        """Whether the amount is nothing at all."""
        return self.nano == 0

    def cmp(self, other: Quantity) -> int:
        """-1, 0 or 1 as this amount is less than, equal to or more than the other; formats do not matter."""
        return (self.nano > other.nano) - (self.nano < other.nano)

    def add(self, other: Quantity) -> Quantity:
        """The sum, in this one's format (in the other's when this one is zero)."""
        return Quantity(self.nano + other.nano, self.format if self.nano else other.format)

    def sub(self, other: Quantity) -> Quantity:
        """The difference, in this one's format (in the other's when this one is zero)."""
        return Quantity(self.nano - other.nano, self.format if self.nano else other.format)

    def as_fraction(self) -> Fraction:
        """The exact amount in units."""
        return Fraction(self.nano, NANO_PER_UNIT)


def from_int(value: int, format: str = DECIMAL_SI) -> Quantity:
    """A quantity of whole units."""
    return Quantity(value * NANO_PER_UNIT, format)


def from_milli(value: int, format: str = DECIMAL_SI) -> Quantity:
    """A quantity of thousandths of a unit."""
    return Quantity(value * NANO_PER_MILLI, format)


def from_json(value: str | int | float | None) -> Quantity:
    """What the API server reads from a JSON value: text (blanks around it are dropped), a number, or null for zero."""
    if value is None:
        return Quantity(0, "")
    return parse(value.strip() if isinstance(value, str) else repr(value))


@lru_cache(maxsize=4096)
def parse(text: str) -> Quantity:
    """The quantity that a text stands for. Raises QuantityError with upstream's message."""
    shape = _SHAPE.fullmatch(text)
    if not shape or not text:
        raise QuantityError(FORMAT_WRONG)
    sign, _, whole, decimals, suffix = shape.groups()
    base, exponent, format = _read_suffix(suffix)
    whole, decimals = whole or "0", decimals or ""
    if abs(exponent) > MAX_EXPONENT or len(text) > MAX_EXPONENT:
        raise QuantityError(SUFFIX_WRONG)
    nano = _nano(whole + decimals, len(decimals), base, exponent)
    if format == BINARY_SI:
        nano = min(nano, MAX_INT64 * NANO_PER_UNIT)
        if 0 < nano < NANO_PER_UNIT and not _fast(whole, decimals, format, exponent):
            format = DECIMAL_SI
    kept = text if text == "0" or _kept_as_written(whole, decimals, format, exponent) else ""
    return Quantity(-nano if sign == "-" else nano, format, kept)


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The text as the API server would store and show it."""
    return str(parse(text))


@lru_cache(maxsize=4096)
def milli(text: str) -> int:
    """Thousandths of a unit, rounded up: ``milli("0.5") == 500``."""
    return parse(text).milli_value()


@lru_cache(maxsize=4096)
def value(text: str) -> int:
    """Whole units, rounded up: ``value("1Ki") == 1024``."""
    return parse(text).value()


def _round_away(nano: int, step: int) -> int:
    return -(-nano // step) if nano >= 0 else nano // step


def _read_suffix(suffix: str) -> tuple[int, int, str]:
    """Base, exponent and format of a suffix."""
    if suffix in _DECIMAL_SUFFIXES:
        return 10, _DECIMAL_SUFFIXES[suffix], DECIMAL_SI
    if suffix in _BINARY_SUFFIXES:
        return 2, _BINARY_SUFFIXES[suffix], BINARY_SI
    if suffix[:1] in ("e", "E") and re.fullmatch(r"[-+]?[0-9]{1,19}", suffix[1:]):
        return 10, int(suffix[1:]), DECIMAL_EXPONENT
    raise QuantityError(SUFFIX_WRONG)


def _nano(digits: str, decimals: int, base: int, exponent: int) -> int:
    """The amount in nano-units, rounded up."""
    mantissa = int(digits)
    if base == 2:
        mantissa, exponent = mantissa << exponent, 0
    power = exponent - decimals + 9
    if power >= 0:
        return int(mantissa * 10**power)
    return -(-mantissa // int(10**-power))


def _fast(whole: str, decimals: str, format: str, exponent: int) -> bool:
    """Whether upstream reads the number by its shortcut for small ones."""
    if format == BINARY_SI:
        return not decimals and 15 - len(whole) - exponent * 3 // 10 - 1 >= 0
    return len(whole) + len(decimals) <= _MAX_FAST_DIGITS and exponent - len(decimals) >= -9


def _kept_as_written(whole: str, decimals: str, format: str, exponent: int) -> bool:
    """Whether upstream holds the text to be canonical already, and so prints it unchanged."""
    if not _fast(whole, decimals, format, exponent):
        return False
    digits = whole + decimals
    if format == BINARY_SI:
        return exponent % 10 == 0 and int(digits) % 8 != 0
    return (exponent - len(decimals)) % 3 == 0 and not digits.endswith("000") and digits[0] != "0"


def _canonical(nano: int, format: str) -> str:
    if nano == 0:
        return "0"
    if format == BINARY_SI:
        units, rest = divmod(nano, NANO_PER_UNIT)
        if not rest and abs(units) >= 1024:
            amount, times = _without_factors(units, 1024)
            return f"{amount}{_BINARY_BY_EXPONENT.get(times * 10, '')}"
        format = DECIMAL_SI
    amount, times = _without_factors(nano, 10)
    exponent = times - 9
    amount, exponent = amount * 10 ** (exponent % 3), exponent - exponent % 3
    if format == DECIMAL_SI:
        # Beyond exa there is no suffix, and upstream then writes none at all.
        return f"{amount}{_DECIMAL_BY_EXPONENT.get(exponent, '')}"
    return f"{amount}e{exponent}" if exponent else f"{amount}"


def _without_factors(amount: int, factor: int) -> tuple[int, int]:
    """The amount divided by the factor as often as it goes, and how often that was."""
    times = 0
    while amount % factor == 0:
        amount //= factor
        times += 1
    return amount, times
