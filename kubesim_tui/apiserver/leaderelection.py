"""Leader election by Lease, as client-go does it: of several equal processes one acts, and the others stand by.

The holder renews its Lease every 2 s. Who stands by looks every 2 s, too; when the record has not changed for the 15 s
that it promises, he writes himself into it. A holder that cannot renew for 10 s stops acting and ends, before anybody
else may begin. A clock of one's own is all that counts: from when *he* has seen the last change.

Neither renewals nor looks are events. Since when a holder renews is kept as data (`Heartbeats`), and a stand-by sets
its timer only when the holder has stopped: the first of its own looks at which the lease is over. `expiry` is that sum.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from attrs import frozen

from kubesim_tui.api.types import Lease, LeaseSpec, Object, ObjectMeta
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.heartbeat import LOCKS, Heartbeats
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, Recorder
from kubesim_tui.apiserver.seat import Seat
from kubesim_tui.kernel.chance import Stream
from kubesim_tui.kernel.clock import MICROS
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive

LEASE_DURATION, RENEW_DEADLINE, RETRY_PERIOD = 15, 10, 2
"""Seconds: --leader-elect-lease-duration, -renew-deadline, -retry-period."""
RELEASED = 1
"""The leaseDurationSeconds of a lock that was given back."""
TRY, RENEW, DEADLINE = "try", "renew", "deadline"


class Program(Alive, Protocol):
    """The process that a candidate is a part of."""

    def restart(self) -> None:
        """It has ended by itself, and its kubelet starts it again: with an empty memory."""
        ...


@frozen
class Lock:
    """What is fought for. `voice`: the component that its Events name."""

    name: str
    voice: str
    releases: bool = False  # ReleaseOnCancel: whoever is told to end gives it back


def on_grid(origin: int, tick: int) -> int:
    """The first of somebody's looks (every 2 s from `origin` on) that is not before a tick."""
    return max(origin, tick + (origin - tick) % RETRY_PERIOD)


def expiry(origin: int, seen: int, duration: int) -> int:
    """At which of his looks a lease is over for somebody who has seen its last change at a look."""
    return on_grid(origin, seen + duration)


def _transitions(lease: Lease | None) -> int:
    """How often the lead will have changed hands when somebody else takes a Lease."""
    if lease is None:
        return 0
    return (lease.spec.lease_transitions or 0 if lease.spec is not None else 0) + 1


