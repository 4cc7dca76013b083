"""NodeVolumeLimits: how many volumes of a CSI driver can be attached to a node (CSINode tells).

Volumes are identified by driver and handle, so that one that several Pods use counts once; a claim that is not bound
yet counts for the driver that will provision it. Attachments that belong to no known Pod count, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, TypeAlias

from kubesim_tui.api.helpers.pv_match import claim_class
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import SKIP, CycleState, NodeNames, Plugin, Status, unschedulable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.plugins.volume_restrictions import names_claim
from kubesim_tui.scheduler.pod_info import PodInfo

REASON = "node(s) exceed max volume count"
VolumeId: TypeAlias = tuple[str, str]
"""(driver, handle)."""


def exceeds(new: Iterable[VolumeId], used: Iterable[VolumeId], limits: Mapping[str, int]) -> bool:
    """Whether the new volumes do not fit beside the used ones; a driver without a limit takes any number."""
    there = set(used)
    added = {v for v in new if v not in there}
    for driver in sorted({d for d, _ in added}):
        if driver in limits:
            count = sum(d == driver for d, _ in there) + sum(d == driver for d, _ in added)
            if count > limits[driver]:
                return True
    return False


def volume_ids(claims: Iterable[tuple[str, str]], handle: Handle) -> list[VolumeId]:
    """The CSI volumes of claims (namespace, name)."""
    found = (volume_id(namespace, name, handle) for namespace, name in claims)
    return [v for v in found if v is not None]


def volume_id(namespace: str, name: str, handle: Handle) -> VolumeId | None:
    """The CSI volume of a claim, bound or to be provisioned; None if it is not CSI's."""
    claim = handle.claim(namespace, name)
    if claim is None or claim.spec is None:
        return None
    if claim.spec.volume_name:
        volume = handle.volume(claim.spec.volume_name)
        csi = volume.spec.csi if volume is not None and volume.spec is not None else None
        return (csi.driver, csi.volume_handle) if csi is not None else None
    chosen = handle.storage_class(claim_class(claim))
    if chosen is None or not chosen.provisioner:
        return None
    return chosen.provisioner, f"{claim_class(claim)}-{namespace}/{name}"


def limits_of(node: str, handle: Handle) -> dict[str, int]:
    """How many volumes of each driver a node can have."""
    found = handle.csi_node(node)
    spec = found.rest.get("spec") or {} if found is not None else {}
    limits = {d["name"]: (d.get("allocatable") or {}).get("count") for d in spec.get("drivers") or ()}
    return {name: count for name, count in limits.items() if count is not None}


def attached(node: str, handle: Handle) -> list[VolumeId]:
    """What VolumeAttachments say is attached to a node."""
    found = []
    for attachment in handle.attachments():
        spec = attachment.rest.get("spec") or {}
        if spec.get("nodeName") != node:
            continue
        volume = handle.volume((spec.get("source") or {}).get("persistentVolumeName") or "")
        csi = volume.spec.csi if volume is not None and volume.spec is not None else None
        if csi is not None:
            found.append((csi.driver, csi.volume_handle))
    return found


class NodeVolumeLimits(Plugin):
    """See the module."""

    name: ClassVar[str] = "NodeVolumeLimits"
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.CSI_NODE,
        ClusterEvent.POD_DELETE,
        ClusterEvent.CLAIM_ADD,
        ClusterEvent.ATTACHMENT_DELETE,
        ClusterEvent.NODE_ADD,
    )
    refused: ClassVar[Status] = unschedulable(REASON, plugin="NodeVolumeLimits")

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Nothing to do without claims, or where no node tells a limit."""
        if not (pod.facts.claims or pod.facts.ephemeral) or not len(handle.table("csinodes")):
            return None, SKIP
        state[self.name] = handle
        return None, None

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes that would have too many."""
        handle: Handle = state[self.name]
        limits = limits_of(node.name, handle)
        if not limits:
            return None
        new = volume_ids(_claims(pod), handle)
        if not new:
            return None
        there = [claim for other in node.pods.values() for claim in _claims(other)]
        used = [*volume_ids(there, handle), *attached(node.name, handle)]
        return self.refused if exceeds(new, used, limits) else None

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A Pod with claims has gone, or one of the claims has come."""
        if isinstance(old, Pod):
            facts = handle.cache.register.facts_of(old)
            return bool(facts.claims or facts.ephemeral)
        if event is ClusterEvent.CLAIM_ADD:
            return new is not None and names_claim(pod, new)
        return True


def _claims(pod: PodInfo) -> list[tuple[str, str]]:
    return [(pod.namespace, name) for name in (*pod.facts.claims, *pod.facts.ephemeral)]
