"""The part of a stream that asks for one thing: its way, its retries, and what becomes of its requests.

A stream of one URL has one lane; one that spreads over routes has a lane each. A failure that takes its time (a
time-out) is decided when that time is over; a request that waits in a station is decided when it leaves it.
"""

from __future__ import annotations

from attrs import define, evolve, field

from kubesim_tui.traffic import inside, rows
from kubesim_tui.traffic.account import Account
from kubesim_tui.traffic.ask import region_away
from kubesim_tui.traffic.cohorts import Cohort
from kubesim_tui.traffic.histogram import PPM, Latency, spread
from kubesim_tui.traffic.retries import Retries
from kubesim_tui.traffic.settling import well
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.spreading import GOLDEN
from kubesim_tui.traffic.station import TICK_US
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Held, Hop, Kept, Leg, Result, RowPart

FULL = "No space left on device"


@define(eq=False)
class Lane:
    """See the module."""

    users: Users  # as if they asked for nothing else; the name is the lane's own
    weight: int
    account: Account
    retries: Retries
    root: Destination | None = None
    image: str | None = None  # of all who answer, if they have the same
    sent_now: int = 0
    expected_milli: int = 0  # how many were to be sent in this tick
    later: dict[int, list[tuple[Fail, int, int]]] = field(factory=dict)  # by tick: failures that take time, with tries
    again: dict[int, dict[int, int]] = field(factory=dict)  # retries due: tick → tries so far → n
    tries_now: dict[int, int] = field(factory=dict)  # of what this tick has sent and is not accounted for: tries → n

    def take(self, root: Destination) -> None:
        """The ways have changed."""
        self.root = root
        images = dict.fromkeys(image_of(leg) for leg in root.legs if leg.station is not None)
        self.image = next(iter(images)) if len(images) == 1 else None

    def late(self, *where: Hop) -> Fail:
        """The failure of who has waited as long as he would, in a station if it is known in which."""
        if 2 * self.far_us > self.users.timeout_us:
            region = self.users.region
            return region_away(region, f"the way from region {region} and back takes {self.far_us // 1000} ms")
        way = self.root.way if self.root is not None else ()
        return Fail(TIMED_OUT, "slow", (*way, *where), "it waited too long", -1)

    @property
    def patience_us(self) -> int:
        """How long its users wait."""
        return self.users.timeout_us

    @property
    def far_us(self) -> int:
        """How long its users wait for the way to the data centre alone."""
        return self.root.far_us if self.root is not None else 0

    # -- sending -----------------------------------------------------------------------------------------------

    def send(self, fresh: int, expected_milli: int, tick: int) -> int:
        """How many requests leave in this tick: so many new ones of those expected, and the retries that are due."""
        self.expected_milli = expected_milli
        self.tries_now = {}
        if self.again or self.retries.limit:
            due = self.again.pop(tick, {})
            self.tries_now = {0: fresh, **due}
            if due:
                repeated = sum(due.values())
                self.retries.waiting -= repeated
                fresh += repeated
                self.expected_milli += repeated * 1000
        self.sent_now = fresh
        self.account.send(fresh)
        return fresh

    def _tries(self, n: int) -> list[tuple[int, int]]:
        """Of n requests of this tick, how many were tried how often before: (tries, n)."""
        if not self.tries_now:
            return [(0, n)] if n else []
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
            if result.by_row:
                self._stay(result, tick)
        for fail, n, tries in self.later.pop(tick, ()):
            self.fail(fail, n, tick, tries)
        self.sent_now = 0

    def _served_at_once(self, result: Result, tick: int, phase: int) -> None:
        slow, far = 0, self.far_us
        for latency, n in result.parts:
            if far:
                latency = latency.plus(far)
            counts, late = spread(n, latency, phase, self.users.timeout_us)
            slow += late
            self.account.took(counts)
        good = result.ok - slow
        if not good and not slow:
            return
        groups = self._tries(good)
        if slow:
            self._will_fail(self.late(), slow, tick)
        self._served(good, result.kept, tick, groups)
        for image, n in self._images(good, result):
            self.account.answered_by(image, n)

    def _images(self, n: int, result: Result) -> list[tuple[str, int]]:
        """Which version answered how many."""
        if self.image is not None:
            return [(self.image, n)]
        legs = well(result)
        if not result.by_leg and not result.by_row and self.root is not None:
            for part in self.root.parts:
                rows.write(part.row)
            legs = [(leg, leg.arrivals) for leg in self.root.legs if leg.arrivals]
        parts = share(n, [ok for _, ok in legs])
        return [(image_of(leg), part) for (leg, _), part in zip(legs, parts, strict=True) if part]

    def _served(self, n: int, kept: Kept, tick: int, groups: list[tuple[int, int]]) -> None:
        self.account.served_now += n
        if self.account.store and n and kept:
            self._store(n, kept, tick, groups)

    def _store(self, n: int, kept: Kept, tick: int, groups: list[tuple[int, int]]) -> None:
        """Each served request of a store is a record, acknowledged to the user, where its database keeps it."""
        account = self.account
        for (leg, _), part in zip(kept, share(n, [count for _, count in kept]), strict=True):
            if not part or leg.station is None or leg.plan is None or leg.plan.store is None:
                continue
            first, last = account.written + 1, account.written + part
            account.written = last
            accepted = leg.station.container.keep(leg.plan.store, account.store, first, last, tick)
            if accepted:
                account.kept_by[leg.station.pod] = tick
                account.acknowledged.add(first, first + accepted - 1, tick)
            if accepted < part:
                self._no_room(leg, part - accepted, tick, groups)

    def _no_room(self, leg: Leg, n: int, tick: int, groups: list[tuple[int, int]]) -> None:
        self.account.served_now -= n
        fail = Fail("500", "disk-full", leg.way, FULL)
        for (tries, _), part in zip(groups, share(n, [count for _, count in groups]), strict=True):
            if part:
                self.fail(fail, part, tick, tries)

    def _wait(self, held: Held, image: str, tick: int) -> None:
        name, more_us, via = self.users.name, held.more_us, self._via(tick)
        for tries, n in self._tries(held.count):
            held.station.join(Cohort(name, tick, n, tries, image, held.timeout_us, held.fail, more_us, via))

    def _via(self, tick: int) -> str:
        """The proxy that the requests of a tick count to have come by: one after the other, evenly over time."""
        doors = self.root.doors if self.root is not None else ()
        station = doors[tick % len(doors)].station if doors else None
        return station.container.id if station is not None else ""

    def _stay(self, result: Result, tick: int) -> None:
        """So many wait in each station of rows, and in those that they have called."""
        one = len({id(part) for part, _, _ in result.by_row}) == 1
        if len(self.tries_now) > 1 or not all(_apart(told, alone=one) for told in result.by_row):
            for held in result.held:
                self._wait(held, self.image or held.station.container.config.image, tick)
            return
        for part, (start, end, _, stays, _), called in result.by_row:
            image, via = image_of(part.legs[0]), self._via(tick)
            for held in called:
                self._wait(evolve(held, count=held.count * (end - start)), image, tick)
            if stays:
                self._tries(stays * (end - start))
                inside.stay(part.row, start, end, Cohort(self.users.name, tick, stays, image=image, via=via))

    def _will_fail(self, fail: Fail, n: int, tick: int) -> None:
        """A failure of this tick's requests, decided when it is noticed."""
        for tries, part in self._tries(n):
            self.fail_later(fail, part, tick, tries, tick)

    def fail_later(self, fail: Fail, n: int, tick: int, tries: int, sent: int, waited: int = 0) -> None:
        """A failure is decided at once, or when the proxy or the user stops waiting; he has done so for some ticks."""
        timeout = self.users.timeout_us
        delay = fail.lasts(timeout)
        due, given_up = max(tick, tick - waited + delay // TICK_US), sent + timeout // TICK_US
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
        self.account.fail(fail, n, tick)
        for due, part in self.retries.again(n, tick, tries):
            waiting = self.again.setdefault(due, {})
            waiting[tries + 1] = waiting.get(tries + 1, 0) + part

    def leave(
        self, cohort: Cohort, n: int, latency: Latency, kept: Kept, tick: int, where: Hop, times: int = 1
    ) -> None:
        """Requests that had waited in a station, so long in all, are done."""
        counts, late = spread(n, self._in_all(cohort, latency), tick * GOLDEN % PPM, self.users.timeout_us)
        if late:
            self.fail(self.late(where), late, tick, cohort.tries)
        good = (n - late) * times
        if good:
            self.account.took(counts if times == 1 else tuple([(at, count * times) for at, count in counts]))
            self.account.answered_by(cohort.image, good)
            self._served(good, kept, tick, [(cohort.tries, good)])

    def in_time(self, cohort: Cohort, n: int, latency: Latency, tick: int) -> bool:
        """Whether none of them comes later than users wait."""
        return not self._in_all(cohort, latency).slower(n, self.users.timeout_us, tick * GOLDEN % PPM)

    def _in_all(self, cohort: Cohort, latency: Latency) -> Latency:
        return latency.plus(cohort.more_us + self.far_us)


def image_of(leg: Leg) -> str:
    """The image at the end of a leg; "" if nobody is there."""
    image: str = leg.station.container.config.image if leg.station is not None and leg.passes is None else ""
    return image


def _apart(told: RowPart, *, alone: bool) -> bool:
    """Whether no two of those who are inside are told of the same station."""
    part, _, called = told
    stations = {id(held.station) for held in called}
    return part.row.whole and len(stations) == len(called) and (alone or not called)
