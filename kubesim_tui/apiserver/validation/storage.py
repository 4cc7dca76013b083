"""PersistentVolume (pkg/apis/core/validation)."""

from __future__ import annotations

import posixpath

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import affinity, metadata, volumes
from kubesim_tui.apiserver.validation.claims import VOLUME_MODES, access_modes
from kubesim_tui.apiserver.validation.paths import no_backsteps
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, same, text
from kubesim_tui.apiserver.validation.resources import positive_quantity

RECLAIM = ("Delete", "Recycle", "Retain")
PLAIN = (
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
)
"""Fields of a volume's spec that are no sources."""


def persistent_volume(r: Report, data: JsonMap) -> None:
    """A new volume."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    spec = part(data, "spec")
    modes = spec.get("accessModes") or []
    if not modes:
        r.required("spec.accessModes")
    access_modes(r, modes, "spec.accessModes")
    _capacity(r, part(spec, "capacity"))
    policy = text(spec, "persistentVolumeReclaimPolicy")
    if policy and policy not in RECLAIM:
        r.not_supported("spec.persistentVolumeReclaimPolicy", policy, RECLAIM)
    _node_affinity(r, spec)
    _source(r, spec)
    if posixpath.normpath(text(part(spec, "hostPath"), "path") or ".") == "/" and policy == "Recycle":
        said = "may not be 'recycle' for a hostPath mount of '/'"
        r.forbidden("spec.persistentVolumeReclaimPolicy", said)
    if text(spec, "storageClassName"):
        r.syntax(names.is_dns1123_subdomain, "spec.storageClassName", spec["storageClassName"])
    if spec.get("volumeMode") is not None and spec["volumeMode"] not in VOLUME_MODES:
        r.not_supported("spec.volumeMode", spec["volumeMode"], VOLUME_MODES)


def _capacity(r: Report, capacity: JsonMap) -> None:
    if not capacity:
        r.required("spec.capacity")
    if "storage" not in capacity or len(capacity) > 1:
        r.not_supported("spec.capacity", capacity or None, ("storage",))
    for name in sorted(capacity):
        positive_quantity(r, capacity[name], f"spec.capacity[{name}]")


def _node_affinity(r: Report, spec: JsonMap) -> None:
    found = spec.get("nodeAffinity")
    if found is None:
        return
    if found.get("required") is None:
        r.required("spec.nodeAffinity.required", "must specify required node constraints")
    else:
        affinity.node_selector(r, found["required"], "spec.nodeAffinity.required")


def _source(r: Report, spec: JsonMap) -> None:
    given = [name for name in sorted(spec) if name not in PLAIN and spec[name] is not None]
    for i, name in enumerate(given):
        path = f"spec.{name}"
        if i:
            r.forbidden(path, volumes.ONE_TYPE)
        elif name == "local":
            _local(r, spec, path)
        elif name == "csi":
            _csi(r, spec[name], path)
        elif name in volumes.SOURCES:
            volumes.SOURCES[name](r, spec[name], path)
    if not given:
        r.required("spec", "must specify a volume type")


def _local(r: Report, spec: JsonMap, path: str) -> None:
    place = text(spec["local"], "path")
    if not place:
        r.required(f"{path}.path")
    else:
        no_backsteps(r, place, f"{path}.path")
    if spec.get("nodeAffinity") is None:
        r.required("spec.nodeAffinity", "Local volume requires node affinity")


def _csi(r: Report, source: JsonMap, path: str) -> None:
    volumes.csi_driver_name(r, text(source, "driver"), f"{path}.driver")
    if not text(source, "volumeHandle"):
        r.required(f"{path}.volumeHandle")


def persistent_volume_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A volume keeps its source."""
    persistent_volume(r, new)
    spec, before = part(new, "spec"), part(old, "spec")
    now = {k: v for k, v in spec.items() if k not in PLAIN}
    was = {k: v for k, v in before.items() if k not in PLAIN}
    if not same(now, was):
        r.forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation")
    r.immutable("volumeMode", spec.get("volumeMode"), before.get("volumeMode"))
    if before.get("nodeAffinity") is not None and not same(spec.get("nodeAffinity"), before["nodeAffinity"]):
        said = "field is immutable, except for updating from beta label to GA"
        r.invalid("nodeAffinity", spec.get("nodeAffinity"), said)
