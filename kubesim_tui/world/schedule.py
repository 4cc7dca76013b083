"""What will change by itself on a machine, and when: the half of the container runtime that minds the time.

A heap of (tick, container), lazily cleaned: an entry counts only while the container's own timers agree with it. The
`waker` is told when something becomes due earlier than it knows; nobody has to ask in vain.
"""

from __future__ import annotations

import hashlib
import heapq
from typing import Protocol

from attrs import define, field

from kubesim_tui.world import events, lifecycle
from kubesim_tui.world.config import Sandbox
from kubesim_tui.world.conntrack import CONNECTIONS, Table
from kubesim_tui.world.container import Container
from kubesim_tui.world.disk import Disk
from kubesim_tui.world.errors import NoSuchContainer, RuntimeDown, RuntimeHung
from kubesim_tui.world.ledger import PATIENCE
from kubesim_tui.world.logs import Log
from kubesim_tui.world.net import Net, Speaker
from kubesim_tui.world.process import Process, Running
from kubesim_tui.world.pulls import ImageStore
from kubesim_tui.world.pulse import Pulse
from kubesim_tui.world.shell import scheduler

DEFAULT_EPOCH = 1_767_258_000


class Waker(Protocol):
    """Whoever drives the machine."""

    def wake(self, tick: int) -> None:
        """Something is due in a tick (one that has come already: now)."""
        ...


