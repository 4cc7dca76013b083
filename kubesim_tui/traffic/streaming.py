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
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.station import TICK_US
from kubesim_tui.traffic.way import TIMED_OUT, Cohort, Destination, Fail, Held, Hop, Leg, Result, Station
from kubesim_tui.world.records import Records

Kept = tuple[tuple[Leg, int], ...]
FULL = "No space left on device"


@define(eq=False)
class Streaming:
    """See the module. `factor_pm` multiplies the rate (a spike)."""

    users: Users
    draws: Draws
    stream: Stream = field(factory=Stream)
    root: Destination | None = None
    image: str | None = None  # of all who answer, if they have the same
    paused: bool = False
    factor_pm: int = 1000
    storm: int = 0  # impatience: so many tries more, at once
    pent_up: int = 0  # seconds for which those who come now have waited to come
    sent_now: int = 0
    served_now: int = 0
    failed_now: int = 0
    missed_now: dict[tuple[str, str], int] = field(factory=dict)  # by the Services on the way of what has failed
    counts_now: dict[int, int] = field(factory=dict)
    images_now: dict[str, int] = field(factory=dict)
    later: dict[int, list[tuple[Fail, int, int]]] = field(factory=dict)  # by tick: failures that take time, with tries
    again: dict[int, dict[int, int]] = field(factory=dict)  # retries due: tick → tries so far → n
    tries_now: dict[int, int] = field(factory=dict)  # of what this tick has sent and is not accounted for: tries → n
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

    def take(self, root: Destination) -> None:
        """The ways have changed."""
        self.root = root
        images = dict.fromkeys(image_of(leg) for leg in root.legs if leg.station is not None)
        self.image = next(iter(images)) if len(images) == 1 else None

    def keepers(self) -> list[Station]:
        """The stations that this stream's records lead to now."""
        found: dict[int, Station] = {}
        seen: dict[int, None] = {}
        todo = [self.root] if self.root is not None else []
        while todo:
            destination = todo.pop()
            if id(destination) in seen:
                continue
            seen[id(destination)] = None
            for leg in destination.legs:
                if leg.station is not None and leg.plan is not None and leg.plan.store is not None:
                    found[id(leg.station)] = leg.station
            todo += destination.uses
        return list(found.values())

    def late(self, *where: Hop) -> Fail:
        """The failure of who has waited as long as he would, in a station if it is known in which."""
        way = self.root.way if self.root is not None else ()
        return Fail(TIMED_OUT, "slow", (*way, *where), "it waited too long", -1)

    @property
    def retries(self) -> int:
        """How often somebody tries again."""
        return max(self.users.retries, self.storm)

    # -- sending -----------------------------------------------------------------------------------------------

    def send(self, tick: int) -> int:
        """How many requests leave in this tick: new ones and retries."""
        rate = 0 if self.paused else self.users.rate_milli * self.factor_pm // 1000
        if rate and self.pent_up:
            rate, self.pent_up = rate * (1 + self.pent_up), 0
        fresh = self.draws.poisson(rate) if rate else 0
        self.tries_now = {}
        if self.retries or self.again:
            self.tries_now = {0: fresh, **self.again.pop(tick, {})}
            fresh = sum(self.tries_now.values())
        self.sent_now = fresh
        self.stream.sent += fresh
        return fresh

    def _tries(self, n: int) -> list[tuple[int, int]]:
        """Of n requests of this tick, how many were tried how often before: (tries, n)."""
        if not self.tries_now:
            return [(0, n)]
        groups = sorted(self.tries_now.items())
        parts = list(zip(groups, share(n, [count for _, count in groups]), strict=True))
        for (tries, _), part in parts:
            self.tries_now[tries] -= part
        return [(tries, part) for (tries, _), part in parts if part]

    # -- what became of it -------------------------------------------------------------------------------------

    def settle(self, tick: int, phase: int) -> None:
        """Account for the requests that were sent in this tick, and for failures whose time is over."""
        result = self.root.result if self.root is not None and self.sent_now else None
        if result is not None:
            self._served_at_once(result, tick, phase)
            for fail, n in result.failed:
                self._will_fail(fail, n, tick)
            for leg, of_leg in result.by_leg:
                for held in of_leg.held:
                    self._wait(held, image_of(leg), tick)
        for fail, n, tries in self.later.pop(tick, ()):
            self.fail(fail, n, tick, tries)

    def _served_at_once(self, result: Result, tick: int, phase: int) -> None:
        slow, found = 0, self.counts_now
        for latency, n in result.parts:
            counts, late = spread(n, latency, phase, self.users.timeout_us)
            slow += late
            for at, count in counts:
                found[at] = found.get(at, 0) + count
        good = result.ok - slow
        if not good and not slow:
            return
        groups = self._tries(good)
        if slow:
            self._will_fail(self.late(), slow, tick)
        self._served(good, result.kept, tick, groups)
        for image, n in self._images(good, result):
            self.images_now[image] = self.images_now.get(image, 0) + n

    def _images(self, n: int, result: Result) -> list[tuple[str, int]]:
        """Which version answered how many."""
        if self.image is not None:
            return [(self.image, n)]
        legs = [(leg, of.ok) for leg, of in result.by_leg if of.ok]
        if not result.by_leg and self.root is not None:
            legs = [(leg, leg.arrivals) for leg in self.root.legs if leg.arrivals]
        parts = share(n, [ok for _, ok in legs])
        return [(image_of(leg), part) for (leg, _), part in zip(legs, parts, strict=True) if part]

    def _served(self, n: int, kept: Kept, tick: int, groups: list[tuple[int, int]]) -> None:
        self.served_now += n
        if self.users.store and n and kept:
            self._store(n, kept, tick, groups)

    def _store(self, n: int, kept: Kept, tick: int, groups: list[tuple[int, int]]) -> None:
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
                self._no_room(leg, part - accepted, tick, groups)

    def _no_room(self, leg: Leg, n: int, tick: int, groups: list[tuple[int, int]]) -> None:
        self.served_now -= n
        fail = Fail("500", "disk-full", leg.way, FULL)
        for (tries, _), part in zip(groups, share(n, [count for _, count in groups]), strict=True):
            if part:
                self.fail(fail, part, tick, tries)

    def _wait(self, held: Held, image: str, tick: int) -> None:
        for tries, n in self._tries(held.count):
            held.station.join(Cohort(self.users.name, tick, n, tries, image, held.timeout_us, held.fail))

    def _will_fail(self, fail: Fail, n: int, tick: int) -> None:
        """A failure of this tick's requests, decided when it is noticed."""
        for tries, part in self._tries(n):
            self.fail_later(fail, part, tick, tries, tick)

    def fail_later(self, fail: Fail, n: int, tick: int, tries: int, sent: int) -> None:
        """A failure is decided at once, or when the proxy or the user stops waiting."""
        timeout = self.users.timeout_us
        delay = fail.lasts(timeout)
        due, given_up = tick + delay // TICK_US, sent + timeout // TICK_US
        if delay >= timeout or due > given_up:
            due = given_up
            if fail.reason != TIMED_OUT:
                fail = Fail(TIMED_OUT, fail.code, fail.way, fail.detail, fail.delay_us)
        if due > tick:
            self.later.setdefault(due, []).append((fail, n, tries))
        else:
            self.fail(fail, n, tick, tries)

    def fail(self, fail: Fail, n: int, tick: int, tries: int = 0) -> None:
        """Requests have failed now; some users try again."""
        self.stream.fail(fail, n, tick)
        self.failed_now += n
        for service in {hop[1:]: None for hop in fail.way if hop[0] == "Service"}:
            self.missed_now[service] = self.missed_now.get(service, 0) + n
        if tries < self.retries:
            due = tick + (1 if self.storm else max(1, ceil_div(self.users.backoff_us, TICK_US)))
            waiting = self.again.setdefault(due, {})
            waiting[tries + 1] = waiting.get(tries + 1, 0) + n

    def leave(self, cohort: Cohort, n: int, latency_us: int, kept: Kept, tick: int, where: Hop) -> None:
        """Requests that had waited in a station are done."""
        if latency_us > self.users.timeout_us:
            self.fail(self.late(where), n, tick, cohort.tries)
            return
        at = bucket(latency_us)
        self.counts_now[at] = self.counts_now.get(at, 0) + n
        if cohort.image:
            self.images_now[cohort.image] = self.images_now.get(cohort.image, 0) + n
        self._served(n, kept, tick, [(cohort.tries, n)])

    def close(self, tick: int) -> None:
        """The tick is over: keep a sample."""
        counts: Counts = tuple(sorted(self.counts_now.items())) if self.counts_now else ()
        images = tuple(sorted(self.images_now.items())) if self.images_now else ()
        self.stream.served += self.served_now
        self.stream.add(Sample(tick, self.sent_now, self.served_now, self.failed_now, counts, images))
        self.served_now = self.failed_now = self.sent_now = 0
        if self.counts_now:
            self.counts_now = {}
        if self.images_now:
            self.images_now = {}


def image_of(leg: Leg) -> str:
    """The image at the end of a leg; "" if nobody is there."""
    image: str = leg.station.container.config.image if leg.station is not None else ""
    return image
