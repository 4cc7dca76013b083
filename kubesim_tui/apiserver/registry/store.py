"""The generic registry: create, update and delete of any kind, between the door's checks and etcd.

Here live the rules of object metadata: uid, creationTimestamp, generation, resourceVersion (409), finalizers and
graceful deletion, as k8s.io/apiserver's registry.Store has them. A change that changes nothing is not written and
keeps its resourceVersion.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver import errors
from kubesim_tui.apiserver.apiextensions.resource import CustomResource
from kubesim_tui.apiserver.etcd import Etcd, Name
from kubesim_tui.apiserver.registry import meta
from kubesim_tui.apiserver.registry.context import Context
from kubesim_tui.apiserver.registry.strategy import Strategy
from kubesim_tui.apiserver.request import Options
from kubesim_tui.kernel.chance import Chance

MOST_DRAWS = 8  # of a name for one object (upstream: maxNameGenerationCreateAttempts)
_DEFAULT = Strategy()
_CUSTOM = Strategy(generation=True, unconditional=False, writes=())
_CUSTOM_PLAIN = Strategy(has_status=False, generation=True, unconditional=False)


class View(Protocol):
    """Fills in, on reading, what is not written."""

    def render(self, obj: Object) -> Object:
        """The object as a reader sees it."""
        ...


class Registry:
    """Everything that is written passes here; `strategies` by "pods", "deployments.apps"."""

    def __init__(self, etcd: Etcd, chance: Chance, strategies: dict[str, Strategy], context: Context) -> None:
        self.etcd = etcd
        self.strategies = strategies
        self.context = context
        self.views: dict[str, View] = {}
        self._names = chance.stream("apiserver/names")
        self._uids = chance.stream("apiserver/uids")

    def strategy(self, resource: Resource) -> Strategy:
        """The row of a resource."""
        if isinstance(resource, CustomResource):
            return _CUSTOM if resource.status else _CUSTOM_PLAIN
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

    def viewed(self, resource: Resource, objects: Iterable[Object]) -> Iterable[Object]:
        """The same of many."""
        view = self.views.get(resource.group_resource)
        return objects if view is None else [view.render(obj) for obj in objects]

    def generate_name(self, prefix: str) -> str:
        """A name for `generateName`: the prefix (at most 58 characters) and five random ones."""
        return prefix[:58] + self._names.suffix(5)

    def free_name(self, resource: Resource, namespace: str, prefix: str) -> str:
        """A generated name that is not taken; after MOST_DRAWS the last one drawn, which `create` then refuses."""
        table = self.etcd.table(resource.group_resource).objects
        name = self.generate_name(prefix)
        for _ in range(MOST_DRAWS - 1):
            if (namespace, name) not in table:
                break
            name = self.generate_name(prefix)
        return name

    def new_uid(self) -> str:
        """A uid for a new object."""
        return self._uids.uid()

    # -- create ------------------------------------------------------------------------------------------------

    def create(self, resource: Resource, obj: Object, options: Options, uid: str = "") -> Object:
        """Commit a new object; 409 if its name is taken."""
        given = obj.metadata
        key: Name = (given.namespace, given.name)
        if self.etcd.get(resource.group_resource, key) is not None:
            taken = errors.generate_name_conflict if given.generate_name else errors.already_exists
            raise taken(resource.group, resource.plural, given.name)
        strategy = self.strategy(resource)
        obj = obj.evolve(
            metadata=given.evolve(
                uid=uid or self.new_uid(),
                creation_timestamp=self.etcd.clock.now,
                generation=1 if strategy.begins_numbered else None,
                deletion_timestamp=None,
                deletion_grace_period_seconds=None,
                resource_version=0,
            )
        )
        obj = strategy.create(obj, self.context)
        return obj if options.dry_run else self.etcd.put(resource.group_resource, key, strategy.stored(obj))

    # -- update ------------------------------------------------------------------------------------------------

    def update(self, resource: Resource, new: Object, old: Object, options: Options, *, status: bool = False) -> Object:
        """Commit a change of the spec and metadata, or of the status. 409 if somebody wrote in between."""
        meta.check_update(resource, new.metadata, old.metadata, options)
        strategy = self.strategy(resource)
        if status:
            new = strategy.status(meta.with_status(old, new, strategy.writes), old, self.context)
        else:
            new = self._changed(new, old, strategy)
        if new == old or options.dry_run:
            return new
        key = (old.metadata.namespace, old.metadata.name)
        if self._emptied(new, old, strategy):
            return self.etcd.delete(resource.group_resource, key)
        return self.etcd.put(resource.group_resource, key, new)

    def _changed(self, new: Object, old: Object, strategy: Strategy) -> Object:
        if strategy.has_status:
            new = meta.keep_status(new, old)
        new = new.evolve(metadata=meta.kept(new.metadata, old.metadata))
        new = strategy.update(new, old, self.context)
        if strategy.generation and meta.counts(new, old, strategy):
            new = new.evolve(metadata=new.metadata.evolve(generation=(old.metadata.generation or 0) + 1))
        return new

    def _emptied(self, new: Object, old: Object, strategy: Strategy) -> bool:
        """A deleted object whose last finalizer has gone goes with it, unless it is still in its grace period."""
        before = old.metadata
        if before.deletion_timestamp is None or new.metadata.finalizers or before.deletion_grace_period_seconds:
            return False
        return strategy.finished(new)

    # -- delete ------------------------------------------------------------------------------------------------

    def delete(self, resource: Resource, namespace: str, name: str, options: Options) -> tuple[Object, bool]:
        """Delete, or mark for deletion; returns the last state and whether it is gone."""
        obj = self.get(resource, namespace, name)
        meta.check_delete(resource, obj.metadata, options)
        strategy = self.strategy(resource)
        if resource.group_resource == "namespaces":
            return self._delete_namespace(resource, obj, options)
        if strategy.grace is not None:
            return self._delete_gracefully(resource, obj, strategy, options)
        if obj.metadata.deletion_timestamp is None:
            obj = strategy.leaving(obj, self.context)
        finalizers = meta.deletion_finalizers(obj.metadata, options.propagation, strategy.orphans)
        if finalizers:
            return self._mark(resource, obj, finalizers, options), False
        return self._remove(resource, obj, options), True

    def _delete_gracefully(
        self, resource: Resource, obj: Object, strategy: Strategy, options: Options
    ) -> tuple[Object, bool]:
        """As `BeforeDelete` upstream: a second deletion may only shorten what is left."""
        assert strategy.grace is not None
        now = obj.metadata
        asked = options.grace if options.grace is None or options.grace >= 0 else 1
        left = now.deletion_grace_period_seconds or 0
        if now.deletion_timestamp is not None and left:
            if asked is None or asked >= left:
                return obj, False
            period, when = asked, now.deletion_timestamp - left + asked
        elif now.deletion_timestamp is not None:
            period, when = 0, now.deletion_timestamp
        else:
            period = strategy.grace(obj, asked)
            when = self.etcd.clock.now + period
        finalizers = meta.deletion_finalizers(now, options.propagation, strategy.orphans)
        if not period and not finalizers:
            return self._remove(resource, obj, options), True
        return self._put(resource, meta.marked(obj, finalizers, when, period), options), False

    def _mark(self, resource: Resource, obj: Object, finalizers: tuple[str, ...], options: Options) -> Object:
        """Deletion waits for finalizers."""
        now, already = self.etcd.clock.now, obj.metadata.deletion_timestamp
        when = now if already is None or already > now else already
        return self._put(resource, meta.marked(obj, finalizers, when, 0), options)

    def _delete_namespace(self, resource: Resource, obj: Object, options: Options) -> tuple[Object, bool]:
        """A namespace is first Terminating; it goes when the namespace controller has taken its finalizer away."""
        if obj.metadata.deletion_timestamp is None:
            return self._put(resource, meta.terminating(obj, self.etcd.clock.now), options), False
        if obj.metadata.finalizers or not self.strategy(resource).finished(obj):
            return obj, False
        return self._remove(resource, obj, options), True

    def _put(self, resource: Resource, obj: Object, options: Options) -> Object:
        key = (obj.metadata.namespace, obj.metadata.name)
        if options.dry_run or self.etcd.get(resource.group_resource, key) == obj:
            return obj
        return self.etcd.put(resource.group_resource, key, obj)

    def _remove(self, resource: Resource, obj: Object, options: Options) -> Object:
        if options.dry_run:
            return obj
        return self.etcd.delete(resource.group_resource, (obj.metadata.namespace, obj.metadata.name))
