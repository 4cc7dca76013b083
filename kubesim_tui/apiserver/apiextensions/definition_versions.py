"""What a version of a CustomResourceDefinition says: its schema, subresources, columns and selectable fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubesim_tui.api.fielderror import FieldError, invalid
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.apiextensions import openapi, structural
from kubesim_tui.apiserver.apiextensions.cel import check
from kubesim_tui.apiserver.apiextensions.pruning import prune
from kubesim_tui.apiserver.apiextensions.schema import META_FIELDS, Schema, parse
from kubesim_tui.apiserver.apiextensions.validate import validate as validate_value
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

COLUMN_TYPES = "boolean,date,integer,number,string"
COLUMN_FORMATS = "binary,bool,byte,date,date-time,double,float,int32,int64,password"
MOST_SELECTABLE = 8
AT_ROOT = {
    "description": "Description",
    "type": "Type",
    "format": "Format",
    "title": "Title",
    "maximum": "Maximum",
    "exclusiveMaximum": "ExclusiveMaximum",
    "minimum": "Minimum",
    "exclusiveMinimum": "ExclusiveMinimum",
    "maxLength": "MaxLength",
    "minLength": "MinLength",
    "pattern": "Pattern",
    "maxItems": "MaxItems",
    "minItems": "MinItems",
    "uniqueItems": "UniqueItems",
    "multipleOf": "MultipleOf",
    "required": "Required",
    "items": "Items",
    "properties": "Properties",
    "externalDocs": "ExternalDocs",
    "example": "Example",
    "x-kubernetes-preserve-unknown-fields": "XPreserveUnknownFields",
    "x-kubernetes-validations": "XValidations",
}
"""What may stand at the root of a schema beside a status that is written by itself, in JSON and in Go."""


def version_part(r: Report, name: str, version: JsonMap, path: str, *, status: bool) -> None:
    """One part of a version: its schema, its subresources or its columns. `status`: it is written by itself."""
    if name == "schema":
        schema = part(version, "schema").get("openAPIV3Schema")
        if schema is not None:
            r.add(_schema(schema, f"{path}.openAPIV3Schema", status=status))
    elif name == "subresources":
        _scale(r, part(version, "subresources").get("scale"), f"{path}.scale")
    else:
        for at, column in items(version, name, path):
            _column(r, column, at)


def _schema(schema: JsonMap, path: str, *, status: bool) -> Iterator[FieldError]:
    if status and schema.get("type") and schema["type"] != "object":
        said = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
        yield invalid(f"{path}.type", schema["type"], said)
    elif status and any(value and name not in AT_ROOT for name, value in schema.items()):
        said = f"only [{' '.join(AT_ROOT.values())}] fields are allowed at the root of the schema"
        yield invalid(path, schema, f"{said} if the status subresource is enabled")
    if schema.get("nullable"):
        yield FieldError(f"{path}.nullable", "FieldValueForbidden", "Forbidden: nullable cannot be true at the root")
    found = structural.validate(schema, path)
    if not found:
        found = list(_defaults(parse(schema), path, root=True))
    sound = not found
    found += openapi.validate(schema, openapi.Place(path, root=True))
    yield from found
    if sound and not found:
        yield from check.rules(schema, path)


def _defaults(schema: Schema, path: str, *, root: bool = False) -> Iterator[FieldError]:
    """Defaults must have only known fields, and be valid."""
    if schema.default is not None:
        value = thaw(schema.default)
        if prune({"": value}, Schema(properties={"": schema})):
            yield invalid(f"{path}.default", thaw(schema.default), "must not have unknown fields")
        for wrong in validate_value(thaw(schema.default), schema):
            at = "" if wrong.field == "<nil>" else f".{wrong.field}"
            yield FieldError(f"{path}.default{at}", wrong.reason, wrong.message)
    if schema.items is not None:
        yield from _defaults(schema.items, f"{path}.items")
    for name, inner in sorted(schema.properties.items()):
        if not (root and name in META_FIELDS):
            yield from _defaults(inner, f"{path}.properties[{name}]")


def _scale(r: Report, scale: JsonMap | None, path: str) -> None:
    if scale is None:
        return
    rules = (
        ("specReplicasPath", (".spec.",), "should be a json path under .spec", True),
        ("statusReplicasPath", (".status.",), "should be a json path under .status", True),
        ("labelSelectorPath", (".spec.", ".status."), "should be a json path under either .spec or .status", False),
    )
    for name, heads, said, needed in rules:
        value = text(scale, name)
        if not value:
            if needed:
                r.required(f"{path}.{name}")
        elif not value.startswith("."):
            r.invalid(f"{path}.{name}", value, "must be a simple json path starting with .")
        elif not value.startswith(heads):
            r.invalid(f"{path}.{name}", value, said)


def _column(r: Report, column: JsonMap, path: str) -> None:
    if not text(column, "name"):
        r.required(f"{path}.name")
    kind, form, value = text(column, "type"), text(column, "format"), text(column, "jsonPath")
    if not kind:
        r.required(f"{path}.type", f"must be one of {COLUMN_TYPES}")
    elif kind not in COLUMN_TYPES.split(","):
        r.invalid(f"{path}.type", kind, f"must be one of {COLUMN_TYPES}")
    if form and form not in COLUMN_FORMATS.split(","):
        r.invalid(f"{path}.format", form, f"must be one of {COLUMN_FORMATS}")
    if not value:
        r.required(f"{path}.JSONPath")
    elif not value.startswith("."):
        r.invalid(f"{path}.JSONPath", value, "must be a simple json path starting with .")


def selectable_fields(r: Report, version: JsonMap, path: str, *, any_number: bool) -> None:
    """By which fields objects can be selected."""
    schema = part(version, "schema").get("openAPIV3Schema")
    if schema is None:
        if version.get("selectableFields"):
            r.invalid(path, "", "may only be set when `version.schema.openAPIV3Schema` is not included")
        return
    seen: set[str] = set()
    for at, found in items(version, "selectableFields", path):
        value = text(found, "jsonPath")
        if not value:
            r.required(f"{at}.jsonPath")
            continue
        target: Any = schema
        for step in value.lstrip(".").split("."):
            target = (part(target, "properties")).get(step)
            if target is None:
                break
        if target is None or not value.startswith("."):
            r.invalid(f"{at}.jsonPath", value, "is an invalid path: does not refer to a valid field")
            continue
        if value.split(".")[1] == "metadata":
            r.invalid(f"{at}.jsonPath", value, "must not point to fields in metadata")
        if target.get("type") not in ("string", "boolean", "integer"):
            said = "must point to a field of type string, boolean or integer. "
            r.invalid(f"{at}.jsonPath", value, said + "Enum string fields and strings with formats are allowed.")
        if value in seen:
            r.duplicate(f"{at}.jsonPath", value)
        seen.add(value)
    if len(seen) > MOST_SELECTABLE and not any_number:
        r.too_many(path, len(seen), MOST_SELECTABLE)
