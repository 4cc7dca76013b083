"""A custom kind as it is served: a Resource that carries its own schema, columns and subresources.

Whoever holds the resource can serve it; there is no table of schemas to ask, and so none that two clusters could
share. Each version of a definition has its own; a changed definition makes new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from kubesim_tui.api import types
from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.apiextensions.schema import Schema, has_defaults, has_rules, parse
from kubesim_tui.apiserver.apiextensions.versions import order

JsonMap = Mapping[str, Any]
AGE = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
"""The one column of a kind that names none."""


@frozen(eq=False)
class ScalePaths:
    """Where a kind with the scale subresource keeps its numbers: fields, without the leading dot."""

    replicas: tuple[str, ...]
    status_replicas: tuple[str, ...]
    selector: tuple[str, ...] = ()


@frozen(eq=False)
class CustomResource(Resource):
    """One version of a custom kind. Told apart by identity: two definitions can bear the same names."""

    schema: Schema = field(factory=Schema)
    body: Schema = field(factory=Schema)  # the same without the metadata, which have rules of their own
    openapi: JsonMap = EMPTY  # the schema's own JSON, for `explain`
    stored: str = ""  # the apiVersion of what is kept in etcd
    list_kind: str = ""
    columns: tuple[JsonMap, ...] = ()
    status: bool = False  # status has a subresource of its own
    scale: ScalePaths | None = None
    selectable: tuple[str, ...] = ()  # fields that lists can be chosen by, without the leading dot
    terminating: bool = False
    warning: str = ""  # of a deprecated version
    has_defaults: bool = False
    has_rules: bool = False

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    @property
    def subresources(self) -> tuple[str, ...]:
        """Which of the two it has."""
        return (*(("status",) if self.status else ()), *(("scale",) if self.scale is not None else ()))


def served(definition: JsonMap) -> list[CustomResource]:
    """The resources of a definition (JSON): one for each served version, once it is established."""
    if not condition_true(definition, "Established"):
        return []
    spec, names = definition["spec"], (definition.get("status") or {}).get("acceptedNames") or {}
    group = spec["group"]
    stored = next((v["name"] for v in spec["versions"] if v.get("storage")), "")
    found = []
    for version in spec["versions"]:
        if version.get("served"):
            found.append(_resource(definition, version, names, f"{group}/{stored}"))
    return found


def _resource(definition: JsonMap, version: JsonMap, names: JsonMap, stored: str) -> CustomResource:
    spec = definition["spec"]
    openapi = (version.get("schema") or {}).get("openAPIV3Schema") or EMPTY
    schema = parse({**openapi, "x-kubernetes-preserve-unknown-fields": True}) if _keeps_all(spec) else parse(openapi)
    subresources = version.get("subresources") or {}
    return CustomResource(
        definition="",
        group=spec["group"],
        version=version["name"],
        plural=names.get("plural", ""),
        singular=names.get("singular", ""),
        short_names=tuple(names.get("shortNames") or ()),
        namespaced=spec["scope"] == "Namespaced",
        categories=tuple(names.get("categories") or ()),
        kind=names.get("kind", ""),
        cls=types.Unstructured,
        schema=schema,
        body=_body(schema),
        openapi=openapi,
        stored=stored,
        list_kind=names.get("listKind", ""),
        columns=tuple(version.get("additionalPrinterColumns") or (AGE,)),
        status=subresources.get("status") is not None,
        scale=_scale(subresources.get("scale")),
        selectable=tuple(f["jsonPath"].lstrip(".") for f in version.get("selectableFields") or ()),
        terminating=condition_true(definition, "Terminating"),
        warning=_warning(spec, version, names.get("kind", "")),
        has_defaults=has_defaults(schema),
        has_rules=has_rules(schema),
    )


def _body(schema: Schema) -> Schema:
    kept = {k: v for k, v in schema.properties.items() if k != "metadata"}
    return evolve(schema, properties=kept, required=tuple(n for n in schema.required if n != "metadata"))


def _keeps_all(spec: JsonMap) -> bool:
    """A definition that keeps unknown fields is left over from v1beta1: v1 refuses to make one."""
    return bool(spec.get("preserveUnknownFields"))


def _scale(paths: JsonMap | None) -> ScalePaths | None:
    if paths is None:
        return None
    names = ("specReplicasPath", "statusReplicasPath", "labelSelectorPath")
    return ScalePaths(*(tuple((paths.get(n) or "").split(".")[1:]) for n in names))


def _warning(spec: JsonMap, version: JsonMap, kind: str) -> str:
    """What a deprecated version says to those who use it."""
    if not version.get("deprecated"):
        return ""
    own = version.get("deprecationWarning")
    if own:
        return str(own)
    better = [v["name"] for v in spec["versions"] if v.get("served") and not v.get("deprecated")]
    better = sorted((n for n in better if order(n) < order(version["name"])), key=order)
    text = f"{spec['group']}/{version['name']} {kind} is deprecated"
    return f"{text}; use {spec['group']}/{better[0]} {kind}" if better else text


def condition_true(definition: JsonMap, type_: str) -> bool:
    """Whether a definition has a condition that is True."""
    found = (definition.get("status") or {}).get("conditions") or ()
    return any(c.get("type") == type_ and c.get("status") == "True" for c in found)
