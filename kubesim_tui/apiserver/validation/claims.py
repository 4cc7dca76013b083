"""PersistentVolumeClaims, and their specs in templates."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.api.quantity import Quantity
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.report import IMMUTABLE, JsonMap, Report, part, same, text
from kubesim_tui.apiserver.validation.resources import (
    basic_quantity,
    is_native,
    positive_quantity,
    quantity,
    resource_quantity,
)

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
RESIZES = (
    "ControllerResizeInProgress",
    "ControllerResizeInfeasible",
    "NodeResizeInProgress",
    "NodeResizeInfeasible",
    "NodeResizePending",
)
CLASS = "volume.beta.kubernetes.io/storage-class"
CHANGED = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"


def claim(r: Report, data: JsonMap) -> None:
    """A new claim."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    claim_spec(r, part(data, "spec"), "spec")


def claim_spec(r: Report, spec: JsonMap, path: str) -> None:
    """Access modes, a size, a class and a mode."""
    modes = spec.get("accessModes") or []
    if not modes:
        r.required(f"{path}.accessModes", "at least 1 access mode is required")
    r.add(labels.validate_object(spec.get("selector"), f"{path}.selector"))
    access_modes(r, modes, f"{path}.accessModes")
    at = f"{path}.resources[storage]"
    size = part(part(spec, "resources"), "requests").get("storage")
    if size is None:
        r.required(at)
    elif positive_quantity(r, size, at):
        resource_quantity(r, "storage", size, at)
    if spec.get("storageClassName"):
        r.syntax(names.is_dns1123_subdomain, f"{path}.storageClassName", spec["storageClassName"])
    if spec.get("volumeMode") is not None and spec["volumeMode"] not in VOLUME_MODES:
        r.not_supported(f"{path}.volumeMode", spec["volumeMode"], VOLUME_MODES)
    for name in ("dataSource", "dataSourceRef"):
        if spec.get(name) is not None:
            _data_source(r, spec[name], f"{path}.{name}")
    _two_sources(r, spec, path)
    if spec.get("volumeAttributesClassName"):
        at = f"{path}.volumeAttributesClassName"
        r.syntax(names.is_dns1123_subdomain, at, spec["volumeAttributesClassName"])


def _two_sources(r: Report, spec: JsonMap, path: str) -> None:
    """dataSource is the older name of dataSourceRef: given both, they say the same.

    A reference into another namespace counts for nothing: its feature gate is off.
    """
    one, other = spec.get("dataSource"), spec.get("dataSourceRef")
    if one is None or other is None or text(other, "namespace"):
        return
    if any(one.get(name) != other.get(name) for name in ("apiGroup", "kind", "name")):
        r.invalid(path, f"{path}.dataSource", "must match dataSourceRef")


def access_modes(r: Report, modes: list[str], path: str) -> None:
    """Known ones, ReadWriteOncePod alone."""
    for mode in modes:
        if mode not in ACCESS_MODES:
            r.not_supported(path, mode, ACCESS_MODES)
    if "ReadWriteOncePod" in modes and any(m != "ReadWriteOncePod" for m in modes if m in ACCESS_MODES):
        r.forbidden(path, "may not use ReadWriteOncePod with other access modes")


def _data_source(r: Report, source: JsonMap, path: str) -> None:
    for name in ("name", "kind"):
        if not text(source, name):
            r.required(f"{path}.{name}")
    group = text(source, "apiGroup")
    if not group and text(source, "kind") != "PersistentVolumeClaim":
        said = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        r.invalid(path, text(source, "kind"), said)
    if group:
        r.syntax(names.is_dns1123_subdomain, f"{path}.apiGroup", group)


