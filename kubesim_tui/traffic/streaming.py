"""One stream of users at work: what it sends in a tick, and the account of what became of it.

The account is exact: what was sent is served, has failed for a reason, or is still in flight. A failure that takes its
time (a time-out) is decided when that time is over; a request that waits in a station is decided when it leaves it.
"""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.traffic.histogram import Counts, bucket, spread
from kubesim_tui.traffic.samples import Sample, Stream
from kubesim_tui.traffic.solver import NOTHING
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.station import TICK_US
from kubesim_tui.traffic.way import TIMED_OUT, Cohort, Destination, Fail, Leg, Result, Station
from kubesim_tui.world.records import Records

LATE = Fail(TIMED_OUT, "slow", (), "it waited too long")


@define(eq=False)
class Streaming:
    """See the module. `factor_pm` multiplies the rate (a spike)."""

    users: Users
    draws: Draws
    stream: Stream = field(factory=Stream)
    root: Destination | None = None
    paused: bool = False
    factor_pm: int = 1000
    sent_now: int = 0
    served_now: int = 0
    failed_now: int = 0
    counts_now: dict[int, int] = field(factory=dict)
    images_now: dict[str, int] = field(factory=dict)
    later: dict[int, list[tuple[Fail, int]]] = field(factory=dict)  # failures that take their time, by tick
    again: dict[int, dict[int, int]] = field(factory=dict)  # retries due: tick → tries so far → n
    tries_now: dict[int, int] = field(factory=dict)
    written: int = 0  # records numbered so far
    acknowledged: Records = field(factory=Records)
    kept_by: dict[tuple[str, str, str], int] = field(factory=dict)  # who took records → the tick of the last

    def reset(self) -> None:
        """Judgement begins: figures and records start anew; what is in flight counts as sent in this moment."""
        waiting = self.stream.in_flight
        self.stream = Stream()
        self.stream.sent = waiting
        self.acknowledged = Records()
        self.kept_by.clear()

    def keepers(self) -> list[Station]:
        """The stations that this stream's records lead to now."""
        found: dict[int, Station] = {}
        todo = [self.root] if self.root is not None else []
        while todo:
            for leg in todo.pop().legs:
                if leg.station is None or leg.plan is None:
                    continue
                if leg.plan.store is not None:
                    found[id(leg.station)] = leg.station
                todo += leg.calls
        return list(found.values())

    def send(self, tick: int) -> int:
        """How many requests leave in this tick: new ones and retries."""
        rate = 0 if self.paused else self.users.rate_milli * self.factor_pm // 1000
        fresh = self.draws.poisson(rate) if rate else 0
        self.tries_now = self.again.pop(tick, {})
        self.sent_now = fresh + sum(self.tries_now.values())
        self.stream.sent += self.sent_now
        return self.sent_now

    def settle(self, tick: int, phase: int) -> None:
        """Account for the requests that were sent in this tick."""
        result = self.root.result if self.root is not None and self.sent_now else NOTHING
        if result is not None and result is not NOTHING:
            self._served_at_once(result, tick, phase)
            for fail, n in result.failed:
                if n:
                    self._will_fail(fail, n, tick)
            for station, n in result.pending:
                station.cohorts.append(Cohort(self.users.name, tick, n))
        for fail, n in self.later.pop(tick, ()):
            self.fail(fail, n, tick)

    def _served_at_once(self, result: Result, tick: int, phase: int) -> None:
        ok = result.ok
        if not ok:
            return
        counts, slow = spread(ok, result.latency, phase, self.users.timeout_us)
        for at, n in counts:
            self.counts_now[at] = self.counts_now.get(at, 0) + n
        if slow:
            self._will_fail(LATE, slow, tick)
        self._succeed(ok - slow, result, tick)

    def _succeed(self, n: int, result: Result, tick: int) -> None:
        self.served_now += n
        if self.users.store and n and result.kept:
            self._store(n, result.kept, tick)
        root = self.root
        assert root is not None
        legs = [leg for leg in root.legs if leg.arrivals and leg.result is not None and leg.result.ok]
        for leg, part in zip(legs, share(n, [leg.result.ok for leg in legs if leg.result]), strict=True):
            if leg.station is not None and part:
                image = leg.station.container.config.image
                self.images_now[image] = self.images_now.get(image, 0) + part

    def _store(self, n: int, kept: tuple[tuple[Leg, int], ...], tick: int) -> None:
        """Each served request of a store is a record, acknowledged to the user, where its database keeps it."""
        for (leg, _), part in zip(kept, share(n, [count for _, count in kept]), strict=True):
            if not part or leg.station is None or leg.plan is None or leg.plan.store is None:
                continue
            first, last = self.written + 1, self.written + part
            self.written = last
            accepted = leg.station.container.keep(leg.plan.store, self.users.store, first, last, tick)
            if accepted:
                self.kept_by[leg.station.pod] = tick
                self.acknowledged.add(first, first + accepted - 1, tick)
            if accepted < part:
                self.served_now -= part - accepted
                self.fail(Fail("500", "disk-full", leg.way, "No space left on device"), part - accepted, tick)

    def _will_fail(self, fail: Fail, n: int, tick: int) -> None:
        """A failure, decided when it is noticed: at once, or when the proxy or the user stops waiting."""
        timeout = self.users.timeout_us
        delay = timeout if fail.delay_us < 0 else fail.delay_us
        if fail is LATE:
            delay = timeout
        elif delay >= timeout and fail.reason != TIMED_OUT:
            fail, delay = Fail(TIMED_OUT, fail.code, fail.way, fail.detail, fail.delay_us), timeout
        due = tick + delay // TICK_US
        if due > tick:
            self.later.setdefault(due, []).append((fail, n))
        else:
            self.fail(fail, n, tick)

    def fail(self, fail: Fail, n: int, tick: int) -> None:
        """Requests have failed now; some users try again."""
        self.stream.fail(fail, n, tick)
        self.failed_now += n
        if self.users.retries:
            self._retry(n, tick)

    def _retry(self, n: int, tick: int) -> None:
        first = max(0, self.sent_now - sum(self.tries_now.values()))
        groups = [(0, first), *sorted(self.tries_now.items())]
        parts = share(n, [count for _, count in groups])
        due = tick + max(1, ceil_div(self.users.backoff_us, TICK_US))
        for (tries, _), part in zip(groups, parts, strict=True):
            if part and tries < self.users.retries:
                waiting = self.again.setdefault(due, {})
                waiting[tries + 1] = waiting.get(tries + 1, 0) + part

    def leave(self, n: int, latency_us: int, tick: int) -> None:
        """Requests that had waited in a station are done."""
        if latency_us > self.users.timeout_us:
            self.fail(LATE, n, tick)
            return
        self.served_now += n
        at = bucket(latency_us)
        self.counts_now[at] = self.counts_now.get(at, 0) + n

    def close(self, tick: int) -> None:
        """The tick is over: keep a sample."""
        counts: Counts = tuple(sorted(self.counts_now.items()))
        self.stream.served += self.served_now
        images = tuple(sorted(self.images_now.items()))
        self.stream.add(Sample(tick, self.sent_now, self.served_now, self.failed_now, counts, images))
        self.served_now = self.failed_now = self.sent_now = 0
        if self.counts_now:
            self.counts_now = {}
        if self.images_now:
            self.images_now = {}
