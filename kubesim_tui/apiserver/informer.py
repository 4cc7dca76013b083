"""Informers: what a component knows, as far as it has heard.

An informer lists once, then watches. A consumer with no lag that is connected reads etcd's own table (there is
nothing to copy: objects are frozen); when its link is cut, its process stopped or the API server down, it keeps a
copy of what it last saw and hears nothing, until it reconnects and lists again: then handlers are told the difference.
A consumer with a lag of n ticks hears each change n ticks later, and has a cache of its own.

Handlers only enqueue keys: they get (previous, object) with None for "did not exist" and "is gone".
"""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.etcd import DELETED, Change, Etcd, Name, Table
from kubesim_tui.kernel.engine import Engine

Handler = Callable[[Object | None, Object | None], None]
"""Called with (previous, object)."""


class Informer:
    """One resource (of Pods: perhaps those of one node) as one consumer sees it."""

    __slots__ = (
        "_handlers",
        "_late",
        "connected",
        "engine",
        "etcd",
        "lag",
        "name",
        "node",
        "order",
        "resource",
        "table",
    )

    def __init__(self, etcd: Etcd, engine: Engine, resource: str, *, lag: int = 0, node: str = "") -> None:
        self.etcd, self.engine, self.resource, self.lag, self.node = etcd, engine, resource, lag, node
        self.table = Table()
        self.connected = False
        self._handlers: list[Handler] = []
        self._late: dict[int, list[Change]] = {}
        self.name, self.order = f"informer/{resource}/{engine.serial()}", 0

    def on_change(self, handler: Handler) -> None:
        """Tell a handler (a bound method) of every change from now on."""
        self._handlers.append(handler)

    @property
    def _shares(self) -> bool:
        return not self.lag and not self.node

    def connect(self) -> None:
        """List, then watch; handlers hear of what is new, changed or gone since we last knew."""
        if self.connected:
            return
        self.connected = True
        known, source = self.table, self._source()
        if self._shares:
            self.table = self.etcd.table(self.resource)
        else:
            self.table = Table()
            for key, obj in source.items():
                self.table.put(key, obj, None)
        self._late.clear()
        self.etcd.subscribe(self.resource, self, self.node)
        for key, obj in known.objects.items():
            if key not in source:
                self._tell(obj, None)
        for key, obj in list(source.items()):
            before = known.objects.get(key)
            if before is not obj:
                self._tell(before, obj)

    def _source(self) -> dict[Name, Object]:
        table = self.etcd.table(self.resource)
        return dict(table.by_node.get(self.node, {})) if self.node else table.objects

    def disconnect(self) -> None:
        """Hear nothing more; keep what we know."""
        if not self.connected:
            return
        self.connected = False
        self.etcd.unsubscribe(self.resource, self, self.node)
        if self._shares:
            self.table = self.table.copy()

    def forget(self) -> None:
        """The process has lost its memory."""
        self.disconnect()
        self.table = Table()

    def deliver(self, change: Change) -> None:
        """Called by etcd at the commit."""
        if self.lag:
            due = change.tick + self.lag
            waiting = self._late.setdefault(due, [])
            if not waiting:
                self.engine.at(due, next(iter(self.engine.phases)), self, due)
            waiting.append(change)
        else:
            self._apply(change)

    def runs(self) -> bool:
        """Late news arrive as long as the watch stands."""
        return self.connected

    def reconcile(self, key: object) -> None:
        """Late news of one tick arrive."""
        for change in self._late.pop(key, ()):  # type: ignore[call-overload]
            self._apply(change)

    def _apply(self, change: Change) -> None:
        before, now = change.previous, change.object if change.type != DELETED else None
        if not self._shares:
            before, now = self._store(change, now)
        self._tell(before, now)

    def _store(self, change: Change, now: Object | None) -> tuple[Object | None, Object | None]:
        """Keep our own table; an object that has left the selection is gone for us."""
        before = self.table.objects.get(change.key)
        if now is not None and self.node and now.spec.node_name != self.node:  # type: ignore[attr-defined]
            now = None
        if now is not None:
            self.table.put(change.key, now, before)
        elif before is not None:
            self.table.remove(change.key, before)
        return before, now

    def _tell(self, before: Object | None, now: Object | None) -> None:
        for handler in self._handlers:
            handler(before, now)

    def get(self, namespace: str, name: str) -> Object | None:
        """From the cache."""
        return self.table.objects.get((namespace, name))