class Elector(Component):
    """One candidate for a lock: a part of its process, which stops acting with the lead. Keys: TRY, RENEW, DEADLINE."""

    phase = "timers"

    def __init__(
        self,
        engine: Engine,
        client: Client,
        process: Program,
        machine: str,
        lock: Lock,
        seat: Seat,
        terms: Heartbeats,
        leases: Informer,
        draws: Stream,
        changed: Callable[[], None],
    ) -> None:
        """`terms`: who renews what; `changed` is called when somebody gets or loses the lead."""
        super().__init__(f"leader-election/{lock.name}/{machine}", engine, client, process)
        self.machine, self.lock, self.seat, self.terms = machine, lock, seat, terms
        self.program, self.draws, self.changed = process, draws, changed
        self.identity = ""
        self._online = False
        self._origin = self._heard = 0  # the first look, and since when the server has been heard without a break
        self._seen = (-1, 0)  # the last change of the record that was seen before that, and at which look
        self.recorder = self.voice(Recorder(client, lock.voice))
        self.watch(leases).on_change(self.lease_changed)
        terms.listen(self)

    @property
    def leads(self) -> bool:
        """Whether this is the leader."""
        return self.seat.leader is self

    @property
    def _renewed(self) -> int | None:
        return self.terms.last(self.lock.name, self.engine.tick)

    # -- life --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The process has started: a candidate with a name of its own, who looks at once."""
        self.wake_up()
        super().start()

    def wake_up(self) -> None:
        """The process has started; perhaps nobody answers it yet."""
        self.identity = f"{self.machine}_{self.draws.uid()}"
        self._origin, self._seen = self.engine.tick, (-1, 0)

    def connect(self) -> None:
        """The server answers (again)."""
        self._online, self._heard = True, on_grid(self._origin, self.engine.tick)
        super().connect()
        if self.leads:
            self._renew_later()
        else:
            self._plan()

    def disconnect(self) -> None:
        """It does not: a leader has only so long to find it again."""
        super().disconnect()
        self._online = False
        if self.leads:
            self.terms.stop(self.lock.name, self.engine.tick)
            self._set_deadline()
        else:
            self._remember(self._changed(self._lease()))

    def stop(self) -> None:
        """The process has stopped, and with it the lead; the lease goes on for as long as it says."""
        super().stop()
        self._online = False
        if self.leads:
            self.seat.leave(self)
            self.terms.stop(self.lock.name, self.engine.tick)

    def release(self) -> None:
        """The process is told to end: it gives the lock back, if it is of those that do."""
        if not self.leads or not self.lock.releases:
            return
        self.seat.leave(self)
        self.terms.stop(self.lock.name, self.engine.tick)
        lease = self._lease()
        if lease is None:
            return
        now = self.engine.clock.now_us
        spec = lease.spec or LeaseSpec()
        given = spec.evolve(holder_identity=None, lease_duration_seconds=RELEASED, acquire_time=now, renew_time=now)
        try:
            self.client.update(lease.evolve(spec=given))
        except ApiError:
            return
        self._say("stopped leading")

    # -- what is heard -----------------------------------------------------------------------------------------

    def heartbeat(self, lock: str, beats: bool) -> None:
        """Somebody renews a lock from now on, or no longer."""
        if lock == self.lock.name and not beats and not self.leads:
            self._plan()

    def lease_changed(self, before: Object | None, now: Object | None) -> None:
        """Somebody has written the Lease: its holder sees to it, and those who stand by look anew."""
        obj = now or before
        assert isinstance(obj, Lease)
        if (obj.metadata.namespace, obj.metadata.name) != (LOCKS, self.lock.name):
            return
        if self.leads:
            self._renew_later()
        elif not self.terms.beats(self.lock.name):
            self._plan()

    def _plan(self) -> None:
        """Set the timer of one who stands by: none while the holder renews."""
        if not self._online or self.terms.beats(self.lock.name):
            return
        self.engine.at(self._due(self._lease()), self.phase, self, TRY)

    def _due(self, lease: Lease | None) -> int:
        """At which of our looks the Lease is to be had, if nobody renews it."""
        tick = on_grid(self._origin, self.engine.tick)
        held = lease.spec if lease is not None else None
        if held is None or not held.holder_identity:
            return tick
        changed, (known, look) = self._changed(lease), self._seen
        seen = look if changed <= known else on_grid(self._origin, max(self._heard, changed))
        return max(tick, expiry(self._origin, seen, held.lease_duration_seconds or 0))

    def _changed(self, lease: Lease | None) -> int:
        """When the record was changed last: written or renewed."""
        renewed = lease.spec.renew_time if lease is not None and lease.spec is not None else None
        return max(self._renewed or 0, self.engine.clock.tick_of((renewed or 0) // MICROS))

    def _remember(self, changed: int) -> None:
        """What was seen of the record is known, also when nothing is heard for a while."""
        look = on_grid(self._origin, max(self._heard, changed))
        if changed > self._seen[0] and look <= self.engine.tick:
            self._seen = (changed, look)

    def _renew_later(self) -> None:
        self.engine.at(on_grid(self._origin, self.engine.tick), self.phase, self, RENEW)

    def _set_deadline(self) -> None:
        """client-go waits a period after a renewal, then tries for the whole of the deadline."""
        self.engine.at((self._renewed or 0) + RETRY_PERIOD + RENEW_DEADLINE, self.phase, self, DEADLINE)

    # -- work --------------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Try to get the lead, to keep it, or give it up."""
        if key == TRY:
            self._try()
        elif not self.leads:
            return
        elif key == RENEW:
            self._renew()
        elif not self.terms.beats(self.lock.name) and self._is_late():
            self._lose()

    def _is_late(self) -> bool:
        return self.engine.tick >= (self._renewed or 0) + RETRY_PERIOD + RENEW_DEADLINE

    def _try(self) -> None:
        if self.leads or not self._online or self.terms.beats(self.lock.name):
            return
        lease, tick = self._lease(), self.engine.tick
        due = self._due(lease)
        if tick < due:
            self.engine.at(due, self.phase, self, TRY)
            return
        if not self._write(lease, _transitions(lease)):
            self.engine.at(tick + RETRY_PERIOD, self.phase, self, TRY)
            return
        self._origin = tick
        self.seat.take(self)
        self.terms.beat_from(self.lock.name, tick)
        self._say("became leader")
        self.changed()

    def _renew(self) -> None:
        """What the next renewal finds: mostly nothing; a Lease that somebody has deleted is made again."""
        lease = self._lease()
        if lease is not None and (lease.spec is None or lease.spec.holder_identity != self.identity):
            self.terms.stop(self.lock.name, self.engine.tick - 1)
            self._set_deadline()
        elif self._online and (lease is not None or self._write(None, 0)):
            self.terms.beat_from(self.lock.name, self.engine.tick)

    def _lose(self) -> None:
        """Too late: the process ends, and is started again by its kubelet."""
        self.seat.leave(self)
        self._say("stopped leading")
        self.program.restart()

    def _say(self, what: str) -> None:
        lease = self._lease()
        if lease is not None:
            self.recorder.event(lease, NORMAL, "LeaderElection", f"{self.identity} {what}")

    def _write(self, lease: Lease | None, transitions: int) -> bool:
        """Write oneself into the Lease; whether that went well."""
        now = self.engine.clock.now_us
        spec = LeaseSpec(
            holder_identity=self.identity,
            lease_duration_seconds=LEASE_DURATION,
            acquire_time=now,
            renew_time=now,
            lease_transitions=transitions,
        )
        meta = ObjectMeta(namespace=LOCKS, name=self.lock.name)
        try:
            if lease is None:
                self.client.create(Lease(metadata=meta, spec=spec))
            else:
                self.client.update(lease.evolve(spec=spec))
        except ApiError:
            return False
        return True

    def _lease(self) -> Lease | None:
        found = self.informers[0].get(LOCKS, self.lock.name)
        return found if isinstance(found, Lease) else None
