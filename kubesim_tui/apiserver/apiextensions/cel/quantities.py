"""Quantities (library/quantity.go), and what they compare by, as versions do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.api.quantity import NANO_PER_UNIT, Quantity, QuantityError, from_int, parse
from kubesim_tui.apiserver.apiextensions.cel.net import succeeds
from kubesim_tui.apiserver.apiextensions.cel.operators import HIGHEST, LOWEST, overload
from kubesim_tui.apiserver.apiextensions.cel.semver import Semver
from kubesim_tui.apiserver.apiextensions.cel.values import CelError


def _quantity(text: str) -> Quantity:
    try:
        return parse(text)
    except QuantityError as wrong:
        raise CelError(str(wrong)) from None


def _cmp(a: Any, b: Any) -> int:
    if isinstance(a, Semver) and isinstance(b, Semver):
        return (a > b) - (a < b)
    if not isinstance(a, Quantity) or not isinstance(b, Quantity):
        raise overload()
    return a.cmp(b)


def _amount(value: Any) -> Quantity:
    return from_int(value) if type(value) is int else value


def _is_integer(value: Quantity) -> bool:
    return not value.nano % NANO_PER_UNIT and LOWEST <= value.nano // NANO_PER_UNIT <= HIGHEST


def _as_integer(value: Quantity) -> int:
    if not _is_integer(value):
        raise CelError("cannot convert value to integer")
    return value.nano // NANO_PER_UNIT


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "quantity": _quantity,
    "isQuantity": succeeds(_quantity),
    "isGreaterThan": lambda a, b: _cmp(a, b) > 0,
    "isLessThan": lambda a, b: _cmp(a, b) < 0,
    "compareTo": _cmp,
    "add": lambda a, b: a.add(_amount(b)),
    "sub": lambda a, b: a.sub(_amount(b)),
    "isInteger": _is_integer,
    "asInteger": _as_integer,
    "asApproximateFloat": lambda value: value.nano / NANO_PER_UNIT,
    "sign": lambda value: (value.nano > 0) - (value.nano < 0),
}
