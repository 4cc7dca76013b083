"""A load generator at work: a container that sends requests of its own accord, as its program says (world/sending).

It is told as a stream of users is, but its requests begin in its container, and it takes processor time to send them:
with little of it, fewer leave. In a closed loop N users make X = N ÷ (R + Z) requests a second, as long as the target
answers within R; beyond that all of them wait, and each answer lets one request leave (traffic/room). Such users do not
wait at random for one another: who has been answered finds one user less before him.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Self

from attrs import define

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic.account import Account
from kubesim_tui.traffic.histogram import EDGES, PPM, Histogram
from kubesim_tui.traffic.lane import Lane
from kubesim_tui.traffic.loop import Loop
from kubesim_tui.traffic.network import Place
from kubesim_tui.traffic.retries import A_SECOND, Retries
from kubesim_tui.traffic.room import BOUNDLESS, Narrow, narrows, room, unloaded_us
from kubesim_tui.traffic.samples import Stream
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.station import TICK_US, pace
from kubesim_tui.traffic.way import Destination, Fail, Station
from kubesim_tui.world.figures import QUANTILES, Figures
from kubesim_tui.world.loadscript.script import FAILED, Limit
from kubesim_tui.world.sending import Sending, Target

CANCELED, ENDED = "canceled", "caller-ended"
REFUSED_US = 300
"""How long it takes to be told that nobody is there."""


@define(eq=False)
class Asking:
    """One of the things that it asks for: the lane of these requests, and the lookups before them."""

    target: Target
    lane: Lane
    lookups: Destination | None = None
    places: list[Narrow] | None = None  # where it may be narrow; None: nobody has looked yet
    alone_us: int = 0  # how long a request takes that meets no other

    def look(self) -> None:
        """The stations on its way have been set."""
        root = self.lane.root
        if root is not None and self.places is None:
            self.places, self.alone_us = narrows(root), unloaded_us(root)

    @property
    def answer_us(self) -> int:
        """How long an answer takes, as far as it was seen in the last tick."""
        result = self.lane.root.result if self.lane.root is not None else None
        if result is not None and result.ok:
            return result.mean_us
        if result is not None and result.failed and not result.held:
            return REFUSED_US
        return max(self.alone_us, REFUSED_US)

    def room(self, phase: int) -> int:
        """How many requests its way can take in a tick."""
        root = self.lane.root
        return room(root, self.places or (), phase) if root is not None else 0

    def waits_in_vain(self, tick: int) -> int:
        """How many wait beyond this tick for an answer that never comes."""
        return sum(n for due, failures in self.lane.later.items() if due > tick for _, n, _ in failures)

    def gives_up(self, tick: int) -> int:
        """How many have waited in vain, and ask again in this tick."""
        return sum(n for _, n, _ in self.lane.later.get(tick, ()))


@define(eq=False)
class Generator:
    """See the module. `number`: of its program in the container."""

    name: str
    place: Place
    number: int
    does: Sending
    account: Account
    asks: list[Asking]
    draws: Draws
    loop: Loop
    begun: int
    effort: Destination | None = None  # what sending costs, as a way that begins and ends in it
    station: Station | None = None
    took_us: int = 0  # so far
    owed: int = 0  # what is left of a request that is no whole one
    over: bool = False  # it sends no more

    @classmethod
    def of(cls, name: str, place: Place, number: int, does: Sending, draws: Draws, tick: int) -> Self:
        """One that begins at a tick."""
        made = cls(name, place, number, does, Account(), [], draws, Loop(does.rests_us), tick)
        for target in does.targets:
            made.ask(target)
        return made

    def ask(self, target: Target) -> None:
        """One thing more that it asks for."""
        asker = _asker(f"{self.name} {len(self.asks)}", target, self.does)
        lane = Lane(asker, target.weight, self.account, Retries(0, A_SECOND, None, self.draws))
        self.asks.append(Asking(target, lane))

    @property
    def stream(self) -> Stream:
        """All that is known of what it has sent."""
        return self.account.stream

    @property
    def missed(self) -> int:
        """How many have failed, but for those that it has not waited for itself."""
        return self.stream.failed - self.stream.reasons.get(CANCELED, 0)

    @property
    def users(self) -> Users:
        """What it asks for first."""
        return self.asks[0].lane.users

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Its requests by what they ask for."""
        return tuple([one.lane for one in self.asks])

    @property
    def roots(self) -> list[Destination]:
        """Where its requests go."""
        return [one.lane.root for one in self.asks if one.lane.root is not None]

    @property
    def rate_milli(self) -> int:
        """Thousandths of requests a second that leave now."""
        return self.stream.last.sent * 1000 if self.stream.last is not None else 0

    @property
    def done(self) -> bool:
        """It has sent all, and knows what became of it."""
        return self.over and not self.stream.in_flight

    def reports(self, tick: int) -> bool:
        """Whether it says how it fares."""
        return self.does.every > 0 and not (tick + 1 - self.begun) % self.does.every

    # -- sending -----------------------------------------------------------------------------------------------

    def send(self, tick: int, phase: int) -> None:
        """The requests of a tick leave."""
        parts = self._parts(tick, phase)
        expected = self._expected_milli(parts, tick)
        for one, part, milli in zip(self.asks, parts, expected, strict=True):
            one.lane.send(part, milli, tick)
            if part and one.lane.root is not None:
                one.lane.root.arrivals = part
            if part and one.lookups is not None:
                one.lookups.arrivals += part
        if self.effort is not None:
            self.effort.arrivals = sum(parts)

    @property
    def thinks(self) -> bool:
        """Whether its users rest for so long that they come as others do, independent of each other."""
        return self.loop.think_us >= TICK_US

    def _expected_milli(self, parts: Sequence[int], tick: int) -> list[int]:
        """How many thousandths were to be expected of each."""
        if self.over or not self.thinks:
            return [part * 1000 for part in parts]
        whole = self.loop.expected_milli(self.does.present((tick - self.begun) * TICK_US))
        return [whole * one.target.weight // self._weight for one in self.asks]

    def _parts(self, tick: int, phase: int) -> list[int]:
        """How many leave, by what they ask for."""
        left = 0 if self.over or self._stands_still() else self._fresh(tick, phase)
        parts, weight = [], self._weight
        for one in self.asks:
            share = one.target.weight
            parts.append(left if share == weight else self.draws.binomial(left, share, weight))
            left, weight = left - parts[-1], weight - share
        return parts

    def _stands_still(self) -> bool:
        ailment = self.place.container.ailment
        return not self.place.powered or (ailment is not None and ailment.hangs)

    def _fresh(self, tick: int, phase: int) -> int:
        does, since = self.does, (tick - self.begun) * TICK_US
        span = TICK_US if does.lasts_us is None else min(TICK_US, does.lasts_us - since)
        if span <= 0:
            self.over = True
            return 0
        for one in self.asks:
            one.look()
        wanted = min(self._wanted(tick, span, phase), self._able(span))
        left = BOUNDLESS if does.count is None else does.count - self.stream.sent
        if wanted >= left:
            self.over, span, wanted = True, span * left // wanted, left
        self.took_us += span
        return wanted

    def _wanted(self, tick: int, span: int, phase: int) -> int:
        """How many would leave, if sending them took no time."""
        does = self.does
        limit = BOUNDLESS
        if does.rate_milli:
            limit, self.owed = divmod(does.rate_milli * span + self.owed, 1000 * TICK_US)
        if does.open:
            return limit
        present = does.present((tick - self.begun) * TICK_US)
        free = present - self.stream.in_flight + sum([one.gives_up(tick) for one in self.asks])
        if self.thinks:
            return min(limit, self.loop.asking(max(0, free), self.draws))
        can = min(limit, max(0, free + self._room(phase)))
        moving = max(0, present - sum([one.waits_in_vain(tick) for one in self.asks])) * span
        if can <= moving // self._cycle_us(self._alone_us()):
            return can
        cycle_us = self._cycle_us(self._answer_us())
        wanted, owed = divmod(moving + self.owed % cycle_us, cycle_us)
        if not does.rate_milli:
            self.owed = owed
        return min(max(wanted, free * span // TICK_US), can)

    def _cycle_us(self, answer_us: int) -> int:
        """From one request of a user to his next."""
        does = self.does
        return max(answer_us + does.think_us + does.cpu_us, does.rests_us)

    def _alone_us(self) -> int:
        return self._mean([max(REFUSED_US, one.alone_us) for one in self.asks])

    def _answer_us(self) -> int:
        return self._mean([one.answer_us for one in self.asks])

    def _mean(self, values: Sequence[int]) -> int:
        """By how often each of the things is asked for."""
        weighed = [one.target.weight * value for one, value in zip(self.asks, values, strict=True)]
        return sum(weighed) // self._weight

    def _room(self, phase: int) -> int:
        return min([one.room(phase) * self._weight // one.target.weight for one in self.asks])

    @property
    def _weight(self) -> int:
        return sum([one.target.weight for one in self.asks])

    def _able(self, span: int) -> int:
        """How many its processors can send."""
        if self.station is None:
            return 0
        servers, _, quota = self.station.setting
        speed, cost = pace(servers, self.does.cpu_us, self.does.cpu_us, quota)
        return speed * span // (1000 * cost)

    # -- what became of it -------------------------------------------------------------------------------------

    def settle(self, tick: int, phase: int) -> None:
        """Account for what was sent in this tick, and for what ended in it."""
        waiting = self.stream.in_flight
        for lane in self.lanes:
            lane.settle(tick, phase)
        if self.over and waiting and not self.account.sent_now:
            self.took_us += (
                TICK_US if any(one.waits_in_vain(tick - 1) for one in self.asks) else min(TICK_US, self._answer_us())
            )
        if self.thinks:
            self.loop.feel(self.account.counts_now, self.stream.in_flight - self.account.served_now)
        self.account.close(tick)

    def ended(self, tick: int) -> None:
        """Its container is no more: nobody hears what its requests are answered."""
        left = self.stream.in_flight
        if left:
            self.account.fail(Fail(CANCELED, ENDED, (self.place.hop,), "its container has ended"), left, tick)
            self.account.close(tick)
        self.over = True

    def figures(self) -> Figures:
        """What its tool says in the end."""
        stream, histogram = self.stream, Histogram(tuple(self.stream.histogram))
        good, body = self._good()
        statuses = {good: stream.served} if stream.served else {}
        errors: dict[str, int] = {}
        for reason, n in stream.reasons.items():
            if reason.isdigit():
                statuses[int(reason)] = statuses.get(int(reason), 0) + n
            else:
                errors[reason] = errors.get(reason, 0) + n
        mean, deviation = _moments(stream.histogram)
        buckets = [at for at, n in enumerate(stream.histogram) if n]
        least = EDGES[buckets[0] - 1] if buckets and buckets[0] else REFUSED_US if buckets else 0
        return Figures(
            self.took_us,
            stream.sent,
            tuple(sorted(statuses.items())),
            tuple(sorted(errors.items())),
            stream.served * body,
            self.does.targets[0].call.host,
            str(self.does.targets[0].call.port),
            mean,
            least,
            deviation,
            tuple([histogram.percentile(pm) for pm in QUANTILES]),
            tuple(dict.fromkeys(limit.metric for limit in self.does.limits if not self._holds(limit, mean, histogram))),
        )

    def _holds(self, limit: Limit, mean_us: int, histogram: Histogram) -> bool:
        stream = self.stream
        if limit.figure == "rate":
            counted = stream.failed if limit.metric == FAILED else stream.served
            return not stream.sent or limit.holds(counted * PPM // stream.sent)
        pm = {"med": 500, "min": 1, "max": 1000}.get(limit.figure, limit.pm)
        return limit.holds(histogram.percentile(pm) if pm else mean_us)

    def _good(self) -> tuple[int, int]:
        """The status of a good answer, and how many bytes it has."""
        plans = [leg.plan for root in self.roots for leg in root.legs if leg.plan is not None]
        plan = next((plan for plan in plans if plan.status < 400), None)
        return (plan.status, len(plan.body) or plan.size_bytes) if plan is not None else (200, 0)


def _asker(name: str, target: Target, does: Sending) -> Users:
    call = target.call
    port = "" if call.port in (80, 443) else f":{call.port}"
    url = f"{call.protocol}://{call.host}{port}{call.path}"
    return Users(name, url, 0, call.method, timeout_us=does.timeout_us)


def _moments(histogram: list[int]) -> tuple[int, int]:
    """The mean of what is in a histogram, and its standard deviation."""
    total = sum(histogram)
    if not total:
        return 0, 0
    middles = [(a + b) // 2 for a, b in zip((0, *EDGES), (*EDGES, EDGES[-1]), strict=True)]
    mean = sum([n * at for n, at in zip(histogram, middles, strict=True)]) // total
    variance = sum([n * (at - mean) ** 2 for n, at in zip(histogram, middles, strict=True)]) // total
    return mean, isqrt(variance)
