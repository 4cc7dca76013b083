"""Whole objects within custom ones: apiVersion, kind and metadata as in any object (pkg/apiserver/schema/objectmeta).

A schema marks them with x-kubernetes-embedded-resource. Those of the custom object itself are asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubesim_tui.api import fielderror, names
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.apiserver.apiextensions.schema import Schema
from kubesim_tui.apiserver.validation import metadata, strict
from kubesim_tui.apiserver.validation.report import Report

ANY_NAME = "fakename"
"""Stands for a name that is not there: embedded objects need none."""


def validate(value: Any, schema: Schema, path: str = "") -> Iterator[FieldError]:
    """What is wrong with the objects embedded in a value."""
    if isinstance(value, dict):
        if schema.embedded:
            yield from _type_meta(value, path)
            yield from _metadata(value, path)
        for name in sorted(value):
            if name in schema.properties:
                yield from validate(value[name], schema.properties[name], f"{path}.{name}" if path else name)
            elif schema.additional is not None:
                yield from validate(value[name], schema.additional, f"{path}[{name}]")
    elif isinstance(value, list) and schema.items is not None:
        for i, item in enumerate(value):
            yield from validate(item, schema.items, f"{path}[{i}]")


def _type_meta(value: dict[str, Any], path: str) -> Iterator[FieldError]:
    for name, wrong in (("apiVersion", _group_version), ("kind", _kind)):
        at, given = f"{path}.{name}", value.get(name, "")
        if not isinstance(given, str):
            yield fielderror.invalid(at, given, "must be a string")
        elif not given:
            yield fielderror.required(at, "")
        elif said := wrong(given):
            yield fielderror.invalid(at, given, said)


def _group_version(given: str) -> str:
    return f"unexpected GroupVersion string: {given}" if given.count("/") > 1 else ""


def _kind(given: str) -> str:
    wrong = names.is_dns1035_label(given.lower())
    return f"may have mixed case, but should otherwise match: {','.join(wrong)}" if wrong else ""


def _metadata(value: dict[str, Any], path: str) -> Iterator[FieldError]:
    at, given = f"{path}.metadata", value.get("metadata")
    if given is None:
        return
    if not isinstance(given, dict):
        yield fielderror.invalid(at, given, "must be an object")
        return
    meta, found = strict.object_meta(given)
    if found.wrong:
        yield fielderror.invalid(at, given, str(found.worst))
        return
    r = Report()
    named = {**meta, "name": meta.get("name") or ANY_NAME}
    metadata.object_meta(r, named, names.is_path_segment_name, bool(meta.get("namespace")), at)
    yield from r.errors
