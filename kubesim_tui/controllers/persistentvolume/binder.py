"""persistentvolume-binder-controller: carries the decisions out.

Keys are ("claim", namespace, name) and ("volume", name). A volume that becomes available wakes the claims that wait
(upstream looks at all of them every 15 s instead; FIDELITY.md).
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.frozen import merged
from kubesim_tui.api.types import (
    Object,
    ObjectReference,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimStatus,
    PersistentVolumeStatus,
    StorageClass,
)
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, lookup
from kubesim_tui.controllers.persistentvolume import names
from kubesim_tui.controllers.persistentvolume.decide import (
    Do,
    Phase,
    binder_deletes,
    decide_claim,
    decide_volume,
    reclaim_failure,
)
from kubesim_tui.controllers.persistentvolume.users import Users
from kubesim_tui.kernel.engine import Key


class PersistentVolumeBinder(Controller):
    """See the module."""

    account = "persistent-volume-binder"
    source = "persistentvolume-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        self.volumes = self.watch(kit.shared("persistentvolumes"))
        self.classes = self.watch(kit.shared("storageclasses"))
        self.users = Users(self.watch(kit.shared("pods")))
        self.claims.on_change(self._claim_changed)
        self.volumes.on_change(self._volume_changed)
        self.classes.on_change(self._class_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def _claim_changed(self, before: Object | None, now: Object | None) -> None:
        claim = cast(PersistentVolumeClaim, now or before)
        self.enqueue(("claim", claim.metadata.namespace, claim.metadata.name))
        if claim.spec is not None and claim.spec.volume_name:
            self.enqueue(("volume", claim.spec.volume_name))

    def _volume_changed(self, before: Object | None, now: Object | None) -> None:
        volume = cast(PersistentVolume, now or before)
        self.enqueue(("volume", volume.metadata.name))
        ref = volume.spec.claim_ref if volume.spec is not None else None
        if ref is not None:
            self.enqueue(("claim", ref.namespace, ref.name))
        elif now is not None:
            self._wake_waiting()

    def _class_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None:
            self._wake_waiting()

    def _wake_waiting(self) -> None:
        for obj in self.claims.table:
            claim = cast(PersistentVolumeClaim, obj)
            if claim.status is None or claim.status.phase in ("", "Pending"):
                self.enqueue(("claim", claim.metadata.namespace, claim.metadata.name))

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One claim or one volume."""
        parts = cast("tuple[str, ...]", key)
        if parts[0] == "claim":
            claim = lookup(self.claims, PersistentVolumeClaim, parts[1], parts[2])
            if claim is not None and claim.spec is not None:
                self._sync_claim(claim)
        else:
            volume = lookup(self.volumes, PersistentVolume, "", parts[1])
            if volume is not None and volume.spec is not None:
                self._sync_volume(volume)

    def _sync_claim(self, claim: PersistentVolumeClaim) -> None:
        claim = self._with_default_class(claim)
        assert claim.spec is not None
        named = lookup(self.volumes, PersistentVolume, "", claim.spec.volume_name) if claim.spec.volume_name else None
        class_ = lookup(self.classes, StorageClass, "", names.class_of(claim))
        volumes = [] if claim.spec.volume_name else [cast(PersistentVolume, v) for v in self.volumes.table]
        waiting = self.users.without_node(claim) if names.waits_for_consumer(class_) else ()
        verdict = decide_claim(claim, volumes, named, class_, waiting)
        if verdict.event is not None:
            self.recorder.event(claim, *verdict.event)
        if verdict.do is Do.BIND and verdict.volume is not None:
            self._bind(verdict.volume, claim)
        elif verdict.do is Do.PROVISION:
            self._provision(claim, class_)
        elif verdict.do in (Do.PENDING, Do.LOST):
            self._phase(claim, "Pending" if verdict.do is Do.PENDING else "Lost", None)

    def _with_default_class(self, claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
        """A claim made before there was a default class gets it now."""
        assert claim.spec is not None
        if claim.spec.volume_name or not names.names_no_class(claim):
            return claim
        found = names.default_class(cast(StorageClass, c) for c in self.classes.table)
        if found is None:
            return claim
        return self.client.update(claim.evolve(spec=claim.spec.evolve(storage_class_name=found.metadata.name)))

    def _provision(self, claim: PersistentVolumeClaim, class_: StorageClass | None) -> None:
        """Leave it to the class's provisioner, and say so."""
        if class_ is None:
            text = f'storageclass.storage.k8s.io "{names.class_of(claim)}" not found'
            self.recorder.event(claim, WARNING, "ProvisioningFailed", text)
        elif class_.provisioner == names.NO_PROVISIONER:
            text = f"no volume plugin matched name: {names.NO_PROVISIONER}"
            self.recorder.event(claim, WARNING, "ProvisioningFailed", text)
        else:
            mine = {names.PROVISIONER: class_.provisioner, names.OLD_PROVISIONER: class_.provisioner}
            if claim.metadata.annotations.get(names.PROVISIONER) != class_.provisioner:
                annotations = merged(claim.metadata.annotations, mine)
                claim = self.client.update(claim.evolve(metadata=claim.metadata.evolve(annotations=annotations)))
            self.recorder.event(claim, NORMAL, "ExternalProvisioning", names.external(class_.provisioner))
        self._phase(claim, "Pending", None)

    # -- binding: volume first, then claim, each with its phase ------------------------------------------------

    def _bind(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
        volume = self._bind_volume(volume, claim)
        self._volume_phase(volume, "Bound")
        assert claim.spec is not None
        done = claim.metadata.annotations
        more = {names.BIND_COMPLETED: "yes"}
        if claim.spec.volume_name != volume.metadata.name:
            more[names.BOUND_BY_CONTROLLER] = "yes"
        if claim.spec.volume_name != volume.metadata.name or names.BIND_COMPLETED not in done:
            claim = self.client.update(
                claim.evolve(
                    metadata=claim.metadata.evolve(annotations=merged(done, more)),
                    spec=claim.spec.evolve(volume_name=volume.metadata.name),
                )
            )
        self._phase(claim, "Bound", volume)

    def _bind_volume(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> PersistentVolume:
        assert volume.spec is not None
        if names.is_mine(volume, claim):
            return volume
        meta = claim.metadata
        reference = ObjectReference(
            api_version="v1",
            kind="PersistentVolumeClaim",
            namespace=meta.namespace,
            name=meta.name,
            uid=meta.uid,
            resource_version=str(meta.resource_version),
        )
        annotations = volume.metadata.annotations
        if volume.spec.claim_ref is None:
            annotations = merged(annotations, {names.BOUND_BY_CONTROLLER: "yes"})
        return self.client.update(
            volume.evolve(
                metadata=volume.metadata.evolve(annotations=annotations), spec=volume.spec.evolve(claim_ref=reference)
            )
        )

    def _phase(self, claim: PersistentVolumeClaim, phase: str, volume: PersistentVolume | None) -> None:
        status = claim.status or PersistentVolumeClaimStatus()
        made = status.evolve(phase=phase)
        if volume is not None and volume.spec is not None:
            made = made.evolve(access_modes=volume.spec.access_modes)
            if status.phase != phase:  # later on the disk may be larger than its file system
                made = made.evolve(capacity=volume.spec.capacity)
        if made != status:
            self.client.update_status(claim.evolve(status=made))

    def _volume_phase(self, volume: PersistentVolume, phase: str, message: str = "") -> PersistentVolume:
        status = volume.status or PersistentVolumeStatus()
        if status.phase == phase:
            return volume
        made = status.evolve(phase=phase, message=message, reason="", last_phase_transition_time=self.now)
        return self.client.update_status(volume.evolve(status=made))

    def _sync_volume(self, volume: PersistentVolume) -> None:
        assert volume.spec is not None
        ref = volume.spec.claim_ref
        claim = lookup(self.claims, PersistentVolumeClaim, ref.namespace, ref.name) if ref is not None else None
        phase = decide_volume(volume, claim)
        if phase is Phase.UNBIND:
            kept = merged(volume.metadata.annotations, {names.BOUND_BY_CONTROLLER: None})
            unbound = volume.evolve(
                metadata=volume.metadata.evolve(annotations=kept), spec=volume.spec.evolve(claim_ref=None)
            )
            self._volume_phase(self.client.update(unbound), "Available")
        elif phase is Phase.RECLAIM:
            self._reclaim(volume)
        elif phase is Phase.MISMATCH and claim is not None:
            self._tell_mismatch(volume, claim)
        elif phase is not Phase.KEEP:
            self._volume_phase(volume, phase.value)

    def _reclaim(self, volume: PersistentVolume) -> None:
        """Do away with a volume as its policy says; one for which there is no way has failed."""
        failure = reclaim_failure(volume)
        if failure is None:
            if binder_deletes(volume) and volume.metadata.deletion_timestamp is None:
                self.client.delete(PersistentVolume, "", volume.metadata.name)
        elif volume.status is None or volume.status.phase != "Failed":
            self.recorder.event(self._volume_phase(volume, "Failed", failure[1]), WARNING, *failure)

    def _tell_mismatch(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> None:
        head, why = "Cannot bind PersistentVolume", "due to incompatible volumeMode."
        text = f'{head} to requested PersistentVolumeClaim "{claim.metadata.name}" {why}'
        self.recorder.event(volume, WARNING, "VolumeMismatch", text)
        text = f'{head} "{volume.metadata.name}" to requested PersistentVolumeClaim {why}'
        self.recorder.event(claim, WARNING, "VolumeMismatch", text)
