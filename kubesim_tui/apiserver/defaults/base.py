"""The few words in which defaults are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

JsonMap = dict[str, Any]
Defaulter = Callable[[JsonMap], None]


def fill(data: JsonMap, **defaults: Any) -> None:
    """Set each field that is missing or null (Go: a nil pointer)."""
    for name, value in defaults.items():
        if data.get(name) is None:
            data[name] = value


def fill_zero(data: JsonMap, **defaults: Any) -> None:
    """Set each field that is missing, null, "", 0 or empty (Go: the zero value)."""
    for name, value in defaults.items():
        if not data.get(name):
            data[name] = value


def part(data: JsonMap, name: str) -> JsonMap:
    """The map under a name, made (empty) if it is missing: Go's embedded structs are always there."""
    found = data.get(name)
    if found is None:
        found = data[name] = {}
    return found


def some(data: JsonMap, name: str) -> JsonMap:
    """The map under a name to look at; an unconnected empty one if it is missing."""
    return data.get(name) or {}


def each(data: JsonMap, name: str) -> Iterator[JsonMap]:
    """The maps in a list, if there is one."""
    for item in data.get(name) or ():
        if item is not None:
            yield item


def copy_missing(target: JsonMap, source: JsonMap) -> None:
    """Copy the entries that the target does not have."""
    for key, value in source.items():
        target.setdefault(key, value)
