"""The generic registry: create, update and delete of any kind, between the door's checks and etcd.

Here live the rules of object metadata: uid, creationTimestamp, generation, resourceVersion (409), finalizers and
graceful deletion. A change that changes nothing is not written and keeps its resourceVersion.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, ObjectMeta
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.etcd import Etcd, Name
from kubesim_tui.apiserver.registry.strategy import Strategy
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kernel.chance import Chance

FOREGROUND, ORPHAN = "foregroundDeletion", "orphan"


class View(Protocol):
    """Fills in, on reading, what is not written."""

    def render(self, obj: Object) -> Object:
        """The object as a reader sees it."""
        ...


class Registry:
    """Everything that is written passes here; `strategies` by "pods", "deployments.apps"."""

    def __init__(self, etcd: Etcd, chance: Chance, strategies: dict[str, Strategy], context: object) -> None:
        self.etcd = etcd
        self.strategies = strategies
        self.context = context
        self.views: dict[str, View] = {}
        self._names = chance.stream("apiserver/names")
        self._uids = chance.stream("apiserver/uids")

    def strategy(self, resource: Resource) -> Strategy:
        """The row of a resource."""
        return self.strategies.get(resource.group_resource, _DEFAULT)

    def get(self, resource: Resource, namespace: str, name: str) -> Object:
        """One object; 404 if there is none."""
        found = self.etcd.get(resource.group_resource, (namespace, name))
        if found is None:
            raise errors.not_found(resource.group, resource.plural, name)
        return self.view(resource, found)

    def view(self, resource: Resource, obj: Object) -> Object:
        """The object as it is read: what changes with time alone (a Lease's renewTime) is filled in."""
        if not self.views:
            return obj
        view = self.views.get(resource.group_resource)
        return obj if view is None else view.render(obj)

    def generate_name(self, prefix: str) -> str:
        """A name for `generateName`: the prefix (at most 58 characters) and five random ones."""
        return prefix[:58] + self._names.suffix(5)

    def create(self, resource: Resource, obj: Object, options: Options) -> Object:
        """Commit a new object."""
        meta = obj.metadata
        key: Name = (meta.namespace, meta.name)
        if self.etcd.get(resource.group_resource, key) is not None:
            raise errors.already_exists(resource.group, resource.plural, meta.name)
        strategy = self.strategy(resource)
        obj = obj.evolve(
            metadata=meta.evolve(
                uid=self._uids.uid(),
                creation_timestamp=self.etcd.clock.now,
                generation=1 if strategy.generation else None,
                deletion_timestamp=None,
                deletion_grace_period_seconds=None,
                resource_version=0,
            )
        )
        obj = strategy.create(obj, self.context)
        if options.dry_run:
            if strategy.released:
                strategy.released(obj, self.context)
            return obj
        return self.etcd.put(resource.group_resource, key, obj)

    def update(self, resource: Resource, new: Object, old: Object, options: Options, *, status: bool = False) -> Object:
        """Commit a change of the spec and metadata, or of the status. 409 if somebody wrote in between."""
        self._check_revision(resource, new.metadata, old.metadata, options)
        strategy = self.strategy(resource)
        new = _with_status(old, new) if status else self._without_status(new, old, strategy)
        new = new.evolve(metadata=_kept_meta(new.metadata, old.metadata))
        if not status:
            new = strategy.update(new, old, self.context)
            if strategy.generation and _spec_changed(new, old):
                generation = (old.metadata.generation or 0) + 1
                new = new.evolve(metadata=new.metadata.evolve(generation=generation))
        if new == old or options.dry_run:
            return new
        key = (new.metadata.namespace, new.metadata.name)
        if old.metadata.deletion_timestamp is not None and not new.metadata.finalizers and self._finished(new):
            return self._remove(resource, key)
        return self.etcd.put(resource.group_resource, key, new)

    def _finished(self, obj: Object) -> bool:
        """A deleted object without finalizers goes, unless it is still in its grace period."""
        return not obj.metadata.deletion_grace_period_seconds

    def _without_status(self, new: Object, old: Object, strategy: Strategy) -> Object:
        return new.evolve(status=old.status) if strategy.has_status and hasattr(old, "status") else new

    def _check_revision(self, resource: Resource, new: ObjectMeta, old: ObjectMeta, options: Options) -> None:
        wanted = options.resource_version or new.resource_version
        if wanted and wanted != old.resource_version:
            raise errors.conflict(resource.group, resource.plural, old.name)
        uid = options.uid or new.uid
        if uid and uid != old.uid:
            why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.uid}"
            raise errors.conflict(resource.group, resource.plural, old.name, why)

    def delete(self, resource: Resource, namespace: str, name: str, options: Options) -> tuple[Object, bool]:
        """Delete, or mark for deletion; returns the last state and whether it is gone."""
        obj = self.get(resource, namespace, name)
        self._check_revision(resource, ObjectMeta(), obj.metadata, options)
        finalizers = _finalizers_for(obj.metadata, options.propagation)
        grace = self.strategy(resource).grace(obj, options.grace)
        already = obj.metadata.deletion_timestamp is not None
        if options.dry_run:
            return obj, False
        if grace and not (already and grace >= (obj.metadata.deletion_grace_period_seconds or 0)):
            return self._mark(resource, obj, finalizers, grace), False
        if grace and already:
            return obj, False
        if finalizers:
            if already and finalizers == obj.metadata.finalizers and not obj.metadata.deletion_grace_period_seconds:
                return obj, False
            return self._mark(resource, obj, finalizers, 0), False
        return self._remove(resource, (namespace, name)), True

    def _mark(self, resource: Resource, obj: Object, finalizers: tuple[str, ...], grace: int) -> Object:
        meta = obj.metadata
        generation = (
            (meta.generation or 0) + 1 if meta.generation and meta.deletion_timestamp is None else meta.generation
        )
        marked = obj.evolve(
            metadata=meta.evolve(
                deletion_timestamp=self.etcd.clock.now + grace,
                deletion_grace_period_seconds=grace,
                finalizers=finalizers,
                generation=generation,
            )
        )
        return self.etcd.put(resource.group_resource, (meta.namespace, meta.name), marked)

    def _remove(self, resource: Resource, key: Name) -> Object:
        gone = self.etcd.delete(resource.group_resource, key)
        strategy = self.strategy(resource)
        if strategy.released:
            strategy.released(gone, self.context)
        return gone


