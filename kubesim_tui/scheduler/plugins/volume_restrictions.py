"""VolumeRestrictions: disks that cannot be mounted twice, and claims that only one Pod at a time may use.

ReadWriteOncePod: no other Pod of the cluster may use the claim. GCE disks, EBS volumes, iSCSI and RBD named in the
Pod itself: not twice on a node, unless (but for EBS) both mount read-only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from attrs import define

from kubesim_tui.api.frozen import Json
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import SKIP, CycleState, NodeNames, Plugin, Status, unresolvable, unschedulable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import NO_SPEC, PodInfo, claim_names

DISK = "node(s) had no available disk"
ONCE = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"
DISKS = ("gcePersistentDisk", "awsElasticBlockStore", "iscsi", "rbd")
Disk = tuple[str, Mapping[str, Json]]


def disks(pod: Pod) -> list[Disk]:
    """The disks that a Pod's volumes name themselves."""
    volumes = (pod.spec or NO_SPEC).volumes
    return [(kind, v.rest[kind]) for v in volumes if v.rest for kind in DISKS if v.rest.get(kind)]


def same_disk(a: Disk, b: Disk) -> bool:
    """Whether two volumes are one disk that cannot be mounted twice."""
    (kind, x), (other, y) = a, b
    if kind != other:
        return False
    if kind == "awsElasticBlockStore":
        return bool(x.get("volumeID") == y.get("volumeID"))
    if x.get("readOnly") and y.get("readOnly"):
        return False
    if kind == "gcePersistentDisk":
        return bool(x.get("pdName") == y.get("pdName"))
    if kind == "iscsi":
        return bool(x.get("iqn") == y.get("iqn"))
    monitors = set(x.get("monitors") or ()) & set(y.get("monitors") or ())
    return bool(monitors) and all(x.get(k) == y.get(k) for k in ("pool", "image"))


@define(eq=False)
class Once:
    """The Pod's ReadWriteOncePod claims, and how many of them other Pods use."""

    claims: frozenset[str]
    used: int

    def copy(self) -> Once:
        """An independent copy."""
        return Once(self.claims, self.used)


class VolumeRestrictions(Plugin):
    """See the module."""

    name: ClassVar[str] = "VolumeRestrictions"
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.POD_DELETE,
        ClusterEvent.NODE_ADD,
        ClusterEvent.CLAIM_ADD,
        ClusterEvent.CLAIM_UPDATE,
    )
    disk_taken: ClassVar[Status] = unschedulable(DISK, plugin="VolumeRestrictions")
    claim_taken: ClassVar[Status] = unschedulable(ONCE, plugin="VolumeRestrictions")

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Nothing to do without such claims and disks; a claim that does not exist refuses all nodes."""
        wanted = []
        for name in pod.facts.claims:
            claim = handle.claim(pod.namespace, name)
            if claim is None:
                return None, unresolvable(f'persistentvolumeclaim "{name}" not found', plugin=self.name)
            if claim.spec is not None and "ReadWriteOncePod" in claim.spec.access_modes:
                wanted.append(f"{pod.namespace}/{name}")
        if not wanted and not disks(pod.pod):
            return None, SKIP
        used = sum(any(key in node.claims for node in handle.nodes()) for key in wanted)
        state[self.name] = Once(frozenset(wanted), used)
        return None, None

    def copy_state(self, found: Any) -> Any:
        """Counts change in what-if."""
        return found.copy() if isinstance(found, Once) else found

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Its claims are used."""
        _update(state.get(self.name), other, 1)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Its claims are free."""
        _update(state.get(self.name), other, -1)

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes with the same disk, and all nodes while a claim is used."""
        own = disks(pod.pod)
        if own and any(same_disk(a, b) for a in own for other in node.pods.values() for b in disks(other.pod)):
            return self.disk_taken
        return self.claim_taken if state[self.name].used > 0 else None

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A Pod with one of the disks or claims has gone, or one of the claims has come."""
        if isinstance(old, Pod):
            if old.metadata.namespace != pod.namespace and not disks(old):
                return False
            shared = set(claim_names(old.spec or NO_SPEC)) & set(pod.facts.claims)
            return bool(shared) or any(same_disk(a, b) for a in disks(pod.pod) for b in disks(old))
        if event in (ClusterEvent.CLAIM_ADD, ClusterEvent.CLAIM_UPDATE):
            return new is not None and names_claim(pod, new)
        return True


def names_claim(pod: PodInfo, claim: Object) -> bool:
    """Whether a Pod's volumes name a claim."""
    names = (*pod.facts.claims, *pod.facts.ephemeral)
    return claim.metadata.namespace == pod.namespace and claim.metadata.name in names


def _update(found: Once | None, other: PodInfo, change: int) -> None:
    if found is not None:
        found.used += change * sum(f"{other.namespace}/{c}" in found.claims for c in other.facts.claims)
