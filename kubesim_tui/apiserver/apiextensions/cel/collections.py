"""Functions of lists, sets and optional values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.operators import OPERATORS, equal, overload
from kubesim_tui.apiserver.apiextensions.cel.values import (
    FIRST_MOMENT,
    NONE,
    SECOND,
    CelError,
    Duration,
    Optional,
    Timestamp,
)

_add, _less = OPERATORS["_+_"], OPERATORS["_<_"]
_FIRST = Timestamp(FIRST_MOMENT * SECOND)
MOST_ITEMS = 1_000_000


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
        if start < 0:
            raise CelError(f"index out of range: {start}")
        return value.find(wanted, start)
    _lists(value)
    return next((i for i, item in enumerate(value) if equal(item, wanted)), -1)


def _last_index_of(value: Any, wanted: Any, end: int | None = None) -> int:
    if isinstance(value, str) and isinstance(wanted, str):
        if end is not None and end < 0:
            raise CelError(f"index out of range: {end}")
        return value.rfind(wanted) if end is None else value.rfind(wanted, 0, end + len(wanted))
    _lists(value)
    return next((i for i in reversed(range(len(value))) if equal(value[i], wanted)), -1)


def _join(items: list[Any], separator: str = "") -> str:
    _lists(items)
    return separator.join(items)


def _reverse(items: list[Any]) -> list[Any]:
    _lists(items)
    return items[::-1]


def _slice(items: list[Any], start: int, end: int) -> list[Any]:
    _lists(items)
    said = f"cannot slice({start}, {end})"
    if start < 0 or end < 0:
        raise CelError(f"{said}, negative indexes not supported")
    if start > end:
        raise CelError(f"{said}, start index must be less than or equal to end index")
    if end > len(items):
        raise CelError(f"{said}, list is length {len(items)}")
    return items[start:end]


def _flatten(items: list[Any], depth: int = 1) -> list[Any]:
    _lists(items)
    if depth < 0:
        raise CelError("level must be non-negative")
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


def _range(size: int) -> list[int]:
    if size < 0:
        raise CelError(f"lists.range: size must be non-negative, got {size}")
    if size > MOST_ITEMS:
        raise CelError(f"lists.range: size {size} exceeds maximum allowed ({MOST_ITEMS})")
    return list(range(size))


def order(items: list[Any], keys: list[Any]) -> list[Any]:
    """Items sorted by their keys, which must be of one type that can be compared."""
    if any(type(key) is not type(keys[0]) for key in keys):
        raise CelError("list elements must have the same type")
    if keys and not isinstance(keys[0], bool | int | float | str | bytes | Duration | Timestamp):
        raise CelError("list elements must be comparable")
    places = sorted(range(len(items)), key=lambda i: keys[i])
    return [items[i] for i in places]


def _sort(items: list[Any]) -> list[Any]:
    _lists(items)
    return order(items, items)


def _end(place: int) -> Callable[[list[Any]], Optional]:
    def choose(items: list[Any]) -> Optional:
        _lists(items)
        return Optional(True, items[place]) if items else NONE

    return choose


def _includes(value: Any, wanted: Any) -> bool:
    return any(equal(item, wanted) for item in value) if isinstance(value, list) else equal(value, wanted)


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
    return NONE if not value or value in (Duration(0), _FIRST) else Optional(True, value)


def _unwrap(items: list[Any]) -> list[Any]:
    _lists(items)
    if not all(isinstance(item, Optional) for item in items):
        raise overload()
    return [item.value for item in items if item.there]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "isSorted": _is_sorted,
    "sum": _sum,
    "min": _best(_less, "min"),
    "max": _best(lambda a, b: _less(b, a), "max"),
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "join": _join,
    "reverse": _reverse,
    "slice": _slice,
    "flatten": _flatten,
    "distinct": _distinct,
    "sort": _sort,
    "lists.range": _range,
    "first": _end(0),
    "last": _end(-1),
    "includes": _includes,
    "sets.contains": _covers,
    "sets.equivalent": _equivalent,
    "sets.intersects": _intersects,
    "optional.of": lambda value: Optional(True, value),
    "optional.none": lambda: NONE,
    "optional.ofNonZeroValue": _of_non_zero,
    "optional.unwrap": _unwrap,
    "unwrapOpt": _unwrap,
    "hasValue": lambda found: found.there,
    "value": _value,
    "or": _or,
    "orValue": _or_value,
}
