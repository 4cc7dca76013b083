"""Metadata of every kind (apimachinery pkg/api/validation/objectmeta.go, and core's rule for finalizers)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubesim_tui.api import labels, names
from kubesim_tui.api.fielderror import Struct
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

NameCheck = Callable[[str], list[str]]
OPERATIONS = ("Apply", "Update")
FIELDS_TYPE = "FieldsV1"
LONGEST_MANAGER, LONGEST_SUBRESOURCE = 128, 256
OWNER = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
"""The order in which Go has the fields of a reference to an owner."""
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
    r.not_negative(f"{path}.generation", meta.get("generation"))
    common(r, meta, path)
    finalizers(r, meta.get("finalizers") or [], f"{path}.finalizers")


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
    r.add(labels.validate(part(meta, "labels"), f"{path}.labels"))
    r.add(labels.validate_annotations(part(meta, "annotations"), f"{path}.annotations"))
    owner_references(r, meta.get("ownerReferences") or [], f"{path}.ownerReferences")
    managed_fields(r, meta, f"{path}.managedFields")


def managed_fields(r: Report, meta: JsonMap, path: str) -> None:
    """Who owns which field, and how it came to own it."""
    for at, entry in items(meta, "managedFields", path):
        operation, kind, manager = text(entry, "operation"), text(entry, "fieldsType"), text(entry, "manager")
        if not operation:
            r.required(f"{at}.operation", "must not be empty")
        elif operation not in OPERATIONS:
            r.not_supported(f"{at}.operation", operation, OPERATIONS)
        if kind and kind != FIELDS_TYPE:
            r.invalid(f"{at}.fieldsType", kind, f"must be `{FIELDS_TYPE}`")
        field_manager(r, manager, f"{at}.manager")
        if len(text(entry, "subresource").encode()) > LONGEST_SUBRESOURCE:
            r.too_long(f"{at}.subresource", LONGEST_SUBRESOURCE)


def field_manager(r: Report, manager: str, path: str) -> None:
    """The name of who owns fields can be printed."""
    if len(manager.encode()) > LONGEST_MANAGER:
        r.too_long(path, LONGEST_MANAGER)
    for i, letter in enumerate(manager):
        if not letter.isprintable():
            at = len(manager[:i].encode())
            r.invalid(path, manager, f"invalid character U+{ord(letter):04X} (at position {at})")


def owner_references(r: Report, references: list[JsonMap], path: str) -> None:
    """Each complete, at most one of them the controller, none of them an Event."""
    controller = ""
    for at, reference in items({"": references}, "", path):
        _owner_reference(r, reference, at)
        if reference.get("controller"):
            this = f"{text(reference, 'kind')}/{text(reference, 'name')}"
            if controller:
                said = f'Found "true" in references for {controller} and {this}'
                r.invalid(
                    path,
                    [_in_order(o) for o in references],
                    f"Only one reference can have Controller set to true. {said}",
                )
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
        r.invalid(path, _in_order(reference), "/v1, Kind=Event is disallowed from being an owner")


def _in_order(reference: JsonMap) -> Struct:
    return Struct((name, reference[name]) for name in OWNER if reference.get(name) is not None)


def finalizers(r: Report, found: list[str], path: str) -> None:
    """Qualified names, with a domain unless they are Kubernetes' own."""
    _finalizers(r, found, path)
    for i, finalizer in enumerate(found):
        kube_finalizer(r, finalizer, f"{path}[{i}]")


def _finalizers(r: Report, found: list[str], path: str) -> None:
    """What holds for the finalizers of every object. (Upstream names none of them.)"""
    for finalizer in found:
        r.syntax(names.is_qualified_name, path, finalizer)
    if "orphan" in found and "foregroundDeletion" in found:
        r.invalid(path, found, "finalizer orphan and foregroundDeletion cannot be both set")


def kube_finalizer(r: Report, finalizer: str, path: str) -> None:
    """A name without a domain is one of Kubernetes' own."""
    if "/" not in finalizer and finalizer not in FINALIZERS:
        r.invalid(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified")


def template_meta(r: Report, meta: JsonMap, path: str) -> None:
    """The metadata of what is made from a template: annotations and labels, nothing else."""
    r.add(labels.validate_annotations(part(meta, "annotations"), f"{path}.annotations"))
    r.add(labels.validate(part(meta, "labels"), f"{path}.labels"))
    for name in sorted(meta.keys() - {"annotations", "labels"}):
        if meta[name]:
            r.forbidden(f"{path}.{name}", "cannot be set")


def every_update(r: Report, new: JsonMap, old: JsonMap, namespaced: bool) -> None:
    """What upstream's registry asks of a changed object of any kind, before its kind's own rules ask it again."""
    path = "metadata"
    prefix = text(new, "generateName")
    for message in names.is_path_segment_prefix(prefix):
        r.invalid(f"{path}.generateName", prefix, message)
    _namespace(r, text(new, "namespace"), namespaced, path)
    r.not_negative(f"{path}.generation", new.get("generation"))
    common(r, new, path)
    _finalizers(r, new.get("finalizers") or [], f"{path}.finalizers")
    _changed(r, new, old, path)


def object_meta_update(r: Report, new: JsonMap, old: JsonMap, path: str = "metadata") -> None:
    """The metadata of a changed object."""
    _changed(r, new, old, path)
    for i, finalizer in enumerate(new.get("finalizers") or ()):
        kube_finalizer(r, finalizer, f"{path}.finalizers[{i}]")


def _changed(r: Report, new: JsonMap, old: JsonMap, path: str) -> None:
    if old.get("deletionTimestamp") is not None:
        _no_new_finalizers(r, new, old, path)
    if not new.get("resourceVersion"):
        r.invalid(f"{path}.resourceVersion", "", "must be specified for an update")
    r.not_negative(f"{path}.generation", new.get("generation"))
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
