"""Validation of a CustomResourceDefinition (apiextensions pkg/apis/apiextensions/validation).

What all versions say alike, the server takes for a word about the definition as a whole: a definition of one version
has its errors at `spec.validation.openAPIV3Schema`, not at `spec.versions[0].schema.openAPIV3Schema`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubesim_tui.api import jsonpath, names
from kubesim_tui.api.fielderror import FieldError, invalid
from kubesim_tui.api.frozen import thaw
from kubesim_tui.apiserver.apiextensions import openapi, structural
from kubesim_tui.apiserver.apiextensions.cel import check
from kubesim_tui.apiserver.apiextensions.pruning import prune
from kubesim_tui.apiserver.apiextensions.resource import condition_true
from kubesim_tui.apiserver.apiextensions.schema import META_FIELDS, Schema, parse
from kubesim_tui.apiserver.apiextensions.validate import validate as validate_value
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

COLUMN_TYPES = "boolean,date,integer,number,string"
COLUMN_FORMATS = "binary,bool,byte,date,date-time,double,float,int32,int64,password"
LIFTED = {
    "schema": "validation",
    "subresources": "subresources",
    "additionalPrinterColumns": "additionalPrinterColumns",
}
MOST_SELECTABLE = 8


def custom_resource_definition(r: Report, data: JsonMap) -> None:
    """A new definition."""
    meta, spec = part(data, "metadata"), part(data, "spec")
    wanted = f"{text(part(spec, 'names'), 'plural')}.{text(spec, 'group')}"

    def named(value: str) -> list[str]:
        wrong = names.is_dns1123_subdomain(value)
        return wrong if value == wanted else [*wrong, 'must be spec.names.plural+"."+spec.group']

    metadata.object_meta(r, meta, named, namespaced=False)
    _spec(r, spec)
    if spec.get("preserveUnknownFields"):
        r.invalid("spec.preserveUnknownFields", True, "must be false")


def custom_resource_definition_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed definition: it keeps its group and plural, and once it is established its scope and kind, too."""
    meta_update(r, new, old)
    now, was = part(new, "spec"), part(old, "spec")
    _spec(r, now)
    if condition_true(old, "Established"):
        r.immutable("spec.scope", now.get("scope"), was.get("scope"))
        r.immutable("spec.names.kind", part(now, "names").get("kind"), part(was, "names").get("kind"))
    r.immutable("spec.group", now.get("group"), was.get("group"))
    r.immutable("spec.names.plural", part(now, "names").get("plural"), part(was, "names").get("plural"))
    _stored(r, part(old, "status").get("storedVersions") or [], now.get("versions") or [])


def _stored(r: Report, stored: list[str], versions: list[JsonMap]) -> None:
    known = {v.get("name") for v in versions}
    for i, name in enumerate(stored):
        if name not in known:
            said = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            r.invalid(f"status.storedVersions[{i}]", name, said)


# -- the spec ----------------------------------------------------------------------------------------------------


def _spec(r: Report, spec: JsonMap) -> None:
    _group(r, text(spec, "group"))
    r.one_of("spec.scope", text(spec, "scope"), ("Cluster", "Namespaced"))
    versions = spec.get("versions") or []
    for at, version in items(spec, "versions", "spec.versions"):
        if part(version, "schema").get("openAPIV3Schema") is None:
            r.required(f"{at}.schema.openAPIV3Schema", "schemas are required")
    lifted = {name for name in LIFTED if versions and all(v.get(name) == versions[0].get(name) for v in versions)}
    for at, version in items(spec, "versions", "spec.versions"):
        _joined(r, names.is_dns1035_label, f"{at}.name", text(version, "name"))
        _deprecation(r, version, at)
        for name in LIFTED:
            if name not in lifted:
                _part(r, name, version, f"{at}.{name}")
        _selectable(r, version, f"{at}.selectableFields")
    if len({v.get("name") for v in versions}) != len(versions):
        r.invalid("spec.versions", versions, "must contain unique version names")
    if sum(bool(v.get("storage")) for v in versions) != 1:
        r.invalid("spec.versions", versions, "must have exactly one version marked as storage version")
    for name in ("plural", "singular", "kind", "listKind"):
        if not text(part(spec, "names"), name):
            r.required(f"spec.names.{name}")
    _names(r, part(spec, "names"), "spec.names")
    for name in LIFTED:
        if name in lifted:
            _part(r, name, versions[0], f"spec.{LIFTED[name]}")
    _conversion(r, part(spec, "conversion"))


