"""What a snapshot is to be taken of, and how: its claim, the claim's volume, its class. Trouble in upstream's words."""

from __future__ import annotations

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.api.types import Object, PersistentVolume, PersistentVolumeClaim
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.controllers.base import lookup
from kubesim_tui.controllers.snapshot import names
from kubesim_tui.controllers.snapshot.names import Trouble

NO_DEFAULT = "SetDefaultSnapshotClassFailed", "Failed to set default snapshot class with error "
NOT_MADE = "SnapshotContentCreationFailed", "Failed to create snapshot content with error "


class Missing(Exception):
    """Something that a snapshot needs is not there, or not fit."""


class Inputs:
    """See the module."""

    def __init__(self, classes: Informer, claims: Informer, volumes: Informer) -> None:
        self.classes, self.claims, self.volumes = classes, claims, volumes

    def class_of(self, name: str) -> Object:
        """A class by name."""
        found = self.classes.get("", name)
        if found is None:
            text = f'Failed to get snapshot class with error volumesnapshotclass.{names.GROUP} "{name}" not found'
            raise Trouble("GetSnapshotClassFailed", text, unready=False)
        return found

    def default_class(self, snapshot: Object, claim: str) -> Object:
        """The one class that is marked as the default of the driver of a claim's volume."""
        try:
            return self._default(snapshot, self._volume(self._claim(snapshot, claim)))
        except Missing as wrong:
            raise Trouble(NO_DEFAULT[0], f"{NO_DEFAULT[1]}{wrong}", unready=False) from wrong

    def _default(self, snapshot: Object, volume: PersistentVolume) -> Object:
        csi = volume.spec.csi if volume.spec is not None else None
        if csi is None:
            where = f"{snapshot.metadata.namespace}/{snapshot.metadata.name}"
            raise Missing(f"snapshotting non-CSI volumes is not supported, snapshot:{where}")
        marked = [c for c in self.classes.table if c.metadata.annotations.get(names.DEFAULT_CLASS) == "true"]
        found = [c for c in marked if names.class_field(c, "driver") == csi.driver]
        if not found:
            raise Missing("cannot find default snapshot class")
        if len(found) > 1:
            raise Missing(f"{len(found)} default snapshot classes were found")
        return found[0]

    def all(self, snapshot: Object) -> tuple[PersistentVolumeClaim, PersistentVolume, Object]:
        """Claim, volume and class of a snapshot that is to be taken."""
        class_ = self.class_of(names.spec(snapshot)["volumeSnapshotClassName"])
        try:
            claim = self._held(snapshot, names.source(snapshot)[0])
            return claim, self._csi_volume(snapshot, claim), class_
        except Missing as wrong:
            raise Trouble(NOT_MADE[0], f"{NOT_MADE[1]}{wrong}") from wrong

    def _held(self, snapshot: Object, name: str) -> PersistentVolumeClaim:
        """The claim, which can be held while the snapshot is taken."""
        failed = "snapshot controller failed to update"
        claim = lookup(self.claims, PersistentVolumeClaim, snapshot.metadata.namespace, name)
        if claim is None:
            raise Missing(f"{failed} {snapshot.metadata.name} on API server: cannot get claim from snapshot")
        if claim.metadata.deletion_timestamp is not None:
            why = "cannot add finalizer on claim because it is being deleted"
            raise Missing(f"{failed} {name} on API server: {why}")
        return claim

    def _csi_volume(self, snapshot: Object, claim: PersistentVolumeClaim) -> PersistentVolume:
        try:
            volume = self._volume(claim)
        except Missing as wrong:
            head = f"failed to get input parameters to create snapshot {snapshot.metadata.name}"
            raise Missing(f"{head}: {quoted(str(wrong))}") from wrong
        if volume.spec is None or volume.spec.csi is None:
            raise Missing(f"cannot find CSI PersistentVolumeSource for volume {volume.metadata.name}")
        return volume

    def _claim(self, snapshot: Object, name: str) -> PersistentVolumeClaim:
        found = lookup(self.claims, PersistentVolumeClaim, snapshot.metadata.namespace, name)
        if found is None:
            why = quoted(f"persistentvolumeclaim {quoted(name)} not found")
            raise Missing(f"failed to retrieve PVC {name} from the lister: {why}")
        return found

    def _volume(self, claim: PersistentVolumeClaim) -> PersistentVolume:
        if claim.spec is None or claim.status is None or claim.status.phase != "Bound":
            name = claim.metadata.name
            raise Missing(f"the PVC {name} is not yet bound to a PV, will not attempt to take a snapshot")
        name = claim.spec.volume_name
        found = lookup(self.volumes, PersistentVolume, "", name)
        if found is None:
            why = quoted(f"persistentvolumes {quoted(name)} not found")
            raise Missing(f"failed to retrieve PV {name} from the API server: {why}")
        if not names.is_bound_to(found, claim):
            raise Missing("claim in dataSource not bound or invalid")
        return found
