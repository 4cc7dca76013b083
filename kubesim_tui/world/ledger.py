"""What requests put on containers: written down one by one, or for many equal ones together.

Traffic deals the requests of a second out evenly over the replicas of an application: in any second some have one more
than the others, and who has the same had the same work. To write that down for each of thousands of containers would
take longer than to find it out. So replicas that are alike share a *ledger*: sums of each quarter of a minute are kept
as differences between neighbours, so that a second costs the same however many there are, and each container is brought
up to date when somebody asks for its meter. Its load of the last second can be told without that.
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


class Service(Protocol):
    """What a container has done in a second."""

    @property
    def inside(self) -> int:
        """How many requests were in there at any time."""
        ...

    @property
    def cpu_us(self) -> int:
        """The processor time that they took."""
        ...

    @property
    def wait_us(self) -> int:
        """How long a new one would have to wait for a server."""
        ...


Span = tuple[int, int, int, Service]
"""Neighbours, from a place to before another: how many requests each of them had, and what it has done."""


class Turn(Protocol):
    """Neighbours all of whom had `each` requests but `odd` of them, from the place `first` on round, one more."""

    size: int
    each: int
    first: int
    odd: int

    @property
    def less(self) -> Service:
        """What those have done who had `each`."""
        ...

    @property
    def more(self) -> Service:
        """What those have done who had one more."""
        ...

    @property
    def spans(self) -> Sequence[Span]:
        """The same told one neighbour after the other."""
        ...


MOST_QUARTERS = 4
"""So many are told apart until they are written down: of a meter's notes two are kept, and the newest is not over."""


PATIENCE = 10
"""While memory is in use on a machine, somebody looks every so many seconds whether it suffices."""


class Host(Protocol):
    """What a ledger needs of a machine."""

    now: int
    look_at: int

    @property
    def room_bytes(self) -> int:
        """How much memory all requests there may take before anybody has to look; < 0: nobody knows."""
        ...

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


@define(eq=False)
class Quarter:
    """The sums of a quarter of a minute, each the difference to that of the container before."""

    tick: int  # the last one in which anything was added
    cpu_us: list[int]
    requests: list[int]

    def add(self, spans: Sequence[Span]) -> bool:
        """A second of them all; who is in no span did nothing. Whether there are such."""
        idle = False
        last = cpu_before = requests_before = 0
        cpu, requests = self.cpu_us, self.requests
        for start, end, n, done in spans:
            if start != last:
                idle = True
                cpu[last] -= cpu_before
                requests[last] -= requests_before
                cpu_before = requests_before = 0
            cpu_us = done.cpu_us
            cpu[start] += cpu_us - cpu_before
            requests[start] += n - requests_before
            cpu_before, requests_before, last = cpu_us, n, end
        if last != len(cpu):
            idle = True
            cpu[last] -= cpu_before
            requests[last] -= requests_before
        return idle

    def add_turn(self, turn: Turn) -> None:
        """A second of them all that was dealt out in turn."""
        cpu, requests = self.cpu_us, self.requests
        cpu_us = turn.less.cpu_us
        cpu[0] += cpu_us
        requests[0] += turn.each
        if turn.odd:
            more, first, end = turn.more.cpu_us - cpu_us, turn.first, turn.first + turn.odd
            cpu[first] += more
            requests[first] += 1
            if end > turn.size:
                cpu[0] += more
                requests[0] += 1
                end -= turn.size
            if end < turn.size:
                cpu[end] -= more
                requests[end] -= 1

    def and_then(self, later: Quarter) -> None:
        """With the next one they are one."""
        self.tick = later.tick
        self.cpu_us = [a + b for a, b in zip(self.cpu_us, later.cpu_us, strict=True)]
        self.requests = [a + b for a, b in zip(self.requests, later.requests, strict=True)]


