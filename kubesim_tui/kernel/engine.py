"""The engine: components with keys to work on, in phases, tick by tick.

It knows nothing of Kubernetes. A component is woken by a *key* (an object's name, usually): a watch event or a due
timer enqueues it, and `reconcile(key)` looks at the whole state and acts (level-based). A phase drains until it is
empty, in the order (priority, insertion); the phases of a tick follow one another in a fixed order. What nobody woke
costs nothing: an idle tick is a look into one dict of timers and a test of each phase's heap.

Everything is plain data: `copy.deepcopy(engine)` is a checkpoint.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Protocol

from kubesim_tui.kernel.clock import Clock

Key = Hashable
MOST_A_TICK = 16
"""A key is worked at most so often in one tick; what is left waits for the next (a quiet cluster never gets there)."""


class Worker(Protocol):
    """What the engine needs of a component."""

    name: str
    order: int

    def runs(self) -> bool:
        """Whether its process can work now (running, not paused, its machine on)."""
        ...

    def reconcile(self, key: Key) -> None:
        """Work on one key."""
        ...


class Phase:
    """One phase of a tick: a queue of (component, key) without duplicates."""

    __slots__ = ("_queued", "_sequence", "_worked", "busiest", "deferred", "heap", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.heap: list[tuple[int, int, Worker, Key]] = []
        self._queued: set[tuple[str, Key]] = set()
        self._worked: dict[tuple[str, Key], int] = {}
        self._sequence = 0
        self.deferred: list[tuple[Worker, Key, int]] = []
        self.busiest = 0  # the most that any key was worked in one tick, ever

    def add(self, worker: Worker, key: Key, priority: int = 0) -> None:
        """Enqueue a key once; a lower priority comes first."""
        entry = (worker.name, key)
        if entry in self._queued:
            return
        self._queued.add(entry)
        self._sequence += 1
        heapq.heappush(self.heap, (priority, self._sequence, worker, key))

    def drain(self) -> None:
        """Work until nothing is left. A key of a component that does not run now is dropped (it will list again)."""
        heap, queued, worked = self.heap, self._queued, self._worked
        while heap:
            priority, _, worker, key = heapq.heappop(heap)
            entry = (worker.name, key)
            queued.discard(entry)
            if not worker.runs():
                continue
            times = worked[entry] = worked.get(entry, 0) + 1
            if times > MOST_A_TICK:
                self.deferred.append((worker, key, priority))
                continue
            worker.reconcile(key)
        if worked:
            self.busiest = max(self.busiest, max(worked.values()))
            worked.clear()
        for worker, key, priority in self.deferred:
            self.add(worker, key, priority)
        self.deferred.clear()


class Engine:
    """Clock, timers and phases. `phases` is the order of one tick, as one tuple of names."""

    def __init__(self, phases: tuple[str, ...], clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.phases = {name: Phase(name) for name in phases}
        self._order = tuple(self.phases.values())
        self._timers: dict[int, list[tuple[Phase, Worker, Key]]] = {}
        self._serial = 0

    def serial(self) -> int:
        """A number that nobody else has, for workers of the same kind to be told apart by."""
        self._serial += 1
        return self._serial

    @property
    def tick(self) -> int:
        """How many ticks are done."""
        return self.clock.tick

    def at(self, tick: int, phase: str, worker: Worker, key: Key) -> None:
        """Enqueue a key when a tick comes (at once, if it has come already). Timers only enqueue."""
        if tick <= self.clock.tick:
            self.phases[phase].add(worker, key)
        else:
            self._timers.setdefault(tick, []).append((self.phases[phase], worker, key))

    def fire_timers(self) -> None:
        """Enqueue what is due in this tick."""
        due = self._timers.pop(self.clock.tick, None)
        if due is not None:
            for phase, worker, key in due:
                phase.add(worker, key)

    def step(self) -> None:
        """Run one tick: timers, then each phase until it is empty; then time moves on."""
        if self.clock.tick in self._timers:
            self.fire_timers()
        for phase in self._order:
            if phase.heap:
                phase.drain()
        self.clock.advance()

    def idle(self) -> bool:
        """Whether nothing is queued now (timers may still be pending)."""
        return not any(phase.heap for phase in self._order)

    def next_timer(self) -> int | None:
        """The tick of the earliest pending timer."""
        return min(self._timers, default=None)
