"""The message queues of a cluster: who publishes in which, who takes from it, and how much in a tick.

A tick goes thus. What users ask for runs down the ways, so that it is known how many messages come to each queue. Those
that wait and those that come are dealt out to its consumers, by what their servers can do; what these call runs down
its own ways. When all stations have worked, messages are acknowledged, wait again, or are lost (world/queues counts
them, exactly). What consumers publish in turn is dealt out in the next tick.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol
from zlib import crc32

from attrs import define, field

from kubesim_tui.kernel.clock import Clock
from kubesim_tui.traffic.broker import Broker, Outlet
from kubesim_tui.traffic.consumer import Consumer
from kubesim_tui.traffic.flow import Flow
from kubesim_tui.traffic.network import Fabric, Place
from kubesim_tui.traffic.order import callers_first
from kubesim_tui.traffic.pool import Pools
from kubesim_tui.traffic.random_wait import PULLED
from kubesim_tui.traffic.routing import Router
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.station import EMPTY, TICK_US
from kubesim_tui.traffic.way import Destination, Fail, Hop, Leg, Station
from kubesim_tui.world import consuming
from kubesim_tui.world.consuming import Consumption
from kubesim_tui.world.queues import Queue

DIED = "consumer-died"
FULL = "queue-full"
FlowKey = tuple[Hop, str]


class Cluster(Fabric, Protocol):
    """A fabric that knows who takes messages."""

    def consumers(self) -> Sequence[Place]:
        """The containers that take messages now."""
        ...

    def swollen(self, machine: str, container: Any, tick: int) -> None:
        """What a broker keeps in its memory is another amount."""
        ...


class Stations(Protocol):
    """All stations of traffic."""

    stations: dict[tuple[str, str], Station]

    def station(self, place: Place, queue: str = "") -> Station:
        """That of a container, or (of its own) for the messages that it takes from a queue."""
        ...


@define(eq=False)
class Queues:
    """See the module."""

    clock: Clock
    brokers: list[Broker] = field(factory=list)
    flows: dict[FlowKey, Flow] = field(factory=dict)
    consumers: dict[str, Consumer] = field(factory=dict)
    down: list[Destination] = field(factory=list)  # of consumers, callers first
    _silent: dict[int, list[tuple[Queue, str]]] = field(factory=dict)  # by tick: whom the broker gives up then

    # -- ways --------------------------------------------------------------------------------------------------

    def attach(self, cluster: Cluster, pools: Pools, stations: Stations, down: Iterable[Destination]) -> None:
        """The ways of users have been built: see who publishes, and build those of consumers."""
        for broker in self.brokers:
            broker.legs, broker.consumers = [], []
        former, self.brokers, self.down = self.brokers, [], []
        self._outlets(down, former)
        there: dict[str, Consumer] = {}
        for place in cluster.consumers():
            for does in consuming.of(place.container):
                name = f"{place.container.id}/{does.call.host}/{does.queue}"
                there[name] = self._consumer(name, place, does, stations)
        for name, gone in self.consumers.items():
            if name not in there:
                self._gone(gone, stations, heard=_heard(cluster, gone, former))
        self.consumers = there
        for name, one in there.items():
            one.root = Router(cluster, Users(name, "", 0), pools).work(one.does.plan, one.place, one.station)
            down_here = callers_first(one.root)
            source, fail = _source(one)
            self._outlets(down_here, former)
            self._connect(one, source, fail, former, stations)
            self.down += down_here
        for broker in (*former, *self.brokers):
            broker.shares_luck()
            broker.queue.consumers = len(broker.consumers)
        for key, flow in list(self.flows.items()):
            flow.known_by(self.brokers)
            if flow.broker[0] == "Pod" and not flow.queues:  # of a broker without a Service, which is gone
                del self.flows[key]

    def _outlets(self, down: Iterable[Destination], former: Sequence[Broker]) -> None:
        """What is published over these ways gets into queues."""
        for destination in down:
            for leg in destination.legs:
                if leg.plan is not None and leg.plan.queue is not None and leg.plan.queue.publishes:
                    broker = self._broker(leg, former)
                    if broker is not None:
                        why = f"queue {broker.queue.name} takes no more messages"
                        refusal = Fail("queue full", FULL, leg.way, why)
                        leg.outlet = Outlet(broker.queue, leg.plan.queue, self.clock, refusal)
                        broker.legs.append(leg)

    def _broker(self, leg: Leg, former: Sequence[Broker]) -> Broker | None:
        """The broker at the end of a leg; None if there is none that answers."""
        queue = _queue(leg)
        if queue is None or leg.station is None:
            return None
        found = next((one for one in (*self.brokers, *former) if one.queue is queue), None)
        if found is None:
            found = Broker(queue, leg.station.machine, leg.station.container)
        found.machine, found.container, found.hop = leg.station.machine, leg.station.container, leg.station.pod
        if all(one is not found for one in self.brokers):
            self.brokers.append(found)
        self.flow(leg.way, queue.name).add(queue)
        return found

    def flow(self, way: tuple[Hop, ...], name: str) -> Flow:
        """What is known of a queue that is asked for on a way."""
        asked = next((hop for hop in reversed(way) if hop[0] == "Service"), way[-1])
        return self.flows.setdefault((asked, name), Flow(asked, name))

    def _consumer(self, name: str, place: Place, does: Consumption, stations: Stations) -> Consumer:
        known = self.consumers.get(name)
        station = stations.station(place, f"{does.call.host}/{does.queue}")
        station.pulls, station.expected = does.servers, PULLED
        if known is not None:
            known.place, known.does, known.station = place, does, station
        return known or Consumer(name, place, station, does)

    def _connect(
        self, one: Consumer, source: Leg | None, fail: Fail | None, former: Sequence[Broker], stations: Stations
    ) -> None:
        broker = self._broker(source, former) if source is not None else None
        if source is None or broker is None:
            one.connect(None, fail, None, None, self.clock.tick)
            return
        if one.queue is not None and one.queue is not broker.queue:
            self._let_go(one, stations)
        one.connect(source, None, broker.queue, self.flow(source.way, one.does.queue), self.clock.tick)
        broker.consumers.append(one)

    def _gone(self, one: Consumer, stations: Stations, *, heard: bool) -> None:
        """A consumer is no more: the broker sees its connection close, or, where nothing is heard, waits."""
        if one.queue is not None and one.does.automatic:
            one.queue.lose(one.name, DIED)
        elif one.queue is not None and heard and one.cut is None:
            one.queue.give_back(one.name)
        elif one.queue is not None and one.mine:
            due = (one.cut if one.cut is not None else self.clock.tick) + one.does.heartbeat
            self._silent.setdefault(max(due, self.clock.tick), []).append((one.queue, one.name))
        self._leave(one, stations)

    def _let_go(self, one: Consumer, stations: Stations) -> None:
        """Its broker does not know a consumer any more: what it has, others get.

        Without acknowledgements the broker has forgotten those messages long ago, and the consumer goes on with them.
        """
        if one.queue is not None and one.does.automatic:
            one.queue.acknowledge(one.name, one.mine)
        elif one.queue is not None:
            one.queue.give_back(one.name)
        self._leave(one, stations)

    def _leave(self, one: Consumer, stations: Stations) -> None:
        """Whatever it is doing, nobody waits for it."""
        one.again = one.unheard = one.held = one.promised = 0
        one.station.own_backlog = EMPTY
        one.station.own_cohorts.clear()
        for station in stations.stations.values():
            for cohort in station.cohorts:
                if cohort.users == one.name:
                    cohort.users = ""

    # -- one tick ----------------------------------------------------------------------------------------------

    def deal(self, stations: Stations) -> None:
        """Messages go to consumers; their ways then have arrivals."""
        tick = self.clock.tick
        for queue, name in self._silent.pop(tick, ()):
            queue.give_back(name)
        for one in self.consumers.values():
            silent = one.cut is not None and tick - one.cut >= one.does.heartbeat
            if one.mine < one.held + one.unheard + one.again or (silent and one.mine):
                self._let_go(one, stations)
        for broker in self.brokers:
            broker.deal(tick)

    def settle(self, cluster: Cluster) -> None:
        """All stations have worked: messages are done, or are not."""
        tick = self.clock.tick
        for one in self.consumers.values():
            one.settle(tick)
        for flow in self.flows.values():
            flow.close(tick)
        for broker in self.brokers:
            kept = broker.queue.kept
            if kept != broker.kept:
                broker.kept = kept
                if broker.queue.memory_bytes:
                    cluster.swollen(broker.machine, broker.container, tick)

    def expects(self) -> bool:
        """Tell consumers how many messages are to be expected; whether that has changed."""
        changed = False
        for broker in self.brokers:
            paces = [one.pace() for one in broker.consumers]
            able = [speed * TICK_US // service for speed, service, _ in paces]
            parts = share(min(broker.expected[0], sum(able)), able)
            for one, part in zip(broker.consumers, parts, strict=True):
                changed = changed or abs(one.expected_milli - part) * 100 > part
                one.expected_milli = part
        return changed

    def roots(self) -> Iterator[tuple[Destination, int]]:
        """The ways of consumers, with what is expected on them."""
        for one in self.consumers.values():
            if one.root is not None:
                yield one.root, one.expected_milli

    def reset(self) -> None:
        """Judgement begins."""
        for flow in self.flows.values():
            flow.reset()


def _heard(cluster: Cluster, one: Consumer, brokers: Iterable[Broker]) -> bool:
    """Whether a consumer's machine can still say to its broker that the connection is closed."""
    machine = one.place.machine
    where = [broker.machine for broker in brokers if broker.queue is one.queue]
    return cluster.powered(machine) and all(cluster.reachable(machine, other) for other in where)


