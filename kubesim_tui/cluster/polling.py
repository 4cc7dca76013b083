"""Programs that list from the API server over and over (`polls` of their images), and what that costs its machines.

Each asks as the ServiceAccount of its Pod, an API server that serves and is reached, and asks anew so long after it has
been answered. Priority and fairness lets in what the seats of its level are enough for, a list being as wide as its
bytes make it; a few more wait, and others are told to come back later. What is let in lies on the server's desk
(`desks`), whose load is put on its container; the kernel of its machine sees whether there is room for that.

Only while there are such programs, and one of them is due, is there anything to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from kubesim_tui.api import scheme, types
from kubesim_tui.apiserver.authentication import service_account
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import Request
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.cluster.addresses import NAMESPACE, POD
from kubesim_tui.cluster.desks import Cost, Desk, Poll
from kubesim_tui.cluster.plane import SERVER, ControlPlane, Door
from kubesim_tui.explain.world import Polled
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.world.container import Container
from kubesim_tui.world.lifecycle import POLLER
from kubesim_tui.world.template import expand
from kubesim_tui.world.units import ceil_tick, duration_us
from kubesim_tui.world.world import World

REQUEST_US, BYTES_A_US = 1_000, 50
"""What a list takes of a processor, and how many bytes of its answer are made in a microsecond."""
COPIES = 3
"""An answer takes so many times its bytes while it is made: objects, their other form, text."""
AGAIN = 1
"""Seconds after which a client tries again who was refused a connection, or told to come back later."""


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    etcd: Etcd
    world: World
    plane: ControlPlane
    server: ApiServer


class Polling:
    """See the module. A worker of the engine, and the ear of the world's pulse for those programs."""

    name, order, phase = "polling", 0, "traffic"

    def __init__(self, cluster: Owner) -> None:
        self.cluster, self.engine = cluster, cluster.engine
        self.desks = {door.place: Desk(_starts(door)) for door in cluster.plane.doors}
        self.known: dict[str, tuple[Poll, ...]] = {}  # by container
        self.due: dict[int, list[Poll]] = {}  # by tick
        self._costs: dict[tuple[str, str, str], Cost] = {}  # of this tick: of whom, for what, where
        self._turn = 0
        self._planned = -1
        cluster.world.pulse.ears[POLLER] = self

    def runs(self) -> bool:
        """It is no process."""
        return True

    def beat(self) -> None:
        """A program has begun to poll."""
        self._plan(self.engine.tick)

    def _plan(self, tick: int) -> None:
        if not self.engine.tick <= self._planned <= tick:
            self._planned = tick
            self.engine.at(tick, self.phase, self, tick)

    def reconcile(self, _key: Key) -> None:
        """One tick of it."""
        now, self._planned = self.engine.tick, -1
        self._costs.clear()
        self._meet(now)
        doors = [(door, self.desks[door.place]) for door in self.cluster.plane.doors]
        for door, desk in doors:
            if not door.answers() or desk.starts != _starts(door):
                desk.starts = _starts(door)
                self._later(desk.clear(), now + AGAIN)
        for poll in self._due(now):
            self._send(poll, now)
        for door, desk in doors:
            for level in dict.fromkeys(flow.level for flow in desk.queues):
                desk.seat(level, self.cluster.server.fairness.seats(level), now)
            for poll in desk.work(door.machine, now):
                self._later([poll], now + poll.every)
            desk.bear(door.machine, now)
        self.cluster.server.fairness.busy = self._busy()
        following = now + 1 if any(desk.jobs for _, desk in doors) else min(self.due, default=-1)
        if following > now:
            self._plan(following)

    def _busy(self) -> dict[str, tuple[int, int]]:
        """Of each level, how many are being answered, and how many wait."""
        found: dict[str, tuple[int, int]] = {}
        for level, executing, waiting in (one for desk in self.desks.values() for one in desk.by_level()):
            before = found.get(level, (0, 0))
            found[level] = (before[0] + executing, before[1] + waiting)
        return found

    # -- who asks ----------------------------------------------------------------------------------------------

    def _meet(self, now: int) -> None:
        """Containers that have begun to poll ask at once; those that have ended ask no more."""
        playing = {container.id: container for container in self.cluster.world.pulse.playing(POLLER)}
        gone = [identity for identity in self.known if identity not in playing]
        for identity in gone:
            del self.known[identity]
        for desk in self.desks.values():
            desk.forget(iter(gone))
        for identity, container in playing.items():
            if identity not in self.known:
                self.known[identity] = tuple(self._polls(container))
                self._later(self.known[identity], now)

    def _polls(self, container: Container) -> Iterator[Poll]:
        labels = container.sandbox.labels
        namespace, name = labels.get(NAMESPACE, ""), labels.get(POD, "")
        pod = self.cluster.etcd.get("pods", (namespace, name))
        account = pod.spec.service_account_name if isinstance(pod, types.Pod) and pod.spec is not None else ""
        user = service_account(namespace, account or "default")
        for program in container.programs:
            scope = program.scope(container, self.engine.tick, {})
            for one in program.spec.polls:
                request = Request(user, "list", scheme.for_plural(one.resource), expand(one.namespace, scope))
                yield Poll(container, request, max(1, ceil_tick(duration_us(expand(one.every, scope)))))

    def _due(self, now: int) -> list[Poll]:
        found = [poll for tick in sorted(self.due) if tick <= now for poll in self.due.pop(tick)]
        return [poll for poll in found if poll.container.id in self.known]

    def _later(self, polls: list[Poll] | tuple[Poll, ...], tick: int) -> None:
        if polls:
            self.due.setdefault(tick, []).extend(polls)

    def greediest(self) -> Polled | None:
        """Whose containers list most, all together."""
        by_user: dict[str, list[tuple[Poll, ...]]] = {}
        for polls in self.known.values():
            if polls:
                by_user.setdefault(polls[0].request.user.name, []).append(polls)
        found = [self._polled(all_) for _, all_ in sorted(by_user.items())]
        return max(found, key=lambda one: one.clients * one.size, default=None)

    def _polled(self, all_: list[tuple[Poll, ...]]) -> Polled:
        labels, requests = all_[0][0].container.sandbox.labels, [poll.request for poll in all_[0]]
        kinds = tuple(dict.fromkeys(request.resource.plural for request in requests))
        size = sum(self._size(request)[1] for request in requests)
        return Polled(labels.get(NAMESPACE, ""), labels.get(POD, ""), len(all_), kinds, size)

    # -- what becomes of it ------------------------------------------------------------------------------------

    def _send(self, poll: Poll, now: int) -> None:
        """To one of the servers, in turn; there it takes seats, or waits for them, or is told to come back later."""
        machine, links = poll.container.host.machine, self.cluster.world.links
        doors = [d for d in self.cluster.plane.doors if d.serves() and links.timely(machine, d.place)]
        if not doors:
            self._later([poll], now + AGAIN)
            return
        self._turn += 1
        desk, fairness = self.desks[doors[self._turn % len(doors)].place], self.cluster.server.fairness
        fairness.count(poll.request)
        if not self._allowed(poll.request):
            self._later([poll], now + poll.every)
            return
        cost = self._cost(poll.request)
        flow = cost.flow
        if flow is None or (flow not in desk.queues and desk.has_room(cost, fairness.seats(flow.level))):
            desk.begin(poll, cost, now)
        elif not desk.wait(poll, cost, fairness.queue_length(flow.level)):
            fairness.reject(flow.level)
            self._later([poll], now + AGAIN)

    def _allowed(self, request: Request) -> bool:
        who = self.cluster.server.authorizer
        return who.authorize(request.user, request.verb, request.resource, "", request.namespace, "")[0]

    def _size(self, request: Request) -> tuple[int, int]:
        return self.cluster.plane.members.backend.size_of(request.resource.group_resource, request.namespace)

    def _cost(self, request: Request) -> Cost:
        key = (request.user.name, request.resource.group_resource, request.namespace)
        known = self._costs.get(key)
        if known is None:
            fairness, (stored, text) = self.cluster.server.fairness, self._size(request)
            flow = fairness.flow_of(request)
            seats = fairness.width(flow.level, stored) if flow is not None else 0
            known = self._costs[key] = Cost(flow, seats, REQUEST_US + text // BYTES_A_US, COPIES * text)
        return known


def _starts(door: Door) -> int:
    return door.machine.process(SERVER).starts
