"""ephemeral-volume-controller: makes the claims of generic ephemeral volumes, which live and die with their Pod.

Each claim is made from the volume's template, is called POD-VOLUME and belongs to the Pod, so that it is collected with
it. A claim of that name that belongs to somebody else is left alone, and the Pod waits.
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers.claims import claim_name, is_ephemeral
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import (
    Object,
    ObjectMeta,
    OwnerReference,
    PersistentVolumeClaim,
    PersistentVolumeClaimSpec,
    Pod,
    Volume,
)
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.controllers.base import WARNING, Controller, Kit, lookup
from kubesim_tui.kernel.engine import Key


class EphemeralVolumeController(Controller):
    """See the module."""

    account = "ephemeral-volume-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.pods = self.watch(kit.shared("pods"))
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        self.pods.on_change(self._pod_changed)
        self.claims.on_change(self._claim_changed)

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        if before is None and now is not None and _volumes(cast(Pod, now)):
            self.enqueue((now.metadata.namespace, now.metadata.name))

    def _claim_changed(self, before: Object | None, now: Object | None) -> None:
        """A claim that has gone is made again, if its Pod is still there."""
        owner = controller_of(before) if before is not None and now is None else None
        if before is not None and owner is not None and owner.kind == "Pod":
            self.enqueue((before.metadata.namespace, owner.name))

    def sync(self, key: Key) -> None:
        """Make the claims of one Pod that are not there."""
        namespace, name = cast("tuple[str, str]", key)
        pod = lookup(self.pods, Pod, namespace, name)
        if pod is None or pod.metadata.deletion_timestamp is not None:
            return
        for volume in _volumes(pod):
            try:
                self._make(pod, volume)
            except ApiError as wrong:
                text = f"ephemeral volume {volume.name}: {wrong}"
                self.recorder.event(pod, WARNING, "FailedBinding", text)
                raise

    def _make(self, pod: Pod, volume: Volume) -> None:
        meta = pod.metadata
        found = lookup(self.claims, PersistentVolumeClaim, meta.namespace, claim_name(volume, meta.name))
        if found is None:
            self.client.create(claim_for(pod, volume))
            return
        owner = controller_of(found)
        if owner is None or owner.uid != meta.uid:
            where = f"{meta.namespace}/{found.metadata.name}"
            text = f"PVC {where} was not created for pod {meta.namespace}/{meta.name} (pod is not owner)"
            raise ApiError(text)


def claim_for(pod: Pod, volume: Volume) -> PersistentVolumeClaim:
    """The claim of a generic ephemeral volume, from its template. Pure."""
    template = volume.rest["ephemeral"]["volumeClaimTemplate"]
    given = decode(ObjectMeta, template.get("metadata") or {})
    owner = OwnerReference(
        api_version="v1",
        kind="Pod",
        name=pod.metadata.name,
        uid=pod.metadata.uid,
        controller=True,
        block_owner_deletion=True,
    )
    meta = ObjectMeta(
        name=claim_name(volume, pod.metadata.name),
        namespace=pod.metadata.namespace,
        labels=given.labels,
        annotations=given.annotations,
        owner_references=(owner,),
    )
    return PersistentVolumeClaim(metadata=meta, spec=decode(PersistentVolumeClaimSpec, template["spec"]))


def _volumes(pod: Pod) -> list[Volume]:
    return [v for v in pod.spec.volumes if is_ephemeral(v)] if pod.spec is not None else []
