"""A container that takes messages from a queue and works on them: a closed loop of servers that never think.

It is a station like any other, but nobody sends it anything: it fetches as much as its servers can do in a tick, and at
most `limit` messages more than it has worked on. What it works on may be held by what it calls in turn; a message is
acknowledged when all of that is done. Who cannot reach its broker takes nothing, and what it has done meanwhile is
acknowledged later, if the broker has not given it up by then.
"""

from __future__ import annotations

from math import isqrt

from attrs import define

from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.traffic import working
from kubesim_tui.traffic.cohorts import Cohort
from kubesim_tui.traffic.flow import Flow
from kubesim_tui.traffic.histogram import PPM, Latency, spread
from kubesim_tui.traffic.network import Place
from kubesim_tui.traffic.sojourn import borne_out
from kubesim_tui.traffic.spreading import GOLDEN
from kubesim_tui.traffic.station import TICK_US, pace
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Hop, Kept, Leg, Station
from kubesim_tui.world.ailment import HANGS
from kubesim_tui.world.consuming import Consumption
from kubesim_tui.world.queues import Queue

FOR_EVER_US = 1 << 62
FAILED = "failed"


@define(eq=False)
class Consumer:
    """See the module."""

    name: str
    place: Place
    station: Station
    does: Consumption
    root: Destination | None = None  # what it does with a message, as a way that begins in it
    queue: Queue | None = None  # from which it takes, or took last
    flow: Flow | None = None
    barred: Fail | None = None  # why it gets nothing now
    cut: int | None = None  # since when its broker does not hear it
    again: int = 0  # messages that it tries once more
    unheard: int = 0  # that it has done, which the broker does not know yet
    held: int = 0  # that are in stations
    called: int = 0  # of these: that have come to what it calls in the last tick
    promised: int = 0  # of this tick: that come in it
    wait: tuple[int, int] = (0, 0)  # of this tick: how many of a million wait within it, and how long (µs)
    expected_milli: int = 0  # how many messages it is expected to take in a tick

    @property
    def patience_us(self) -> int:
        """Nobody gives up on a message."""
        return FOR_EVER_US

    @property
    def mine(self) -> int:
        """How many messages it has."""
        return self.queue.has(self.name) if self.queue is not None else 0

    @property
    def stopped(self) -> Fail | None:
        """Why it takes nothing now; None if it does."""
        ailment = self.place.container.ailment
        if self.barred is None and ailment is not None and ailment.hangs:
            return Fail("it does not answer", "hangs", (self.place.hop,), HANGS)
        if self.barred is None:
            return None
        return Fail(self.barred.reason, self.barred.code, (self.place.hop, *self.barred.way), self.barred.detail)

    def late(self, *where: Hop) -> Fail:
        """Does not happen."""
        return Fail(TIMED_OUT, "slow", where, "", -1)

    # -- taking ------------------------------------------------------------------------------------------------

    def pace(self) -> tuple[int, int, int]:
        """(thousandths of servers that can work, how long they need, how much that varies)."""
        servers, _, quota = self.station.setting
        stuck = self.mine - self.again - self.unheard - self.station.backlog.total - self.called
        free = servers - max(0, stuck)
        if free <= 0:
            return 0, TICK_US, 0
        service, varies, cpu = working.needs_of(self.station)
        speed, service = pace(free, service, cpu, quota)
        return speed, service, varies

    def room(self, speed: int, service: int, varies: int) -> int:
        """How many messages it can use in this tick; one that drains takes no more."""
        if not speed or self.place.container.stopping:
            return 0
        done = ceil_div(speed * TICK_US, service * 1000)
        luck = min(done // 2, 2 * isqrt(varies * done // 1000) + 1) if varies else 0
        return max(0, done + luck + self.does.limit + self.called - self.mine)

    def send(self, n: int) -> None:
        """So many messages come in this tick, of which some are there; the others are promised."""
        assert self.queue is not None
        there = self.queue.take(self.name, n, self.does.limit, automatic=self.does.automatic)
        self.promised = n - there
        if self.root is not None:
            self.root.arrivals = n + self.again
        self.again = 0

    # -- what became of it -------------------------------------------------------------------------------------

    def settle(self, tick: int) -> None:
        """What its servers have done with the messages of this tick."""
        self.called = 0
        if self.queue is None or self.root is None:
            return
        if self.promised:
            self.queue.take(self.name, self.promised, self.does.limit, automatic=self.does.automatic)
            self.promised = 0
        left = self.mine - self.held - self.unheard - self.again
        result = self.root.result
        if not left or result is None:
            return
        n = min(result.ok, left)
        left -= n
        self._done(n, Latency(0) if self.station.work is None else self.station.work.outcome.latency, tick)
        for fail, count in result.failed:
            n = min(count, left)
            left -= n
            self._failed(fail, n, tick)
        for held in result.held:
            n = min(held.count, left)
            left -= n
            if n:
                self.held += n
                self.called += n if held.station is not self.station else 0
                held.station.join(Cohort(self.name, tick, n, 0, "", held.timeout_us, held.fail, held.more_us))
        if left:  # it was promised more than came
            self.queue.give_back(self.name, left)

    def leave(
        self,
        cohort: Cohort,
        n: int,
        latency: Latency,
        kept: Kept,  # noqa: ARG002
        tick: int,
        where: Hop,  # noqa: ARG002
        times: int = 1,
    ) -> None:
        """Messages that had been in a station are done."""
        for _ in range(times):
            self.held -= n
            self._done(n, latency.plus(cohort.more_us), tick)

    def in_time(self, cohort: Cohort, n: int, latency: Latency, tick: int) -> bool:  # noqa: ARG002
        """Nobody gives up on a message."""
        return True

    def fail_later(
        self,
        fail: Fail,
        n: int,
        tick: int,
        tries: int,  # noqa: ARG002
        sent: int,  # noqa: ARG002
        waited: int = 0,  # noqa: ARG002
    ) -> None:
        """Something that messages needed has failed."""
        self.held -= n
        self._failed(fail, n, tick)

    def fail(self, fail: Fail, n: int, tick: int, tries: int = 0) -> None:  # noqa: ARG002
        """… at once."""
        self.held -= n
        self._failed(fail, n, tick)

    def _done(self, n: int, latency: Latency, tick: int) -> None:
        if not n or self.queue is None:
            return
        if self.cut is not None and not self.does.automatic:
            self.unheard += n
            return
        ppm, wait = self.wait
        if ppm:
            latency = Latency(latency.constant_us, ppm, wait, latency.jitter_us)
        phase = tick * GOLDEN % PPM
        for published, count in self.queue.acknowledge(self.name, n):
            counts, _ = spread(count, borne_out(latency, tick - published), phase)
            if self.flow is not None:
                self.flow.took(counts)

    def _failed(self, fail: Fail, n: int, tick: int) -> None:
        if not n or self.queue is None:
            return
        if self.flow is not None:
            self.flow.trouble, self.flow.troubled = fail, tick
        if self.does.failed == "retry":
            self.again += n
        elif self.does.failed == "drop":
            self.queue.lose(self.name, FAILED, n)
        else:
            self.queue.give_back(self.name, n)

    # -- its broker ----------------------------------------------------------------------------------------------

    def connect(self, leg: Leg | None, fail: Fail | None, queue: Queue | None, flow: Flow | None, tick: int) -> None:
        """The ways have changed: there it takes messages from now on, or (without a leg) nowhere."""
        self.barred = fail
        if leg is None:
            self.cut = tick if self.cut is None else self.cut
            return
        self.queue, self.flow, self.cut = queue, flow, None
        if self.unheard and self.queue is not None:
            unheard, self.unheard = self.unheard, 0
            self._done(unheard, Latency(0), tick)
