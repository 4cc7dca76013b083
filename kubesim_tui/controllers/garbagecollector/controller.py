"""The loop: a queue of objects to look at, in one key, so that a throttled collector does not look at all of them.

Three things put objects there: an owner that went (its dependents), an object that came without its owner, and a
deletion in the foreground or with orphans.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object, ObjectMeta, OwnerReference
from kubesim_tui.apiserver.client import Throttled
from kubesim_tui.apiserver.errors import StatusError, Unreachable
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import Controller, Kit
from kubesim_tui.controllers.customs import CustomKinds
from kubesim_tui.controllers.garbagecollector.decide import (
    FOREGROUND,
    ORPHAN,
    Action,
    Do,
    Owner,
    decide,
    deletes_dependents,
    state_of,
    unblocked,
    without_owners,
)
from kubesim_tui.controllers.garbagecollector.graph import Graph, Ref, blocks
from kubesim_tui.kernel.engine import Key

Task = tuple[Literal["look", "orphan"], Ref]
WORK = "work"


class GarbageCollector(Controller):
    """Deletes what has no owner left, in the way its owner's deletion asked for."""

    account = "generic-garbage-collector"
    source = "garbage-collector-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.graph = Graph()
        self.caches: dict[str, tuple[Resource, Informer]] = {}
        self._tasks: deque[Task] = deque()
        self._waiting: dict[Task, None] = {}
        for resource in generic.watchable():
            informer = self.watch(kit.shared(resource.plural))
            self.caches[resource.group_resource] = (resource, informer)
            informer.on_change(self._changed)
        self.customs = CustomKinds(self, kit, self._changed)

    def stop(self) -> None:
        """The graph is memory, too."""
        super().stop()
        self.graph.clear()
        self._tasks.clear()
        self._waiting.clear()

    # -- events ------------------------------------------------------------------------------------------------

    def _changed(self, before: Object | None, now: Object | None) -> None:
        obj = now if now is not None else before
        assert obj is not None
        meta, old = obj.metadata, before.metadata if before is not None else None
        if (
            now is not None
            and old is not None
            and old.owner_references == meta.owner_references
            and old.finalizers == meta.finalizers
            and (old.deletion_timestamp is None) == (meta.deletion_timestamp is None)
        ):
            return
        if old is None and not meta.owner_references and meta.deletion_timestamp is None:
            return
        ref = self._ref_of(obj)
        if ref is None:
            return
        self.graph.update(ref, before, now)
        if now is None:
            self._gone(meta)
        else:
            self._transitions(ref, old, meta)

    def _gone(self, meta: ObjectMeta) -> None:
        for dependent in self.graph.of(meta.uid):
            self._add("look", dependent)
        self._wake_owners(meta.owner_references, meta.namespace)

    def _wake_owners(self, references: tuple[OwnerReference, ...], namespace: str) -> None:
        """Owners that wait for their dependents have one fewer."""
        for reference in references:
            found = self._ref(reference, namespace)
            owner = self._meta(found) if found is not None else None
            if found is not None and owner is not None and deletes_dependents(owner):
                self._add("look", found)

    def _transitions(self, ref: Ref, old: ObjectMeta | None, meta: ObjectMeta) -> None:
        began = meta.deletion_timestamp is not None
        was = old is not None and old.deletion_timestamp is not None
        if began and ORPHAN in meta.finalizers and not (was and old is not None and ORPHAN in old.finalizers):
            self._add("orphan", ref)
        if deletes_dependents(meta) and not (old is not None and deletes_dependents(old)):
            for dependent in self.graph.of(meta.uid):
                self._add("look", dependent)
            self._add("look", ref)
        if old is not None and old.owner_references != meta.owner_references:
            self._wake_owners(old.owner_references, meta.namespace)
        if meta.owner_references and (old is None or old.owner_references != meta.owner_references):
            states = [state for _, state in self._owners(meta)]
            if any(state is not Owner.SOLID for state in states):
                self._add("look", ref)

    def _add(self, what: Literal["look", "orphan"], ref: Ref) -> None:
        task: Task = (what, ref)
        if task not in self._waiting:
            self._waiting[task] = None
            self._tasks.append(task)
        self.enqueue(WORK)

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Work on all that waits; what fails is tried again by itself."""
        if key != WORK:
            self._waiting[key] = None  # type: ignore[index]
            self._tasks.append(key)  # type: ignore[arg-type]
        while self._tasks:
            task = self._tasks.popleft()
            self._waiting.pop(task, None)
            try:
                self._orphan(task[1]) if task[0] == "orphan" else self._look(task[1])
            except (Throttled, Unreachable):
                self._waiting[task] = None
                self._tasks.appendleft(task)
                raise
            except StatusError:
                self.retry(task)
            else:
                self._failures.pop(task, None)

    def _look(self, ref: Ref) -> None:
        item = self._object(ref)
        if item is None:
            return
        meta = item.metadata
        dependents = list(self.graph.of(meta.uid)) if deletes_dependents(meta) else []
        blocking = [d for d in dependents if (m := self._meta(d)) is not None and blocks(m, meta.uid)]
        action = decide(meta, self._owners(meta), self.graph.count(meta.uid), len(blocking))
        if action.do is Do.DELETE:
            self._delete(ref, item, action)
        elif action.do is Do.PATCH_OWNERS:
            self.client.update(item.evolve(metadata=meta.evolve(owner_references=action.keep)))
        elif action.do is Do.FINALIZE:
            self._finalize(item, FOREGROUND)
        elif action.do is Do.DEPENDENTS:
            for dependent in blocking:
                found = self._meta(dependent)
                if found is not None and not deletes_dependents(found):
                    self._add("look", dependent)

    def _delete(self, ref: Ref, item: Object, action: Action) -> None:
        meta = item.metadata
        if action.policy == "Foreground" and any(
            deletes_dependents(m) for d in self.graph.of(meta.uid) if (m := self._meta(d)) is not None
        ):
            item = self.client.update(
                item.evolve(metadata=meta.evolve(owner_references=unblocked(meta.owner_references)))
            )
        options = Options(propagation=action.policy, uid=meta.uid)
        found = self._cache(ref.resource)
        if found is not None:
            generic.delete(self.client, found[0], ref.namespace, ref.name, options)

    def _orphan(self, ref: Ref) -> None:
        owner = self._object(ref)
        if owner is None or owner.metadata.deletion_timestamp is None or ORPHAN not in owner.metadata.finalizers:
            return
        uid = owner.metadata.uid
        for dependent in self.graph.of(uid):
            found = self._object(dependent)
            if found is not None:
                kept = without_owners(found.metadata.owner_references, [uid])
                self.client.update(found.evolve(metadata=found.metadata.evolve(owner_references=kept)))
        self._finalize(owner, ORPHAN)

    def _finalize(self, item: Object, finalizer: str) -> None:
        kept = tuple([f for f in item.metadata.finalizers if f != finalizer])
        self.client.update(item.evolve(metadata=item.metadata.evolve(finalizers=kept)))

    # -- look-ups ----------------------------------------------------------------------------------------------

    def _cache(self, resource: str) -> tuple[Resource, Informer] | None:
        return self.caches.get(resource) or self.customs.informers.get(resource)

    def _ref_of(self, obj: Object) -> Ref | None:
        resource = self.customs.resource(obj.api_version, obj.kind)
        return None if resource is None else Ref(resource.group_resource, obj.metadata.namespace, obj.metadata.name)

    def _object(self, ref: Ref) -> Object | None:
        found = self._cache(ref.resource)
        return None if found is None else found[1].get(ref.namespace, ref.name)

    def _meta(self, ref: Ref) -> ObjectMeta | None:
        found = self._object(ref)
        return found.metadata if found is not None else None

    def _ref(self, reference: OwnerReference, namespace: str) -> Ref | None:
        """The object that a reference names; None for a kind that is not watched."""
        resource = self.customs.resource(reference.api_version, reference.kind)
        if resource is None or self._cache(resource.group_resource) is None:
            return None
        return Ref(resource.group_resource, namespace if resource.namespaced else "", reference.name)

    def _owners(self, meta: ObjectMeta) -> list[tuple[OwnerReference, Owner]]:
        found = []
        for reference in meta.owner_references:
            ref = self._ref(reference, meta.namespace)
            state = Owner.SOLID if ref is None else state_of(self._meta(ref), reference.uid)
            found.append((reference, state))
        return found
