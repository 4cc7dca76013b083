"""What `kubectl explain` looks types up in: the published definitions, and those that a custom kind brings along.

A type is a code of the scheme: `s`, `[]core.v1.Container`. The objects within a custom kind's schema have no names of
their own; here each is called by its place (`#.spec.template`), so that both kinds of definitions read alike.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from attrs import field, frozen

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.apiextensions.resource import CustomResource

JsonMap = Mapping[str, Any]
PLACE = "#"
SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}
LIKE_ALL = "core.v1.ConfigMap"
"""Any built-in kind: apiVersion, kind and metadata are the same in all, and in custom ones."""
TYPE_META = ("apiVersion", "kind", "metadata")


@cache
def _descriptions() -> dict[str, dict[str, str]]:
    packed = resources.files("kubesim_tui.api").joinpath("data/descriptions.json.gz").read_bytes()
    return dict(json.loads(gzip.decompress(packed)))


@cache
def _enums() -> dict[str, dict[str, Any]]:
    text = resources.files("kubesim_tui.kubectl").joinpath("data/enums.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@frozen
class Book:
    """Definitions by name; `custom` are those of one custom kind, as JSON schemas by their places."""

    custom: Mapping[str, JsonMap] = field(factory=dict)

    def fields(self, definition: str) -> Mapping[str, str]:
        """The type of each field."""
        if definition not in self.custom:
            return scheme.definition(definition).fields
        schema = self.custom[definition]
        found = {name: _code(one, f"{definition}.{name}") for name, one in (schema.get("properties") or {}).items()}
        return found | (_type_meta() if _is_whole(definition, schema) else {})

    def required(self, definition: str) -> tuple[str, ...]:
        """The fields that must be there."""
        if definition not in self.custom:
            return tuple(scheme.definition(definition).required)
        return tuple(self.custom[definition].get("required") or ())

    def about(self, definition: str, name: str) -> str:
        """A field's own description."""
        if definition not in self.custom:
            return _descriptions().get(definition, {}).get(name, "")
        if name in TYPE_META and _is_whole(definition, self.custom[definition]):
            return self.about(LIKE_ALL, name)
        return str(self._field(definition, name).get("description") or "")

    def enum(self, definition: str, name: str) -> list[list[str]]:
        """(value, comment) of every value that a field of an enumerated type may have."""
        if definition not in self.custom:
            found: list[list[str]] = _enums().get(definition, {}).get(name, [])
            return found
        values = self._field(definition, name).get("enum") or ()
        return [[v if isinstance(v, str) else json.dumps(v), ""] for v in values]

    def of_type(self, item: str) -> str:
        """A type's own description."""
        if item in self.custom:
            return str(self.custom[item].get("description") or "")
        text: str = _enums()["types"].get(item) or _descriptions().get(item, {}).get("", "")
        return text

    def _field(self, definition: str, name: str) -> JsonMap:
        found: JsonMap = (self.custom[definition].get("properties") or {}).get(name) or {}
        return found


BUILT_IN = Book()


def of_custom(resource: CustomResource) -> Book:
    """The built-in definitions and a custom kind's."""
    found: dict[str, JsonMap] = {}
    _gather(resource.openapi, PLACE, found)
    return Book({PLACE: resource.openapi, **found})


def _type_meta() -> dict[str, str]:
    fields = scheme.definition(LIKE_ALL).fields
    return {name: fields[name] for name in TYPE_META}


def _is_whole(definition: str, schema: JsonMap) -> bool:
    """Whether it has apiVersion, kind and metadata: the kind itself, and a resource embedded in it."""
    return definition == PLACE or bool(schema.get("x-kubernetes-embedded-resource"))


def _gather(schema: JsonMap, place: str, found: dict[str, JsonMap]) -> None:
    """Every object below, by its place; what a list or map is of has the place of the list."""
    schema = _innermost(schema)
    if schema.get("properties") or schema.get("x-kubernetes-embedded-resource"):
        found[place] = schema
    for name, one in (schema.get("properties") or {}).items():
        _gather(one, f"{place}.{name}", found)


def _innermost(schema: JsonMap) -> JsonMap:
    while (inner := _inner(schema)[1]) is not None:
        schema = inner
    return schema


def _inner(schema: JsonMap) -> tuple[str, JsonMap | None]:
    """What a list or map is of, and the sign for it."""
    for sign, name in (("[]", "items"), ("{}", "additionalProperties")):
        if isinstance(schema.get(name), Mapping):
            return sign, schema[name]
    return "", None


def _code(schema: JsonMap, place: str) -> str:
    sign, inner = _inner(schema)
    if inner is not None:
        return sign + _code(inner, place)
    if schema.get("properties") or schema.get("x-kubernetes-embedded-resource"):
        return place
    return SCALARS.get(schema.get("type") or "", "*")
