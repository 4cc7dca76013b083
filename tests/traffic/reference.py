"""The same applications, one request at a time: what the aggregated traffic has to equal within sampling error.

Every request is a process of its own: it picks a replica at random, waits for one of its servers or finds the queue
full, is served for as long as chance has it, holds its server while it calls others, and is given up by who called when
that has waited too long, while the work goes on. A few hundred seconds of it cost what an hour costs aggregated.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator, Mapping
from itertools import count
from random import Random

from attrs import define, field, frozen

Process = Generator["float | Call", bool, bool]


@frozen
class Call:
    """A call of an application: whom, how long it waits, and whether it fails when that does."""

    to: str
    timeout: float
    matters: bool


@frozen
class App:
    """An application: replicas with so many servers and places each, service (s, and what of it varies), calls."""

    replicas: int
    servers: int
    queue: int
    service: float
    varies: float
    calls: tuple[Call, ...] = ()


@define(eq=False)
class Replica:
    """Who works here and who waits."""

    busy: int = 0
    waiting: deque[Callable[[], None]] = field(factory=deque)


@frozen
class Seen:
    """What users have seen: how many requests they sent, how many were served, and how long those took (µs)."""

    sent: int
    served: int
    p50: int
    p95: int


class Reference:
    """A run of some applications."""

    def __init__(self, apps: Mapping[str, App], seed: str) -> None:
        self.apps, self.chance = apps, Random(seed)
        self.replicas = {name: [Replica() for _ in range(app.replicas)] for name, app in apps.items()}
        self.now, self._order = 0.0, count()
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []

    def run(self, entry: str, rate: float, seconds: float, *, timeout: float, retries: int, since: float) -> Seen:
        """Users come at random, wait so long, and try again a second later so often. Before `since` nothing counts."""
        sent, latencies = 0, list[float]()

        def ask(tries: int) -> None:
            nonlocal sent
            began, counts = self.now, self.now >= since
            sent += counts

            def told(ok: bool) -> None:
                if ok and counts:
                    latencies.append(self.now - began)
                if not ok and tries < retries:
                    self._at(1.0, lambda: ask(tries + 1))

            self._call(entry, timeout, told)

        def arrive() -> None:
            ask(0)
            self._at(self.chance.expovariate(rate), arrive)

        self._at(self.chance.expovariate(rate), arrive)
        while self._agenda and self._agenda[0][0] < seconds:
            self.now, _, then = heapq.heappop(self._agenda)
            then()
        latencies.sort()
        percentiles = [int(latencies[len(latencies) * pm // 1000] * 1e6) for pm in (500, 950)]
        return Seen(sent, len(latencies), *percentiles)

    def _at(self, delay: float, then: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now + delay, next(self._order), then))

    def _call(self, to: str, timeout: float, told: Callable[[bool], None]) -> None:
        """Tell whether it was well, or that it was not when the time is over: whichever comes first."""
        open_ = [True]

        def once(ok: bool) -> None:
            if open_[0]:
                open_[0] = False
                told(ok)

        self._at(timeout, lambda: once(False))
        self._enter(self.apps[to], self.chance.choice(self.replicas[to]), once)

    def _enter(self, app: App, replica: Replica, told: Callable[[bool], None]) -> None:
        if replica.busy < app.servers:
            replica.busy += 1
            self._step(app, replica, self._work(app), told)
        elif len(replica.waiting) < app.queue:
            replica.waiting.append(lambda: self._step(app, replica, self._work(app), told))
        else:
            told(False)

    def _work(self, app: App) -> Process:
        yield app.service - app.varies + (self.chance.expovariate(1 / app.varies) if app.varies else 0.0)
        ok = True
        for call in app.calls:
            answer = yield call
            ok = ok and (answer or not call.matters)
        return ok

    def _step(self, app: App, replica: Replica, work: Process, told: Callable[[bool], None], *answer: bool) -> None:
        """On with a request until it has to wait; at its end the server takes the next."""
        try:
            wants = work.send(*answer) if answer else next(work)
        except StopIteration as end:
            told(end.value)
            if replica.waiting:
                replica.waiting.popleft()()
            else:
                replica.busy -= 1
            return
        if isinstance(wants, Call):
            self._call(wants.to, wants.timeout, lambda ok: self._step(app, replica, work, told, ok))
        else:
            self._at(wants, lambda: self._step(app, replica, work, told))