def _source(one: Consumer) -> tuple[Leg | None, Fail | None]:
    """The broker from which a consumer takes: the one that it has, if it is still there, else as its name decides."""
    assert one.root is not None
    found = next((to for to in one.root.uses if to.call is one.does.call), None)
    if found is None:
        return None, None
    able = [leg for leg in found.legs if leg.fail is None and leg.plan is not None and leg.plan.queue is not None]
    if not able:
        refused = [leg.fail or _refusal(leg) for leg in found.legs]
        return None, found.fail or next(iter(refused), Fail("503", "no-endpoints", found.way))
    held = [leg for leg in able if one.queue is not None and _queue(leg) is one.queue]
    chosen = held[0] if held else max(able, key=lambda leg: crc32(f"{one.name}/{leg.way[-1]}".encode()))
    found.legs, found.uses = (chosen,), chosen.calls
    return chosen, None


def _refusal(leg: Leg) -> Fail:
    """Somebody is there who has no queue for it."""
    plan = leg.plan
    if plan is not None and plan.status >= 400:
        return Fail(str(plan.status), plan.code, leg.way, plan.why)
    return Fail("not a broker", "refused", leg.way, "it has no queues")


def _queue(leg: Leg) -> Queue | None:
    if leg.station is None or leg.plan is None or leg.plan.queue is None:
        return None
    found: Queue | None = leg.station.container.broker_queue(leg.plan.queue)
    return found
