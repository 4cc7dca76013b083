"""Pruning: fields that a schema does not know are taken out (pkg/apiserver/schema/pruning)."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.apiextensions.schema import META_FIELDS, Schema

_NOTHING = Schema()


def prune(data: dict[str, Any], schema: Schema) -> list[str]:
    """Take unknown fields out of an object, in place; returns their paths, sorted. Metadata are left alone."""
    gone: list[str] = []
    _value(data, schema, "", gone, resource=True)
    return sorted(gone)


def _value(value: Any, schema: Schema, path: str, gone: list[str], *, resource: bool = False) -> None:
    if isinstance(value, dict):
        _map(value, schema, path, gone, resource=resource or schema.embedded)
    elif isinstance(value, list):
        inner = schema.items or (Schema(preserve=True) if schema.preserve else _NOTHING)
        for i, item in enumerate(value):
            _value(item, inner, f"{path}[{i}]", gone)


def _map(value: dict[str, Any], schema: Schema, path: str, gone: list[str], *, resource: bool) -> None:
    for name in list(value):
        if resource and name in META_FIELDS:
            continue
        at = f"{path}.{name}" if path else name
        known = schema.properties.get(name) or schema.additional
        if known is not None:
            _value(value[name], known, at, gone)
        elif schema.open and not schema.preserve:
            _value(value[name], _NOTHING, at, gone)
        elif not schema.preserve:
            gone.append(at)
            del value[name]
