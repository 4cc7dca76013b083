"""Operators of CEL: no value is changed into another's type, integers have 64 bits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Duration, Optional, Timestamp, Uint, moment, span

LOWEST, HIGHEST = -(2**63), 2**63 - 1
MOST_UNSIGNED = 2**64 - 1
Number = (int, float)


def overload() -> CelError:
    """No function of that name takes values of these types."""
    return CelError("no such overload")


def is_number(value: Any) -> bool:
    """An integer or a double."""
    return isinstance(value, Number) and not isinstance(value, bool)


def whole(value: int) -> int:
    """An integer that has come out; CelError if it does not fit into 64 bits."""
    if not LOWEST <= value <= HIGHEST:
        raise CelError("integer overflow")
    return value


def unsigned(value: int) -> Uint:
    """An unsigned integer that has come out; CelError if it does not fit into 64 bits."""
    if not 0 <= value <= MOST_UNSIGNED:
        raise CelError("unsigned integer overflow")
    return Uint(value)


INTEGERS: Mapping[type, Callable[[int], int]] = {int: whole, Uint: unsigned}
"""Both types of integers, and how one is made of what has come out."""


def equal(a: Any, b: Any) -> bool:
    """`==`: values of different types are not equal, but numbers are compared as such."""
    if is_number(a) and is_number(b):
        return bool(a == b)
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and equal(v, b[k]) for k, v in a.items())
    if isinstance(a, Optional):
        return a.there == b.there and equal(a.value, b.value)
    return bool(a == b)


def _order(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def ordered(a: Any, b: Any) -> bool:
        if (is_number(a) and is_number(b)) or (
            type(a) is type(b) and isinstance(a, str | bytes | bool | Duration | Timestamp)
        ):
            return compare(a, b)
        raise overload()

    return ordered


def _in(a: Any, b: Any) -> bool:
    if isinstance(b, dict):
        return not isinstance(a, list | dict) and a in b
    if isinstance(b, list):
        return any(equal(a, item) for item in b)
    raise overload()


def _numbers(a: Any, b: Any, whole_numbers: Callable[[int, int], int], doubles: Callable[[float, float], float]) -> Any:
    """Arithmetic of two numbers of one type."""
    made = INTEGERS.get(type(a))
    if type(a) is not type(b) or (made is None and not isinstance(a, float)):
        raise overload()
    return doubles(a, b) if made is None else made(whole_numbers(a, b))


def _add(a: Any, b: Any) -> Any:
    if type(a) is type(b):
        if isinstance(a, str | bytes | list):
            return a + b
        if isinstance(a, Duration):
            return span(a.nanos + b.nanos)
    if isinstance(a, Timestamp) and isinstance(b, Duration):
        return moment(a.nanos + b.nanos, a.offset)
    if isinstance(a, Duration) and isinstance(b, Timestamp):
        return moment(a.nanos + b.nanos, b.offset)
    return _numbers(a, b, lambda x, y: int(x) + int(y), lambda x, y: x + y)


def _subtract(a: Any, b: Any) -> Any:
    if isinstance(a, Duration | Timestamp) and type(a) is type(b):
        return span(a.nanos - b.nanos)
    if isinstance(a, Timestamp) and isinstance(b, Duration):
        return moment(a.nanos - b.nanos, a.offset)
    return _numbers(a, b, lambda x, y: int(x) - int(y), lambda x, y: x - y)


def _multiply(a: Any, b: Any) -> Any:
    return _numbers(a, b, lambda x, y: int(x) * int(y), lambda x, y: x * y)


def _quotient(a: int, b: int) -> int:
    if b == 0:
        raise CelError("division by zero")
    found = abs(a) // abs(b)
    return found if (a < 0) == (b < 0) else -found


def _ratio(a: float, b: float) -> float:
    if b == 0:
        return float("nan") if a == 0 or a != a else float("inf") if a > 0 else float("-inf")
    return a / b


def _divide(a: Any, b: Any) -> Any:
    return _numbers(a, b, _quotient, _ratio)


def _modulo(a: Any, b: Any) -> Any:
    made = INTEGERS.get(type(a))
    if made is None or type(a) is not type(b):
        raise overload()
    if b == 0:
        raise CelError("modulus by zero")
    left = abs(a) % abs(b)
    return made(-left if a < 0 else left)


def _negate(a: Any) -> Any:
    if type(a) is int:
        return whole(-a)
    if not isinstance(a, float):
        raise CelError("no such overload: -_")
    return -a


def _not(a: Any) -> bool:
    if not isinstance(a, bool):
        raise overload()
    return not a


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "_==_": equal,
    "_!=_": lambda a, b: not equal(a, b),
    "_<_": _order(lambda a, b: a < b),
    "_<=_": _order(lambda a, b: a <= b),
    "_>_": _order(lambda a, b: a > b),
    "_>=_": _order(lambda a, b: a >= b),
    "_in_": _in,
    "_+_": _add,
    "_-_": _subtract,
    "_*_": _multiply,
    "_/_": _divide,
    "_%_": _modulo,
    "-_": _negate,
    "!_": _not,
}
