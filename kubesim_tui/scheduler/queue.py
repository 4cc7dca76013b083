"""The scheduling queue: Pods that may be tried now, Pods that back off, and Pods that fit nowhere as things are.

- *active*: by priority, then by how long they wait.
- *back-off*: failed before and woken since; ready after 1 s, doubling with each failure to 10 s. When nothing is
  active, they are taken before their time (SchedulerPopFromBackoffQ, on since 1.33), unless their failure was an error.
- *unschedulable*: until a cluster event could help, or five minutes at most. Gated Pods lie here, too.

Times are ticks. Sources: pkg/scheduler/backend/queue.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from enum import StrEnum

from attrs import define, field

from kubesim_tui.scheduler.pod_info import PodInfo

INITIAL_BACKOFF, MOST_BACKOFF = 1, 10
MOST_UNSCHEDULABLE = 300
Entry = tuple[int, int, int, str]
"""(what is sorted by, …, …, uid)."""


class Place(StrEnum):
    """Where a Pod is."""

    ACTIVE = "active"
    BACKOFF = "backoff"
    ERROR_BACKOFF = "error-backoff"
    UNSCHEDULABLE = "unschedulable"
    IN_FLIGHT = "in-flight"


@define(eq=False)
class QueuedPod:
    """A Pod that has no node yet."""

    info: PodInfo
    since: int  # the tick of its arrival or last failure
    order: int  # grows with `since`; of Pods with the same priority, the lowest is next
    place: Place = Place.UNSCHEDULABLE
    failures: int = 0  # how often it did not fit
    errors: int = 0  # how often in a row something went wrong
    attempts: int = 0
    plugins: tuple[str, ...] = ()  # who refused it last
    gate: str = ""  # the plugin that does not let it in
    ready: int = 0  # until when it backs off
    ticket: int = 0  # tells its newest entry in a heap from older ones


@define(eq=False)
class Queue:
    """See the module."""

    initial_backoff: int = INITIAL_BACKOFF
    most_backoff: int = MOST_BACKOFF
    pods: dict[str, QueuedPod] = field(factory=dict)  # by uid
    unschedulable: dict[tuple[str, ...], dict[str, QueuedPod]] = field(factory=dict)  # by who refused them, by uid
    _active: list[Entry] = field(factory=list)
    _backoff: list[Entry] = field(factory=list)
    _errors: list[Entry] = field(factory=list)
    _order: int = 0
    _tickets: int = 0

    # -- in ----------------------------------------------------------------------------------------------------

    def add(self, info: PodInfo, now: int, gate: str = "") -> QueuedPod:
        """A Pod without a node has come."""
        self._order += 1
        queued = self.pods[info.uid] = QueuedPod(info, now, self._order)
        self.put(queued, gate)
        return queued

    def put(self, queued: QueuedPod, gate: str = "") -> None:
        """Into the active queue, or aside if a plugin holds the Pod back."""
        self._pick_up(queued)
        queued.gate = gate
        if gate:
            if gate not in queued.plugins:
                queued.plugins = (*queued.plugins, gate)
            self._lay_aside(queued)
        else:
            self._push(queued, Place.ACTIVE, self._active, -queued.info.priority, queued.order)

    def _lay_aside(self, queued: QueuedPod) -> None:
        queued.place = Place.UNSCHEDULABLE
        self.unschedulable.setdefault(queued.plugins, {})[queued.info.uid] = queued

    def _pick_up(self, queued: QueuedPod) -> None:
        aside = self.unschedulable.get(queued.plugins)
        if aside is not None and aside.pop(queued.info.uid, None) is not None and not aside:
            del self.unschedulable[queued.plugins]

    def _all_aside(self) -> Iterator[QueuedPod]:
        for aside in self.unschedulable.values():
            yield from aside.values()

    def _push(self, queued: QueuedPod, place: Place, heap: list[Entry], first: int, second: int) -> None:
        self._tickets += 1
        self._pick_up(queued)
        queued.place, queued.ticket = place, self._tickets
        heapq.heappush(heap, (first, second, self._tickets, queued.info.uid))

    def failed(self, queued: QueuedPod, plugins: tuple[str, ...], now: int) -> None:
        """It did not fit: lay it aside. If no plugin refused it, something went wrong, and it backs off."""
        uid = queued.info.uid
        if self.pods.get(uid) is not queued:
            return
        self._pick_up(queued)
        self._order += 1
        queued.since, queued.order, queued.plugins = now, self._order, plugins
        if plugins:
            queued.failures, queued.errors = queued.failures + 1, 0
            queued.ready = now + self.delay(queued.failures)
            self._lay_aside(queued)
        else:
            queued.errors += 1
            queued.ready = now + self.delay(queued.errors)
            self._push(queued, Place.ERROR_BACKOFF, self._errors, queued.ready, -queued.info.priority)

    def delay(self, failures: int) -> int:
        """How long a Pod backs off after so many failures."""
        return min(self.most_backoff, self.initial_backoff << min(failures - 1, 30))

    def wake(self, queued: QueuedPod, now: int, gate: str = "") -> None:
        """Something happened that may let a Pod pass: try it, after its back-off."""
        if queued.place is not Place.UNSCHEDULABLE:
            return
        if gate or queued.ready <= now:
            self.put(queued, gate)
        else:
            queued.gate = ""
            self._push(queued, Place.BACKOFF, self._backoff, queued.ready, -queued.info.priority)

    def update(self, queued: QueuedPod, info: PodInfo) -> None:
        """The Pod itself has changed; its place in line changes with its priority."""
        moved = queued.info.priority != info.priority
        queued.info = info
        if moved and queued.place is Place.ACTIVE:
            self._push(queued, Place.ACTIVE, self._active, -info.priority, queued.order)

    # -- out ---------------------------------------------------------------------------------------------------

    def pop(self) -> QueuedPod | None:
        """The next Pod to try: the first active one, or if there is none the first that backs off."""
        queued = self._take(self._active, Place.ACTIVE) or self._take(self._backoff, Place.BACKOFF)
        if queued is not None:
            queued.place = Place.IN_FLIGHT
            queued.attempts += 1
        return queued

    def _take(self, heap: list[Entry], place: Place) -> QueuedPod | None:
        while heap:
            _, _, ticket, uid = heapq.heappop(heap)
            queued = self.pods.get(uid)
            if queued is not None and queued.ticket == ticket and queued.place is place:
                return queued
        return None

    def remove(self, uid: str) -> QueuedPod | None:
        """It is gone, or has a node."""
        queued = self.pods.pop(uid, None)
        if queued is not None:
            self._pick_up(queued)
        return queued

    # -- time --------------------------------------------------------------------------------------------------

    def due(self, now: int) -> list[QueuedPod]:
        """Take out whose back-off is over, and who lay aside too long; they are to be `put` again."""
        found = []
        for heap, place in ((self._backoff, Place.BACKOFF), (self._errors, Place.ERROR_BACKOFF)):
            while heap and heap[0][0] <= now:
                queued = self._take_due(heap, place)
                if queued is not None:
                    found.append(queued)
        for queued in self._all_aside():
            if now - queued.since >= MOST_UNSCHEDULABLE and not queued.gate:
                found.append(queued)
        return found

    def _take_due(self, heap: list[Entry], place: Place) -> QueuedPod | None:
        _, _, ticket, uid = heapq.heappop(heap)
        queued = self.pods.get(uid)
        fresh = queued is not None and queued.ticket == ticket and queued.place is place
        return queued if fresh else None

    def next_due(self) -> int | None:
        """The tick at which `due` has something again."""
        found = [heap[0][0] for heap in (self._backoff, self._errors) if heap]
        for aside in self.unschedulable.values():  # each in the order of their failures
            first = next((q for q in aside.values() if not q.gate), None)
            if first is not None:
                found.append(first.since + MOST_UNSCHEDULABLE)
        return min(found, default=None)

    @property
    def ready(self) -> bool:
        """Whether there may be a Pod to try now."""
        return bool(self._active or self._backoff)


@define(eq=False)
class Nominator:
    """Nodes that were freed by preemption, and for whom."""

    by_node: dict[str, dict[str, PodInfo]] = field(factory=dict)
    node_of: dict[str, str] = field(factory=dict)

    def nominate(self, info: PodInfo, node: str) -> None:
        """A node is kept free for a Pod ("" : no more)."""
        self.remove(info.uid)
        if node:
            self.by_node.setdefault(node, {})[info.uid] = info
            self.node_of[info.uid] = node

    def remove(self, uid: str) -> None:
        """Nothing is kept free for it."""
        node = self.node_of.pop(uid, None)
        if node is not None:
            del self.by_node[node][uid]
            if not self.by_node[node]:
                del self.by_node[node]

    def on(self, node: str) -> list[PodInfo]:
        """For whom a node is kept free."""
        return list(self.by_node.get(node, {}).values())
