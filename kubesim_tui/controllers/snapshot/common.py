"""snapshot-controller: binds VolumeSnapshots and VolumeSnapshotContents, and protects what is in use.

As kubernetes-csi/external-snapshotter's pkg/common-controller. A snapshot of a claim gets a content, which a driver's
csi-snapshotter fills; a snapshot of a content takes the one it names. What the content's status says is carried over.
A snapshot that is deleted takes its content along if the deletion policy is Delete.
Keys are ("snapshot", namespace, name) and ("content", name).
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api import quantity
from kubesim_tui.api.frozen import FrozenMap, freeze, merged
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Object, ObjectMeta, PersistentVolumeClaim, Unstructured
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers import customs, generic
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, key_of, lookup
from kubesim_tui.controllers.snapshot import names
from kubesim_tui.controllers.snapshot.inputs import Inputs
from kubesim_tui.controllers.snapshot.names import Trouble
from kubesim_tui.kernel.engine import Key

RESYNC = 900
"""Seconds after which a snapshot is looked at again that cannot go yet."""


class SnapshotController(Controller):
    """See the module."""

    account = "snapshot-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.snapshots = customs.informer(self, names.SNAPSHOTS)
        self.contents = customs.informer(self, names.CONTENTS)
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        volumes = self.watch(kit.shared("persistentvolumes"))
        self.inputs = Inputs(customs.informer(self, names.CLASSES), self.claims, volumes)
        self.snapshots.on_change(self._snapshot_changed)
        self.contents.on_change(self._content_changed)

    def _snapshot_changed(self, before: Object | None, now: Object | None) -> None:
        snapshot = cast(Object, now or before)
        self.enqueue(("snapshot", *key_of(snapshot)))

    def _content_changed(self, before: Object | None, now: Object | None) -> None:
        content = cast(Object, now or before)
        self.enqueue(("content", content.metadata.name))
        ref = names.spec(content).get("volumeSnapshotRef") or {}
        self.enqueue(("snapshot", ref.get("namespace", ""), ref.get("name", "")))

    def sync(self, key: Key) -> None:
        """One snapshot or one content."""
        parts = cast("tuple[str, ...]", key)
        if parts[0] == "content":
            content = self.contents.get("", parts[1])
            if content is not None:
                self._sync_content(content)
            return
        snapshot = self.snapshots.get(parts[1], parts[2])
        if snapshot is None:
            return
        try:
            self._sync_snapshot(snapshot)
        except Trouble as wrong:
            self._tell(snapshot, wrong)
            raise

    def _sync_content(self, content: Object) -> None:
        """A bound content is protected as long as it is not being deleted."""
        meta = content.metadata
        bound = (names.spec(content).get("volumeSnapshotRef") or {}).get("uid")
        if bound and meta.deletion_timestamp is None and names.CONTENT_BOUND not in meta.finalizers:
            self._with_finalizers(content, (*meta.finalizers, names.CONTENT_BOUND))

    def _sync_snapshot(self, snapshot: Object) -> None:
        deleting = snapshot.metadata.deletion_timestamp is not None
        if not deleting:
            snapshot = self._with_class(snapshot)
        self._free_claim(snapshot)
        if deleting and not self._takes_now(snapshot):
            self._delete(snapshot)
            return
        content = self._content_of(snapshot)
        snapshot = self._protected(snapshot, content)
        if names.is_ready(snapshot) and names.status(snapshot).get("boundVolumeSnapshotContentName"):
            self._check(snapshot)
        elif names.source(snapshot)[1]:
            self._bind(snapshot, content)
        else:
            self._carry_over(snapshot, content if content is not None else self._make_content(snapshot))

    # -- class and content -------------------------------------------------------------------------------------

    def _with_class(self, snapshot: Object) -> Object:
        """A snapshot of a claim that names no class gets the default one of the volume's driver."""
        name = names.spec(snapshot).get("volumeSnapshotClassName")
        if name:
            self.inputs.class_of(name)
            return snapshot
        claim = names.source(snapshot)[0]
        if not claim:
            return snapshot
        found = self.inputs.default_class(snapshot, claim)
        chosen = {**names.spec(snapshot), "volumeSnapshotClassName": found.metadata.name}
        return self.client.update(generic.with_part(snapshot, "spec", chosen))

    def _content_of(self, snapshot: Object) -> Object | None:
        """The content that is there for a snapshot. Trouble if it is another's, or of the other kind."""
        claim, named = names.source(snapshot)
        name = named or names.content_name(snapshot)
        content = self.contents.get("", name)
        if content is None:
            return None
        spec = names.spec(content)
        if ("snapshotHandle" if named else "volumeHandle") not in spec["source"]:
            text = "VolumeSnapshotContent is dynamically provisioned while expecting a pre-provisioned one"
            if claim:
                text = f"VolumeSnapshotContent {name} is pre-provisioned while expecting a dynamically provisioned one"
            raise Trouble("SnapshotContentMismatch", text)
        ref = spec["volumeSnapshotRef"]
        free = bool(named) and not ref.get("uid") and (ref["namespace"], ref["name"]) == key_of(snapshot)
        if not free and not names.points_back(content, snapshot):
            raise Trouble("SnapshotContentMisbound", f"VolumeSnapshotContent [{name}] is bound to a different snapshot")
        return content

    def _make_content(self, snapshot: Object) -> Object:
        """Let a driver take the snapshot, and say so."""
        meta, wanted = snapshot.metadata, names.spec(snapshot)
        claim, volume, class_ = self.inputs.all(snapshot)
        if names.CLAIM_AS_SOURCE not in claim.metadata.finalizers:
            self._with_finalizers(claim, (*claim.metadata.finalizers, names.CLAIM_AS_SOURCE))
        assert volume.spec is not None
        assert volume.spec.csi is not None
        spec = {
            "deletionPolicy": names.class_field(class_, "deletionPolicy"),
            "driver": names.class_field(class_, "driver"),
            "source": {"volumeHandle": volume.spec.csi.volume_handle},
            "sourceVolumeMode": volume.spec.volume_mode or "Filesystem",
            "volumeSnapshotClassName": wanted["volumeSnapshotClassName"],
            "volumeSnapshotRef": {
                "apiVersion": names.API_VERSION,
                "kind": "VolumeSnapshot",
                "namespace": meta.namespace,
                "name": meta.name,
                "uid": meta.uid,
                "resourceVersion": str(meta.resource_version),
            },
        }
        made = self.client.create(
            Unstructured(
                api_version=names.API_VERSION,
                kind="VolumeSnapshotContent",
                metadata=ObjectMeta(name=names.content_name(snapshot)),
                rest=FrozenMap({"spec": freeze(spec)}),
            )
        )
        text = f"Waiting for a snapshot {meta.namespace}/{meta.name} to be created by the CSI driver."
        self.recorder.event(snapshot, NORMAL, "CreatingSnapshot", text)
        return made

    def _bind(self, snapshot: Object, content: Object | None) -> None:
        """The content that a snapshot names becomes its own."""
        if content is None:
            raise Trouble("SnapshotContentMissing", "VolumeSnapshotContent is missing")
        spec = names.spec(content)
        if not spec["volumeSnapshotRef"].get("uid"):
            spec["volumeSnapshotRef"]["uid"] = snapshot.metadata.uid
            class_ = names.spec(snapshot).get("volumeSnapshotClassName")
            more = {"volumeSnapshotClassName": class_} if class_ else {}
            content = self.client.update(generic.with_part(content, "spec", {**spec, **more}))
        self._carry_over(snapshot, content)

    def _check(self, snapshot: Object) -> None:
        """A ready snapshot keeps its content, or says that it has lost it."""
        content = self.contents.get("", names.status(snapshot)["boundVolumeSnapshotContentName"])
        if content is None:
            self._tell(snapshot, Trouble("SnapshotContentMissing", "VolumeSnapshotContent is missing"))
        elif not names.points_back(content, snapshot):
            text = "VolumeSnapshotContent is not bound to the VolumeSnapshot correctly"
            self._tell(snapshot, Trouble("SnapshotMisbound", text))

    # -- status ------------------------------------------------------------------------------------------------

    def _carry_over(self, snapshot: Object, content: Object) -> None:
        known, found = names.status(snapshot), names.status(content)
        made = carried_over(known, found, content.metadata.name)
        if made == known:
            return
        where = "/".join(key_of(snapshot))
        if "creationTime" in made and "creationTime" not in known:
            text = f"Snapshot {where} was successfully created by the CSI driver."
            self.recorder.event(snapshot, NORMAL, "SnapshotCreated", text)
        if made["readyToUse"] and not known.get("readyToUse"):
            self.recorder.event(snapshot, NORMAL, "SnapshotReady", f"Snapshot {where} is ready to use.")
        self.client.update_status(generic.with_part(snapshot, "status", made))

    def _tell(self, snapshot: Object, wrong: Trouble) -> None:
        """What is wrong stands in the status, and is an Event when it is new."""
        current = self.snapshots.get(*key_of(snapshot))
        known = names.status(current) if current is not None else {}
        if current is None or (known.get("error") or {}).get("message") == wrong.text:
            return
        made = {**known, "error": {"message": wrong.text, "time": format_time(self.now)}}
        if wrong.unready:
            made["readyToUse"] = False
        self.client.update_status(generic.with_part(current, "status", made))
        self.recorder.event(current, WARNING, wrong.reason, wrong.text)

    # -- protection and deletion -------------------------------------------------------------------------------

    def _with_finalizers(self, obj: Object, finalizers: tuple[str, ...]) -> Object:
        if finalizers == obj.metadata.finalizers:
            return obj
        return self.client.update(obj.evolve(metadata=obj.metadata.evolve(finalizers=finalizers)))

    def _protected(self, snapshot: Object, content: Object | None) -> Object:
        if snapshot.metadata.deletion_timestamp is not None:
            return snapshot
        takes_along = content is not None and names.spec(content)["deletionPolicy"] == "Delete"
        wanted = (names.AS_SOURCE, names.BOUND) if takes_along else (names.AS_SOURCE,)
        present = snapshot.metadata.finalizers
        return self._with_finalizers(snapshot, (*present, *(f for f in wanted if f not in present)))

    def _free_claim(self, snapshot: Object) -> None:
        """No snapshot is being taken of a claim any more: it may go."""
        name = names.source(snapshot)[0]
        claim = lookup(self.claims, PersistentVolumeClaim, snapshot.metadata.namespace, name)
        if claim is None or names.CLAIM_AS_SOURCE not in claim.metadata.finalizers:
            return
        same = [s for s in self.snapshots.table if s.metadata.namespace == snapshot.metadata.namespace]
        if all(names.source(s)[0] != name or names.is_ready(s) for s in same):
            self._with_finalizers(claim, names.without(claim.metadata.finalizers, names.CLAIM_AS_SOURCE))

    def _takes_now(self, snapshot: Object) -> bool:
        """Whether the driver is at it, so that its claim is held."""
        claim = self.claims.get(snapshot.metadata.namespace, names.source(snapshot)[0])
        held = claim is not None and names.CLAIM_AS_SOURCE in claim.metadata.finalizers
        return held and not names.is_ready(snapshot)

    def _delete(self, snapshot: Object) -> None:
        finalizers = snapshot.metadata.finalizers
        if names.AS_SOURCE not in finalizers and names.BOUND not in finalizers:
            return
        name = names.status(snapshot).get("boundVolumeSnapshotContentName") or names.content_name(snapshot)
        content = self.contents.get("", name)
        if content is not None and not names.points_back(content, snapshot):
            content = None
        if content is not None and self._is_being_restored(snapshot):
            text = "Snapshot is being used to restore a PVC"
            self.recorder.event(snapshot, WARNING, "SnapshotDeletePending", text)
            self.enqueue_after(RESYNC, ("snapshot", *key_of(snapshot)))
            return
        goes_along = content is not None and self._delete_content(content)
        gone = (names.AS_SOURCE,) if goes_along else (names.AS_SOURCE, names.BOUND)
        self._with_finalizers(snapshot, names.without(finalizers, *gone))

    def _delete_content(self, content: Object) -> bool:
        """Let the snapshotter know; with the policy Delete the content goes, too: then True."""
        meta = content.metadata
        if names.BEING_DELETED not in meta.annotations:
            annotations = merged(meta.annotations, {names.BEING_DELETED: "yes"})
            content = self.client.update(content.evolve(metadata=meta.evolve(annotations=annotations)))
        if names.spec(content)["deletionPolicy"] != "Delete":
            return False
        resource = self.client.server.resource_for_kind(content.api_version, content.kind)
        if content.metadata.deletion_timestamp is None and resource is not None:
            generic.delete(self.client, resource, "", meta.name, Options())
        return True

    def _is_being_restored(self, snapshot: Object) -> bool:
        for obj in self.claims.table:
            claim = cast(PersistentVolumeClaim, obj)
            if claim.metadata.namespace == snapshot.metadata.namespace and claim.spec is not None:
                source: Any = claim.spec.rest.get("dataSource") or {}
                named = (source.get("apiGroup"), source.get("kind"), source.get("name"))
                pending = claim.status is not None and claim.status.phase == "Pending"
                if pending and named == (names.GROUP, "VolumeSnapshot", snapshot.metadata.name):
                    return True
        return False


def carried_over(known: dict[str, Any], content: dict[str, Any], name: str) -> dict[str, Any]:
    """A snapshot's status from the one it has and its content's. Pure."""
    made = dict(known)
    made.setdefault("boundVolumeSnapshotContentName", name)
    if "creationTime" in content:
        made.setdefault("creationTime", format_time(content["creationTime"] // 1_000_000_000))
    if "restoreSize" in content:
        size = quantity.from_int(content["restoreSize"], quantity.BINARY_SI)
        made.setdefault("restoreSize", str(size))
    made["readyToUse"] = bool(content.get("readyToUse"))
    if content.get("error"):
        made["error"] = content["error"]
    elif made["readyToUse"]:
        made.pop("error", None)
    return made
