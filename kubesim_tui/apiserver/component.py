"""The base of every component: a process that watches, compares *want* with *is*, and writes back.

The names are controller-runtime's. A subclass connects informers in `__init__` with handlers that enqueue keys, and
implements `sync(key)`; read → decide → write. A failed sync is tried again with a growing delay, a throttled one when
the client's budget allows. Stopping the process loses its memory: `start` lists again.
"""

from __future__ import annotations

from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.client import Client, Throttled
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import Recorder
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

FIRST_DELAY, MOST_DELAY = 1, 1000
"""client-go retries after 5 ms, doubling to 1000 s; the retries of the first second are one here (FIDELITY.md)."""
SYNCS_A_TICK = 200
"""So many keys a component works in a second at most; only a slowed one notices that."""


class Slowed:
    """What a slowed process gets done: SYNCS_A_TICK keys in `factor` ticks, evenly."""

    __slots__ = ("_left", "_tick", "factor")

    def __init__(self, factor: int) -> None:
        self.factor = factor
        self._tick, self._left = -1, 0

    def takes(self, tick: int) -> bool:
        """Whether one more key is worked in this tick."""
        if tick != self._tick:
            self._tick = tick
            self._left = (tick + 1) * SYNCS_A_TICK // self.factor - tick * SYNCS_A_TICK // self.factor
        self._left -= 1
        return self._left >= 0


class Component:
    """One control loop. `phase` names the phase of the tick in which it works; `delays`: first and longest retry."""

    phase = "controllers"
    delays = (FIRST_DELAY, MOST_DELAY)

    def __init__(self, name: str, engine: Engine, client: Client, process: Alive) -> None:
        self.name, self.engine, self.client, self.process = name, engine, client, process
        self.order = 0
        self.informers: list[Informer] = []
        self._recorders: list[Recorder] = []
        self._failures: dict[Key, int] = {}
        self._slowed: Slowed | None = None

    # -- keys --------------------------------------------------------------------------------------------------

    def enqueue(self, key: Key, priority: int = 0) -> None:
        """Work on a key in this tick (or the next, if our phase is over)."""
        self.engine.phases[self.phase].add(self, key, priority)

    def enqueue_after(self, ticks: int, key: Key) -> None:
        """Work on a key after some ticks."""
        self.engine.at(self.engine.clock.tick + ticks, self.phase, self, key)

    def enqueue_changed(self, before: Object | None, now: Object | None) -> None:
        """A handler for informers: work on what came, changed or went, by (namespace, name)."""
        obj = now or before
        assert obj is not None
        self.enqueue((obj.metadata.namespace, obj.metadata.name))

    def runs(self) -> bool:
        """Whether our process can work now."""
        return self.process.runs()

    def reconcile(self, key: Key) -> None:
        """Sync a key; see to retries."""
        if self._slowed is not None and not self._slowed.takes(self.engine.clock.tick):
            self.enqueue_after(1, key)
            return
        try:
            self.sync(key)
        except Throttled as wait:
            self.engine.at(wait.tick, self.phase, self, key)
        except ApiError as failure:
            self.failed(key, failure)
            self.retry(key)
        else:
            if self._failures:
                self._failures.pop(key, None)

    def sync(self, key: Key) -> None:
        """Bring one object's world in line. ApiError: tried again later."""
        raise NotImplementedError

    def failed(self, key: Key, failure: ApiError) -> None:
        """A hook for what a component says when a sync fails."""

    def retry(self, key: Key) -> None:
        """Try again, each time twice as late."""
        times = self._failures.get(key, 0)
        self._failures[key] = times + 1
        first, most = self.delays
        self.enqueue_after(min(most, first << min(times, 10)), key)

    @property
    def failing(self) -> int:
        """How many keys have failed and are waiting to be tried again."""
        return len(self._failures)

    # -- life --------------------------------------------------------------------------------------------------

    def pace(self, slowness: int) -> None:
        """Our process has become so many times slower than it should be (1: it is as fast again)."""
        if slowness != (self._slowed.factor if self._slowed is not None else 1):
            self._slowed = Slowed(slowness) if slowness > 1 else None

    def watch(self, informer: Informer) -> Informer:
        """Remember an informer, to connect and forget it with our life."""
        self.informers.append(informer)
        return informer

    def voice(self, recorder: Recorder) -> Recorder:
        """Remember a recorder of Events, to forget with our life whom it spoke of."""
        self._recorders.append(recorder)
        return recorder

    def start(self) -> None:
        """The process has started: list everything anew."""
        self.connect()

    def wake_up(self) -> object:
        """The process has started without a road to the server: a hook for what can be done all the same."""

    def stop(self) -> None:
        """The process has stopped: its memory is lost."""
        self._failures.clear()
        for informer in self.informers:
            informer.forget()
        for recorder in self._recorders:
            recorder.clear()

    def connect(self) -> None:
        """The road to the server is open (again)."""
        for informer in self.informers:
            informer.connect()

    def disconnect(self) -> None:
        """The road is closed: our caches freeze."""
        for informer in self.informers:
            informer.disconnect()
