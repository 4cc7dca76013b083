"""Cluster events: what can happen that may let an unschedulable Pod pass (pkg/scheduler/framework/events.go).

Each plugin registers the events that can undo its refusal; the queue asks only the plugins that refused a Pod.
`node_changes` and `pod_changes` say which events an update amounts to.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.types import Node, NodeSpec, NodeStatus, Pod, PodSpec


class ClusterEvent(StrEnum):
    """Resource/Action."""

    NODE_ADD = "Node/Add"
    NODE_DELETE = "Node/Delete"
    NODE_ALLOCATABLE = "Node/UpdateNodeAllocatable"
    NODE_LABEL = "Node/UpdateNodeLabel"
    NODE_TAINT = "Node/UpdateNodeTaint"
    POD_ADD = "AssignedPod/Add"
    POD_DELETE = "AssignedPod/Delete"
    POD_LABEL = "AssignedPod/UpdatePodLabel"
    POD_SCALE_DOWN = "AssignedPod/UpdatePodScaleDown"
    POD_TERMINATING = "AssignedPod/Update"
    SELF_LABEL = "UnscheduledPod/UpdatePodLabel"
    SELF_SCALE_DOWN = "UnscheduledPod/UpdatePodScaleDown"
    SELF_TOLERATION = "UnscheduledPod/UpdatePodToleration"
    SELF_GATES = "UnscheduledPod/UpdatePodSchedulingGatesEliminated"
    CLAIM_ADD = "PersistentVolumeClaim/Add"
    CLAIM_UPDATE = "PersistentVolumeClaim/Update"
    CLAIM_DELETE = "PersistentVolumeClaim/Delete"
    VOLUME_ADD = "PersistentVolume/Add"
    VOLUME_UPDATE = "PersistentVolume/Update"
    CLASS_ADD = "StorageClass/Add"
    CLASS_UPDATE = "StorageClass/Update"
    CSI_NODE = "CSINode/Update"
    CSI_DRIVER_UPDATE = "CSIDriver/Update"
    CAPACITY = "CSIStorageCapacity/Add,Update"
    ATTACHMENT_DELETE = "VolumeAttachment/Delete"


OF_SELF = frozenset(
    {ClusterEvent.SELF_LABEL, ClusterEvent.SELF_SCALE_DOWN, ClusterEvent.SELF_TOLERATION, ClusterEvent.SELF_GATES}
)
STORAGE_EVENTS: Mapping[str, tuple[ClusterEvent | None, ClusterEvent | None, ClusterEvent | None]] = {
    "PersistentVolumeClaim": (ClusterEvent.CLAIM_ADD, ClusterEvent.CLAIM_UPDATE, ClusterEvent.CLAIM_DELETE),
    "PersistentVolume": (ClusterEvent.VOLUME_ADD, ClusterEvent.VOLUME_UPDATE, None),
    "StorageClass": (ClusterEvent.CLASS_ADD, ClusterEvent.CLASS_UPDATE, None),
    "CSINode": (ClusterEvent.CSI_NODE, ClusterEvent.CSI_NODE, None),
    "CSIDriver": (None, ClusterEvent.CSI_DRIVER_UPDATE, None),
    "CSIStorageCapacity": (ClusterEvent.CAPACITY, ClusterEvent.CAPACITY, None),
    "VolumeAttachment": (None, None, ClusterEvent.ATTACHMENT_DELETE),
}
"""What it means that an object of a kind has come, changed or gone."""
_NO_NODE, _NO_STATUS, _NO_POD = NodeSpec(), NodeStatus(), PodSpec()


def node_changes(old: Node, new: Node) -> list[ClusterEvent]:
    """What of a node's update matters to scheduling."""
    found = []
    if (old.status or _NO_STATUS).allocatable != (new.status or _NO_STATUS).allocatable:
        found.append(ClusterEvent.NODE_ALLOCATABLE)
    if old.metadata.labels != new.metadata.labels:
        found.append(ClusterEvent.NODE_LABEL)
    before, after = old.spec or _NO_NODE, new.spec or _NO_NODE
    if before is not after and (before.taints != after.taints or before.unschedulable != after.unschedulable):
        found.append(ClusterEvent.NODE_TAINT)
    return found


def assigned_changes(old: Pod, new: Pod) -> list[ClusterEvent]:
    """What of an assigned Pod's update may make room for others."""
    found = []
    if old.metadata.labels != new.metadata.labels:
        found.append(ClusterEvent.POD_LABEL)
    if old.spec is not new.spec and shrunk(old, new):
        found.append(ClusterEvent.POD_SCALE_DOWN)
    if old.metadata.deletion_timestamp is None and new.metadata.deletion_timestamp is not None:
        found.append(ClusterEvent.POD_TERMINATING)
    return found


def pending_changes(old: Pod, new: Pod) -> list[ClusterEvent]:
    """What of an unscheduled Pod's own update may let it pass."""
    found = []
    if old.metadata.labels != new.metadata.labels:
        found.append(ClusterEvent.SELF_LABEL)
    before, after = old.spec or _NO_POD, new.spec or _NO_POD
    if before is after:
        return found
    if shrunk(old, new):
        found.append(ClusterEvent.SELF_SCALE_DOWN)
    if before.tolerations != after.tolerations:
        found.append(ClusterEvent.SELF_TOLERATION)
    if before.scheduling_gates and not after.scheduling_gates:
        found.append(ClusterEvent.SELF_GATES)
    return found


def shrunk(old: Pod, new: Pod) -> bool:
    """Whether a Pod requests less of anything than before."""
    before, after = old.spec or _NO_POD, new.spec or _NO_POD
    if before.containers is after.containers and before.resources is after.resources:
        return False
    now = request_amounts(after)
    return any(amount > now.get(name, 0) for name, amount in request_amounts(before).items())
