"""persistentvolumeclaim-protection-controller and persistentvolume-protection-controller.

What is in use goes only when it no longer is: a claim as long as a Pod on a node uses it, a volume as long as it is
bound. Each holds a finalizer that the controller gives, and takes away when the time has come.
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers.claims import claims_of
from kubesim_tui.api.types import Object, PersistentVolume, PersistentVolumeClaim, Pod
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers.base import Controller, Kit, key_of, lookup
from kubesim_tui.controllers.persistentvolume.users import Users
from kubesim_tui.kernel.engine import Key

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
        if now is not None and (
            now.metadata.deletion_timestamp is not None or CLAIM_FINALIZER not in now.metadata.finalizers
        ):
            self.enqueue(key_of(now))

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        """A Pod that went, or finished, may free a claim that is being deleted."""
        pod = cast(Pod, now or before)
        for name in claims_of(pod):
            claim = self.claims.get(pod.metadata.namespace, name)
            if claim is not None and claim.metadata.deletion_timestamp is not None:
                self.enqueue((pod.metadata.namespace, name))

    def sync(self, key: Key) -> None:
        """Give or take the finalizer."""
        claim = lookup(self.claims, PersistentVolumeClaim, *cast(Name, key))
        if claim is None:
            return
        meta = claim.metadata
        deleting = meta.deletion_timestamp is not None
        wanted = finalizers(meta.finalizers, CLAIM_FINALIZER, deleting=deleting, used=self.users.hold(claim))
        if wanted != meta.finalizers:
            self.client.update(claim.evolve(metadata=meta.evolve(finalizers=wanted)))


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
