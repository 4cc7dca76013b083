"""Structural schemas: what a definition's schema must be so that fields can be pruned and filled in.

As ValidateStructural in pkg/apiserver/schema: every field has its type where it stands, and what stands under allOf,
anyOf, oneOf and not only restricts values. Errors come sorted, as upstream's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api.fielderror import FieldError, forbidden, invalid, required
from kubesim_tui.kernel.regex import RegexError, compiled

JsonMap = Mapping[str, Any]
INT_OR_STRING = [{"type": "integer"}, {"type": "string"}]
ROOT, ITEM, FIELD = "at the root", "for specified array items", "for specified object fields"
JUNCTORS = ("allOf", "anyOf", "oneOf")
PRESERVE, EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
INT_OR = "x-kubernetes-int-or-string"
NOT_NESTED = {
    "type": "must be empty to be structural",
    "additionalProperties": "must be undefined to be structural",
    "default": "must be undefined to be structural",
    "title": "must be empty to be structural",
    "description": "must be empty to be structural",
    "nullable": "must be false to be structural",
    "externalDocs": "must be undefined to be structural",
    PRESERVE: "must be false to be structural",
    EMBEDDED: "must be false to be structural",
    INT_OR: "must be false to be structural",
    "x-kubernetes-list-map-keys": "must be empty to be structural",
    "x-kubernetes-list-type": "must be undefined to be structural",
    "x-kubernetes-map-type": "must be undefined to be structural",
    "x-kubernetes-validations": "must be empty to be structural",
}
"""What may not stand under a junctor, and what is said of it."""


def validate(schema: JsonMap, path: str) -> list[FieldError]:
    """Why a schema is not structural."""
    found = [*_invariants(schema, ROOT, path), *_complete(schema, path)]
    return sorted(found, key=str)


def _invariants(s: JsonMap, level: str, path: str) -> Iterator[FieldError]:
    items, additional = s.get("items"), s.get("additionalProperties")
    if s.get("type") == "array" and items is None:
        yield required(f"{path}.items", "must be specified")
    if isinstance(items, Mapping):
        yield from _invariants(items, ITEM, f"{path}.items")
    for name, inner in (s.get("properties") or {}).items():
        yield from _invariants(inner, FIELD, f"{path}.properties[{name}]")
    if additional is not None and level == ROOT:
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    if isinstance(additional, Mapping):
        yield from _invariants(additional, FIELD, f"{path}.additionalProperties")
    yield from _extensions(s, path)
    yield from _values(s, path, FIELD)
    yield from _type(s, level, path)
    yield from _metadata(s, level, path)


def _extensions(s: JsonMap, path: str) -> Iterator[FieldError]:
    if s.get(INT_OR):
        for name in (PRESERVE, EMBEDDED):
            if s.get(name):
                yield invalid(f"{path}.{name}", True, f"must be false if {INT_OR} is true")
    if s.get(EMBEDDED):
        if s.get("additionalProperties") is not None:
            yield forbidden(f"{path}.additionalProperties", f"must not be used if {EMBEDDED} is set")
        if not s.get(PRESERVE) and not s.get("properties"):
            said = f"must not be empty if {EMBEDDED} is true without {PRESERVE}"
            yield required(f"{path}.properties", said)


def _type(s: JsonMap, level: str, path: str) -> Iterator[FieldError]:
    kind = s.get("type") or ""
    if s.get(EMBEDDED) and kind != "object":
        said = f"must be object if {EMBEDDED} is true"
        yield invalid(f"{path}.type", kind, said) if kind else required(f"{path}.type", said)
    elif not kind and not s.get(INT_OR) and not s.get(PRESERVE):
        yield required(f"{path}.type", f"must not be empty {level}")
    if level == ROOT and kind and kind != "object":
        yield invalid(f"{path}.type", kind, "must be object at the root")


def _metadata(s: JsonMap, level: str, path: str) -> Iterator[FieldError]:
    properties = s.get("properties") or {}
    if level != ROOT and not s.get(EMBEDDED):
        return
    for name in ("kind", "apiVersion"):
        if name in properties and properties[name].get("type") != "string":
            yield invalid(f"{path}.properties[{name}].type", properties[name].get("type") or "", "must be string")
    meta = properties.get("metadata")
    if meta is None:
        return
    at = f"{path}.properties[metadata]"
    if meta.get("type") != "object":
        yield invalid(f"{at}.type", meta.get("type") or "", "must be object")
    rest = {k: v for k, v in meta.items() if k not in ("type", "default", "description") and v}
    if level == ROOT and (set(rest) - {"properties"} or set(rest.get("properties") or ()) - {"name", "generateName"}):
        said = "must not specify anything other than name and generateName, but metadata is implicitly specified"
        yield forbidden(at, said)


def _values(s: JsonMap, path: str, level: str) -> Iterator[FieldError]:
    """What restricts values: the junctors and the pattern."""
    for junctor in JUNCTORS:
        for i, nested in enumerate(s.get(junctor) or ()):
            if junctor == "anyOf" and s["anyOf"] == INT_OR_STRING:
                break
            spared = junctor == "allOf" and i == 0 and nested.get("anyOf") == INT_OR_STRING
            yield from _nested(nested, f"{path}.{junctor}[{i}]", level, spared=spared)
    if s.get("not") is not None:
        yield from _nested(s["not"], f"{path}.not", level)
    if s.get("pattern"):
        try:
            compiled(s["pattern"])
        except RegexError as wrong:
            said = f"must be a valid regular expression, but isn't: {wrong}"
            yield invalid(f"{path}.pattern", s["pattern"], said)


def _nested(s: JsonMap, path: str, level: str, *, spared: bool = False) -> Iterator[FieldError]:
    """A schema under a junctor. `spared`: its anyOf is the one of int-or-string."""
    yield from _values({k: v for k, v in s.items() if k != "anyOf"} if spared else s, path, level)
    if isinstance(s.get("items"), Mapping):
        yield from _nested(s["items"], f"{path}.items", level)
    for name, inner in (s.get("properties") or {}).items():
        yield from _nested(inner, f"{path}.properties[{name}]", FIELD)
    for name, said in NOT_NESTED.items():
        if s.get(name):
            yield forbidden(f"{path}.{name}", said)
    if "metadata" in (s.get("properties") or {}):
        yield forbidden(f"{path}.properties[metadata]", "must not be specified in a nested context")


# -- completeness ------------------------------------------------------------------------------------------------


def _complete(s: JsonMap, path: str) -> Iterator[FieldError]:
    """Whatever stands under a junctor of the root must stand outside, too. (Upstream looks at the root alone.)"""
    for junctor in JUNCTORS:
        for i, nested in enumerate(s.get(junctor) or ()):
            yield from _covered(nested, s, f"{path}.{junctor}[{i}]", path)
    if s.get("not") is not None:
        yield from _covered(s["not"], s, f"{path}.not", path)


def _covered(nested: JsonMap, s: JsonMap, path: str, outer: str) -> Iterator[FieldError]:
    for junctor in JUNCTORS:
        for i, deeper in enumerate(nested.get(junctor) or ()):
            yield from _covered(deeper, s, f"{path}.{junctor}[{i}]", outer)
    if nested.get("not") is not None:
        yield from _covered(nested["not"], s, f"{path}.not", outer)
    because = f"because it is defined in {path}"
    items = nested.get("items")
    if isinstance(items, Mapping):
        if not isinstance(s.get("items"), Mapping):
            yield required(f"{outer}.items", f"{because}.items")
        else:
            yield from _covered(items, s["items"], f"{path}.items", f"{outer}.items")
    known = s.get("properties") or {}
    for name, inner in (nested.get("properties") or {}).items():
        if name in known:
            yield from _covered(inner, known[name], f"{path}.properties[{name}]", f"{outer}.properties[{name}]")
        else:
            yield required(f"{outer}.properties[{name}]", f"{because}.properties[{name}]")
