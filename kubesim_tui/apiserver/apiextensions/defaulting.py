"""Defaulting: what a schema fills in where an object says nothing (pkg/apiserver/schema/defaulting)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.apiextensions.schema import Schema


def set_defaults(value: Any, schema: Schema) -> None:
    """Fill in an object, in place. A null counts as left out where the schema has a default and no `nullable`."""
    drop_nulls(value, schema)
    _fill(value, schema)


def drop_nulls(value: Any, schema: Schema) -> None:
    """Nulls of fields that may not be null and have no default are as if they were not there."""
    if isinstance(value, dict):
        for name in list(value):
            known = schema.properties.get(name) or schema.additional
            if known is None:
                continue
            if value[name] is None and not known.nullable and known.default is None:
                del value[name]
            else:
                drop_nulls(value[name], known)
    elif isinstance(value, list) and schema.items is not None:
        for item in value:
            drop_nulls(item, schema.items)


def _fill(value: Any, schema: Schema) -> None:
    if isinstance(value, dict):
        for name, known in schema.properties.items():
            if known.default is not None and (name not in value or (value[name] is None and not known.nullable)):
                value[name] = thaw(known.default)
        for name, inner in value.items():
            deeper = schema.properties.get(name) or schema.additional
            if deeper is not None:
                value[name] = _filled(inner, deeper)
    elif isinstance(value, list) and schema.items is not None:
        value[:] = [_filled(item, schema.items) for item in value]


def _filled(value: Any, schema: Schema) -> Any:
    if value is None and not schema.nullable:
        value = thaw(schema.default)
    _fill(value, schema)
    return value