def claim_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A claim can only grow, once it is bound."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    claim(r, new)
    spec, before = part(new, "spec"), part(old, "spec")
    _class_annotation(r, new, old)
    if not same(_masked(new, old), before):
        r.forbidden("spec", CHANGED)
    size, was = _size(spec), _size(before)
    if size is not None and was is not None and size.nano < was.nano:
        held = quantity(part(part(old, "status"), "capacity").get("storage") or "0")
        if held is None or size.nano <= held.nano:
            r.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    r.immutable("volumeMode", spec.get("volumeMode"), before.get("volumeMode"))
    name = spec.get("volumeAttributesClassName")
    if name != before.get("volumeAttributesClassName") and not name and _current_class(old) is not None:
        what = "nil" if name is None else "empty string"
        said = f"update to {what} is forbidden when status.currentVolumeAttributesClassName is not nil"
        r.forbidden("spec.volumeAttributesClassName", said)


def _current_class(data: JsonMap) -> str | None:
    return part(data, "status").get("currentVolumeAttributesClassName")


def _class_annotation(r: Report, new: JsonMap, old: JsonMap) -> None:
    """The annotation of old for the class stays, unless its value moves into the spec."""
    now, was = part(part(new, "metadata"), "annotations"), part(part(old, "metadata"), "annotations")
    moved = (
        CLASS in was
        and part(old, "spec").get("storageClassName") is None
        and part(new, "spec").get("storageClassName") == was[CLASS]
        and now.get(CLASS, was[CLASS]) == was[CLASS]
    )
    if not moved and text(now, CLASS) != text(was, CLASS):
        r.invalid(f"metadata.annotations.{CLASS}", text(now, CLASS), IMMUTABLE)


def claim_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What the claim has, and how far its growth has come."""
    metadata.object_meta_update(r, part(new, "metadata"), part(old, "metadata"))
    if not part(new, "spec").get("accessModes"):
        r.required("Spec.accessModes")
    status = part(new, "status")
    capacity, allocated = part(status, "capacity"), part(status, "allocatedResources")
    for name in sorted(capacity):
        basic_quantity(r, capacity[name], f"status.capacity[{name}]")
    resizes = part(status, "allocatedResourceStatuses")
    for name in sorted(resizes):
        _grown_resource(r, name, "status.allocatedResourceStatuses")
        if resizes[name] not in RESIZES:
            r.not_supported("status.allocatedResourceStatuses", name, RESIZES)
    for name in sorted(allocated):
        if _grown_resource(r, name, "status.allocatedResources"):
            at, before = f"status.allocatedResources[{name}]", len(r.errors)
            basic_quantity(r, allocated[name], at)
            if len(r.errors) == before:
                resource_quantity(r, "storage", allocated[name], at)


def _grown_resource(r: Report, name: str, path: str) -> bool:
    """Storage, or a resource of somebody else; False if not."""
    before = len(r.errors)
    r.syntax(names.is_qualified_name, path, name)
    if len(r.errors) == before and is_native(name) and name != "storage":
        r.not_supported(path, name, ("storage",))
    return len(r.errors) == before


def _size(spec: JsonMap) -> Quantity | None:
    value = part(part(spec, "resources"), "requests").get("storage")
    return quantity(value) if value is not None else None


def _masked(new: JsonMap, old: JsonMap) -> JsonMap:
    """The new spec with what may change set back."""
    spec, before = dict(part(new, "spec")), part(old, "spec")
    if not before.get("volumeName"):
        spec["volumeName"] = before.get("volumeName")
    if before.get("storageClassName") is None and spec.get("storageClassName") is not None:
        annotation = part(part(old, "metadata"), "annotations").get(CLASS)
        if annotation is None or annotation == spec["storageClassName"]:
            spec["storageClassName"] = None
    if part(old, "status").get("phase") == "Bound":
        was = part(part(before, "resources"), "requests").get("storage")
        resources = dict(part(spec, "resources"))
        resources["requests"] = {**part(resources, "requests"), "storage": was}
        spec["resources"] = resources
        if spec.get("volumeAttributesClassName") is not None:
            spec["volumeAttributesClassName"] = before.get("volumeAttributesClassName")
    return spec
