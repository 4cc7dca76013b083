"""Metadata of every kind (apimachinery pkg/api/validation/objectmeta.go, and core's rule for finalizers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

NameCheck = Callable[[str], list[str]]
FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
"""The names without a domain that are allowed."""
CHANGELESS = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def any_name(value: str) -> list[str]:
    """A name that can be a part of a URL's path (RBAC's kinds)."""
    return names.is_path_segment_name(value)


def object_meta(r: Report, meta: JsonMap, name: NameCheck, namespaced: bool, path: str = "metadata") -> None:
    """The metadata of a new object."""
    prefix = text(meta, "generateName")
    if prefix:
        for message in name(names.mask_trailing_dash(prefix)):
            r.invalid(f"{path}.generateName", prefix, message)
    if text(meta, "name"):
        r.syntax(name, f"{path}.name", meta["name"])
    else:
        r.required(f"{path}.name", "name or generateName is required")
    _namespace(r, text(meta, "namespace"), namespaced, path)
    common(r, meta, path)


def _namespace(r: Report, namespace: str, namespaced: bool, path: str) -> None:
    if not namespaced:
        if namespace:
            r.forbidden(f"{path}.namespace", "not allowed on this type")
    elif namespace:
        r.syntax(names.is_dns1123_label, f"{path}.namespace", namespace)
    else:
        r.required(f"{path}.namespace")


def common(r: Report, meta: JsonMap, path: str) -> None:
    """What holds for new and for changed metadata."""
    r.not_negative(f"{path}.generation", meta.get("generation"))
    r.add(labels.validate(part(meta, "labels"), f"{path}.labels"))
    r.add(labels.validate_annotations(part(meta, "annotations"), f"{path}.annotations"))
    owner_references(r, meta.get("ownerReferences") or [], f"{path}.ownerReferences")
    finalizers(r, meta.get("finalizers") or [], f"{path}.finalizers")


def owner_references(r: Report, references: list[JsonMap], path: str) -> None:
    """Each complete, at most one of them the controller, none of them an Event."""
    controller = ""
    for at, reference in items({"": references}, "", path):
        _owner_reference(r, reference, at)
        if reference.get("controller"):
            this = f"{text(reference, 'kind')}/{text(reference, 'name')}"
            if controller:
                said = f'Found "true" in references for {controller} and {this}'
                r.invalid(path, references, f"Only one reference can have Controller set to true. {said}")
            else:
                controller = this


def _owner_reference(r: Report, reference: JsonMap, path: str) -> None:
    version = text(reference, "apiVersion")
    if version and (version.count("/") > 1 or version.endswith("/")):
        r.invalid(f"{path}.apiVersion", version, "must be <group>/<version> or <version>")
    for name in ("apiVersion", "kind", "name", "uid"):
        if not text(reference, name):
            r.required(f"{path}.{name}", "must not be empty")
    if (version, text(reference, "kind")) == ("v1", "Event"):
        r.invalid(path, reference, "/v1, Kind=Event is disallowed from being an owner")


def finalizers(r: Report, found: list[str], path: str) -> None:
    """Qualified names, with a domain unless they are Kubernetes' own."""
    for i, finalizer in enumerate(found):
        r.syntax(names.is_qualified_name, f"{path}[{i}]", finalizer)
    if "orphan" in found and "foregroundDeletion" in found:
        r.invalid(path, found, "finalizer orphan and foregroundDeletion cannot be both set")
    for i, finalizer in enumerate(found):
        kube_finalizer(r, finalizer, f"{path}[{i}]")


def kube_finalizer(r: Report, finalizer: str, path: str) -> None:
    """A name without a domain is one of Kubernetes' own."""
    if "/" not in finalizer and finalizer not in FINALIZERS:
        r.invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified")


def object_meta_update(r: Report, new: JsonMap, old: JsonMap, path: str = "metadata") -> None:
    """The metadata of a changed object."""
    if old.get("deletionTimestamp") is not None:
        _no_new_finalizers(r, new, old, path)
    if not new.get("resourceVersion"):
        r.invalid(f"{path}.resourceVersion", "", "must be specified for an update")
    if (new.get("generation") or 0) < (old.get("generation") or 0):
        r.invalid(f"{path}.generation", new.get("generation") or 0, "must not be decremented")
    for name in CHANGELESS:
        if new.get(name) != old.get(name):
            r.invalid(f"{path}.{name}", _shown(name, new.get(name)), "field is immutable")
    common(r, new, path)


def _shown(name: str, value: Any) -> Any:
    """A missing text is "" to Go, a missing time or number is nil."""
    return "" if value is None and name in ("name", "namespace", "uid") else value


def _no_new_finalizers(r: Report, new: JsonMap, old: JsonMap, path: str) -> None:
    before = old.get("finalizers") or []
    added = sorted(f for f in new.get("finalizers") or [] if f not in before)
    if added:
        shown = "[]string{" + ", ".join(f'"{f}"' for f in added) + "}"
        said = f"no new finalizers can be added if the object is being deleted, found new finalizers {shown}"
        r.forbidden(f"{path}.finalizers", said)
