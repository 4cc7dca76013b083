"""The edge: the Pods of ingress-nginx, and what each of them works by.

Whatever container runs the controller's program is one of them. While its machine reaches the API server it takes over
what there is to hear (network/ingress) when its queue lets it (network/ingress_sync); one that is cut off keeps what it
had, and one that has never heard anything has nothing. Users get there by a balancer in front of the control plane's
machines, whose address the public DNS gives for every host that nobody else bears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubesim_tui.api.types import ObjectReference
from kubesim_tui.cluster.addresses import NAMESPACE as POD_NAMESPACE
from kubesim_tui.cluster.addresses import POD
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.kubelet.cri import UID
from kubesim_tui.network.ingress import SYNC, IngressController
from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.network.ingress_sync import PERIOD_US, SECOND_US, Nginx, advanced, asked
from kubesim_tui.traffic.network import Proxy
from kubesim_tui.world.balancer import Balancer
from kubesim_tui.world.world import World

ROLE = "ingress-controller"
"""Of the program that makes a container one of them."""
NAMESPACE, NAME = "ingress-nginx", "ingress-nginx-controller"
ADDRESS = "203.0.113.10"
FRONT = "ingress"
NOTHING = Configuration()
"""Of who has never heard anything."""


class Edge:
    """See the module."""

    def __init__(self, world: World, plane: ControlPlane) -> None:
        self.world, self.plane = world, plane
        self.controller: IngressController | None = None
        self.fronts: dict[str, Balancer] = {}  # no business of the cloud controller manager's
        self._changes = 0
        self._newest = Configuration()  # what there was to hear when they heard last
        self._nginx: dict[str, Nginx] = {}  # by container; who is not there works by the newest
        self._deaf: frozenset[str] = frozenset()  # machines
        self._turns = (-1, 0)  # by which version, and when the next certificate of it begins or ends
        self._found: tuple[int, Mapping[str, Proxy]] = (-1, {})

    def open(self, controller: IngressController) -> None:
        """A controller is installed, and the balancer stands in front of it."""
        self.controller = controller
        machines = dict.fromkeys(self.plane.names)
        self.fronts[FRONT] = Balancer(FRONT, ADDRESS, (NAMESPACE, NAME), 0, machines)

    @property
    def version(self) -> int:
        """Grows whenever one of them may lead users elsewhere."""
        return self._changes

    def turn(self, now: int) -> None:
        """Time goes by: a certificate may begin or end to be good."""
        version, due = self._turns
        if version != self._changes or 0 < due <= now:
            self._changes += 0 < due <= now
            there = {id(one): one for one in (self._newest, *(nginx.works_by for nginx in self._nginx.values()))}
            turns = [turn for turn in (one.turns(now) for one in there.values()) if turn]
            self._turns = (self._changes, min(turns, default=0))

    @property
    def front(self) -> Balancer | None:
        """The balancer in front of it."""
        return self.fronts.get(FRONT)

    def proxies(self) -> Mapping[str, Proxy]:
        """Its Pods by address."""
        beats = self.world.pulse.beats
        if self._found[0] != beats:
            found = {} if self.controller is None else {p.container.sandbox.ip: p for p in self._running()}
            self._found = (beats, found)
        return self._found[1]

    def _running(self) -> Iterator[Proxy]:
        for container in self.world.pulse.playing(ROLE):
            yield Proxy(container.host.machine, container)

    @property
    def place(self) -> str:
        """The machine of one of its Pods; where they should be, if there is none."""
        return next((proxy.machine for proxy in self.proxies().values()), self.plane.names[0])

    def hear(self) -> bool:
        """Whether one of its Pods runs and reaches the API server."""
        return any(self._hears(proxy.machine) for proxy in self.proxies().values())

    def _hears(self, machine: str) -> bool:
        return self.plane.balanced(machine).open()

    def configuration(self, proxy: Proxy) -> Configuration:
        """What one of its Pods works by."""
        known = self._nginx.get(proxy.container.id)
        if known is not None:
            return known.works_by
        return NOTHING if proxy.machine in self._deaf else self._newest

    def lags(self, proxy: Proxy) -> bool:
        """Whether there is something that it has not taken over, though it hears."""
        assert self.controller is not None
        behind = self.configuration(proxy) is not self.controller.live
        return behind and proxy.machine not in self._deaf

    # -- what they take over -----------------------------------------------------------------------------------

    def ask(self, tick: int) -> None:
        """Those that hear have heard of something."""
        self._remember()
        for proxy in self._hearing():
            self._nginx[proxy.container.id] = asked(self._nginx[proxy.container.id], tick * SECOND_US)

    def advance(self, newest: Configuration, tick: int) -> tuple[list[ObjectReference], int | None]:
        """They take over what they know when they may: which of them reload, and in which tick more is due."""
        self._remember()
        self._newest, reloading, due = newest, [], []
        for proxy in self._hearing():
            before = self._nginx[proxy.container.id]
            nginx = self._nginx[proxy.container.id] = advanced(before, newest, tick * SECOND_US)
            self._changes += nginx.works_by is not before.works_by
            goal = nginx.loading or nginx.works_by
            if goal.table is not (before.loading or before.works_by).table:
                reloading.append(_reference(proxy))
            if nginx.due_us is not None:
                due.append(ceil_div(nginx.due_us, SECOND_US))
        return reloading, min(due, default=None)

    def look(self) -> None:
        """A link or a process has changed: who hears nothing any more keeps what it has."""
        if self.controller is None:
            return
        deaf = frozenset(name for name in self.world.machines if not self._hears(name))
        if deaf == self._deaf:
            return
        self._remember()
        self._deaf, self._changes = deaf, self._changes + 1
        tick = self.controller.engine.clock.tick
        self.ask(tick)
        self.advance(self.controller.live, tick)
        self.controller.enqueue(SYNC)

    def _hearing(self) -> list[Proxy]:
        return [proxy for proxy in self.proxies().values() if proxy.machine not in self._deaf]

    def _remember(self) -> None:
        """All that run now. What there was to hear when one began it took over then."""
        there = self.proxies().values()
        self._nginx = {proxy.container.id: self._nginx.get(proxy.container.id) or self._begun(proxy) for proxy in there}

    def _begun(self, proxy: Proxy) -> Nginx:
        if proxy.machine in self._deaf:
            return Nginx(NOTHING)
        return Nginx(self._newest, (proxy.container.started or 0) * SECOND_US + PERIOD_US)


def _reference(proxy: Proxy) -> ObjectReference:
    """Its Pod, to say something about."""
    labels = proxy.container.sandbox.labels
    return ObjectReference("v1", "", "Pod", labels.get(POD, ""), labels.get(POD_NAMESPACE, ""), "", labels.get(UID, ""))
