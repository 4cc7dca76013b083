"""kubectl describe persistentvolume, storageclass and csinode."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.table.storage import access_modes, is_default, storage_class
from kubesim_tui.kubectl.describe import volumes
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, at, boolean, flat, go_list, meta


def describe(w: Writer, o: Data) -> None:
    """One PersistentVolume."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    w(0, f"Finalizers:\t{go_list(meta(o).get('finalizers'))}")
    w(0, f"StorageClass:\t{storage_class(o)}")
    deleted = meta(o).get("deletionTimestamp")
    w(0, f"Status:\t{f'Terminating (lasts {w.since(deleted)})' if deleted else status.get('phase', '')}")
    claim = spec.get("claimRef")
    w(0, f"Claim:\t{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "Claim:\t")
    w(0, f"Reclaim Policy:\t{spec.get('persistentVolumeReclaimPolicy', '')}")
    w(0, f"Access Modes:\t{access_modes(spec.get('accessModes'))}")
    if spec.get("volumeMode"):
        w(0, f"VolumeMode:\t{spec['volumeMode']}")
    w(0, f"Capacity:\t{at(spec, 'capacity', 'storage') or '0'}")
    _affinity(w, spec)
    w(0, f"Message:\t{status.get('message', '')}")
    w(0, "Source:")
    volumes.source(w, spec, persistent=True)
    w.events(o)


def _affinity(w: Writer, spec: Data) -> None:
    required = at(spec, "nodeAffinity", "required")
    if required is None:
        w(0, f"Node Affinity:\t{NONE}")
        return
    w(0, "Node Affinity:\t")
    terms = required.get("nodeSelectorTerms") or []
    w(1, "Required Terms:\t" + ("" if terms else NONE))
    for i, term in enumerate(terms):
        _term(
            w, 2, i, [_requirement(r, str(r.get("operator", "")).lower()) for r in term.get("matchExpressions") or ()]
        )


def _term(w: Writer, level: int, at_term: int, rows: list[str]) -> None:
    for i, row in enumerate(rows or [NONE]):
        w(level, f"Term {at_term}:\t{row}" if not i else f"\t{row}")


def _requirement(r: dict[str, Any], operator: str) -> str:
    values = f" [{', '.join(r['values'])}]" if r.get("values") else ""
    return f"{r.get('key', '')} {operator}{values}"


def describe_class(w: Writer, o: Data) -> None:
    """One StorageClass."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w(0, f"IsDefaultClass:\t{'Yes' if is_default(o) else 'No'}")
    w(0, f"Annotations:\t{flat(meta(o).get('annotations'))}")
    w(0, f"Provisioner:\t{o.get('provisioner', '')}")
    w(0, f"Parameters:\t{flat(o.get('parameters'))}")
    w(0, f"AllowVolumeExpansion:\t{boolean(o.get('allowVolumeExpansion'))}")
    if o.get("mountOptions"):
        w(0, "MountOptions:")
        for option in o["mountOptions"]:
            w(1, option)
    else:
        w(0, f"MountOptions:\t{NONE}")
    for title, key in (("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")):
        if o.get(key):
            w(0, f"{title}:\t{o[key]}")
    if o.get("allowedTopologies"):
        w(0, "AllowedTopologies:\t")
        for i, term in enumerate(o["allowedTopologies"]):
            _term(w, 1, i, [_requirement(r, "in") for r in term.get("matchLabelExpressions") or ()])
    w.events(o)


def describe_csi_node(w: Writer, o: Data) -> None:
    """One CSINode."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    w.created(o)
    w(0, "Spec:")
    drivers = at(o, "spec", "drivers")
    if drivers is not None:
        w(1, "Drivers:")
        for d in drivers:
            w(2, f"{d.get('name', '')}:")
            w(3, f"Node ID:\t{d.get('nodeID', '')}")
            if at(d, "allocatable", "count") is not None:
                w(3, "Allocatables:")
                w(4, f"Count:\t{d['allocatable']['count']}")
            if d.get("topologyKeys") is not None:
                w(3, f"Topology Keys:\t{go_list(d['topologyKeys'])}")
    w.events(o)


def describe_attributes_class(w: Writer, o: Data) -> None:
    """One VolumeAttributesClass."""
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w(0, f"Annotations:\t{flat(meta(o).get('annotations'))}")
    w(0, f"DriverName:\t{o.get('driverName', '')}")
    w(0, f"Parameters:\t{flat(o.get('parameters'))}")
    w.events(o)
