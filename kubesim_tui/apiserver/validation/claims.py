"""PersistentVolumeClaims, and their specs in templates."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.api.quantity import Quantity
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, same, text
from kubesim_tui.apiserver.validation.resources import positive_quantity, quantity, resource_quantity

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
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
    for name in ("storageClassName", "volumeAttributesClassName"):
        if spec.get(name):
            r.syntax(names.is_dns1123_subdomain, f"{path}.{name}", spec[name])
    if spec.get("volumeMode") is not None and spec["volumeMode"] not in VOLUME_MODES:
        r.not_supported(f"{path}.volumeMode", spec["volumeMode"], VOLUME_MODES)
    for name in ("dataSource", "dataSourceRef"):
        if spec.get(name) is not None:
            _data_source(r, spec[name], f"{path}.{name}")


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
    if not same(_masked(new, old), before):
        r.forbidden("spec", CHANGED)
    size, was = _size(spec), _size(before)
    if size is not None and was is not None and size.nano < was.nano:
        held = quantity(part(part(old, "status"), "capacity").get("storage") or "0")
        if held is None or size.nano <= held.nano:
            r.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
    r.immutable("volumeMode", spec.get("volumeMode"), before.get("volumeMode"))


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
