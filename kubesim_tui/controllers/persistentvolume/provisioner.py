"""The external provisioner of network disks, as a CSI driver brings one: makes volumes for claims, and destroys them.

As kubernetes-csi/external-provisioner. By default it serves every class but `kubernetes.io/no-provisioner`, whatever
its provisioner is called, so that manifests made for any cloud run (FIDELITY.md).
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api import quantity
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.helpers.template_hash import fnv32a
from kubesim_tui.api.types import (
    CSIPersistentVolumeSource,
    Node,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Object,
    ObjectMeta,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeSpec,
    StorageClass,
    VolumeNodeAffinity,
)
from kubesim_tui.apiserver.bootstrap.objects import PROVISIONER as OWN_DRIVER
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.controllers import customs
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, lookup
from kubesim_tui.controllers.disks import DiskError
from kubesim_tui.controllers.persistentvolume import names
from kubesim_tui.controllers.persistentvolume.sources import SourceError, Sources, is_for_a_populator
from kubesim_tui.controllers.snapshot import names as snapshots
from kubesim_tui.kernel.engine import Key

ASK_AGAIN = 10
"""Seconds after which a driver that does not answer is asked again."""
ZONE = "topology.kubernetes.io/zone"
FINALIZER = "external-provisioner.volume.kubernetes.io/finalizer"


def make_volume(claim: PersistentVolumeClaim, class_: StorageClass, zone: str) -> PersistentVolume:
    """The volume of a claim. Pure. With a zone it can be used only there."""
    assert claim.spec is not None
    meta, requests = claim.metadata, claim.spec.resources.requests if claim.spec.resources is not None else {}
    name = f"pvc-{meta.uid}"
    affinity = None
    if zone:
        requirement = NodeSelectorRequirement(key=ZONE, operator="In", values=(zone,))
        term = NodeSelectorTerm(match_expressions=(requirement,))
        affinity = VolumeNodeAffinity(required=NodeSelector(node_selector_terms=(term,)))
    return PersistentVolume(
        metadata=ObjectMeta(
            name=name,
            annotations=FrozenMap({names.PROVISIONED_BY: class_.provisioner}),
            finalizers=(FINALIZER,),
        ),
        spec=PersistentVolumeSpec(
            capacity=FrozenMap({"storage": requests.get("storage", "1Gi")}),
            access_modes=claim.spec.access_modes,
            claim_ref=ObjectReference(
                api_version="v1",
                kind="PersistentVolumeClaim",
                namespace=meta.namespace,
                name=meta.name,
                uid=meta.uid,
                resource_version=str(meta.resource_version),
            ),
            persistent_volume_reclaim_policy=class_.reclaim_policy or "Delete",
            storage_class_name=class_.metadata.name,
            volume_mode=claim.spec.volume_mode or "Filesystem",
            node_affinity=affinity,
            csi=CSIPersistentVolumeSource(driver=driver_of(class_), volume_handle=name),
        ),
    )


def driver_of(class_: StorageClass) -> str:
    """A class's CSI driver. Names such as `kubernetes.io/gce-pd` are no driver's: the cluster's own serves them."""
    return class_.provisioner if "/" not in class_.provisioner else OWN_DRIVER


