"""etcd: the versioned store of all objects, its journal and its watchers.

One global revision grows by one with each change. Objects are frozen, so that the table, the journal and every cache
share them. The journal is a ring of the last 300 ticks (as etcd is compacted every 5 minutes); a watch from before it
gets 410. Watchers with no lag are told at once, in the order of their subscription; telling only enqueues keys.

It holds the state of the cluster, and nothing of the applications' data.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.api.types import Object
from kubesim_tui.kernel.clock import Clock

Name = tuple[str, str]
"""(namespace, name) of an object; namespace "" for cluster-scoped kinds."""

KEPT_TICKS = 300
KEPT_CHANGES = 2048
"""The journal is no longer than this either: so much a watch cache holds."""
MOST_FRESH = 1024
EVENT_TTL = 3600
"""Events live for an hour after they were last counted (--event-ttl)."""
ADDED, MODIFIED, DELETED = "ADDED", "MODIFIED", "DELETED"
ADOPTABLE = frozenset({types.Pod, types.ReplicaSet, types.ControllerRevision})
"""Kinds that a controller adopts when it finds them without one: the index knows those, too."""


@frozen(eq=False)
class Change:
    """One committed change. `object` is the new state (of a deletion: the last one, with the new revision)."""

    revision: int
    tick: int
    type: str  # ADDED, MODIFIED, DELETED
    resource: str  # "pods", "deployments.apps"
    key: Name
    object: Object
    previous: Object | None

    def __deepcopy__(self, _memo: Any) -> Change:
        return self


class Watcher(Protocol):
    """Who is told of changes."""

    def deliver(self, change: Change) -> None:
        """Take note; must not write."""
        ...


class Reader(Protocol):
    """Who reads all changes in bulk, in the end (the digest); a busy tick hands them over in portions."""

    def absorb(self, changes: list[Change]) -> None:
        """Take in some changes."""
        ...


class Table:
    """All objects of one resource, with the indexes that list calls and caches ask for.

    Of Events there are many, and they are asked for seldom: theirs has no indexes, and the last written come last.
    """

    __slots__ = ("by_namespace", "by_node", "by_owner", "objects", "plain")

    def __init__(self, *, plain: bool = False) -> None:
        self.plain = plain
        self.objects: dict[Name, Object] = {}
        self.by_namespace: dict[str, dict[Name, Object]] = {}
        self.by_owner: dict[str, dict[Name, Object]] = {}  # uid of the controller → its objects
        self.by_node: dict[str, dict[Name, Object]] = {}  # Pods only

    def copy(self) -> Table:
        """An independent table with the same objects."""
        new = Table(plain=self.plain)
        new.objects = dict(self.objects)
        for name in ("by_namespace", "by_owner", "by_node"):
            setattr(new, name, {k: dict(v) for k, v in getattr(self, name).items()})
        return new

    def put(self, key: Name, obj: Object, previous: Object | None) -> None:
        """Insert or replace."""
        if self.plain:
            self.objects.pop(key, None)
            self.objects[key] = obj
            return
        self.objects[key] = obj
        self.by_namespace.setdefault(key[0], {})[key] = obj
        if previous is not None:
            self._unindex(key, obj, previous)
        for index, value in _index_values(obj):
            getattr(self, index).setdefault(value, {})[key] = obj

    def remove(self, key: Name, previous: Object) -> None:
        """Take out."""
        del self.objects[key]
        if self.plain:
            return
        _discard(self.by_namespace, key[0], key)
        for index, value in _index_values(previous):
            _discard(getattr(self, index), value, key)

    def _unindex(self, key: Name, obj: Object, previous: Object) -> None:
        now = _index_values(obj)
        for entry in _index_values(previous):
            if entry not in now:
                _discard(getattr(self, entry[0]), entry[1], key)

    def in_namespace(self, namespace: str) -> Iterable[Object]:
        """Objects of a namespace ("" : of all)."""
        if self.plain and namespace:
            return [obj for key, obj in self.objects.items() if key[0] == namespace]
        return self.by_namespace.get(namespace, {}).values() if namespace else self.objects.values()

    def owned_by(self, uid: str) -> Iterable[Object]:
        """Objects whose controller has this uid ("": of the ADOPTABLE kinds, those that have none)."""
        return self.by_owner.get(uid, {}).values()

    def on_node(self, node: str) -> Iterable[Object]:
        """Pods bound to a node."""
        return self.by_node.get(node, {}).values()

    def __iter__(self) -> Iterator[Object]:
        return iter(self.objects.values())

    def __len__(self) -> int:
        return len(self.objects)


def _discard(index: dict[str, dict[Name, Object]], value: str, key: Name) -> None:
    entries = index.get(value)
    if entries is not None:
        entries.pop(key, None)
        if not entries:
            del index[value]


def controller_uid(obj: Object) -> str:
    """The uid of the controller that owns an object, "" if none does."""
    for owner in obj.metadata.owner_references:
        if owner.controller:
            return owner.uid
    return ""


def _index_values(obj: Object) -> list[tuple[str, str]]:
    found = []
    uid = controller_uid(obj) if obj.metadata.owner_references else ""
    if uid or type(obj) in ADOPTABLE:
        found.append(("by_owner", uid))
    if type(obj) is types.Pod and obj.spec is not None and obj.spec.node_name:
        found.append(("by_node", obj.spec.node_name))
    return found


class Etcd:
    """The store. Only the API server writes to it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.revision = 1
        self.compacted = 0  # the newest revision that the journal no longer holds
        self.tables: dict[str, Table] = {}
        self.journal: deque[Change] = deque()
        self.fresh: list[Change] = []  # not yet in the digest
        self.reader: Reader | None = None
        self._watchers: dict[str, list[Watcher]] = {}
        self._by_node: dict[str, list[Watcher]] = {}
        # since when → changes of each resource; the last few minutes, in two parts
        self._counts: list[tuple[int, dict[str, int]]] = [(0, {})]

    def written(self, since: int) -> dict[str, int]:
        """How many changes of each resource were committed from a tick on, or a little before."""
        found: dict[str, int] = {}
        for i, (_, counts) in enumerate(self._counts):
            if i + 1 == len(self._counts) or self._counts[i + 1][0] > since:
                for resource, count in counts.items():
                    found[resource] = found.get(resource, 0) + count
        return found

    def table(self, resource: str) -> Table:
        """The table of a resource (made when first asked for)."""
        found = self.tables.get(resource)
        if found is None:
            found = self.tables[resource] = Table(plain=resource == "events")
        return found

    def get(self, resource: str, key: Name) -> Object | None:
        """One object, or None."""
        return self.table(resource).objects.get(key)

    def put(self, resource: str, key: Name, obj: Object) -> Object:
        """Commit a new state; returns the object with its resourceVersion."""
        table = self.table(resource)
        previous = table.objects.get(key)
        self.revision += 1
        obj = obj.evolve(metadata=obj.metadata.evolve(resource_version=self.revision))
        table.put(key, obj, previous)
        self._commit(
            Change(self.revision, self.clock.tick, MODIFIED if previous else ADDED, resource, key, obj, previous)
        )
        return obj

    def delete(self, resource: str, key: Name) -> Object:
        """Commit a deletion; returns the last state with the deletion's revision."""
        table = self.table(resource)
        previous = table.objects[key]
        self.revision += 1
        table.remove(key, previous)
        last = previous.evolve(metadata=previous.metadata.evolve(resource_version=self.revision))
        self._commit(Change(self.revision, self.clock.tick, DELETED, resource, key, last, previous))
        return last

    def _commit(self, change: Change) -> None:
        self.journal.append(change)
        counts = self._counts[-1][1]
        counts[change.resource] = counts.get(change.resource, 0) + 1
        if len(self.journal) > KEPT_CHANGES:
            self.compacted = self.journal.popleft().revision
        self.fresh.append(change)
        if len(self.fresh) >= MOST_FRESH and self.reader is not None:
            self.reader.absorb(self.fresh)
            self.fresh.clear()
        for watcher in self._watchers.get(change.resource, ()):
            watcher.deliver(change)
        if change.resource == "pods" and self._by_node:
            self._tell_nodes(change)

    def _tell_nodes(self, change: Change) -> None:
        now = change.object.spec.node_name  # type: ignore[attr-defined]
        before = change.previous.spec.node_name if change.previous is not None else now  # type: ignore[attr-defined]
        for node in (now,) if now == before else (before, now):
            for watcher in self._by_node.get(node, ()):
                watcher.deliver(change)

    def since(self, revision: int) -> list[Change]:
        """The changes after a revision, in order: one a revision. What was compacted is not among them."""
        new = min(self.revision - revision, len(self.journal))
        return list(islice(reversed(self.journal), new))[::-1] if new > 0 else []

    def at(self, resource: str, revision: int) -> dict[Name, Object]:
        """All objects of a resource as they were at a revision that the journal still goes back to."""
        found = dict(self.table(resource).objects)
        for change in reversed(self.since(revision)):
            if change.resource != resource:
                continue
            if change.previous is None:
                found.pop(change.key, None)
            else:
                found[change.key] = change.previous
        return found

    def compact(self) -> None:
        """Forget changes older than KEPT_TICKS, and delete the Events whose time is over."""
        oldest = self.clock.tick - KEPT_TICKS
        if self._counts[-1][0] <= oldest:
            self._counts = [self._counts[-1], (self.clock.tick, {})]
        journal = self.journal
        while journal and journal[0].tick < oldest:
            self.compacted = journal.popleft().revision
        gone = self.clock.now - EVENT_TTL
        events = self.table("events").objects
        while events:
            key, event = next(iter(events.items()))
            if not isinstance(event, types.Event) or (event.last_timestamp or 0) >= gone:
                break
            self.delete("events", key)

    def subscribe(self, resource: str, watcher: Watcher, node: str = "") -> None:
        """Tell a watcher of every change of a resource, or of the Pods of one node."""
        if node:
            self._by_node.setdefault(node, []).append(watcher)
        else:
            self._watchers.setdefault(resource, []).append(watcher)

    def unsubscribe(self, resource: str, watcher: Watcher, node: str = "") -> None:
        """Tell it no more."""
        watchers = self._by_node.get(node, []) if node else self._watchers.get(resource, [])
        if watcher in watchers:
            watchers.remove(watcher)
