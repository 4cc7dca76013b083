"""What plugins may look at besides the Pod and the node at hand: the nodes, and the scheduler's other caches.

`Listers` reads the informers' tables. Claims and volumes that a Pod on its way has taken are *assumed* taken until
the watch events confirm it (upstream's assume caches).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar, cast

from attrs import define, field

from kubesim_tui.api import types
from kubesim_tui.api.frozen import EMPTY, FrozenMap
from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import (
    LabelSelector,
    Object,
    PersistentVolume,
    PersistentVolumeClaim,
    Service,
    StorageClass,
    Unstructured,
)
from kubesim_tui.apiserver.etcd import Table
from kubesim_tui.scheduler.cache import Cache
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

T = TypeVar("T", bound=Object)
EMPTY_TABLE = Table()
OWNERS = {
    ("apps/v1", "ReplicaSet"): "replicasets",
    ("v1", "ReplicationController"): "replicationcontrollers",
    ("apps/v1", "StatefulSet"): "statefulsets",
}


class Source(Protocol):
    """Anything with a table: an informer."""

    @property
    def table(self) -> Table:
        """What is known."""
        ...


@define(eq=False)
class Handle:
    """Nodes and listers. `sources` by plural; what is not there is empty."""

    cache: Cache
    sources: Mapping[str, Source] = field(factory=dict)
    assumed_volumes: dict[str, PersistentVolume] = field(factory=dict)
    assumed_claims: dict[tuple[str, str], PersistentVolumeClaim] = field(factory=dict)

    # -- nodes -------------------------------------------------------------------------------------------------

    def nodes(self) -> list[NodeInfo]:
        """All nodes in the scheduler's order."""
        return self.cache.ordered()

    def node(self, name: str) -> NodeInfo | None:
        """A node by name."""
        found = self.cache.nodes.get(name)
        return found if found is not None and found.node is not None else None

    # -- objects -----------------------------------------------------------------------------------------------

    def table(self, plural: str) -> Table:
        """What is known of a resource."""
        source = self.sources.get(plural)
        return source.table if source is not None else EMPTY_TABLE

    def _get(self, plural: str, namespace: str, name: str) -> Object | None:
        return self.table(plural).objects.get((namespace, name))

    def claim(self, namespace: str, name: str) -> PersistentVolumeClaim | None:
        """A claim, as assumed."""
        found = cast("PersistentVolumeClaim | None", self._get("persistentvolumeclaims", namespace, name))
        assumed = self.assumed_claims.get((namespace, name))
        return _newer(found, assumed)

    def volume(self, name: str) -> PersistentVolume | None:
        """A volume, as assumed."""
        found = cast("PersistentVolume | None", self._get("persistentvolumes", "", name))
        return _newer(found, self.assumed_volumes.get(name))

    def volumes(self) -> list[PersistentVolume]:
        """All volumes, as assumed."""
        known = cast("Iterable[PersistentVolume]", self.table("persistentvolumes"))
        return [_newer(v, self.assumed_volumes.get(v.metadata.name)) or v for v in known]

    def storage_class(self, name: str) -> StorageClass | None:
        """A storage class."""
        return cast("StorageClass | None", self._get("storageclasses", "", name))

    def csi_node(self, name: str) -> Unstructured | None:
        """What CSI drivers say of a node."""
        return cast("Unstructured | None", self._get("csinodes", "", name))

    def csi_driver(self, name: str) -> Unstructured | None:
        """A CSI driver."""
        return cast("Unstructured | None", self._get("csidrivers", "", name))

    def capacities(self) -> Iterable[Unstructured]:
        """What room CSI drivers say there is: CSIStorageCapacities."""
        return cast("Iterable[Unstructured]", self.table("csistoragecapacities"))

    def attachments(self) -> Iterable[Unstructured]:
        """VolumeAttachments."""
        return cast("Iterable[Unstructured]", self.table("volumeattachments"))

    def budgets(self) -> list[Unstructured]:
        """PodDisruptionBudgets."""
        return cast("list[Unstructured]", list(self.table("poddisruptionbudgets")))

    def namespace_labels(self, name: str) -> Mapping[str, str]:
        """The labels of a namespace."""
        found = self._get("namespaces", "", name)
        return found.metadata.labels if found is not None else EMPTY

    # -- selectors ---------------------------------------------------------------------------------------------

    def default_selectors(self, pod: PodInfo) -> tuple[LabelSelector, ...]:
        """The selectors of a Pod's Services and of its controller (helper.DefaultSelector); () if there are none."""
        labels: dict[str, str] = {}
        for service in cast("Iterable[Service]", self.table("services").in_namespace(pod.namespace)):
            wanted = service.spec.selector if service.spec is not None else EMPTY
            if wanted and selector.matches_set(wanted, pod.labels):
                labels.update(wanted)
        owner = controller_of(pod.pod)
        plural = OWNERS.get((owner.api_version, owner.kind)) if owner is not None else None
        found = self._get(plural, pod.namespace, owner.name) if plural and owner is not None else None
        chosen = None
        if isinstance(found, types.ReplicationController):
            labels.update(found.spec.selector if found.spec is not None else EMPTY)
        elif found is not None:
            chosen = found.spec.selector  # type: ignore[attr-defined]
        made = [LabelSelector(match_labels=FrozenMap(labels))] if labels else []
        if chosen is not None and not selector.is_everything(chosen):
            made.append(chosen)
        return tuple(made)


def _newer(found: T | None, assumed: T | None) -> T | None:
    """The assumed object until the API server's is newer than what the assumption was made from."""
    if found is None or assumed is None:
        return found
    return assumed if assumed.metadata.resource_version >= found.metadata.resource_version else found
