"""What a definition's schema may say at all (ValidateCustomResourceDefinitionOpenAPISchema).

Whether it is structural is asked elsewhere; whether its rules make sense, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.api.fielderror import FieldError, forbidden, invalid, not_supported, required
from kubesim_tui.apiserver.apiextensions.schema import META_FIELDS

JsonMap = Mapping[str, Any]
TYPES = ("array", "boolean", "integer", "number", "object", "string")
NOT_SUPPORTED = ("id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref")
LIST_TYPE, LIST_KEYS, MAP_TYPE = "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"
PRESERVE, EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")


@frozen
class Place:
    """Where in a schema we are."""

    path: str
    root: bool = False
    in_meta: bool = False
    no_defaults: str | None = None  # why there may be none here

    def at(self, path: str) -> Place:
        """Further down."""
        return evolve(self, path=path, root=False)


def validate(s: JsonMap, place: Place) -> Iterator[FieldError]:
    """What is wrong with a schema and all below it."""
    path = place.path
    yield from _plain(s, place)
    if s.get("uniqueItems"):
        said = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
        yield forbidden(f"{path}.uniqueItems", said)
    yield from _additional(s, place)
    for name in sorted(s.get("properties") or ()):
        yield from validate(s["properties"][name], _property(s, place, name))
    for junctor in ("allOf", "oneOf", "anyOf"):
        for i, inner in enumerate(s.get(junctor) or ()):
            yield from validate(inner, place.at(f"{path}.{junctor}[{i}]"))
    for name in ("not", "items"):
        if isinstance(s.get(name), Mapping):
            yield from validate(s[name], place.at(f"{path}.{name}"))
    yield from _merging(s, path)
    for i, rule in enumerate(s.get("x-kubernetes-validations") or ()):
        yield from _rule(rule, f"{path}.x-kubernetes-validations[{i}]")


def _plain(s: JsonMap, place: Place) -> Iterator[FieldError]:
    path, kind = place.path, s.get("type") or ""
    if kind and kind not in (*TYPES, "null"):
        yield not_supported(f"{path}.type", kind, TYPES)
    if s.get("default") is not None and place.no_defaults is not None:
        yield forbidden(f"{path}.default", f"must not be set {place.no_defaults}")
    for name in NOT_SUPPORTED:
        if s.get(name):
            yield forbidden(f"{path}.{name}", f"{name} is not supported")
    if kind == "null":
        yield forbidden(f"{path}.type", "type cannot be set to null, use nullable as an alternative")
    if isinstance(s.get("items"), list | tuple):
        yield forbidden(f"{path}.items", "items must be a schema object and not an array")
    if place.in_meta and s.get(EMBEDDED):
        yield forbidden(f"{path}.{EMBEDDED}", "must not be used inside of resource meta")


def _additional(s: JsonMap, place: Place) -> Iterator[FieldError]:
    additional = s.get("additionalProperties")
    if additional is None:
        return
    if s.get("properties") and additional is not True:
        said = "additionalProperties and properties are mutual exclusive"
        yield forbidden(f"{place.path}.additionalProperties", said)
    if isinstance(additional, Mapping):
        below = place.at(f"{place.path}.additionalProperties")
        if place.in_meta:
            below = evolve(below, no_defaults="inside additionalProperties applying to object metadata")
        yield from validate(additional, below)


def _property(s: JsonMap, place: Place, name: str) -> Place:
    below = place.at(f"{place.path}.properties[{name}]")
    if name in META_FIELDS and (place.root or s.get(EMBEDDED)):
        below = evolve(below, in_meta=True)
        if place.root:
            below = evolve(below, no_defaults=f"in top-level {name}")
    return below


# -- how lists and maps merge ------------------------------------------------------------------------------------


def _merging(s: JsonMap, path: str) -> Iterator[FieldError]:
    kind, list_type, map_type = s.get("type") or "", s.get(LIST_TYPE), s.get(MAP_TYPE)
    if s.get(PRESERVE) is False:
        yield invalid(f"{path}.{PRESERVE}", False, "must be true or undefined")
    if map_type is not None:
        yield from _of_type(kind, "object", MAP_TYPE, path)
        if map_type not in ("atomic", "granular"):
            yield not_supported(f"{path}.{MAP_TYPE}", map_type, ("atomic", "granular"))
    if list_type is not None:
        yield from _of_type(kind, "array", LIST_TYPE, path)
        if kind == "array" and list_type == "set":
            yield from _set_items(s, path)
        if list_type not in ("atomic", "set", "map"):
            yield not_supported(f"{path}.{LIST_TYPE}", list_type, ("atomic", "set", "map"))
    if s.get(LIST_KEYS) and list_type != "map":
        said = f"must be map if {LIST_KEYS} is non-empty"
        yield (
            required(f"{path}.{LIST_TYPE}", said)
            if list_type is None
            else invalid(f"{path}.{LIST_TYPE}", list_type, said)
        )
    if list_type == "map":
        yield from _map_list(s, path)
    if list_type in ("set", "map") and (s.get("items") or {}).get("nullable"):
        yield forbidden(f"{path}.items.nullable", f"cannot be nullable when {LIST_TYPE} is {list_type}")


def _of_type(kind: str, wanted: str, because: str, path: str) -> Iterator[FieldError]:
    if kind != wanted:
        said = f"must be {wanted} if {because} is specified"
        yield invalid(f"{path}.type", kind, said) if kind else required(f"{path}.type", said)


def _set_items(s: JsonMap, path: str) -> Iterator[FieldError]:
    items = s.get("items") or {}
    said = f"must be atomic as item of a list with {LIST_TYPE}=set"
    if items.get("type") == "array" and items.get(LIST_TYPE) not in (None, "atomic"):
        yield invalid(f"{path}.items.{LIST_TYPE}", items.get(LIST_TYPE), said)
    if items.get("type") == "object" and items.get(MAP_TYPE) != "atomic":
        yield invalid(f"{path}.items.{MAP_TYPE}", items.get(LIST_TYPE), said)


def _map_list(s: JsonMap, path: str) -> Iterator[FieldError]:
    keys, items = s.get(LIST_KEYS) or (), s.get("items")
    if not keys:
        yield required(f"{path}.{LIST_KEYS}", f"must not be empty if {LIST_TYPE} is map")
    if items is None:
        yield required(f"{path}.items", f"must have a schema if {LIST_TYPE} is map")
        return
    if items.get("type") != "object":
        said = f"must be object if parent array's {LIST_TYPE} is map"
        yield invalid(f"{path}.items.type", items.get("type") or "", said)
        return
    known, needed = items.get("properties") or {}, items.get("required") or ()
    for i, key in enumerate(keys):
        at, field = f"{path}.items.properties[{key}]", known.get(key)
        if field is None:
            yield invalid(f"{path}.{LIST_KEYS}", list(keys), "entries must all be names of item properties")
        elif field.get("type") in ("array", "object"):
            said = f"must be a scalar type if parent array's {LIST_TYPE} is map"
            yield invalid(f"{at}.type", items["type"], said)
        if key in keys[:i]:
            yield invalid(f"{path}.{LIST_KEYS}", list(keys), "must not contain duplicate entries")
        if field is not None:
            yield from _map_key(field, at, needed=key in needed)


def _map_key(field: JsonMap, path: str, *, needed: bool) -> Iterator[FieldError]:
    said = f"this property is in {LIST_KEYS}, so it"
    if not needed and field.get("default") is None:
        yield required(f"{path}.default", f"{said} must have a default or be a required property")
    if field.get("nullable"):
        yield forbidden(f"{path}.nullable", f"{said} cannot be nullable")


# -- rules -------------------------------------------------------------------------------------------------------


def _rule(rule: JsonMap, path: str) -> Iterator[FieldError]:
    """What can be said of a rule without reading it."""
    text, message = rule.get("rule") or "", rule.get("message") or ""
    if not text.strip():
        yield required(f"{path}.rule", "rule is not specified")
    elif message and not message.strip():
        yield invalid(f"{path}.message", message, "must be non-empty if specified")
    elif _breaks(message.strip()):
        yield invalid(f"{path}.message", message, "must not contain line breaks")
    elif _breaks(text.strip()) and not message.strip():
        yield required(f"{path}.message", "message must be specified if rule contains line breaks")
    expression = rule.get("messageExpression") or ""
    if expression and not expression.strip():
        yield required(f"{path}.messageExpression", "messageExpression must be non-empty if specified")
    reason = rule.get("reason")
    if reason is not None and reason not in REASONS:
        yield not_supported(f"{path}.reason", reason, REASONS)
    field_path = rule.get("fieldPath") or ""
    if field_path and not field_path.strip():
        yield invalid(f"{path}.fieldPath", field_path, "must be non-empty if specified")
    if _breaks(field_path):
        yield invalid(f"{path}.fieldPath", field_path, "must not contain line breaks")


def _breaks(text: str) -> bool:
    return "\n" in text or "\r" in text