@define(eq=False, repr=False)
class Schedule:
    """See the module. `net` and `waker` are wired in by the cluster; both are part of a checkpoint."""

    machine: str
    process: Process
    store: ImageStore
    disk: Disk
    memory_bytes: int
    cpu_milli: int
    epoch: int = DEFAULT_EPOCH
    net: Net | None = None
    waker: Waker | None = None
    now: int = 0
    depth: int = 0  # of single requests that make others
    sandboxes: dict[str, Sandbox] = field(factory=dict)
    containers: dict[str, Container] = field(factory=dict)
    _heap: list[tuple[int, int, str]] = field(factory=list)
    _told: int | None = None
    _touched: dict[str, None] = field(factory=dict)
    pulse: Pulse = field(factory=Pulse)  # beats whenever anything here changes by which requests are answered
    strained: bool = False  # memory is in use: whoever drives the machine should look whether it suffices
    filling: bool = False  # the disk is
    look_at: int = 0  # not before this tick again
    _room: tuple[int, int] = (-1, 0)  # as of so many touches, requests may hold so much more memory unseen
    ceilings: dict[str, int] = field(factory=dict)  # container → millicores, while the processors are overcommitted
    connections: Table = field(factory=lambda: Table(CONNECTIONS))  # that the machine's kernel tracks
    speakers: dict[str, Speaker] = field(factory=dict)  # for containers, by the name of their sandbox
    start_factor: int = 1  # programs take so many times as long to start (its disk is slow)
    spare_pids: int | None = None  # so many processes more can be made, whatever ends; None: as many as are needed
    log_max_bytes: int = 10 << 20  # from this size on logs should be turned
    touches: int = 0  # grows whenever a container has changed
    _background: tuple[int, int] = (-1, 0)  # at so many touches containers used so much (µs) without any request
    _made: int = 0
    _busy: bool = False

    @property
    def next_due(self) -> int | None:
        """The tick of the next change that comes by itself; None: nothing will change."""
        if self._touched:
            return self.now
        while self._heap and self._stale(self._heap[0]):
            heapq.heappop(self._heap)
        times = [tick for tick in (self._heap[0][0] if self._heap else None, self.store.next_due) if tick is not None]
        return min(times) if times else None

    def _stale(self, entry: tuple[int, int, str]) -> bool:
        container = self.containers.get(entry[2])
        return container is None or lifecycle.next_change(container) != entry[0]

    def due(self, now: int) -> list[str]:
        """Do all that is due until `now`; the ids of the containers that changed since the last time."""
        self.now = max(self.now, now)
        self.store.due(now)
        self._busy = True
        while self._heap and self._heap[0][0] <= now:
            entry = heapq.heappop(self._heap)
            if not self._stale(entry):
                container = self.containers[entry[2]]
                events.advance(container, now)
                self._schedule(container)
        self._busy = False
        changed, self._touched = list(self._touched), {}
        self._told = None
        self._tell()
        return changed

    def touched(self, container: str) -> None:
        """Something about a container changed by which it answers; a script that follows files looks again."""
        self.pulse.beat()
        self.touches += 1
        found = self.containers.get(container)
        if found is not None and lifecycle.files_changed(found, self.now):
            self._schedule(found)
        self.noted(container)

    def noted(self, container: str) -> None:
        """Something about a container changed that a probe may see."""
        found = self.containers.get(container)
        if found is None:
            return
        self._touched[container] = None
        for tasks in (found.tasks, *(found.sessions or {}).values()):
            if tasks is not None and scheduler.file_changed(tasks) and not tasks.running:
                lifecycle.wake_script(found, self.now)
                self._schedule(found)
        if not self._busy:
            self._tell()

    def strain(self, now: int) -> None:
        """Memory is being used: let the waker look at the machine, at most every 10 s."""
        self.look_at = now + PATIENCE
        self.strained = True
        if self.waker is not None:
            self.waker.wake(now + 1)

    @property
    def room_bytes(self) -> int:
        """How much memory all requests may take before anybody has to look; -1: nobody knows."""
        return self._room[1] if self._room[0] == self.touches else -1

    def roomy(self, room_bytes: int) -> None:
        """Somebody has looked: requests may take so much (-1: nothing is known of what comes), as things are."""
        self._room = (self.touches, room_bytes)

    def disk_grew(self) -> None:
        """The disk is filling up: let the waker know."""
        if not self.filling:
            self.filling = True
            if self.waker is not None:
                self.waker.wake(self.now)

    def log_grew(self, log: Log, count: int) -> int:
        """A log takes so many bytes of the disk, or as many as there are; a large one should be turned."""
        got = min(count, self.disk.free_bytes)
        self.disk.claim(got)
        if count > 0 and (log.limited or log.size_bytes >= self.log_max_bytes):
            self.disk_grew()
        return got

    def can_fork(self) -> bool:
        """Whether one more process can be made."""
        return self.spare_pids != 0

    def _schedule(self, container: Container) -> None:
        tick = lifecycle.next_change(container)
        if tick is not None:
            heapq.heappush(self._heap, (tick, container.number, container.id))

    def _tell(self) -> None:
        """Tell the waker, if something is due earlier than it knows."""
        tick = self.next_due
        if self.waker is not None and tick is not None and (self._told is None or tick < self._told):
            self._told = tick
            self.waker.wake(tick)

    def _after(self, container: Container, now: int) -> None:
        """After a call that may have set timers: do what is due at once, and remember the rest."""
        self._busy = True
        events.advance(container, now)
        self._busy = False
        self._schedule(container)
        self._tell()

    def given(self, container: Container, now: int) -> None:
        """Something was typed into a container: let it have its turn."""
        self.now = max(self.now, now)
        self._after(container, now)

    def _check(self) -> None:
        if self.process.state is Running.STOPPED:
            raise RuntimeDown(self.store.brand.socket)
        if self.process.state is Running.PAUSED:
            raise RuntimeHung

    def container(self, identity: str) -> Container:
        """The container itself (for traffic, metrics and the view). Raises NoSuchContainer."""
        found = self.containers.get(identity)
        if found is None:
            raise NoSuchContainer(identity)
        return found

    def neighbour(self, sandbox: Sandbox, port: int) -> Container | None:
        """The container that listens on a port of a sandbox."""
        for identity in sandbox.containers:
            container = self.containers.get(identity)
            if container is not None and container.listening(port)[1] is not None:
                return container
        return None

    def _new_id(self) -> str:
        self._made += 1
        return hashlib.sha256(f"{self.machine}/{self._made}".encode()).hexdigest()
