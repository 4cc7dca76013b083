"""The traffic of a cluster: every tick, users send, the way decides, samples are kept.

It works in its own phase, once a tick while there are users or load generators. The trees of ways are kept until
something on the way has changed: a link, a machine's rules, DNS, the ingress table, or what a container answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.traffic import lining, rows, solver, waiting, working
from kubesim_tui.traffic.expecting import differ, expect
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.traffic.generators import Cluster as Senders
from kubesim_tui.traffic.generators import Generators
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.inside import Who
from kubesim_tui.traffic.lane import Lane
from kubesim_tui.traffic.network import Place
from kubesim_tui.traffic.nginx import Front
from kubesim_tui.traffic.order import Step, callers_first, in_order, steps
from kubesim_tui.traffic.passing import Passing
from kubesim_tui.traffic.pool import Pools
from kubesim_tui.traffic.queues import Cluster, Queues
from kubesim_tui.traffic.routing import Router
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.station import EMPTY
from kubesim_tui.traffic.streaming import Streaming
from kubesim_tui.traffic.way import Destination, Hop, Leg, Row, Station
from kubesim_tui.world.records import Records

FETCHED = 1 << 40
"""How many messages a consumer's station holds: it fetches no more than it may."""


Source = Streaming | Generator


class Tables(Cluster, Senders, Protocol):
    """A fabric that also tells when an answer of its may have changed."""

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever a way may lead elsewhere."""
        ...

    def hears(self, machine: str) -> bool:
        """Whether what a machine answers still gets anywhere."""
        ...

    def used(self, stations: Sequence[Station], rows: Sequence[Row], tick: int) -> list[str]:
        """Containers worked in this tick: tell their machines (seen by kubelet and metrics in the next tick).

        Answers on which machines the processors are shared out differently from now on.
        """
        ...


REMEMBERED = 120
"""Ticks for which it is known what requests waited for in a Pod that ended."""


@frozen
class Fallen:
    """What a container was asked for when it ended with requests inside."""

    tick: int
    legs: tuple[Leg, ...]
    quota_milli: int | None
    full: bool  # they held most of the memory that it may have

    @classmethod
    def of(cls, station: Station, tick: int) -> Fallen:
        """A station whose container has just ended."""
        container, legs = station.container, tuple(station.legs or station.former)
        full = container.held_bytes * 2 > container.memory_limit_bytes
        return cls(tick, legs, container.serving_milli, full)


class Traffic:
    """All streams. `add` users, and they send from this tick on."""

    def __init__(self, engine: Engine, fabric: Tables, chance: Chance) -> None:
        self.name, self.order = "traffic", 0
        self.engine, self.fabric, self._chance = engine, fabric, chance
        self.streams: dict[str, Streaming] = {}
        self.lanes: dict[str, Lane] = {}
        self.stations: dict[tuple[str, str], Station] = {}
        self.passing, self.pools, self.queues = Passing(), Pools(), Queues(engine.clock)
        self.generators = Generators(engine.clock, chance)
        self.fallen: dict[Hop, Fallen] = {}  # by Pod
        self._down: list[Destination] = []  # of users, callers first
        self._ways: list[Destination] = []  # and of consumers
        self._askers: waiting.Lanes = {}
        self._steps: list[Step] = []
        self._machines: tuple[str, ...] = ()  # of all stations
        self._stamp: tuple[int, ...] = ()
        self._expected: list[int] = []  # of the lanes, as it was told last
        self._phases = chance.stream("traffic/phase")
        self._running = False

    def add(self, users: Users) -> None:
        """Users start to send."""
        draws, more = self._chance.stream(f"traffic/{users.name}"), self._chance.stream(f"traffic/{users.name}/more")
        streaming = self.streams[users.name] = Streaming.of(users, draws, more, self.engine.clock.tick)
        self.lanes.update((lane.users.name, lane) for lane in streaming.lanes)
        self._stamp = ()
        self.beat()

    def beat(self) -> None:
        """Somebody begins to send."""
        if not self._running:
            self._running = True
            self.engine.at(self.engine.clock.tick, "traffic", self, "tick")

    def sources(self) -> Iterator[Source]:
        """All who send requests: streams of users, then load generators."""
        yield from self.streams.values()
        yield from self.generators.live.values()

    def reset(self) -> None:
        """Forget all figures (not the work in flight): judgement begins now."""
        for streaming in self.streams.values():
            streaming.reset(self.engine.clock.tick)
        self.queues.reset()

    def lost(self, store: str, elsewhere: Records) -> tuple[int, int]:
        """(lost, acknowledged) records of a store: what the databases that are asked now do not find.

        While none can be asked, nothing is known to be lost that lies `elsewhere` on a durable disk.
        """
        lost = total = 0
        for streaming in self.streams.values():
            if streaming.users.store != store:
                continue
            found = Records()
            keepers = streaming.keepers()
            for station in keepers:
                found.update(station.container.records(store))
            total += len(streaming.acknowledged)
            lost += len((found if keepers else elsewhere).missing(streaming.acknowledged))
        return lost, total

    def runs(self) -> bool:
        """Users are always there."""
        return True

    # -- one tick ----------------------------------------------------------------------------------------------

    def reconcile(self, _key: Key) -> None:
        """One second of all users."""
        tick = self.engine.clock.tick
        if self.fabric.stamp() != self._stamp:
            self._routes()
        phase = self._phases.below(PPM)
        for streaming in self.streams.values():
            streaming.send(tick)
            for lane in streaming.lanes:
                if lane.sent_now and lane.root is not None:
                    lane.root.arrivals = lane.sent_now
        if self.generators.live:
            self.generators.send(tick, phase)
        self._expect()
        worked, in_rows = self._solve(tick, phase)
        for streaming in self.streams.values():
            streaming.settle(tick, phase)
        if self.queues.flows:
            self.queues.settle(self.fabric)
        if self.generators.live:
            self.generators.settle(self.fabric, tick, phase)
        squeezed = self.fabric.used(worked, in_rows, tick)
        self.passing.take(self._ways, self._missed(), tick)
        self._rest()
        if squeezed:
            self._squeeze(squeezed)
        self._running = bool(self.streams or self.generators.live)
        if self._running:
            self.engine.at(tick + 1, "traffic", self, "tick")

    def _expect(self) -> None:
        """Tell all on the ways how many requests are to be expected, when that has changed."""
        now = [lane.expected_milli for lane in self.lanes.values()]
        if self.generators.live:
            now += [lane.expected_milli for lane in self.generators.lanes()]
        if differ(self._expected, now):
            self._expected = now
            roots = [(lane.root, lane.expected_milli) for lane in self.lanes.values() if lane.root is not None]
            roots += self.generators.roots()
            loops = self.generators.loops()
            expect([*roots, *self.queues.roots()], self._ways, self.stations.values(), loops)
            if self.queues.expects():
                expect([*roots, *self.queues.roots()], self._ways, self.stations.values(), loops)

    def _solve(self, tick: int, phase: int) -> tuple[list[Station], list[Row]]:
        """Solve the tick; which stations had work, each its own and in rows."""
        _arrive(self._down, tick)
        if self.generators.live:
            _arrive(self.generators.down, tick)
        if self.queues.flows:
            self.queues.deal(self)
            _arrive(self.queues.down, tick)
        known: working.Known = {}
        who = Who(self._askers, tick, self._machines, self.fabric.hears)
        worked: list[Station] = []
        in_rows: list[Row] = []
        for row, stations, destinations in self._steps:
            if row is None or not row.whole:
                worked += self._one_by_one(stations, tick, phase, known)
            elif rows.busy(row):
                if rows.solve(row, phase, known, who):
                    in_rows.append(row)
                else:
                    worked += self._one_by_one(stations, tick, phase, known)
            for destination in destinations:
                if destination.arrivals:
                    solver.settle(destination, phase)
        return worked, in_rows

    def _one_by_one(self, stations: Sequence[Station], tick: int, phase: int, known: working.Known) -> list[Station]:
        """Stations that do their own work; which of them had any."""
        worked = []
        for station in stations:
            if station.own_cohorts or station.own_backlog is not EMPTY:
                self._wait(station, tick, phase, known)
            elif station.arrivals:
                working.solve_station(station, phase, known)
            else:
                continue
            worked.append(station)
        return worked

    def _missed(self) -> dict[tuple[str, str], int]:
        """The failures of this tick by Service, handed over once."""
        found: dict[tuple[str, str], int] = {}
        for one in self.sources():
            for name, n in one.account.missed_now.items():
                found[name] = found.get(name, 0) + n
            one.account.missed_now.clear()
        return found

    def _wait(self, station: Station, tick: int, phase: int, known: working.Known) -> None:
        """A station in which requests of earlier ticks may wait."""
        silent = not self.fabric.hears(station.machine)
        hangs = station.pulls and station.container.concurrency
        if not station.setting[0] and not station.container.held and not hangs:
            if station.own_cohorts:
                self.fallen[station.pod] = Fallen.of(station, tick)
            waiting.died(self._askers, station, tick, silent=silent)
            return
        waited = station.own_backlog.total
        working.solve_station(station, phase, known)
        done = station.work.outcome.old if station.work is not None else 0
        waiting.finish(self._askers, station, done, waited, tick, silent=silent)

    def _rest(self) -> None:
        """Clear what belonged to this tick."""
        for destination in self._ways:
            if destination.arrivals:
                destination.arrivals = 0
                rows.rest(destination)

    # -- ways --------------------------------------------------------------------------------------------------

    def _routes(self) -> None:
        """Build the trees anew: a way may lead elsewhere now."""
        lining.dissolve(self._ways)
        doors = [station for station in self.stations.values() if station.door is not None]
        for station in self.stations.values():
            station.door = None
            waits = station.own_backlog is not EMPTY or station.own_cohorts
            station.former = (station.legs or station.former) if waits else []
            station.legs = []
        self._down = []
        self.passing.forget(self.engine.clock.tick)
        self.fallen = {pod: at for pod, at in self.fallen.items() if at.tick > self.engine.clock.tick - REMEMBERED}
        for streaming in self.streams.values():
            whole = sum(lane.weight for lane in streaming.lanes)
            for lane in streaming.lanes:
                root = Router(self.fabric, lane.users, self.pools).root()
                lane.take(root)
                if isinstance(root.gate, Front):
                    root.gate.counts(lane.account, PPM * lane.weight // whole)
                self._down += callers_first(root)
        self.generators.attach(self.fabric, self.pools, self)
        self.queues.attach(self.fabric, self.pools, self, [*self._down, *self.generators.down])
        self._ways = [*self._down, *self.generators.down, *self.queues.down]
        self._askers = {**self.lanes, **self.queues.consumers}
        self._askers |= {lane.users.name: lane for lane in self.generators.lanes()}
        self.pools.close()
        for key, station in list(self.stations.items()):
            if station.legs or station.own_backlog is not EMPTY or station.own_cohorts:
                self._set(station)
            else:
                del self.stations[key]
        for station in doors:
            self._reset(station)
        self._line_up()
        self._expected = []
        self._stamp = self.fabric.stamp()

    def _reset(self, door: Station) -> None:
        """If a proxy has ended, so has all that was asked through it."""
        silent = not self.fabric.hears(door.machine)
        if silent or door.container.exit_code is not None:
            for station in self.stations.values():
                if station.own_cohorts:
                    waiting.cut(self._askers, station, door, self.engine.clock.tick, silent=silent)

    def _line_up(self) -> None:
        lining.line_up(self._ways)
        self._machines = tuple(dict.fromkeys([station.machine for station in self.stations.values()]))
        self._steps = steps(in_order(list(self.stations.values())), self._ways)

    def _squeeze(self, machines: Sequence[str]) -> None:
        """There processors are shared out differently from now on."""
        lining.dissolve(self._ways)
        for station in self.stations.values():
            if station.machine in machines:
                self._set(station)
        self.generators.renew()
        self._line_up()

    def _set(self, station: Station) -> None:
        container = station.container
        servers, room = container.concurrency, container.queue
        if station.door is not None and servers:
            servers, room = station.workers, station.room
        if station.pulls:
            hangs = container.ailment is not None and container.ailment.hangs
            servers, room = 0 if hangs else min(servers, 1) * station.pulls, FETCHED
        station.setting = (servers, room, container.serving_milli)
        station.memory_bytes = max((leg.plan.memory_bytes for leg in station.legs if leg.plan is not None), default=0)

    def station(self, place: Place, queue: str = "") -> Station:
        """The station of a container, made when first asked for; it keeps its backlog as long as it lives.

        For messages that it takes from a queue it has a station of its own.
        """
        container: Any = place.container
        key = (place.machine, f"{container.id}/{queue}" if queue else container.id)
        found = self.stations.get(key)
        if found is None:
            found = self.stations[key] = Station(container, place.machine, place.hop, since=self.engine.clock.tick)
        return found


def _arrive(down: Sequence[Destination], tick: int) -> None:
    """What is asked for runs down the ways."""
    for destination in down:
        if destination.arrivals:
            solver.arrive(destination, tick)
