"""Functions of lists, sets and optional values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.operators import OPERATORS, equal, overload
from kubesim_tui.apiserver.apiextensions.cel.values import NONE, CelError, Duration, Optional

_add, _less = OPERATORS["_+_"], OPERATORS["_<_"]


def _lists(*values: Any) -> None:
    if not all(isinstance(v, list) for v in values):
        raise overload()


def _is_sorted(items: list[Any]) -> bool:
    _lists(items)
    return not any(_less(b, a) for a, b in pairwise(items))


def _sum(items: list[Any]) -> Any:
    _lists(items)
    if not items:
        return 0
    total: Any = Duration(0) if isinstance(items[0], Duration) else type(items[0])(0)
    for item in items:
        total = _add(total, item)
    return total


def _best(better: Callable[[Any, Any], bool], name: str) -> Callable[..., Any]:
    def choose(*given: Any) -> Any:
        items = given[0] if len(given) == 1 and isinstance(given[0], list) else list(given)
        if not items:
            raise CelError(f"{name} called on empty list")
        found = items[0]
        for item in items[1:]:
            found = item if better(item, found) else found
        return found

    return choose


def _index_of(value: Any, wanted: Any, start: int = 0) -> int:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.find(wanted, start)
    _lists(value)
    return next((i for i, item in enumerate(value) if equal(item, wanted)), -1)


def _last_index_of(value: Any, wanted: Any, end: int | None = None) -> int:
    if isinstance(value, str) and isinstance(wanted, str):
        return value.rfind(wanted) if end is None else value.rfind(wanted, 0, end + len(wanted))
    _lists(value)
    return next((i for i in reversed(range(len(value))) if equal(value[i], wanted)), -1)


def _join(items: list[Any], separator: str = "") -> str:
    _lists(items)
    return separator.join(items)


def _reverse(value: Any) -> Any:
    if not isinstance(value, str | list):
        raise overload()
    return value[::-1]


def _slice(items: list[Any], start: int, end: int) -> list[Any]:
    _lists(items)
    if not 0 <= start <= end <= len(items):
        raise CelError(f"slice indices out of range: start {start}, end {end}")
    return items[start:end]


def _flatten(items: list[Any], depth: int = 1) -> list[Any]:
    _lists(items)
    found: list[Any] = []
    for item in items:
        found += _flatten(item, depth - 1) if isinstance(item, list) and depth > 0 else [item]
    return found


def _distinct(items: list[Any]) -> list[Any]:
    _lists(items)
    found: list[Any] = []
    for item in items:
        if not any(equal(item, other) for other in found):
            found.append(item)
    return found


def _sort(items: list[Any]) -> list[Any]:
    _lists(items)
    if any(type(item) is not type(items[0]) for item in items):
        raise overload()
    return sorted(items)


# -- sets --------------------------------------------------------------------------------------------------------


def _covers(a: list[Any], b: list[Any]) -> bool:
    _lists(a, b)
    return all(any(equal(x, y) for x in a) for y in b)


def _equivalent(a: list[Any], b: list[Any]) -> bool:
    return _covers(a, b) and _covers(b, a)


def _intersects(a: list[Any], b: list[Any]) -> bool:
    _lists(a, b)
    return any(equal(x, y) for x in a for y in b)


# -- optional values ---------------------------------------------------------------------------------------------


def _value(found: Optional) -> Any:
    if not found.there:
        raise CelError("optional.none() dereference")
    return found.value


def _or(found: Optional, other: Optional) -> Optional:
    return found if found.there else other


def _or_value(found: Optional, other: Any) -> Any:
    return found.value if found.there else other


def _of_non_zero(value: Any) -> Optional:
    return Optional(True, value) if value else NONE


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "isSorted": _is_sorted,
    "sum": _sum,
    "min": _best(_less, "min"),
    "max": _best(lambda a, b: _less(b, a), "max"),
    "math.least": _best(_less, "math.least"),
    "math.greatest": _best(lambda a, b: _less(b, a), "math.greatest"),
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "join": _join,
    "reverse": _reverse,
    "slice": _slice,
    "flatten": _flatten,
    "distinct": _distinct,
    "sort": _sort,
    "sets.contains": _covers,
    "sets.equivalent": _equivalent,
    "sets.intersects": _intersects,
    "optional.of": lambda value: Optional(True, value),
    "optional.none": lambda: NONE,
    "optional.ofNonZeroValue": _of_non_zero,
    "hasValue": lambda found: found.there,
    "value": _value,
    "or": _or,
    "orValue": _or_value,
}
