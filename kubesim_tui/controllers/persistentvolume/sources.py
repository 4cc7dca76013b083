"""What a new volume is to be filled with: a snapshot, or another claim's volume (a clone).

As getVolumeContentSource of kubernetes-csi/external-provisioner, with its refusals.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import quantity
from kubesim_tui.api.frozen import thaw
from kubesim_tui.api.types import PersistentVolume, PersistentVolumeClaim, StorageClass
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.controllers.base import lookup
from kubesim_tui.controllers.snapshot import names as snapshots

SNAPSHOT, CLAIM = (snapshots.GROUP, "VolumeSnapshot"), ("", "PersistentVolumeClaim")


class SourceError(Exception):
    """A volume cannot be filled with what its claim names."""


def data_source(claim: PersistentVolumeClaim) -> dict[str, Any]:
    """What a claim wants its volume filled with; {} for nothing."""
    rest = claim.spec.rest if claim.spec is not None else {}
    return thaw(rest.get("dataSourceRef") or rest.get("dataSource")) or {}


def is_for_a_populator(claim: PersistentVolumeClaim) -> bool:
    """Whether somebody else than the provisioner has to fill it."""
    source = data_source(claim)
    return bool(source) and (source.get("apiGroup") or "", source["kind"]) not in (SNAPSHOT, CLAIM)


def requested(claim: PersistentVolumeClaim) -> int:
    """The bytes that a claim asks for."""
    resources = claim.spec.resources if claim.spec is not None else None
    return quantity.value(resources.requests.get("storage", "0")) if resources is not None else 0


class Sources:
    """Where the handles of sources are looked up."""

    def __init__(self, found: Informer, contents: Informer, claims: Informer, volumes: Informer) -> None:
        self.snapshots, self.contents, self.claims, self.volumes = found, contents, claims, volumes

    def handle(self, claim: PersistentVolumeClaim, class_: StorageClass, driver: str) -> str:
        """The handle of the disk or snapshot to begin with; "" for an empty volume. SourceError."""
        source = data_source(claim)
        if not source:
            return ""
        name = source["name"]
        try:
            if source["kind"] == "VolumeSnapshot":
                return self._snapshot(claim, name, class_, driver)
            return self._clone(claim, name, class_, driver)
        except SourceError as wrong:
            head = f"error getting handle for DataSource Type {source['kind']} by Name {name}"
            raise SourceError(f"{head}: {wrong}") from wrong

    def _snapshot(self, claim: PersistentVolumeClaim, name: str, class_: StorageClass, driver: str) -> str:
        namespace = claim.metadata.namespace
        snapshot = self.snapshots.get(namespace, name)
        if snapshot is None:
            raise SourceError(
                f'error getting snapshot {name} from api server: {snapshots.SNAPSHOTS} "{name}" not found'
            )
        if snapshot.metadata.deletion_timestamp is not None:
            raise SourceError(f"snapshot {name} is currently being deleted")
        status, where = snapshots.status(snapshot), f"{namespace}/{name}"
        bound = status.get("boundVolumeSnapshotContentName")
        if not bound:
            raise SourceError(f"snapshot {where} not bound")
        content = self.contents.get("", bound)
        if content is None:
            why = f'{snapshots.CONTENTS} "{bound}" not found'
            raise SourceError(f"error getting snapshotcontent {bound} for snapshot {where} from api server: {why}")
        if not snapshots.points_back(content, snapshot):
            raise SourceError(f"snapshotcontent {bound} for snapshot {where} is bound to a different snapshot")
        if snapshots.spec(content)["driver"] not in (driver, class_.provisioner):
            said = f"snapshotcontent {bound} for snapshot {where} is handled by a different CSI driver than requested"
            raise SourceError(f"{said} by StorageClass {class_.metadata.name}")
        if not snapshots.is_ready(snapshot):
            raise SourceError(f"snapshot {name} is not Ready")
        self._check_size(claim, status, name)
        return str(snapshots.status(content).get("snapshotHandle", ""))

    def _check_size(self, claim: PersistentVolumeClaim, status: dict[str, Any], name: str) -> None:
        asked, least = requested(claim), quantity.value(status.get("restoreSize", "0"))
        if asked < least:
            said = f"requested volume size {asked} is less than the size {least} for the source snapshot {name}"
            raise SourceError(said)

    def _clone(self, claim: PersistentVolumeClaim, name: str, class_: StorageClass, driver: str) -> str:
        namespace = claim.metadata.namespace
        source = lookup(self.claims, PersistentVolumeClaim, namespace, name)
        if source is None or source.spec is None:
            why = f'persistentvolumeclaim "{name}" not found'
            raise SourceError(f'error getting PVC {name} (namespace "{namespace}") from api server: {why}')
        phase = source.status.phase if source.status is not None else ""
        if phase != "Bound":
            raise SourceError(f"the PVC DataSource {name} must have a status of Bound.  Got {phase}")
        if source.metadata.deletion_timestamp is not None:
            raise SourceError(f"the PVC DataSource {name} is currently being deleted")
        if requested(claim) < requested(source):
            said = "error, new PVC request must be greater than or equal in size to the specified PVC data source"
            raise SourceError(f"{said}, requested {requested(claim)} but source is {requested(source)}")
        volume = lookup(self.volumes, PersistentVolume, "", source.spec.volume_name)
        csi = volume.spec.csi if volume is not None and volume.spec is not None else None
        if csi is None or csi.driver != driver:
            where = f"{source.spec.volume_name} for PVC {namespace}/{name}"
            said = f"the source volume {where} is handled by a different CSI driver than requested"
            raise SourceError(f"{said} by StorageClass {class_.metadata.name}")
        return csi.volume_handle
