"""What requests put on containers: written down one by one, or for many equal ones together.

Traffic deals the requests of a second out evenly over the replicas of an application: in any second some have one more
than the others, and who has the same had the same work. To write that down for each of thousands of containers would
take longer than to find it out. So replicas that are alike share a *ledger*: sums are kept as differences between
neighbours, so that a second costs the same however many there are, and each container is brought up to date when
somebody asks for its meter. Its load of the last second can be told without that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol

from attrs import define, field

from kubesim_tui.world.meter import PERIOD, Meter


@define(eq=False, repr=False)
class Load:
    """What traffic put on a container in one tick."""

    tick: int
    requests: int = 0
    in_flight: int = 0
    memory_bytes: int = 0
    cpu_us: int = 0
    wait_us: int = 0  # how long a new request would have to wait for a server

    def copy(self) -> Load:
        """The same for somebody else."""
        return Load(self.tick, self.requests, self.in_flight, self.memory_bytes, self.cpu_us, self.wait_us)


Span = tuple[int, int, Load]
"""Neighbours, from a place to before another, and what each of them bore."""


class Host(Protocol):
    """What a ledger needs of a machine."""

    now: int
    look_at: int

    def strain(self, now: int) -> None:
        """Memory is being used there."""
        ...


@define(eq=False, repr=False, kw_only=True)
class Bearer:
    """A container, as who bears requests: what is written down of it alone, and the ledger that it shares."""

    own_load: Load | None = None
    own_meter: Meter = field(factory=Meter)
    ledger: Ledger | None = None
    place: int = 0  # there

    @property
    def load(self) -> Load | None:
        """What traffic put on it in the last second in which it did."""
        shared = self.ledger.load(self.place) if self.ledger is not None else None
        return shared or self.own_load

    @property
    def meter(self) -> Meter:
        """Its totals of requests and scripts."""
        if self.ledger is not None:
            self.ledger.settle()
        return self.own_meter

    def alone(self) -> None:
        """From now on it is told alone what it bears; those who share its ledger are looked at again."""
        if self.ledger is not None:
            self.ledger.settle()
            self.ledger.room_bytes = -1

    def room_bytes(self, now: int) -> int:
        """How much memory its requests may take; -1: that has to be looked at every second."""
        raise NotImplementedError


@define(eq=False, repr=False)
class Ledger:
    """See the module. `_spans`: the loads of the last second."""

    containers: Sequence[Bearer]
    hosts: Sequence[Host]
    room_bytes: int = -1  # so much memory the requests of each of them may take; -1: nobody knows
    _look_at: int = 0  # when one of the hosts is to be told again that memory is in use
    _open: bool = False  # something is to be written down
    _spans: Sequence[Span] = ()
    _tick: int = -1
    _cpu_us: list[int] = field(factory=list)  # each the difference to the one before
    _requests: list[int] = field(factory=list)

    @classmethod
    def of(cls, containers: Sequence[Bearer], hosts: Sequence[Host]) -> Ledger:
        """One that these containers share from now on."""
        made = cls(containers, hosts)
        for place, container in enumerate(containers):
            if container.ledger is not None:
                container.ledger.settle()
            container.ledger, container.place = made, place
        made._clear()
        return made

    def takes(self, memory_bytes: int, now: int) -> bool:
        """Whether requests may take so much memory in each of them, and nothing else is to be seen to."""
        if self.room_bytes < 0:
            self.room_bytes = min(container.room_bytes(now) for container in self.containers)
        return memory_bytes <= self.room_bytes

    def add(self, spans: Sequence[Span], now: int) -> None:
        """A second of them all; who is in no span bore nothing."""
        if self._open and now // PERIOD != self._tick // PERIOD:
            self.settle()
        if now >= self._look_at:
            self._strain(now)
        last, cpu, requests, size = 0, self._cpu_us, self._requests, len(self.containers)
        cpu_before = requests_before = 0
        for start, end, load in spans:
            if start != last:
                self._idle(last, start)
                cpu[last] -= cpu_before
                requests[last] -= requests_before
                cpu_before = requests_before = 0
            cpu_us, n = load.cpu_us, load.requests
            cpu[start] += cpu_us - cpu_before
            requests[start] += n - requests_before
            cpu_before, requests_before, last = cpu_us, n, end
        if last != size:
            self._idle(last, size)
            cpu[last] -= cpu_before
            requests[last] -= requests_before
        self._open, self._spans, self._tick = True, spans, now

    def _idle(self, start: int, end: int) -> None:
        """These bear nothing now: their last load is their own."""
        if self._open:
            for place in range(start, end):
                load = self.load(place)
                if load is not None:
                    self.containers[place].own_load = load.copy()

    def load(self, place: int) -> Load | None:
        """The load of a container, unless its own is the latest."""
        if self._open:
            for start, end, load in self._spans:
                if place < end:
                    return load if start <= place else None
        return None

    def settle(self) -> None:
        """Write it down for each."""
        if not self._open:
            return
        self._open, now = False, self._tick
        for host in self.hosts:
            host.now = max(host.now, now)
        for start, end, load in self._spans:
            for container in self.containers[start:end]:
                container.own_load = load.copy()
        sums = zip(self.containers, accumulate(self._cpu_us), accumulate(self._requests), strict=True)
        for container, cpu_us, requests in sums:
            container.own_meter.add(now, cpu_us, requests)
        self._clear()

    def _clear(self) -> None:
        self._cpu_us, self._requests = ([0] * len(self.containers) for _ in range(2))

    def _strain(self, now: int) -> None:
        for host in self.hosts:
            if now >= host.look_at:
                host.strain(now)
        self._look_at = min(host.look_at for host in self.hosts)
