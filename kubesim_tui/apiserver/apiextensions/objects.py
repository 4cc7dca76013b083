"""The stations that an object of a custom kind passes: decoding, defaults, validation (registry/customresource)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubesim_tui.api import fielderror, names
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.apiserver.apiextensions import cel, defaulting, embedded, listtype, pruning
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.apiextensions.validate import UNKNOWN, validate
from kubesim_tui.apiserver.errors import Cause
from kubesim_tui.apiserver.validation import metadata, strict
from kubesim_tui.apiserver.validation.report import Report

JsonMap = dict[str, Any]
BLOCKING = frozenset(
    {"FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"}
)
"""While there are errors of these kinds, rules are not asked."""
GO_TYPES = {str: "string", bool: "bool", float: "float64", list: "[]interface {}"}
MOST_REPLICAS = 2**31 - 1


def decode(resource: CustomResource, data: JsonMap, level: str) -> list[str]:
    """Bring an object into form, in place: metadata by their types, unknown fields taken out. Returns warnings."""
    strict.check_kind(resource, data)
    found = strict.Findings()
    strict.check_metadata(resource, data, found)
    found.unknown += pruning.prune(data, resource.schema)
    return strict.judge(resource, found, level)


def set_defaults(resource: CustomResource, data: JsonMap) -> None:
    """Fill in an object, in place."""
    defaulting.set_defaults(data, resource.schema)


def causes(resource: CustomResource, data: JsonMap, old: JsonMap | None, *, status: bool = False) -> list[Cause]:
    """Every cause why a new or changed object is invalid."""
    r = Report()
    meta = data.get("metadata") or {}
    if old is None:
        metadata.object_meta(r, meta, names.is_dns1123_subdomain, resource.namespaced)
    else:
        metadata.object_meta_update(r, meta, old.get("metadata") or {})
    body = {k: v for k, v in data.items() if k != "metadata"}
    before = UNKNOWN if old is None else {k: v for k, v in old.items() if k not in ("metadata", "apiVersion")}
    r.add(validate(body, resource.body, old=before))
    r.add(_named(resource, meta))
    r.add(embedded.validate(body, resource.body))
    r.add(_scale(resource, data, status=status))
    if old is None or not any(listtype.validate(old, resource.schema)):
        r.add(listtype.validate(body, resource.schema))
    if resource.has_rules:
        r.add(_rules(resource, data, old, r.errors))
    return [Cause(e.reason, e.message, e.field) for e in r.errors]


def _named(resource: CustomResource, meta: JsonMap) -> Iterator[FieldError]:
    """What the schema says of the name."""
    known = resource.schema.properties.get("metadata")
    for name in ("name", "generateName"):
        if known is not None and name in known.properties and name in meta:
            yield from validate(meta[name], known.properties[name], f"metadata.{name}")


def _scale(resource: CustomResource, data: JsonMap, *, status: bool) -> Iterator[FieldError]:
    if resource.scale is None:
        return
    paths = (resource.scale.status_replicas,) if status else (resource.scale.replicas, resource.scale.status_replicas)
    for path in paths:
        value, shown = value_at(data, path), "." + ".".join(path)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            kind = GO_TYPES.get(type(value), "map[string]interface {}")
            yield fielderror.invalid(shown, 0, f"{shown} accessor error: {value} is of the type {kind}, expected int64")
        elif value < 0:
            yield fielderror.invalid(shown, value, "should be a non-negative integer")
        elif value > MOST_REPLICAS:
            yield fielderror.invalid(shown, value, f"should be less than or equal to {MOST_REPLICAS}")


def _rules(
    resource: CustomResource, data: JsonMap, old: JsonMap | None, found: list[FieldError]
) -> Iterator[FieldError]:
    if any(e.reason in BLOCKING for e in found):
        said = "some validation rules were not checked because the object was invalid; correct the existing errors "
        yield fielderror.invalid("<nil>", None, said + "to complete validation")
        return
    yield from cel.validate(data, resource.schema, old)


def value_at(data: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of fields, None if there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict | FrozenMap) else None
    return data