class Provisioner(Controller):
    """See the module."""

    account = "csi-provisioner"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.disks, self.zonal, self.serves = kit.extras.disks, kit.extras.zonal_disks, kit.extras.provisioners
        self.recorder.component = f"{self.serves[0]}_csi-provisioner" if self.serves else "csi-provisioner"
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        self.volumes = self.watch(kit.shared("persistentvolumes"))
        self.classes, self.nodes = self.watch(kit.shared("storageclasses")), self.watch(kit.shared("nodes"))
        found, contents = customs.informer(self, snapshots.SNAPSHOTS), customs.informer(self, snapshots.CONTENTS)
        self.sources = Sources(found, contents, self.claims, self.volumes)
        self.claims.on_change(self._claim_changed)
        self.volumes.on_change(self._volume_changed)

    def _claim_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and names.PROVISIONER in now.metadata.annotations:
            self.enqueue(("claim", now.metadata.namespace, now.metadata.name))

    def _volume_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and names.PROVISIONED_BY in now.metadata.annotations:
            self.enqueue(("volume", now.metadata.name))

    def _mine(self, provisioner: str | None) -> bool:
        if not provisioner or provisioner == names.NO_PROVISIONER:
            return False
        return not self.serves or provisioner in self.serves

    def sync(self, key: Key) -> None:
        """Provision for a claim, or destroy a released volume."""
        parts = cast("tuple[str, ...]", key)
        if parts[0] == "claim":
            claim = lookup(self.claims, PersistentVolumeClaim, parts[1], parts[2])
            if claim is not None and claim.spec is not None:
                self._provision(claim)
        else:
            volume = lookup(self.volumes, PersistentVolume, "", parts[1])
            if volume is not None and volume.spec is not None:
                self._reclaim(volume)

    # -- provision ---------------------------------------------------------------------------------------------

    def _provision(self, claim: PersistentVolumeClaim) -> None:
        assert claim.spec is not None
        class_ = lookup(self.classes, StorageClass, "", names.class_of(claim))
        provisioner = claim.metadata.annotations.get(names.PROVISIONER)
        if claim.spec.volume_name or class_ is None or not self._mine(provisioner):
            return
        if names.waits_for_consumer(class_) and names.SELECTED_NODE not in claim.metadata.annotations:
            return
        name = f"pvc-{claim.metadata.uid}"
        if claim.metadata.deletion_timestamp is not None or self.volumes.get("", name) is not None:
            return
        if self.disks.seconds is None:  # the driver does not answer, and so nobody says anything
            self.enqueue_after(ASK_AGAIN, ("claim", claim.metadata.namespace, claim.metadata.name))
            return
        if is_for_a_populator(claim):
            text = "Assuming an external populator will provision the volume"
            self.recorder.event(claim, NORMAL, "Provisioning", text)
            return
        meta = claim.metadata
        text = f'External provisioner is provisioning volume for claim "{meta.namespace}/{meta.name}"'
        self.recorder.event(claim, NORMAL, "Provisioning", text)
        volume = make_volume(claim, class_, self._zone(claim))
        assert volume.spec is not None
        try:
            source = self.sources.handle(claim, class_, driver_of(class_))
            self.disks.create(name, quantity.value(volume.spec.capacity["storage"]), source)
        except (DiskError, SourceError) as refused:
            text = f'failed to provision volume with StorageClass "{class_.metadata.name}": {refused}'
            self.recorder.event(claim, WARNING, "ProvisioningFailed", text)
            raise ApiError(str(refused)) from refused
        try:
            self.client.create(volume)
        except StatusError as refused:
            if refused.reason != "AlreadyExists":
                raise
        self.recorder.event(claim, NORMAL, "ProvisioningSucceeded", f"Successfully provisioned volume {name}")

    def _zone(self, claim: PersistentVolumeClaim) -> str:
        """The zone of the node that the scheduler chose; without one, spread over all zones by the claim's name."""
        if not self.zonal:
            return ""
        chosen = lookup(self.nodes, Node, "", claim.metadata.annotations.get(names.SELECTED_NODE, ""))
        if chosen is not None:
            return chosen.metadata.labels.get(ZONE, "")
        zones = sorted({z for n in self.nodes.table if (z := n.metadata.labels.get(ZONE, ""))})
        return zones[fnv32a(claim.metadata.name.encode()) % len(zones)] if zones else ""

    # -- reclaim -----------------------------------------------------------------------------------------------

    def _reclaim(self, volume: PersistentVolume) -> None:
        assert volume.spec is not None
        phase = volume.status.phase if volume.status is not None else ""
        deletes = volume.spec.persistent_volume_reclaim_policy == "Delete"
        if not self._mine(volume.metadata.annotations.get(names.PROVISIONED_BY)):
            return
        if phase != "Released" or not deletes:
            if volume.metadata.deletion_timestamp is not None and not deletes:
                self._let_go(volume)
            return
        handle = volume.spec.csi.volume_handle if volume.spec.csi is not None else volume.metadata.name
        try:
            self.disks.delete(handle)
        except DiskError as refused:
            self.recorder.event(volume, WARNING, "VolumeFailedDelete", str(refused))
            raise ApiError(str(refused)) from refused
        if volume.metadata.deletion_timestamp is None:
            self.client.delete(PersistentVolume, "", volume.metadata.name)
        else:
            self._let_go(volume)

    def _let_go(self, volume: PersistentVolume) -> None:
        if FINALIZER in volume.metadata.finalizers:
            kept = tuple([f for f in volume.metadata.finalizers if f != FINALIZER])
            self.client.update(volume.evolve(metadata=volume.metadata.evolve(finalizers=kept)))
