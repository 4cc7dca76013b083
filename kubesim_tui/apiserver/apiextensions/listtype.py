"""Lists that are sets, or maps by keys: nothing may be there twice (pkg/apiserver/schema/listtype)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from kubesim_tui.api import fielderror
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.apiserver.apiextensions.schema import Schema


def validate(value: Any, schema: Schema, path: str = "") -> Iterator[FieldError]:
    """Every duplicate in an object."""
    if isinstance(value, dict):
        for name in sorted(value):
            if name in schema.properties:
                yield from validate(value[name], schema.properties[name], f"{path}.{name}" if path else name)
            elif schema.additional is not None:
                yield from validate(value[name], schema.additional, f"{path}[{name}]")
    elif isinstance(value, list):
        yield from _list(value, schema, path)
        if schema.items is not None:
            for i, item in enumerate(value):
                yield from validate(item, schema.items, f"{path}[{i}]")


def _list(value: list[Any], schema: Schema, path: str) -> Iterator[FieldError]:
    if schema.list_type == "set":
        yield from (fielderror.duplicate(f"{path}[{i}]", value[i]) for i in _twice(value))
    elif schema.list_type == "map":
        for i, item in enumerate(value):
            if item is not None and not isinstance(item, dict):
                yield fielderror.invalid(f"{path}[{i}]", item, "must be an object for an array of list-type map")
                return
        keys = [key_of(item, schema.list_keys) for item in value]
        yield from (fielderror.duplicate(f"{path}[{i}]", keys[i]) for i in _twice(keys))


def key_of(item: Any, names: Iterable[str]) -> dict[str, Any]:
    """What tells an item of a map list from the others."""
    return {name: item[name] for name in names if name in item} if isinstance(item, dict) else {}


def _twice(items: list[Any]) -> Iterator[int]:
    """Where items stand that have come once before (a third time is not told)."""
    seen: dict[str, int] = {}
    for i, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)
        seen[text] = seen.get(text, 0) + 1
        if seen[text] == 2:
            yield i
