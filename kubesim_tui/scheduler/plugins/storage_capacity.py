"""Whether a CSI driver has room for a volume at a node, as its CSIStorageCapacities say (VolumeBinding asks).

Only drivers are asked whose CSIDriver says `storageCapacity`; any other has room everywhere.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.codec import decode
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.pv_match import claim_class
from kubesim_tui.api.quantity import value
from kubesim_tui.api.types import LabelSelector, Node, PersistentVolumeClaim, Pod, Unstructured
from kubesim_tui.scheduler.handle import Handle

KINDS = ("CSIDriver", "CSIStorageCapacity")


def look(claim: PersistentVolumeClaim, node: Node, handle: Handle) -> tuple[bool, int | None]:
    """(whether there is room for a claim at a node, the bytes that are left there; None if nobody says)."""
    class_ = handle.storage_class(claim_class(claim))
    driver = handle.csi_driver(class_.provisioner) if class_ is not None else None
    resources = claim.spec.resources if claim.spec is not None else None
    asked = resources.requests.get("storage") if resources is not None else None
    if class_ is None or driver is None or not tells(driver) or asked is None:
        return True, None
    wanted = value(asked)
    for capacity in handle.capacities():
        limit = volume_limit(capacity)
        of_class = capacity.rest.get("storageClassName") == class_.metadata.name
        if of_class and limit is not None and limit >= wanted and has_access(capacity, node):
            return True, value(capacity.rest.get("capacity", "0"))
    return False, None


def tells(driver: Unstructured) -> bool:
    """Whether a driver says how much room it has."""
    spec: Any = driver.rest.get("spec") or {}
    return bool(spec.get("storageCapacity"))


def volume_limit(capacity: Unstructured) -> int | None:
    """The bytes that one volume can have."""
    found = capacity.rest.get("maximumVolumeSize") or capacity.rest.get("capacity")
    return None if found is None else value(found)


def has_access(capacity: Unstructured, node: Node) -> bool:
    """Whether what there is can be had from a node."""
    topology = capacity.rest.get("nodeTopology")
    return topology is not None and selector.matches(decode(LabelSelector, thaw(topology)), node.metadata.labels)


def wakes(pod: Pod, old: Unstructured | None, new: Unstructured) -> bool:
    """Whether a change may help a Pod: there is more room, or the driver of a volume of its own tells no more."""
    if new.kind == "CSIStorageCapacity":
        before, now = volume_limit(old) if old is not None else None, volume_limit(new)
        return old is None or (now is not None and (before is None or now > before))
    inline = [v.rest["csi"] for v in (pod.spec.volumes if pod.spec is not None else ()) if "csi" in v.rest]
    named = any(csi.get("driver") == new.metadata.name for csi in inline)
    return named and old is not None and tells(old) and not tells(new)
