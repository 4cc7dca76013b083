"""VolumeZone: a Pod goes where the zone (and region) labels of its bound volumes are.

A label's value may list several zones, separated by two underscores. Nodes without any topology label take every Pod.
The old beta labels of a volume are also looked up on the node under their new names.
"""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from kubesim_tui.api.helpers.pv_match import claim_class
from kubesim_tui.api.types import Object, PersistentVolume, PersistentVolumeClaim, StorageClass
from kubesim_tui.scheduler.cache import OLD_REGION, OLD_ZONE, REGION, ZONE
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import SKIP, CycleState, NodeNames, Plugin, Status, unresolvable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.plugins.volume_restrictions import names_claim
from kubesim_tui.scheduler.pod_info import PodInfo

REASON = "node(s) had no available volume zone"
WAIT = "WaitForFirstConsumer"
TOPOLOGY_LABELS = (OLD_ZONE, OLD_REGION, ZONE, REGION)
NEW_NAMES = {OLD_ZONE: ZONE, OLD_REGION: REGION}
Topology: TypeAlias = tuple[str, frozenset[str]]
"""A label and the values that will do."""


def topologies(volume: PersistentVolume) -> list[Topology]:
    """Where a volume can be used, by its labels. A list with an empty zone in it is ignored, as upstream does."""
    found = []
    for key in TOPOLOGY_LABELS:
        value = volume.metadata.labels.get(key)
        zones = [z.strip() for z in value.split("__")] if value is not None else [""]
        if all(zones):
            found.append((key, frozenset(zones)))
    return found


class VolumeZone(Plugin):
    """See the module."""

    name: ClassVar[str] = "VolumeZone"
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.CLASS_ADD,
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_LABEL,
        ClusterEvent.CLAIM_ADD,
        ClusterEvent.CLAIM_UPDATE,
        ClusterEvent.VOLUME_ADD,
        ClusterEvent.VOLUME_UPDATE,
    )
    refused: ClassVar[Status] = unresolvable(REASON, plugin="VolumeZone")

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Where each volume can be used; a claim that cannot get one refuses all nodes."""
        found: list[Topology] = []
        for name in pod.facts.claims:
            topology, why = self._of_claim(pod, name, handle)
            if why:
                return None, unresolvable(why, plugin=self.name)
            found += topology
        if not found:
            return None, SKIP
        state[self.name] = found
        return None, None

    def _of_claim(self, pod: PodInfo, name: str, handle: Handle) -> tuple[list[Topology], str]:
        claim = handle.claim(pod.namespace, name)
        if claim is None:
            return [], f'persistentvolumeclaim "{name}" not found'
        volume_name = claim.spec.volume_name if claim.spec is not None else ""
        if not volume_name:
            return [], self._unbound(claim, handle)
        volume = handle.volume(volume_name)
        if volume is None:
            return [], f'persistentvolume "{volume_name}" not found'
        return topologies(volume), ""

    @staticmethod
    def _unbound(claim: PersistentVolumeClaim, handle: Handle) -> str:
        """Why an unbound claim refuses the Pod; "" if it waits for it."""
        name = claim_class(claim)
        if not name:
            return "PersistentVolumeClaim had no pv name and storageClass name"
        found = handle.storage_class(name)
        if found is None:
            return f'storageclasses.storage.k8s.io "{name}" not found'
        if found.volume_binding_mode is None:
            return f'VolumeBindingMode not set for StorageClass "{name}"'
        return "" if found.volume_binding_mode == WAIT else "PersistentVolume had no name"

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes with other labels."""
        labels = node.labels
        if not any(key in labels for key in TOPOLOGY_LABELS):
            return None
        found: list[Topology] = state[self.name]
        for key, values in found:
            if labels.get(key, labels.get(NEW_NAMES.get(key, key))) not in values:
                return self.refused
        return None

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """The claim has come or changed, the volume has other zones, or a class that waits has come."""
        if isinstance(new, PersistentVolumeClaim):
            return names_claim(pod, new)
        if isinstance(new, StorageClass):
            return new.volume_binding_mode == WAIT
        if isinstance(new, PersistentVolume) and isinstance(old, PersistentVolume):
            return topologies(old) != topologies(new)
        return True
