"""The edge: the Pods of ingress-nginx, and what each of them works by.

Whatever container runs the controller's program is one of them. While its machine reaches the API server it works by
what all in sync have heard (network/ingress); one that is cut off keeps what it had. Users get there by a balancer in
front of the control plane's machines, whose address the public DNS gives for every host that nobody else bears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.network.ingress import IngressController
from kubesim_tui.network.ingress_backends import Configuration
from kubesim_tui.traffic.network import Proxy
from kubesim_tui.world.balancer import Balancer
from kubesim_tui.world.world import World

ROLE = "ingress-controller"
"""Of the program that makes a container one of them."""
NAMESPACE, NAME = "ingress-nginx", "ingress-nginx-controller"
ADDRESS = "203.0.113.10"
FRONT = "ingress"


class Edge:
    """See the module."""

    def __init__(self, world: World, plane: ControlPlane) -> None:
        self.world, self.plane = world, plane
        self.controller: IngressController | None = None
        self.fronts: dict[str, Balancer] = {}  # no business of the cloud controller manager's
        self._changes = 0
        self._kept: dict[str, Configuration] = {}  # what those work by whose machine hears nothing
        self._turns = (-1, 0)  # by which configuration, and when the next certificate of it begins or ends
        self._found: tuple[int, Mapping[str, Proxy]] = (-1, {})

    def open(self, controller: IngressController) -> None:
        """A controller is installed, and the balancer stands in front of it."""
        self.controller = controller
        machines = dict.fromkeys(self.plane.names)
        self.fronts[FRONT] = Balancer(FRONT, ADDRESS, (NAMESPACE, NAME), 0, machines)

    @property
    def version(self) -> int:
        """Grows whenever one of them may lead users elsewhere."""
        return self._changes + (self.controller.version if self.controller is not None else 0)

    def turn(self, now: int) -> None:
        """Time goes by: a certificate may begin or end to be good."""
        if self.controller is None:
            return
        version, due = self._turns
        if version != self.controller.version or 0 < due <= now:
            self._changes += 0 < due <= now
            self._turns = (self.controller.version, self.controller.live.turns(now))

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
        assert self.controller is not None
        return self._kept.get(proxy.machine, self.controller.live)

    def look(self) -> None:
        """A link or a process has changed: who hears nothing any more keeps what it has."""
        if self.controller is None:
            return
        kept = {
            machine: self._kept.get(machine, self.controller.live)
            for machine in self.world.machines
            if not self._hears(machine)
        }
        if kept != self._kept:
            self._kept = kept
            self._changes += 1
