"""One mutation of a policy: what an expression makes of an object (policy/mutating/patch). Pure.

An ApplyConfiguration is merged as a server-side apply would merge it, without managers; it may not touch lists, maps
and structs that are one value. A JSONPatch whose test fails changes nothing.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.admission.conditions import Budget
from kubesim_tui.apiserver.apiextensions.cel.conversions import string, type_name
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Instance, Type
from kubesim_tui.apiserver.patch import json_patch, managed
from kubesim_tui.apiserver.patch.fieldset import Shape
from kubesim_tui.apiserver.patch.schema import PatchError

Json = Mapping[str, Any]
JsonMap = dict[str, Any]
TYPES = {"Object": Type("Object"), "JSONPatch": Type("JSONPatch")}
"""The types of which expressions can make objects."""
BUDGET = 10_000_000
TEST_FAILED = "testing value"


def mutated(mutation: Json, resource: Resource, data: JsonMap, scope: Json) -> JsonMap:
    """The object as it is afterwards. CelError."""
    configuration = mutation.get("patchType") == "ApplyConfiguration"
    source = (mutation.get("applyConfiguration" if configuration else "jsonPatch") or {}).get("expression") or ""
    value = Budget(BUDGET).value(source, {**scope, **TYPES})
    return _applied(value, resource, data) if configuration else _patched(value, data)


def _applied(value: Any, resource: Resource, data: JsonMap) -> JsonMap:
    if not isinstance(value, Instance):
        raise CelError(f"unsupported return type from ApplyConfiguration expression: {type_name(value)}")
    wrong = list(_misnamed(value, "Object"))
    if wrong:
        raise CelError(f"type mismatch: {wrong[0]}")
    config, form = plain(value), managed.root(resource)
    atomic = list(_atomic(config, form, ""))
    if atomic:
        said = f"may not mutate atomic arrays, maps or structs: {', '.join(atomic)}"
        raise CelError(f"error applying patch: invalid ApplyConfiguration: {said}")
    found: JsonMap = managed.merge(data, config, form)
    return found


def _misnamed(value: Any, path: str) -> Iterator[str]:
    """Objects whose type is not named by the path of their fields."""
    if isinstance(value, Instance):
        if value.cel_type != path:
            why = "which matches field name path from root Object type"
            yield f'unexpected type name "{value.cel_type}", expected "{path}", {why}'
        for name, inner in value.items():
            yield from _misnamed(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from _misnamed(item, path)


def _atomic(value: Any, form: Shape, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        if form.kind == "atomic":
            yield path
        for name in value:
            yield from _atomic(value[name], form.child(name), f"{path}.{name}")
    elif isinstance(value, list):
        if form.kind == "atomic":
            yield path
        else:
            for i, item in enumerate(value):
                yield from _atomic(item, form.item, f"{path}[{i}]")


def _patched(value: Any, data: JsonMap) -> JsonMap:
    if not isinstance(value, list):
        raise CelError("type mismatch: JSONPatchType.expression should evaluate to array")
    operations = []
    for item in value:
        if not isinstance(item, Instance) or item.cel_type != "JSONPatch":
            raise CelError("type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch")
        operations.append({k: v for k, v in plain(item).items() if k != "from" or v})
    try:
        found = json_patch.apply(data, operations)
    except PatchError as wrong:
        if str(wrong).startswith(TEST_FAILED):
            return data
        raise CelError(f"JSON Patch: {wrong}") from None
    if not isinstance(found, dict):
        raise CelError("JSON Patch: the patched object is no object")
    return found


def plain(value: Any) -> Any:
    """A value of an expression as JSON, sharing nothing with what it was made of."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if value is None or isinstance(value, bool | str | float):
        return value
    return int(value) if isinstance(value, int) else string(value)
