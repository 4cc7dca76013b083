"""csi-snapshotter: has the driver take and destroy what VolumeSnapshotContents stand for.

As kubernetes-csi/external-snapshotter's pkg/sidecar-controller. It serves the drivers whose disks are here: a content
of another driver than its volume's waits for ever, as one whose driver was never installed. Keys are names of contents.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.fielderror import quoted
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object, PersistentVolume
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.controllers import customs, generic
from kubesim_tui.controllers.base import WARNING, Controller, Kit
from kubesim_tui.controllers.disks import DiskError
from kubesim_tui.controllers.snapshot import names
from kubesim_tui.controllers.snapshot.names import Trouble
from kubesim_tui.kernel.engine import Key

ASK_AGAIN = 10
"""Seconds after which a driver that does not answer is asked again."""


def should_delete(content: Object) -> bool:
    """Whether a content that is being deleted may really go: its snapshot goes, or it never had one. Pure."""
    meta, spec = content.metadata, names.spec(content)
    never_bound = "snapshotHandle" in spec["source"] and not spec["volumeSnapshotRef"].get("uid")
    return meta.deletion_timestamp is not None and (never_bound or names.BEING_DELETED in meta.annotations)


class Snapshotter(Controller):
    """See the module."""

    account = "csi-snapshotter"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.disks = kit.extras.disks
        self.contents = customs.informer(self, names.CONTENTS)
        self.volumes = self.watch(kit.shared("persistentvolumes"))
        self.contents.on_change(self._changed)

    def _changed(self, _before: Object | None, now: Object | None) -> None:
        if now is not None:
            self.enqueue(now.metadata.name)

    def sync(self, key: Key) -> None:
        """Take, look up or destroy one snapshot."""
        content = self.contents.get("", cast(str, key))
        if content is None or not self._serves(content):
            return
        if self.disks.seconds is None:
            self.enqueue_after(ASK_AGAIN, key)
            return
        self.recorder.component = f"csi-snapshotter {names.spec(content)['driver']}"
        if should_delete(content):
            self._delete(content)
        elif content.metadata.deletion_timestamp is None and not names.status(content).get("readyToUse"):
            self._look_up(content)

    def _serves(self, content: Object) -> bool:
        """Whether a content's driver is its volume's; of a snapshot that was there before nothing is known."""
        spec = names.spec(content)
        handle = spec["source"].get("volumeHandle")
        volumes = [
            v.spec.csi for v in map(_volume, self.volumes.table) if v.spec is not None and v.spec.csi is not None
        ]
        drivers = [csi.driver for csi in volumes if csi.volume_handle == handle]
        return not drivers or spec["driver"] in drivers

    def _look_up(self, content: Object) -> None:
        source = names.spec(content)["source"]
        try:
            if "volumeHandle" in source:
                handle, size = self._take(content, source["volumeHandle"])
            else:
                handle, size = source["snapshotHandle"], self._listed(content, source["snapshotHandle"])
        except Trouble as wrong:
            self._tell(content, wrong)
            raise
        made = {k: v for k, v in names.status(content).items() if k != "error"}
        found = {"snapshotHandle": handle, "creationTime": self.now * 1_000_000_000, "restoreSize": size}
        self._put(content, {**found, **made, "readyToUse": True})

    def _take(self, content: Object, disk: str) -> tuple[str, int]:
        """(handle, bytes) of the snapshot of a disk."""
        handle = f"snapshot-{names.spec(content)['volumeSnapshotRef']['uid']}"
        try:
            if self.disks.size(disk) is None:
                raise DiskError(f"rpc error: code = NotFound desc = volume {disk} not found")
            self.disks.snapshot(handle, disk)
        except DiskError as refused:
            why = f"failed to take snapshot of the volume {disk}: {quoted(str(refused))}"
            raise Trouble("SnapshotCreationFailed", f"Failed to create snapshot: {why}") from refused
        return handle, self.disks.size(handle) or 0

    def _listed(self, content: Object, handle: str) -> int:
        """The bytes of a snapshot that was there before."""
        size = self.disks.size(handle)
        if size is None:
            why = quoted(f"can not find snapshot for snapshotID {handle}")
            why = f"failed to list snapshot for content {content.metadata.name}: {why}"
            text = f"Failed to check and update snapshot content: {why}"
            raise Trouble("SnapshotContentCheckandUpdateFailed", text)
        return size

    def _delete(self, content: Object) -> None:
        status = names.status(content)
        handle = status.get("snapshotHandle")
        if names.spec(content)["deletionPolicy"] == "Delete" and handle:
            try:
                self.disks.delete(handle)
            except DiskError as refused:
                self.recorder.event(content, WARNING, "SnapshotDeleteError", "Failed to delete snapshot")
                raise ApiError(str(refused)) from refused
            cleared = ("snapshotHandle", "readyToUse", "creationTime", "restoreSize")
            content = self._put(content, {k: v for k, v in status.items() if k not in cleared})
        kept = names.without(content.metadata.finalizers, names.CONTENT_BOUND)
        if kept != content.metadata.finalizers:
            self.client.update(content.evolve(metadata=content.metadata.evolve(finalizers=kept)))

    def _put(self, content: Object, status: dict[str, Any]) -> Object:
        return self.client.update_status(generic.with_part(content, "status", status))

    def _tell(self, content: Object, wrong: Trouble) -> None:
        status = names.status(content)
        if (status.get("error") or {}).get("message") != wrong.text:
            error = {"message": wrong.text, "time": format_time(self.now)}
            self._put(content, {**status, "error": error, "readyToUse": False})
            self.recorder.event(content, WARNING, wrong.reason, wrong.text)


def _volume(obj: Object) -> PersistentVolume:
    return cast(PersistentVolume, obj)
