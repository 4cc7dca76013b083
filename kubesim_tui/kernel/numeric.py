"""Numbers that come out the same on every machine and every Python.

IEEE 754 fixes the last bit of + − × ÷ and the square root, but not of exp, log and pow: those come from the C
library and differ between systems (musl, glibc, Windows, a browser). So they are built here from the five exact
operations in a fixed order; ``frexp`` and ``ldexp`` only move the exponent. The method is the classic one: reduce the
argument (x = k ln 2 + r), sum a short series, put the exponent back.

Traps for everyone else in the engine: never ``**`` on floats (libm's pow), never the built-in ``sum`` on floats (since
Python 3.12 it compensates, before it did not; use :func:`total`), no numpy float functions. State holds integers, so
most callers want the integer helpers at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import factorial, frexp, inf, isqrt, ldexp, sqrt

__all__ = [
    "ceil_div",
    "exp",
    "isqrt",
    "log",
    "log_factorial",
    "mul_div",
    "per_mille",
    "percent",
    "pow",
    "round_half_even",
    "sqrt",
    "total",
]

# ln 2 in two parts: the first has 32 significant bits, so that k times it is exact for every exponent k.
_LN2_HI = float.fromhex("0x1.62e42feep-1")
_LN2_LO = float.fromhex("0x1.a39ef35793c76p-33")
_INVERSE_LN2 = float.fromhex("0x1.71547652b82fep+0")
_SQRT_HALF = float.fromhex("0x1.6a09e667f3bcdp-1")
_HALF_LOG_TAU = float.fromhex("0x1.d67f1c864beb5p-1")  # ½ ln 2π
_SPLIT = 134217729.0  # 2²⁷ + 1: halves a double into two numbers of 26 bits (Dekker)
_EXP_MAX = 709.782712893384  # above, exp overflows
_EXP_MIN = -745.1332191019412  # below, exp is 0


def exp(x: float) -> float:
    """e to the ``x``, within 1 ulp. Raises OverflowError above 709.78, as ``math.exp`` does."""
    if x != x or x == inf:
        return x
    if x > _EXP_MAX:
        raise OverflowError("math range error")
    if x < _EXP_MIN:
        return 0.0
    k = int(x * _INVERSE_LN2 + (0.5 if x >= 0 else -0.5))
    high = x - k * _LN2_HI
    low = k * _LN2_LO
    r = high - low  # |r| ≤ ½ ln 2, where thirteen terms of the series reach below half an ulp
    tail = 1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800))
    tail = 1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * tail))
    tail = 1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * tail))
    tail = 0.5 + r * (1 / 6 + r * (1 / 24 + r * tail))
    y = 1.0 + (high - (low - r * r * tail))
    if k < -1000:  # Windows' ldexp cuts subnormal results instead of rounding them; a product rounds everywhere
        return ldexp(y, k + 1000) * ldexp(1.0, -1000)
    return ldexp(y, k)


def _atanh_tail(z: float) -> float:
    """2 (z/3 + z²/5 + …): what log(1+f) has beyond 2s, divided by s, for s = f/(2+f) and z = s² < 0.03."""
    tail = 2 / 19 + z * (2 / 21 + z * (2 / 23))
    tail = 2 / 13 + z * (2 / 15 + z * (2 / 17 + z * tail))
    tail = 2 / 7 + z * (2 / 9 + z * (2 / 11 + z * tail))
    return z * (2 / 3 + z * (2 / 5 + z * tail))


def _reduce(x: float) -> tuple[int, float]:
    """(k, m) with x = m · 2^k and √½ ≤ m < √2."""
    if not x > 0.0:
        raise ValueError("math domain error")
    mantissa, exponent = frexp(x)
    if mantissa < _SQRT_HALF:
        return exponent - 1, mantissa + mantissa
    return exponent, mantissa


def log(x: float) -> float:
    """The natural logarithm, within 1 ulp. Raises ValueError unless ``x`` > 0."""
    if x == inf:
        return x
    k, m = _reduce(x)
    f = m - 1.0
    s = f / (2.0 + f)
    half_square = 0.5 * f * f
    # log(1+f) = f − f²/2 + s (f²/2 + tail): the large part, f, is exact
    low = half_square - (s * (half_square + _atanh_tail(s * s)) + k * _LN2_LO)
    return k * _LN2_HI - (low - f)


def _two_sum(a: float, b: float) -> tuple[float, float]:
    """a + b as a rounded sum and its exact error (Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def _two_product(a: float, b: float) -> tuple[float, float]:
    """a · b as a rounded product and its exact error (Dekker)."""
    p = a * b
    t = _SPLIT * a
    a_high = t - (t - a)
    t = _SPLIT * b
    b_high = t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    return p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low


def _log_pair(x: float) -> tuple[float, float]:
    """The logarithm as a sum of two doubles, good to about 60 bits: pow multiplies its error by up to 700."""
    k, m = _reduce(x)
    f = m - 1.0
    denominator, denominator_low = _two_sum(1.0, m)
    s = f / denominator
    product, product_low = _two_product(s, denominator)
    s_low = ((f - product) - product_low - s * denominator_low) / denominator
    high, low = _two_sum(k * _LN2_HI, 2.0 * s)
    return _two_sum(high, low + (k * _LN2_LO + 2.0 * s_low + s * _atanh_tail(s * s)))


def pow(x: float, y: float) -> float:
    """``x`` to the ``y`` for ``x`` ≥ 0, within 3 ulp. Raises ValueError for x < 0 or 0 to a negative power."""
    if y == 0.0 or x == 1.0:
        return 1.0
    if x == 0.0 and y > 0.0:
        return 0.0
    high, low = _log_pair(x)
    if not -800.0 < y * high < 800.0:
        return exp(y * high)
    product, error = _two_product(y, high)
    result = exp(product)
    return result + result * (error + y * low)


_LOG_FACTORIALS = tuple(log(float(factorial(n))) for n in range(32))


def log_factorial(n: int) -> float:
    """ln n!, to 15 digits: exact factorials below 32, Stirling's series from there. Raises ValueError for n < 0."""
    if n < 0:
        raise ValueError("factorial of a negative number")
    if n < 32:
        return _LOG_FACTORIALS[n]
    x = float(n)
    z = 1.0 / (x * x)
    series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680)))) / x
    return (x + 0.5) * log(x) - x + (_HALF_LOG_TAU + series)


def total(values: Iterable[float]) -> float:
    """The sum from left to right, each step rounded once: on floats the built-in ``sum`` depends on the Python."""
    partial = 0.0
    for value in values:
        partial += value
    return partial


def ceil_div(a: int, b: int) -> int:
    """a ÷ b rounded up."""
    return -(-a // b)


def round_half_even(a: int, b: int) -> int:
    """a ÷ b rounded to the nearest integer, ties to the even one (as IEEE and ``round`` do). ``b`` > 0."""
    quotient, rest = divmod(a, b)
    twice = 2 * rest
    return quotient + (twice > b or (twice == b and quotient & 1))


def mul_div(a: int, b: int, c: int) -> int:
    """a · b ÷ c rounded down, without the loss of an intermediate float."""
    return a * b // c


def percent(share: int, whole: int, *, up: bool = False) -> int:
    """``share`` per cent of ``whole``, rounded down, or up: the rounding of maxUnavailable and of maxSurge."""
    return ceil_div(share * whole, 100) if up else share * whole // 100


def per_mille(part: int, whole: int) -> int:
    """How many thousandths of ``whole`` are ``part``, rounded down (1000 means all); 0 of nothing."""
    return part * 1000 // whole if whole else 0
