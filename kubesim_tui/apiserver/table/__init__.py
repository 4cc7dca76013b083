"""Server-side Tables: the columns and rows that `kubectl get` prints.

Pure functions of objects and the clock. The server always makes all columns (clients hide those of priority 1 unless
-o wide is asked for). Pods are read typed, everything else in its JSON form; printers are loaded when first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module

from attrs import evolve

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.frozen import Json
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.table import custom
from kubesim_tui.apiserver.table.model import Column as Column
from kubesim_tui.apiserver.table.model import Kind
from kubesim_tui.apiserver.table.model import Row as Row
from kubesim_tui.apiserver.table.model import Table as Table

_MODULES = {
    "nodes": ("core.v1.Node", "core.v1.Namespace"),
    "workloads": ("apps.", "batch.", "policy.", "core.v1.ReplicationController", "core.v1.PodTemplate"),
    "autoscaling": ("autoscaling.",),
    "network": ("core.v1.Service", "core.v1.Endpoints", "discovery.", "networking."),
    "storage": ("storage.", "core.v1.PersistentVolume"),
    "events": ("core.v1.Event", "events."),
    "flow": ("flowcontrol.", "resource."),
    "config": ("",),
}


def table(
    resource: Resource,
    objects: Iterable[Object],
    now: int,
    *,
    wide: bool = True,
    listed: bool = True,
) -> Table:
    """The Table of a list, or of one object that was asked for by its name. `now`: Unix seconds."""
    if resource.cls is types.Pod:
        from kubesim_tui.apiserver.table import pods

        shown = tuple(c for c in pods.COLUMNS if wide or not c.priority)
        return Table(shown, tuple([pods.row(o, now, wide) for o in objects]))  # type: ignore[arg-type]
    columns = resource.columns if isinstance(resource, CustomResource) else ()
    kind = kind_of(resource.definition) or custom.kind(columns)
    shown = tuple(c for c in kind.columns if wide or not c.priority)
    rows = [Row(tuple(kind.cells(encode_object(o), now, wide)), o) for o in objects]
    if listed and kind.default is not None:
        default = kind.default([encode_object(row.object) for row in rows])
        rows = [_marked(row) if default and row.object.metadata.name == default else row for row in rows]
    return Table(shown, tuple(rows))


def _marked(row: Row) -> Row:
    return evolve(row, cells=(f"{row.cells[0]} (default)", *row.cells[1:]))


@cache
def kind_of(definition: str) -> Kind | None:
    """How a built-in kind other than Pod is shown."""
    for module, prefixes in _MODULES.items():
        if definition.startswith(prefixes):
            kinds: Mapping[str, Kind] = import_module(f"{__name__}.{module}").KINDS
            if definition in kinds:
                return kinds[definition]
    return None


def to_json(found: Table, include: str = "Metadata", resource_version: int = 0) -> dict[str, Json]:
    """The Table as HTTP clients receive it. `include`: None, Metadata or Object (includeObject)."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": str(resource_version)} if resource_version else {},
        "columnDefinitions": [
            {"name": c.name, "type": c.type, "format": c.format, "description": "", "priority": c.priority}
            for c in found.columns
        ],
        "rows": [_row(row, include) for row in found.rows],
    }


def _row(row: Row, include: str) -> dict[str, Json]:
    out: dict[str, Json] = {"cells": list(row.cells)}
    if row.conditions:
        out["conditions"] = [
            {"type": "Completed", "status": "True", "reason": reason, "message": message}
            for reason, message in row.conditions
        ]
    if include == "Object":
        out["object"] = encode_object(row.object)
    elif include == "Metadata":
        about = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
        out["object"] = {**about, "metadata": encode_object(row.object)["metadata"]}
    return out
