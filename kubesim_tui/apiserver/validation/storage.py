"""PersistentVolume (pkg/apis/core/validation)."""

from __future__ import annotations

import posixpath

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation import affinity, metadata, persistent_sources
from kubesim_tui.apiserver.validation.claims import VOLUME_MODES, access_modes
from kubesim_tui.apiserver.validation.report import JsonMap, Report, part, same, text
from kubesim_tui.apiserver.validation.resources import basic_quantity, positive_quantity

EXPAND_SECRET = "controllerExpandSecretRef"
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
    persistent_sources.source(r, spec, text(part(data, "metadata"), "name"))
    if posixpath.normpath(text(part(spec, "hostPath"), "path") or ".") == "/" and policy == "Recycle":
        said = "may not be 'recycle' for a hostPath mount of '/'"
        r.forbidden("spec.persistentVolumeReclaimPolicy", said)
    if text(spec, "storageClassName"):
        r.syntax(names.is_dns1123_subdomain, "spec.storageClassName", spec["storageClassName"])
    if spec.get("volumeMode") is not None and spec["volumeMode"] not in VOLUME_MODES:
        r.not_supported("spec.volumeMode", spec["volumeMode"], VOLUME_MODES)
    _attributes_class(r, spec)
    persistent_sources.mount_options(r, data)


def _attributes_class(r: Report, spec: JsonMap) -> None:
    path, name = "spec.volumeAttributesClassName", spec.get("volumeAttributesClassName")
    if name is None:
        return
    if not name:
        r.required(path, "an empty string is disallowed")
    else:
        r.syntax(names.is_dns1123_subdomain, path, name)
    if spec.get("csi") is None:
        r.required("spec.csi", "has to be specified when using volumeAttributesClassName")


def _capacity(r: Report, capacity: JsonMap) -> None:
    if not capacity:
        r.required("spec.capacity")
    if "storage" not in capacity or len(capacity) > 1:
        r.not_supported("spec.capacity", capacity or None, ("storage",))
    for name in sorted(capacity):
        at = f"spec.capacity[{name}]"
        basic_quantity(r, capacity[name], at)
        positive_quantity(r, capacity[name], at)


def _node_affinity(r: Report, spec: JsonMap) -> None:
    found = spec.get("nodeAffinity")
    if found is None:
        return
    if found.get("required") is None:
        r.required("spec.nodeAffinity.required", "must specify required node constraints")
    else:
        affinity.node_selector(r, found["required"], "spec.nodeAffinity.required")


def persistent_volume_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A volume keeps its source."""
    persistent_volume(r, new)
    spec, before = part(new, "spec"), part(old, "spec")
    now = {k: v for k, v in spec.items() if k not in PLAIN}
    was = {k: v for k, v in before.items() if k not in PLAIN}
    if _expand_secret(was) is None and _expand_secret(now) is not None and was.get("csi") is not None:
        now["csi"] = {k: v for k, v in now["csi"].items() if k != EXPAND_SECRET}
    if not same(now, was):
        r.forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation")
    r.immutable("volumeMode", spec.get("volumeMode"), before.get("volumeMode"))
    if before.get("nodeAffinity") is not None and not same(spec.get("nodeAffinity"), before["nodeAffinity"]):
        said = "field is immutable, except for updating from beta label to GA"
        r.invalid("nodeAffinity", spec.get("nodeAffinity"), said)
    name = "volumeAttributesClassName"
    if before.get(name) is not None and spec.get(name) is None:
        r.forbidden(f"spec.{name}", "update from non-nil value to nil is forbidden")


def _expand_secret(source: JsonMap) -> JsonMap | None:
    """The Secret for growing a volume: it may be named later, once."""
    return part(source, "csi").get(EXPAND_SECRET)
