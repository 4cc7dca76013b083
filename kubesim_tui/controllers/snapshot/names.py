"""Names of snapshot.storage.k8s.io, as upstream spells them; and reading its objects. Pure.

Its kinds are custom ones: they are there when a cluster is made with them (`ClusterSpec.snapshots`), or when somebody
applies their definitions.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.types import Object, PersistentVolume, PersistentVolumeClaim, Unstructured
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.controllers import generic

GROUP = "snapshot.storage.k8s.io"
API_VERSION = f"{GROUP}/v1"
SNAPSHOTS, CLASSES, CONTENTS = (f"volumesnapshot{end}.{GROUP}" for end in ("s", "classes", "contents"))

_PREFIX = "snapshot.storage.kubernetes.io/"
AS_SOURCE = f"{_PREFIX}volumesnapshot-as-source-protection"
BOUND = f"{_PREFIX}volumesnapshot-bound-protection"
CONTENT_BOUND = f"{_PREFIX}volumesnapshotcontent-bound-protection"
CLAIM_AS_SOURCE = f"{_PREFIX}pvc-as-source-protection"
DEFAULT_CLASS = f"{_PREFIX}is-default-class"
BEING_DELETED = f"{_PREFIX}volumesnapshot-being-deleted"


class Trouble(ApiError):
    """What keeps a snapshot back: an Event's reason, a text for its status. `unready`: it is not usable for that."""

    def __init__(self, reason: str, text: str, *, unready: bool = True) -> None:
        super().__init__(text)
        self.reason, self.text, self.unready = reason, text, unready


def spec(obj: Object) -> dict[str, Any]:
    """A snapshot's or content's spec."""
    return generic.plain(obj, "spec")


def status(obj: Object) -> dict[str, Any]:
    """Its status, {} if there is none."""
    return generic.plain(obj, "status")


def class_field(class_: Object, name: str) -> str:
    """A field of a VolumeSnapshotClass: driver or deletionPolicy."""
    return str(cast(Unstructured, class_).rest.get(name, ""))


def source(snapshot: Object) -> tuple[str, str]:
    """(claim, content) of a snapshot: it names one of them."""
    found = spec(snapshot).get("source") or {}
    return found.get("persistentVolumeClaimName") or "", found.get("volumeSnapshotContentName") or ""


def is_ready(snapshot: Object) -> bool:
    """Whether a volume can be made of it."""
    return bool(status(snapshot).get("readyToUse"))


def content_name(snapshot: Object) -> str:
    """The name of the content that is made for a snapshot."""
    return f"snapcontent-{snapshot.metadata.uid}"


def points_back(content: Object, snapshot: Object) -> bool:
    """Whether a content is this snapshot's, uid and all."""
    ref, meta = spec(content).get("volumeSnapshotRef") or {}, snapshot.metadata
    return (ref.get("namespace"), ref.get("name"), ref.get("uid")) == (meta.namespace, meta.name, meta.uid)


def is_bound_to(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume is a claim's; without a uid its claimRef is for any claim of the name."""
    ref, meta = volume.spec.claim_ref if volume.spec is not None else None, claim.metadata
    return ref is not None and (ref.namespace, ref.name) == (meta.namespace, meta.name) and ref.uid in ("", meta.uid)


def without(finalizers: tuple[str, ...], *gone: str) -> tuple[str, ...]:
    """Finalizers but some."""
    return tuple([f for f in finalizers if f not in gone])