@define(eq=False, repr=False)
class Ledger:
    """See the module."""

    containers: Sequence[Bearer]
    hosts: Sequence[Host]
    room_bytes: int = -1  # so much memory the requests of each of them may take; -1: nobody knows
    look_at: int = 0  # when one of the hosts may have to be told again that memory is in use
    _quarters: list[Quarter] = field(factory=list)  # that are to be written down
    _turn: Turn | None = None  # what they did in the last second, if it was dealt out in turn
    _spans: Sequence[Span] = ()  # if not
    _memory_bytes: int = 0  # of a request
    _tick: int = -1
    _loads: dict[int, Load] = field(factory=dict)  # as far as they were asked for, by the number of their span

    @classmethod
    def of(cls, containers: Sequence[Bearer], hosts: Sequence[Host]) -> Ledger:
        """One that these containers share from now on."""
        made = cls(containers, hosts)
        for place, container in enumerate(containers):
            if container.ledger is not None:
                container.ledger.settle()
            container.ledger, container.place = made, place
        return made

    def takes(self, memory_bytes: int, now: int) -> bool:
        """Whether requests may take so much memory in each of them, and nothing else is to be seen to."""
        if self.room_bytes < 0:
            self.room_bytes = min(container.room_bytes(now) for container in self.containers)
        return memory_bytes <= self.room_bytes

    def add(self, spans: Sequence[Span], memory_bytes: int, now: int) -> None:
        """A second of them all, in which a request took so much memory; who is in no span bore nothing."""
        if self._quarter(now).add(spans):
            self._tell_idle(spans)
        self._turn, self._spans, self._memory_bytes, self._tick = None, spans, memory_bytes, now
        if self._loads:
            self._loads = {}

    def add_turn(self, turn: Turn, memory_bytes: int, now: int) -> None:
        """A second of them all that was dealt out in turn."""
        self._quarter(now).add_turn(turn)
        self._turn, self._memory_bytes, self._tick = turn, memory_bytes, now
        if self._loads:
            self._loads = {}

    def _quarter(self, now: int) -> Quarter:
        """The sums to which a second is to be added."""
        quarters = self._quarters
        if not quarters or now // PERIOD != quarters[-1].tick // PERIOD:
            self._tell_time(now)
            quarters.append(Quarter(now, *([0] * len(self.containers) for _ in range(2))))
            if len(quarters) > MOST_QUARTERS:
                quarters[0].and_then(quarters.pop(1))
        quarters[-1].tick = now
        return quarters[-1]

    def _tell_idle(self, spans: Sequence[Span]) -> None:
        """Who bears nothing now has its last load for its own."""
        last = 0
        for start, end in (*[span[:2] for span in spans], (len(self.containers),) * 2):
            for place in range(last, start):
                load = self.load(place)
                if load is not None:
                    self.containers[place].own_load = load.copy()
            last = end

    def load(self, place: int) -> Load | None:
        """The load of a container, unless its own is the latest."""
        spans = self._turn.spans if self._turn is not None else self._spans
        for at, (start, end, n, done) in enumerate(spans):
            if place < end:
                if place < start:
                    return None
                found = self._loads.get(at)
                if found is None:
                    memory_bytes = done.inside * self._memory_bytes
                    found = Load(self._tick, n, done.inside, memory_bytes, done.cpu_us, done.wait_us)
                    self._loads[at] = found
                return found
        return None

    def settle(self) -> None:
        """Write it down for each."""
        if not self._quarters:
            return
        self._tell_time(self._tick)
        self._tell_idle(())
        for quarter in self._quarters:
            sums = zip(self.containers, accumulate(quarter.cpu_us), accumulate(quarter.requests), strict=True)
            for container, cpu_us, requests in sums:
                container.own_meter.add(quarter.tick, cpu_us, requests)
        self._quarters, self._turn, self._spans, self._loads = [], None, (), {}

    def _tell_time(self, now: int) -> None:
        for host in self.hosts:
            host.now = max(host.now, now)

    def strain(self, memory_bytes: int, now: int) -> None:
        """Tell the hosts that memory is in use: not more than so much by all requests on any of them."""
        for host in self.hosts:
            if now >= host.look_at:
                if memory_bytes <= host.room_bytes:
                    host.look_at = now + PATIENCE
                else:
                    host.strain(now)
        self.look_at = min([host.look_at for host in self.hosts])
