"""One stream of users at work: how many requests it sends in a tick, and into which of its lanes.

In an open loop new requests are one draw a tick around the pace of the moment (a profile's batches are exact), however
the cluster fares; in a closed loop (traffic/loop) nobody asks who still waits for an answer, or to try again. They
spread over the lanes by their weights; retries stay in theirs.
"""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic.account import Account
from kubesim_tui.traffic.lane import Lane
from kubesim_tui.traffic.loop import Loop
from kubesim_tui.traffic.profile import Course, Pace
from kubesim_tui.traffic.retries import Retries
from kubesim_tui.traffic.samples import Stream
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.station import TICK_US
from kubesim_tui.traffic.way import Destination, Hop, Station
from kubesim_tui.world.records import Records


@define(eq=False)
class Streaming:
    """See the module. `factor_pm` multiplies the rate (a spike)."""

    users: Users
    draws: Draws
    account: Account
    retries: Retries
    lanes: tuple[Lane, ...]
    course: Course
    loop: Loop
    paused: bool = False
    factor_pm: int = 1000
    pent_up: int = 0  # seconds for which those who come now have waited to come
    begun: int = 0  # when the profile's clock began
    _pace: Pace | None = field(default=None)
    _weights: tuple[int, ...] = ()

    @classmethod
    def of(cls, users: Users, draws: Draws, more: Draws, tick: int = 0) -> Streaming:
        """Users who begin at a tick; `more`: chance for what not all users do."""
        account = Account(users.store)
        retries = Retries(users.retries, users.backoff, users.budget_pm, more)
        lanes = tuple([Lane(one, weight, account, retries) for one, weight in users.lanes()])
        course = Course(users.profile, users.level_milli)
        made = cls(users, draws, account, retries, lanes, course, Loop(users.think_us), begun=tick)
        made._weights = tuple([lane.weight for lane in lanes])
        return made

    @property
    def name(self) -> str:
        """By which it is known."""
        return self.users.name

    @property
    def stream(self) -> Stream:
        """All that is known of it."""
        return self.account.stream

    @property
    def acknowledged(self) -> Records:
        """The records that users were told are kept."""
        return self.account.acknowledged

    @property
    def kept_by(self) -> dict[Hop, int]:
        """Who took records, and the tick of the last."""
        return self.account.kept_by

    @property
    def root(self) -> Destination | None:
        """Where the first lane's requests go."""
        return self.lanes[0].root

    @property
    def roots(self) -> list[Destination]:
        """Where requests go."""
        return [lane.root for lane in self.lanes if lane.root is not None]

    def reset(self, tick: int) -> None:
        """Judgement begins, and with it the profile."""
        self.account.reset()
        self.begun, self._pace = tick, None

    def keepers(self) -> list[Station]:
        """The stations that this stream's records lead to now."""
        found: dict[int, Station] = {}
        seen: dict[int, None] = {}
        todo = self.roots
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

    # -- sending -----------------------------------------------------------------------------------------------

    def pace(self, tick: int) -> Pace:
        """The pace of the profile in a tick; it is asked anew only when it may have changed."""
        since = tick - self.begun
        if self._pace is None or since >= self._pace.until:
            self._pace = self.users.profile.at(self.users.level_milli, since)
        return self._pace

    @property
    def rate_milli(self) -> int:
        """Thousandths of requests a second that come now, but for chance, batches and retries."""
        if self.users.population:
            return self.stream.last.sent * 1000 if self.stream.last is not None else 0
        pace = self._pace
        return (pace.rate_milli if pace is not None else self.users.level_milli) * self.factor_pm // 1000

    def expected(self, first: int, last: int) -> int:
        """How many new requests [first, last) of the profile's clock brings on average; of a closed loop, at most."""
        total = self.course.milli(first, last)
        return total * TICK_US // self.users.think_us // 1000 if self.users.population else total // 1000

    def send(self, tick: int) -> None:
        """Requests leave: new ones and retries."""
        fresh, expected = (0, 0) if self.paused else self._fresh(tick)
        self.retries.begin(tick, fresh)
        lanes = self.lanes
        if len(lanes) == 1:
            lanes[0].send(fresh, expected, tick)
            return
        left, weight = fresh, sum(self._weights)
        expected //= weight
        for lane in lanes:
            part = self.draws.binomial(left, lane.weight, weight) if left else 0
            lane.send(part, expected * lane.weight, tick)
            left, weight = left - part, weight - lane.weight

    @property
    def waiting(self) -> int:
        """Of a closed loop: users who wait for an answer, or to try again."""
        return self.stream.in_flight + self.retries.waiting

    def _fresh(self, tick: int) -> tuple[int, int]:
        """How many new ones, and how many thousandths were to be expected."""
        pace = self.pace(tick)
        rate, batch = pace.rate_milli * self.factor_pm // 1000, pace.batch * self.factor_pm // 1000
        if self.users.population:
            return self._asking(rate // 1000)
        if rate and self.pent_up:
            rate, self.pent_up = rate * (1 + self.pent_up), 0
        return (self.draws.poisson(rate) if rate else 0) + batch, rate + batch * 1000

    def _asking(self, present: int) -> tuple[int, int]:
        """How many of those who are present and think ask in this tick; and what was to be expected."""
        thinking = max(0, present - self.waiting)
        if self.pent_up:
            self.pent_up = 0
            return thinking, thinking * 1000
        return self.loop.asking(thinking, self.draws), self.loop.expected_milli(present)

    # -- what became of it -------------------------------------------------------------------------------------

    def settle(self, tick: int, phase: int) -> None:
        """Account for what was sent in this tick, and for failures whose time is over; keep a sample."""
        for lane in self.lanes:
            lane.settle(tick, phase)
        if self.users.population:
            self.loop.feel(self.account.counts_now, self.stream.in_flight - self.account.served_now)
        self.account.close(tick)
