"""All load generators of a cluster: containers that send requests of their own accord."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from attrs import define, field

from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.clock import Clock
from kubesim_tui.traffic.calling import Caller
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.traffic.lane import Lane
from kubesim_tui.traffic.network import Fabric, Place
from kubesim_tui.traffic.order import callers_first
from kubesim_tui.traffic.pool import Pools
from kubesim_tui.traffic.queues import Stations
from kubesim_tui.traffic.random_wait import PULLED
from kubesim_tui.traffic.scripted import BY_SCRIPT, Scripted
from kubesim_tui.traffic.way import Destination
from kubesim_tui.world import sending
from kubesim_tui.world.figures import Figures
from kubesim_tui.world.plan import Plan

OWN = "sends"
"""The name of its own station: what it costs to send."""
REMEMBERED = 32


class Cluster(Fabric, Protocol):
    """A fabric that knows who sends."""

    def senders(self) -> Sequence[Place]:
        """The containers that send requests of their own accord now."""
        ...

    def sent(self, place: Place, number: int, figures: Figures, tick: int, *, all_of_it: bool) -> None:
        """What the program of that number in a container has found out by sending requests, so far or in the end."""
        ...


@define(eq=False)
class Generators:
    """See the module. By container and program."""

    clock: Clock
    chance: Chance
    live: dict[str, Generator] = field(factory=dict)
    past: list[Generator] = field(factory=list)  # whose containers have ended, or who have sent all
    down: list[Destination] = field(factory=list)  # of their requests, callers first

    def attach(self, cluster: Cluster, pools: Pools, stations: Stations) -> None:
        """Ways are built: see who sends, and build those of their requests."""
        self.down = []
        there: dict[str, Generator] = {}
        for place in cluster.senders():
            for key, number in _of(place):
                one = self.live.get(key) or self._begin(place, number)
                if one is not None:
                    one.place = place
                    there[key] = one
        for key, gone in self.live.items():
            if key not in there:
                self._gone(gone, stations)
        self.live = there
        for one in there.values():
            self._connect(one, cluster, pools, stations)

    def _begin(self, place: Place, number: int) -> Generator | None:
        name = "/".join((*place.hop[1:], place.container.config.name))
        draws = self.chance.stream(f"traffic/{name}")
        if number == BY_SCRIPT:
            return Scripted.at(name, place, draws, self.clock.tick)
        does = sending.of(place.container, place.container.programs[number])
        return Generator.of(name, place, number, does, draws, self.clock.tick) if does is not None else None

    def _connect(self, one: Generator, cluster: Cluster, pools: Pools, stations: Stations) -> None:
        if isinstance(one, Scripted):
            one.learn()
        else:
            self._burden(one, cluster, pools, stations)
        for asking in one.asks:
            root, asking.lookups = Caller(cluster, asking.lane.users, pools).asked(asking.target.call, one.place)
            asking.lane.take(root)
            asking.places = None
            self.down += callers_first(root)
            if asking.lookups is not None and all(asking.lookups is not known for known in self.down):
                self.down.append(asking.lookups)

    def _burden(self, one: Generator, cluster: Cluster, pools: Pools, stations: Stations) -> None:
        """Sending costs its container something."""
        place, does = one.place, one.does
        one.station = stations.station(place, f"{OWN}/{one.number}")
        one.station.pulls = does.cores or max(1, place.container.host.cpu_milli // 1000)
        one.station.expected = PULLED
        work = Plan(service_us=does.cpu_us, scv_pm=0, cpu_us=does.cpu_us)
        one.effort = Caller(cluster, one.users, pools).work(work, place, one.station)
        self.down.append(one.effort)

    def _gone(self, one: Generator, stations: Stations) -> None:
        """Whatever it has asked for, nobody waits for it."""
        names = {lane.users.name for lane in one.lanes}
        for station in stations.stations.values():
            for cohort in station.cohorts:
                if cohort.users in names:
                    cohort.users = ""
        one.ended(self.clock.tick)
        self.past = [*self.past, one][-REMEMBERED:]

    def renew(self) -> None:
        """Processors are shared out differently from now on."""
        for one in self.live.values():
            for asking in one.asks:
                asking.places = None

    # -- one tick ----------------------------------------------------------------------------------------------

    def send(self, tick: int, phase: int) -> None:
        """Requests leave."""
        for one in self.live.values():
            one.send(tick, phase)

    def settle(self, cluster: Cluster, tick: int, phase: int) -> None:
        """What became of them; who knows that of all says so."""
        for key, one in list(self.live.items()):
            one.settle(tick, phase)
            if one.done and isinstance(one, Scripted):
                self.past = [*self.past, self.live.pop(key)][-REMEMBERED:]
            elif one.done or one.reports(tick):
                cluster.sent(one.place, one.number, one.figures(), tick, all_of_it=one.done)

    # -- what others ask ---------------------------------------------------------------------------------------

    def lanes(self) -> Iterator[Lane]:
        """All that is asked for."""
        for one in self.live.values():
            yield from one.lanes

    def roots(self) -> Iterator[tuple[Destination, int]]:
        """Their ways, with what is expected on them."""
        for one in self.live.values():
            for asking in one.asks:
                if asking.lane.root is not None:
                    yield asking.lane.root, asking.lane.expected_milli
                if asking.lookups is not None:
                    yield asking.lookups, asking.lane.expected_milli

    def loops(self) -> dict[str, None]:
        """The lanes of closed loops without thinking: whoever asks there has just been answered."""
        looping = [one for one in self.live.values() if not one.does.open and not one.thinks]
        return {lane.users.name: None for one in looping for lane in one.lanes}


def _of(place: Place) -> list[tuple[str, int]]:
    """The keys and numbers of all in a container that may send."""
    container = place.container
    sends = [(n, one) for n, one in enumerate(container.programs) if one.answers and one.spec.sends is not None]
    found = [(f"{container.id}/{number}/{program.since}", number) for number, program in sends]
    if container.noted is not None and container.noted.known:
        found.append((f"{container.id}/script", BY_SCRIPT))
    return found
