"""The rows of volumes, claims, classes and CSI objects."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.apiserver.table.model import NONE, UNSET, Cell, Data, Kind, age, at, columns, meta, name, spec, status

MODES = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
DEFAULT_ANNOTATIONS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


def access_modes(modes: Iterable[str] | None) -> str:
    """`RWO,ROX`, in upstream's order."""
    found = set(modes or ())
    return ",".join(short for long, short in MODES.items() if long in found)


def storage_class(o: Data) -> str:
    """The class of a volume or claim, by field or by the old annotation."""
    return str((meta(o).get("annotations") or {}).get(CLASS_ANNOTATION) or spec(o).get("storageClassName") or "")


def is_default(o: Data) -> bool:
    """Whether a StorageClass says that it is the default one."""
    return any((meta(o).get("annotations") or {}).get(a) == "true" for a in DEFAULT_ANNOTATIONS)


def default_class(classes: Iterable[Data]) -> str:
    """The name of the StorageClass that counts as the default one: the youngest that says so; "" if none does."""
    marked = [c for c in classes if is_default(c)]
    youngest = max((meta(c).get("creationTimestamp") or "" for c in marked), default="")
    return min((name(c) for c in marked if (meta(c).get("creationTimestamp") or "") == youngest), default="")


def _phase(o: Data) -> str:
    return "Terminating" if meta(o).get("deletionTimestamp") else str(status(o).get("phase", ""))


def _volume(o: Data, now: int, _wide: bool) -> list[Cell]:
    claim = spec(o).get("claimRef")
    return [
        name(o),
        at(o, "spec", "capacity", "storage") or "0",
        access_modes(spec(o).get("accessModes")),
        spec(o).get("persistentVolumeReclaimPolicy", ""),
        _phase(o),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        storage_class(o),
        spec(o).get("volumeAttributesClassName", UNSET),
        status(o).get("reason", ""),
        age(o, now),
        spec(o).get("volumeMode", UNSET),
    ]


def _claim(o: Data, now: int, _wide: bool) -> list[Cell]:
    volume = spec(o).get("volumeName", "")
    return [
        name(o),
        _phase(o),
        volume,
        (at(o, "status", "capacity", "storage") or "0") if volume else "",
        access_modes(status(o).get("accessModes")) if volume else "",
        storage_class(o),
        spec(o).get("volumeAttributesClassName", UNSET),
        age(o, now),
        spec(o).get("volumeMode", UNSET),
    ]


def _class(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [
        name(o),
        o.get("provisioner", ""),
        o.get("reclaimPolicy") or "Delete",
        o.get("volumeBindingMode") or "Immediate",
        bool(o.get("allowVolumeExpansion")),
        age(o, now),
    ]


def _attributes_class(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), o.get("driverName", ""), age(o, now)]


def _capacity(o: Data, _now: int, _wide: bool) -> list[Cell]:
    return [name(o), o.get("storageClassName", ""), o.get("capacity", UNSET)]


def _attachment(o: Data, now: int, _wide: bool) -> list[Cell]:
    volume = at(o, "spec", "source", "persistentVolumeName") or ""
    attached = bool(status(o).get("attached"))
    return [name(o), spec(o).get("attacher", ""), volume, spec(o).get("nodeName", ""), attached, age(o, now)]


def _csi_node(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), len(spec(o).get("drivers") or ()), age(o, now)]


def _csi_driver(o: Data, now: int, _wide: bool) -> list[Cell]:
    s = spec(o)
    tokens = s.get("tokenRequests")
    return [
        name(o),
        s.get("attachRequired") is not False,
        bool(s.get("podInfoOnMount")),
        bool(s.get("storageCapacity")),
        UNSET if tokens is None else ",".join(t.get("audience", "") for t in tokens),
        bool(s.get("requiresRepublish")),
        ",".join(s.get("volumeLifecycleModes") or ()) or NONE,
        age(o, now),
    ]


KINDS = {
    "core.v1.PersistentVolume": Kind(
        columns(
            "Name",
            "Capacity",
            "Access Modes",
            "Reclaim Policy",
            "Status",
            "Claim",
            "StorageClass",
            "VolumeAttributesClass",
            "Reason",
            "Age",
            wide=("VolumeMode",),
        ),
        _volume,
    ),
    "core.v1.PersistentVolumeClaim": Kind(
        columns(
            "Name",
            "Status",
            "Volume",
            "Capacity",
            "Access Modes",
            "StorageClass",
            "VolumeAttributesClass",
            "Age",
            wide=("VolumeMode",),
        ),
        _claim,
    ),
    "storage.v1.StorageClass": Kind(
        columns("Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"),
        _class,
        default_class,
    ),
    "storage.v1.VolumeAttachment": Kind(
        columns("Name", "Attacher", "PV", "Node", "Attached:boolean", "Age"), _attachment
    ),
    "storage.v1.CSINode": Kind(columns("Name", "Drivers:integer", "Age"), _csi_node),
    "storage.v1.VolumeAttributesClass": Kind(columns("Name", "DriverName", "Age"), _attributes_class),
    "storage.v1.CSIStorageCapacity": Kind(columns("Name", "StorageClassName", "Capacity"), _capacity),
    "storage.v1.CSIDriver": Kind(
        columns(
            "Name",
            "AttachRequired:boolean",
            "PodInfoOnMount:boolean",
            "StorageCapacity:boolean",
            "TokenRequests",
            "RequiresRepublish:boolean",
            "Modes",
            "Age",
        ),
        _csi_driver,
    ),
}