def _group(r: Report, group: str) -> None:
    if not group:
        r.required("spec.group")
    elif names.is_dns1123_subdomain(group):
        _joined(r, names.is_dns1123_subdomain, "spec.group", group)
    elif "." not in group:
        r.invalid("spec.group", group, "should be a domain with at least one dot")


def _joined(r: Report, check_name: Any, path: str, value: str, before: str = "") -> None:
    """All complaints about a name in one error."""
    wrong = check_name(value.lower() if before else value)
    if wrong:
        r.invalid(path, value, before + ",".join(wrong))


def _names(r: Report, given: JsonMap, path: str) -> None:
    mixed = "may have mixed case, but should otherwise match: "
    for name, before in (("plural", ""), ("singular", ""), ("kind", mixed), ("listKind", mixed)):
        if text(given, name):
            _joined(r, names.is_dns1035_label, f"{path}.{name}", text(given, name), before)
    for i, short in enumerate(given.get("shortNames") or ()):
        _joined(r, names.is_dns1035_label, f"{path}.shortNames[{i}]", short)
    if text(given, "kind") and text(given, "kind") == text(given, "listKind"):
        r.invalid(f"{path}.listKind", given["listKind"], "kind and listKind may not be the same")
    for i, category in enumerate(given.get("categories") or ()):
        _joined(r, names.is_dns1035_label, f"{path}.categories[{i}]", category)


def _deprecation(r: Report, version: JsonMap, path: str) -> None:
    warning = version.get("deprecationWarning")
    if warning is None:
        return
    if not version.get("deprecated"):
        r.invalid(f"{path}.deprecationWarning", warning, "can only be set for deprecated versions")
    elif len(warning) > 256:
        r.invalid(f"{path}.deprecationWarning", warning, "must be <= 256 characters long")
    elif not warning:
        r.invalid(f"{path}.deprecationWarning", warning, "must not be an empty string")


def _conversion(r: Report, conversion: JsonMap) -> None:
    if not conversion:
        return
    r.one_of("spec.conversion.strategy", text(conversion, "strategy"), ("None", "Webhook"))
    webhook = conversion.get("webhook")
    if text(conversion, "strategy") != "Webhook":
        if part(webhook or {}, "clientConfig"):
            said = "should not be set when strategy is not set to Webhook"
            r.forbidden("spec.conversion.webhookClientConfig", said)
        return
    config = part(webhook or {}, "clientConfig")
    if not config:
        r.required("spec.conversion.webhookClientConfig", "required when strategy is set to Webhook")
    elif (config.get("url") is None) == (config.get("service") is None):
        r.required("spec.conversion.webhookClientConfig", "exactly one of url or service is required")
    if not (webhook or {}).get("conversionReviewVersions"):
        r.required("spec.conversion.conversionReviewVersions")


# -- what a version says ------------------------------------------------------------------------------------------


def _part(r: Report, name: str, version: JsonMap, path: str) -> None:
    if name == "schema":
        schema = part(version, "schema").get("openAPIV3Schema")
        if schema is not None:
            status = part(version, "subresources").get("status") is not None
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
    elif not _reads(value):
        r.invalid(f"{path}.JSONPath", value, f'unrecognized column definition "{value}"')


def _reads(path: str) -> bool:
    try:
        jsonpath.parse("{" + path + "}")
    except jsonpath.JsonPathError:
        return False
    return True


def _selectable(r: Report, version: JsonMap, path: str) -> None:
    schema = part(version, "schema").get("openAPIV3Schema") or {}
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
    if len(seen) > MOST_SELECTABLE:
        r.too_many(path, len(seen), MOST_SELECTABLE)
