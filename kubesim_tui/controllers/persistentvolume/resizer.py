"""A claim that asks for more gets it: persistentvolume-expander-controller and the CSI driver's external-resizer.

As pkg/controller/volume/expand and kubernetes-csi/external-resizer. The disk grows at once; its file system grows when
a Pod uses the claim on a node, which a kubelet would do there: that step is taken here for it (FIDELITY.md).
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api import quantity
from kubesim_tui.api.frozen import merged
from kubesim_tui.api.helpers.claims import claims_of
from kubesim_tui.api.helpers.conditions import with_condition
from kubesim_tui.api.types import (
    Object,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimCondition,
    PersistentVolumeClaimStatus,
    Pod,
)
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.record import Recorder
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, key_of, lookup
from kubesim_tui.controllers.disks import DiskError
from kubesim_tui.controllers.persistentvolume.users import Users
from kubesim_tui.kernel.engine import Key

RESIZING, PENDING = "Resizing", "FileSystemResizePending"
WAITS = "Waiting for user to (re-)start a pod to finish file system resize of volume on node."


def asked(claim: PersistentVolumeClaim) -> str:
    """The size that a claim asks for; "" if none."""
    resources = claim.spec.resources if claim.spec is not None else None
    return resources.requests.get("storage", "") if resources is not None else ""


def has_less(held: str, wanted: str) -> bool:
    """Whether a size is smaller than another."""
    return bool(wanted) and quantity.value(held or "0") < quantity.value(wanted)


def is_short(claim: PersistentVolumeClaim) -> bool:
    """Whether a bound claim has less than it asks for. Pure."""
    status = claim.status
    return status is not None and status.phase == "Bound" and has_less(status.capacity.get("storage", ""), asked(claim))


class VolumeResizer(Controller):
    """See the module."""

    account = "csi-resizer"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.disks = kit.extras.disks
        self.expander = self.voice(Recorder(kit.make_client("expand-controller"), "volume_expand"))
        self.kubelet = self.voice(Recorder(kit.make_client(self.account), "kubelet"))
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        self.volumes, pods = self.watch(kit.shared("persistentvolumes")), self.watch(kit.shared("pods"))
        self.users = Users(pods)
        self.claims.on_change(self._claim_changed)
        pods.on_change(self._pod_changed)

    def _claim_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and is_short(cast(PersistentVolumeClaim, now)):
            self.enqueue(key_of(now))

    def _pod_changed(self, _before: Object | None, now: Object | None) -> None:
        """A Pod that comes to a node may finish what has waited for it."""
        if now is None:
            return
        for name in claims_of(cast(Pod, now)):
            claim = self.claims.get(now.metadata.namespace, name)
            if claim is not None and is_short(cast(PersistentVolumeClaim, claim)):
                self.enqueue(key_of(claim))

    def sync(self, key: Key) -> None:
        """The disk, then the file system."""
        claim = lookup(self.claims, PersistentVolumeClaim, *cast(Name, key))
        if claim is None or claim.spec is None or not is_short(claim):
            return
        volume = lookup(self.volumes, PersistentVolume, "", claim.spec.volume_name)
        if volume is None or volume.spec is None or volume.spec.csi is None:
            return
        if has_less(volume.spec.capacity.get("storage", ""), asked(claim)):
            claim = self._grow(claim, volume)
        if self.users.hold(claim):
            self._finish(claim, volume)

    def _grow(self, claim: PersistentVolumeClaim, volume: PersistentVolume) -> PersistentVolumeClaim:
        """The disk is made larger; the claim waits for its file system."""
        spec, csi = volume.spec, volume.spec.csi if volume.spec is not None else None
        assert spec is not None
        assert csi is not None
        self.recorder.component = f"external-resizer {csi.driver}"
        self.expander.event(claim, NORMAL, "ExternalExpanding", "waiting for an external controller to expand this PVC")
        text = f"External resizer is resizing volume {volume.metadata.name}"
        self.recorder.event(claim, NORMAL, "Resizing", text)
        try:
            self.disks.resize(csi.volume_handle, quantity.value(asked(claim)))
        except DiskError as refused:
            text = f'resize volume "{volume.metadata.name}" failed: {refused}'
            self.recorder.event(claim, WARNING, "VolumeResizeFailed", text)
            raise ApiError(str(refused)) from refused
        self.client.update(volume.evolve(spec=spec.evolve(capacity=merged(spec.capacity, {"storage": asked(claim)}))))
        text = "Require file system resize of volume on node"
        self.recorder.event(claim, NORMAL, "FileSystemResizeRequired", text)
        status = claim.status or PersistentVolumeClaimStatus()
        made = PersistentVolumeClaimCondition(type=PENDING, status="True", message=WAITS, last_transition_time=self.now)
        conditions = with_condition(tuple([c for c in status.conditions if c.type != RESIZING]), made)
        return self.client.update_status(claim.evolve(status=status.evolve(conditions=conditions)))

    def _finish(self, claim: PersistentVolumeClaim, volume: PersistentVolume) -> None:
        """A node has the disk: the file system fills it."""
        status = claim.status or PersistentVolumeClaimStatus()
        kept = tuple([c for c in status.conditions if c.type not in (PENDING, RESIZING)])
        capacity = merged(status.capacity, {"storage": asked(claim)})
        self.client.update_status(claim.evolve(status=status.evolve(conditions=kept, capacity=capacity)))
        text = f'MountVolume.NodeExpandVolume succeeded for volume "{volume.metadata.name}"'
        self.kubelet.event(claim, NORMAL, "FileSystemResizeSuccessful", text)
