"""The traffic of a cluster: every tick, users send, the way decides, samples are kept.

It works in its own phase, once a tick while there are users. The trees of ways are kept until something on the way has
changed: a link, a machine's rules, DNS, the ingress table, or what a container answers.
"""

from __future__ import annotations

from typing import Protocol

from attrs import evolve

from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.traffic import solver
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.routing import Fabric, Place, Router
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.station import EMPTY, TICK_US
from kubesim_tui.traffic.streaming import LATE, Streaming
from kubesim_tui.traffic.way import Cohort, Destination, Fail, Station
from kubesim_tui.world.records import Records

DIED = Fail("502", "pod-died", (), "its container ended while it was being served")


class Tables(Fabric, Protocol):
    """A fabric that also tells when an answer of its may have changed."""

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever a way may lead elsewhere."""
        ...

    def used(self, station: Station, tick: int) -> None:
        """A container worked in this tick: tell its machine (seen by kubelet and metrics in the next tick)."""
        ...


class Traffic:
    """All streams. `add` users, and they send from this tick on."""

    def __init__(self, engine: Engine, fabric: Tables, chance: Chance) -> None:
        self.name, self.order = "traffic", 0
        self.engine, self.fabric, self._chance = engine, fabric, chance
        self.streams: dict[str, Streaming] = {}
        self.stations: dict[tuple[str, str], Station] = {}
        self._order: list[Station] = []
        self._destinations: list[Destination] = []
        self._stamp: tuple[int, ...] = ()
        self._phases = chance.stream("traffic/phase")
        self._running = False

    def add(self, users: Users) -> None:
        """Users start to send."""
        self.streams[users.name] = Streaming(users, self._chance.stream(f"traffic/{users.name}"))
        self._stamp = ()
        if not self._running:
            self._running = True
            self.engine.at(self.engine.clock.tick, "traffic", self, "tick")

    def reset(self) -> None:
        """Forget all figures (not the work in flight): judgement begins now."""
        for streaming in self.streams.values():
            streaming.reset()

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
        self._routes()
        phase = self._phases.below(PPM)
        for streaming in self.streams.values():
            if (n := streaming.send(tick)) and streaming.root is not None:
                streaming.root.settled = tick
                solver.arrive(streaming.root, n)
        for station in self._order:
            self._work(station, tick, phase)
        for streaming in self.streams.values():
            if streaming.sent_now and streaming.root is not None:
                solver.settle_destination(streaming.root)
            streaming.settle(tick, phase)
        for streaming in self.streams.values():
            streaming.close(tick)
        self._rest()
        self.engine.at(tick + 1, "traffic", self, "tick")

    def _routes(self) -> None:
        """Build the trees anew if a way may lead elsewhere now."""
        stamp = self._now()
        if stamp == self._stamp:
            return
        for station in self.stations.values():
            station.legs = []
        self._destinations = []
        for streaming in self.streams.values():
            streaming.root = Router(self.fabric, streaming.users).root()
            self._destinations += _all(streaming.root)
        self._sort()
        self._stamp = self._now()

    def _now(self) -> tuple[int, ...]:
        return (*self.fabric.stamp(), *[s.container.generation for s in self._order])

    def _sort(self) -> None:
        """Stations with callees before callers; one that no way leads to any more is kept until its backlog is done."""
        done: dict[tuple[str, str], None] = {}
        order: list[Station] = []
        for key, station in list(self.stations.items()):
            if station.legs or station.backlog.total:
                self._visit(key, station, done, order)
            else:
                del self.stations[key]
        self._order = order

    def _visit(
        self, key: tuple[str, str], station: Station, done: dict[tuple[str, str], None], order: list[Station]
    ) -> None:
        if key in done:
            return
        done[key] = None
        for leg in station.legs:
            for called in leg.calls:
                for other in called.legs:
                    if other.station is not None:
                        self._visit((other.station.machine, other.station.container.id), other.station, done, order)
        order.append(station)

    def station(self, place: Place) -> Station:
        """The station of a container, made when first asked for."""
        key = (place.machine, place.container.id)
        found = self.stations.get(key)
        if found is None or found.container is not place.container:
            found = self.stations[key] = Station(place.container, place.machine, place.hop, [], EMPTY, [])
        return found

    def _work(self, station: Station, tick: int, phase: int) -> None:
        if station.backlog.total and not station.container.concurrency:
            self._died(station, tick)
        if not (station.arrivals or station.backlog.total):
            return
        for leg in station.legs:
            for called in leg.calls:
                if called.settled != tick:
                    called.settled = tick
                    solver.settle_destination(called)
        before = station.backlog.total
        solver.solve_station(station, phase)
        if before or station.cohorts:
            self._finish(station, min(station.outcome.served, before), tick)
        self.fabric.used(station, tick)

    def _rest(self) -> None:
        """Clear what belonged to this tick."""
        for station in self._order:
            if not station.arrivals:
                station.new_done = station.new_refused = station.new_pending = 0
            station.arrivals = 0
        for destination in self._destinations:
            destination.arrivals = 0
            for leg in destination.legs:
                leg.arrivals = 0

    # -- backlogs ----------------------------------------------------------------------------------------------

    def _finish(self, station: Station, done: int, tick: int) -> None:
        """Requests of earlier ticks leave, first in, first out; those whose users have given up stay as work."""
        for cohort in station.cohorts:
            if cohort.users and (tick - cohort.tick) * TICK_US >= self.streams[cohort.users].users.timeout_us:
                self.streams[cohort.users].fail(LATE, cohort.count, tick)
                cohort.users = ""
        while done and station.cohorts:
            cohort = station.cohorts[0]
            n = min(done, cohort.count)
            cohort.count -= n
            done -= n
            if cohort.users:
                latency = station.outcome.latency.mean_us + (tick - cohort.tick - 1) * TICK_US
                self._leave(station, cohort, n, latency, tick)
            if not cohort.count:
                station.cohorts.pop(0)
        if not station.backlog.total:  # rounding may have left a few behind
            for cohort in station.cohorts:
                if cohort.users:
                    self._leave(station, cohort, cohort.count, (tick - cohort.tick) * TICK_US, tick)
            station.cohorts.clear()

    def _leave(self, station: Station, cohort: Cohort, n: int, latency_us: int, tick: int) -> None:
        """Requests are done here: well or not, as what they called has answered."""
        streaming = self.streams[cohort.users]
        leg = next((leg for leg in station.legs if leg.users == cohort.users), None)
        if leg is None:
            streaming.leave(n, latency_us, tick)
            return
        ok, failed, held = solver.settle_late(leg, n)
        if ok:
            streaming.leave(ok, latency_us, tick)
        for fail, count in failed.items():
            if count:
                streaming.fail(fail, count, tick)
        for other, count in held:
            other.cohorts.append(Cohort(cohort.users, cohort.tick, count))

    def _died(self, station: Station, tick: int) -> None:
        """The container is gone, and with it what it was working on."""
        fail = evolve(DIED, way=(station.pod,))
        for cohort in station.cohorts:
            if cohort.users:
                self.streams[cohort.users].fail(fail, cohort.count, tick)
        station.cohorts.clear()
        station.backlog, station.capacity = EMPTY, 0


def _all(root: Destination) -> list[Destination]:
    """Every destination of a tree, each once."""
    found = {id(root): root}
    todo = [root]
    while todo:
        for leg in todo.pop().legs:
            for called in leg.calls:
                if id(called) not in found:
                    found[id(called)] = called
                    todo.append(called)
    return list(found.values())
