"""persistentvolumeclaim-protection-controller and persistentvolume-protection-controller.

What is in use goes only when it no longer is: a claim as long as a Pod on a node names it (one that has finished, too),
a volume as long as it is bound. Each holds a finalizer that the controller gives, and takes away when the time has
come. A bound claim also says whether a Pod uses it, and since when.
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers.claims import claims_of
from kubesim_tui.api.helpers.conditions import find, is_pod_terminal, with_condition
from kubesim_tui.api.types import (
    Object,
    PersistentVolume,
    PersistentVolumeClaim,
    PersistentVolumeClaimCondition,
    Pod,
)
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers.base import Controller, Kit, key_of, lookup
from kubesim_tui.controllers.persistentvolume.users import Users
from kubesim_tui.kernel.engine import Key

UNUSED = "Unused"
_USED = PersistentVolumeClaimCondition(
    type=UNUSED, status="False", reason="PodUsingPVC", message="A pod is currently referencing this PVC"
)
_NOT_USED = PersistentVolumeClaimCondition(
    type=UNUSED, status="True", reason="NoPodsUsingPVC", message="No pods are currently referencing this PVC"
)
CLAIM_FINALIZER, VOLUME_FINALIZER = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"


def finalizers(present: tuple[str, ...], finalizer: str, *, deleting: bool, used: bool) -> tuple[str, ...]:
    """The finalizers that an object should have. Pure."""
    if finalizer in present:
        return tuple([f for f in present if f != finalizer]) if deleting and not used else present
    return present if deleting else (*present, finalizer)


class ClaimProtection(Controller):
    """Protects claims."""

    account = "pvc-protection-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        pods = self.watch(kit.shared("pods"))
        self.users = Users(pods)
        self.claims.on_change(self._claim_changed)
        pods.on_change(self._pod_changed)

    def _claim_changed(self, _before: Object | None, now: Object | None) -> None:
        if now is None:
            return
        deleting, held = now.metadata.deletion_timestamp is not None, CLAIM_FINALIZER in now.metadata.finalizers
        status = cast(PersistentVolumeClaim, now).status
        if deleting or not held or status is None or find(status.conditions, UNUSED) is None:
            self.enqueue(key_of(now))

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        """A claim is used from when a Pod comes until it finishes, and goes free when the Pod goes."""
        pod = cast(Pod, now or before)
        same = before is not None and now is not None and is_pod_terminal(cast(Pod, before)) == is_pod_terminal(pod)
        for name in claims_of(pod):
            claim = self.claims.get(pod.metadata.namespace, name)
            if claim is not None and (not same or claim.metadata.deletion_timestamp is not None):
                self.enqueue((pod.metadata.namespace, name))

    def sync(self, key: Key) -> None:
        """Say whether it is used; give or take the finalizer."""
        claim = lookup(self.claims, PersistentVolumeClaim, *cast(Name, key))
        if claim is None:
            return
        claim = self._told(claim)
        meta = claim.metadata
        deleting = meta.deletion_timestamp is not None
        wanted = finalizers(meta.finalizers, CLAIM_FINALIZER, deleting=deleting, used=self.users.keep(claim))
        if wanted != meta.finalizers:
            self.client.update(claim.evolve(metadata=meta.evolve(finalizers=wanted)))

    def _told(self, claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
        """A bound claim says since when nobody uses it (PersistentVolumeClaimUnusedSinceTime, on since 1.37)."""
        status = claim.status
        if claim.metadata.deletion_timestamp is not None or status is None or status.phase != "Bound":
            return claim
        used, known = self.users.name(claim), find(status.conditions, UNUSED)
        if known is not None and (known.status == "True") is not used:
            return claim
        says = _USED if used else _NOT_USED
        conditions = with_condition(status.conditions, says.evolve(last_transition_time=self.now))
        return self.client.update_status(claim.evolve(status=status.evolve(conditions=conditions)))


class VolumeProtection(Controller):
    """Protects volumes."""

    account = "pv-protection-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.volumes = self.watch(kit.shared("persistentvolumes"))
        self.volumes.on_change(self._changed)

    def _changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None and (
            now.metadata.deletion_timestamp is not None or VOLUME_FINALIZER not in now.metadata.finalizers
        ):
            self.enqueue(now.metadata.name)

    def sync(self, key: Key) -> None:
        """Give or take the finalizer."""
        volume = lookup(self.volumes, PersistentVolume, "", cast(str, key))
        if volume is None:
            return
        meta = volume.metadata
        deleting = meta.deletion_timestamp is not None
        bound = volume.status is not None and volume.status.phase == "Bound"
        wanted = finalizers(meta.finalizers, VOLUME_FINALIZER, deleting=deleting, used=bound)
        if wanted != meta.finalizers:
            self.client.update(volume.evolve(metadata=meta.evolve(finalizers=wanted)))
