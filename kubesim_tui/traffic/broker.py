"""One queue of messages where it lies now: by which ways they come to it, and to whom they go.

Who waits within a tick waits for any server of any consumer: it is one queue in front of all of them.
"""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field

from kubesim_tui.kernel.clock import Clock
from kubesim_tui.traffic.consumer import Consumer
from kubesim_tui.traffic.random_wait import Expected, random_wait
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.way import Fail, Hop, Leg
from kubesim_tui.world.queues import Queue, Queueing


@define(eq=False)
class Outlet:
    """What is published over one leg goes into a queue."""

    queue: Queue
    at: Queueing
    clock: Clock
    refusal: Fail

    def publish(self, n: int) -> int:
        """How many of n messages are taken."""
        return self.queue.publish(self.at, n, self.clock.tick)


@define(eq=False)
class Broker:
    """One queue where it lies now, with the legs by which messages come to it, and those who take them."""

    queue: Queue
    machine: str
    container: Any
    legs: list[Leg] = field(factory=list)
    consumers: list[Consumer] = field(factory=list)
    hop: Hop = ("Pod", "", "")
    kept: int = 0  # messages in its memory, as was told last

    @property
    def takers(self) -> tuple[Hop, ...]:
        """The Pods of its consumers."""
        return tuple(one.place.hop for one in self.consumers)

    @property
    def expected(self) -> Expected:
        """How many messages come in a tick, and their variance, in thousandths."""
        return sum(leg.expected_milli for leg in self.legs), sum(leg.sway_milli**2 for leg in self.legs) // 1000

    def shares_luck(self) -> None:
        """All consumers are known. They have a tick's luck in common: together that is less than the luck of each."""
        for one in self.consumers:
            if one.root is not None and len(self.consumers) > 1:
                one.root.legs[0].plan = evolve(one.does.plan, scv_pm=one.does.plan.scv_pm // len(self.consumers))

    def deal(self, tick: int) -> None:
        """Messages that wait and those that come go to who can work on them; the odd one goes round."""
        able = [one for one in self.consumers if one.barred is None]
        coming = sum(_coming(leg) for leg in self.legs)
        there = self.queue.waiting.total + coming
        if not able or not (there or any(one.again for one in able)):
            return
        first = tick % len(able)
        turns = able[first:] + able[:first]
        paces = [one.pace() for one in turns]
        rooms = [one.room(*pace) for one, pace in zip(turns, paces, strict=True)]
        self._wait(turns, paces)
        for one, n in zip(turns, share(min(there, sum(rooms)), rooms), strict=True):
            one.send(n)

    def _wait(self, consumers: list[Consumer], paces: list[tuple[int, int, int]]) -> None:
        """How long a message waits within a tick for the first server of all that is free."""
        speed = sum(pace[0] for pace in paces)
        wait = (0, 0)
        if speed:
            service = sum(pace[0] * pace[1] for pace in paces) // speed
            varies = sum(pace[0] * pace[2] for pace in paces) * len(consumers) // speed
            wait = random_wait(self.expected, speed, service, varies)
        for one in consumers:
            one.wait = wait


def _coming(leg: Leg) -> int:
    """How many messages come over a leg in this tick."""
    capacity = leg.station.capacity if leg.station is not None else 0
    return min(leg.arrivals, capacity) if capacity else leg.arrivals
