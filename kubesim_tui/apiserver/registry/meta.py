"""The rules of metadata that hold for every kind: preconditions, what never changes, finalizers of a deletion."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, ObjectMeta
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.registry.strategy import Strategy
from kubesim_tui.apiserver.request import Options

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


def check_update(resource: Resource, new: ObjectMeta, old: ObjectMeta, options: Options) -> None:
    """409 unless the resourceVersion (if one is given) is the newest and the uid is the object's."""
    check_versions(resource, options.uid or new.uid, options.resource_version or new.resource_version, old)


def check_versions(resource: Resource, uid: str, version: int, old: ObjectMeta) -> None:
    """409 unless uid and resourceVersion, where they are given, are the stored object's."""
    if uid and uid != old.uid:
        key = "/".join(part for part in ("/registry", resource.plural, old.namespace, old.name) if part)
        why = (
            f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: "
            f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.uid}"
        )
        raise errors.conflict(resource.group, resource.plural, old.name, why)
    if version and version != old.resource_version:
        raise errors.conflict(resource.group, resource.plural, old.name)


def check_delete(resource: Resource, old: ObjectMeta, options: Options) -> None:
    """409 unless the preconditions of a deletion hold. (Upstream names the kind here, not the resource.)"""
    if options.uid and options.uid != old.uid:
        why = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({old.uid}). "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict(resource.group, resource.kind, old.name, why)
    wanted = options.resource_version
    if wanted and wanted != old.resource_version:
        why = (
            f"the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record "
            f"({old.resource_version}). The object might have been modified"
        )
        raise errors.conflict(resource.group, resource.kind, old.name, why)


def deletion_finalizers(old: ObjectMeta, propagation: str, orphans: bool) -> tuple[str, ...]:
    """The finalizers after a deletion: the garbage collector's two by propagation, what is there, or the kind's way."""
    kept = tuple(f for f in old.finalizers if f not in (FOREGROUND, ORPHAN))
    if propagation == "Orphan":
        return (*kept, ORPHAN)
    if propagation == "Foreground":
        return (*kept, FOREGROUND)
    if propagation == "Background":
        return kept
    if ORPHAN in old.finalizers or FOREGROUND in old.finalizers:
        return old.finalizers
    return (*kept, ORPHAN) if orphans else kept


def marked(obj: Object, finalizers: tuple[str, ...], when: int, grace: int) -> Object:
    """An object that is being deleted: until `when` (Unix seconds), after `grace` seconds."""
    meta = obj.metadata
    first = meta.deletion_timestamp is None
    return obj.evolve(
        metadata=meta.evolve(
            deletion_timestamp=when,
            deletion_grace_period_seconds=grace,
            finalizers=finalizers,
            generation=meta.generation + 1 if first and meta.generation else meta.generation,
        )
    )


def terminating(obj: Object, now: int) -> Object:
    """A namespace whose deletion begins."""
    assert isinstance(obj, types.Namespace)
    finalizers = tuple(f for f in obj.metadata.finalizers if f != ORPHAN)
    status = (obj.status or types.NamespaceStatus()).evolve(phase="Terminating")
    return obj.evolve(metadata=obj.metadata.evolve(deletion_timestamp=now, finalizers=finalizers), status=status)


def kept(new: ObjectMeta, old: ObjectMeta) -> ObjectMeta:
    """What an update cannot change."""
    return new.evolve(
        name=old.name,
        namespace=old.namespace,
        uid=old.uid,
        creation_timestamp=old.creation_timestamp,
        deletion_timestamp=old.deletion_timestamp,
        deletion_grace_period_seconds=old.deletion_grace_period_seconds,
        generation=old.generation,
        resource_version=old.resource_version,
        generate_name=old.generate_name,
    )


def with_status(old: Object, new: Object, writes: tuple[str, ...]) -> Object:
    """The old object with the new one's status, and with these of its metadata."""
    before, given = old.metadata, new.metadata
    changed = {}
    if given is not before:
        changed = {name: getattr(given, name) for name in writes if getattr(given, name) != getattr(before, name)}
    if changed:
        old = old.evolve(metadata=before.evolve(**changed))
    if isinstance(old, types.Unstructured):
        return old.evolve(rest=old.rest.merged(status=new.rest.get("status")))  # type: ignore[attr-defined]
    return old.evolve(status=new.status) if hasattr(old, "status") else old  # type: ignore[attr-defined]


def keep_status(new: Object, old: Object) -> Object:
    """The new object with the old one's status."""
    if isinstance(old, types.Unstructured):
        if new.rest.get("status") == old.rest.get("status"):
            return new
        return new.evolve(rest=new.rest.merged(status=old.rest.get("status")))  # type: ignore[attr-defined]
    return new.evolve(status=old.status) if hasattr(old, "status") else new


def counts(new: Object, old: Object, strategy: Strategy) -> bool:
    """Whether the generation grows: anything but metadata and status differs (or the labels, for some kinds)."""
    if strategy.labels_count and new.metadata.labels != old.metadata.labels:
        return True
    if isinstance(new, types.Unstructured):
        skip = "status" if strategy.has_status else ""
        return {k: v for k, v in new.rest.items() if k != skip} != {k: v for k, v in old.rest.items() if k != skip}
    skipped = ("metadata", "status")
    names: tuple[str, ...] = type(new).__slots__
    return any(getattr(new, n) != getattr(old, n) for n in names if n not in skipped)