_DEFAULT = Strategy()


def _finalizers_for(meta: ObjectMeta, propagation: str) -> tuple[str, ...]:
    """The finalizers after a delete call: propagation adds or takes away the garbage collector's two."""
    if not propagation:
        return meta.finalizers
    kept = tuple(f for f in meta.finalizers if f not in (FOREGROUND, ORPHAN))
    if propagation == "Foreground":
        return (*kept, FOREGROUND)
    return (*kept, ORPHAN) if propagation == "Orphan" else kept


def _with_status(old: Object, new: Object) -> Object:
    """The old object with the new one's status (and labels and annotations stay the old ones)."""
    status = getattr(new, "status", None)
    if hasattr(old, "status"):
        return old.evolve(status=status)
    return old.evolve(rest=old.rest.merged(status=new.rest.get("status")))  # type: ignore[attr-defined]


def _kept_meta(new: ObjectMeta, old: ObjectMeta) -> ObjectMeta:
    """What an update cannot change."""
    return new.evolve(
        uid=old.uid,
        creation_timestamp=old.creation_timestamp,
        deletion_timestamp=old.deletion_timestamp,
        deletion_grace_period_seconds=old.deletion_grace_period_seconds,
        generation=old.generation,
        resource_version=old.resource_version,
        generate_name=old.generate_name,
    )


def _spec_changed(new: Object, old: Object) -> bool:
    """Whether anything but metadata and status differs."""
    if hasattr(new, "spec"):
        return bool(new.spec != old.spec)  # type: ignore[attr-defined]
    ours = {k: v for k, v in new.rest.items() if k != "status"}
    return ours != {k: v for k, v in old.rest.items() if k != "status"}
