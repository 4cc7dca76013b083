"""Who answers when a machine's containers look names up: the Pods behind the servers of their resolv.conf.

A server's address means what the rules of the asking machine make of it, as any Service's does (UDP, port 53); a Pod
that is reached, let through by the policies and serving DNS answers from its zone, as its Corefile says. A zone is
everybody's live one, but on machines without a road to the API server: there it stays as it was when the road closed.
Servers of the world outside know nothing of the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any, Protocol

from attrs import evolve, frozen

from kubesim_tui.cluster.barriers import DNS_PORT, Barriers
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.kernel.clock import Clock
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.dns_zone import Zone
from kubesim_tui.network.name_server import Cached, NameServer, plain
from kubesim_tui.network.policy import Party
from kubesim_tui.network.resolver import is_address, parse
from kubesim_tui.network.ruleset import Target, Targets
from kubesim_tui.traffic.lookup import QUERY
from kubesim_tui.traffic.network import Place, Spot, Unanswered
from kubesim_tui.traffic.way import Hop
from kubesim_tui.world.config import RESOLV
from kubesim_tui.world.container import Container
from kubesim_tui.world.plan import Refused
from kubesim_tui.world.program import Program
from kubesim_tui.world.world import World

TIMEOUT_US = 5_000_000
"""How long a resolver waits for a server (options timeout:5 of resolv.conf)."""
PROTOCOL = "dns"
"""What a program speaks on its port that serves the cluster's names."""


class Ground(Protocol):
    """What is asked of the fabric."""

    def spot(self, machine: str) -> Spot:
        """From where a machine's containers ask."""
        ...

    def at(self, ip: str, port: int, node: str) -> Place | None:
        """Who owns an address."""
        ...

    def reachable(self, a: str, b: str) -> bool:
        """Links stand between two places."""
        ...

    def origin(self, machine: str, container: Container | None) -> Party | None:
        """Who asks, to NetworkPolicies."""
        ...


@frozen
class Frozen:
    """The zone of a machine whose road closed at a tick."""

    tick: int
    zone: Zone

    def __deepcopy__(self, _memo: Any) -> Frozen:
        return self


class NameServers:
    """See the module. `inside`: the ranges of the cluster's own addresses."""

    def __init__(
        self,
        ground: Ground,
        world: World,
        plane: ControlPlane,
        barriers: Barriers,
        live: Zone,
        inside: Iterable[str],
        clock: Clock,
    ) -> None:
        self.ground, self.world, self.plane, self.barriers, self.live = ground, world, plane, barriers, live
        self.clock = clock
        self.inside = tuple(ip_network(one) for one in inside)
        self._frozen: dict[str, Frozen] = {}
        self.cached = Cached()

    def turned(self) -> bool:
        """Whether somebody answers otherwise from now on, for the age of what he has cached."""
        return bool(self.cached.kept) and self.cached.turned(self.clock.tick)

    def look(self, tick: int) -> None:
        """Processes or links have changed: machines that hear nothing more keep the zone that they have."""
        for machine in self.world.machines:
            if self.plane.balanced(machine).open():
                self._frozen.pop(machine, None)
            elif machine not in self._frozen:
                self._frozen[machine] = Frozen(tick, self.live.copy())

    def asked(
        self, machine: str, container: Container | None, servers: Iterable[str]
    ) -> NameServer | Unanswered | None:
        """The first server that answers; None: it is one of the world outside."""
        found: NameServer | Unanswered | None = Unanswered("dns-down", (), "no server is known")
        for server in servers:
            found = self._server(machine, container, server)
            if not isinstance(found, Unanswered):
                return found
        return found

    def serving(
        self, machine: str, container: Container | None, servers: Iterable[str]
    ) -> tuple[tuple[Hop, ...], Targets]:
        """Where the queries go that are answered: the way to the first server that does, and who stands behind it."""
        for server in servers:
            if isinstance(self._server(machine, container, server), NameServer):
                spot = self.ground.spot(machine)
                rule = spot.rules.addresses.get((server, DNS_PORT, "UDP"))
                if rule is None:
                    return (), (Target(server, DNS_PORT),)
                return (("Service", rule.namespace, rule.name),), rule.internal(machine, spot.zone)
        return (), ()

    def _server(self, machine: str, container: Container | None, server: str) -> NameServer | Unanswered | None:
        spot = self.ground.spot(machine)
        rule = spot.rules.addresses.get((server, DNS_PORT, "UDP"))
        if rule is None:
            return self._alone(machine, container, server) if self._is_inside(server) else None
        service = ("Service", rule.namespace, rule.name)
        targets = rule.internal(machine, spot.zone)
        if not targets:
            return Unanswered("dns-down", (service,), delay_us=TIMEOUT_US if rule.targets else 0)
        found: NameServer | Unanswered = Unanswered("dns-down", (service,))
        for target in targets:
            found = self._replica(machine, container, target)
            if isinstance(found, NameServer):
                return found
            if found.code != "policy":
                found = evolve(found, way=(service, *found.way))
        return found

    def _alone(self, machine: str, container: Container | None, server: str) -> NameServer | Unanswered:
        """A server that is no Service's address."""
        found = self._replica(machine, container, Target(server, DNS_PORT))
        return found if isinstance(found, NameServer) or found.way else evolve(found, code="dns-down")

    def _is_inside(self, server: str) -> bool:
        return is_address(server) and any(ip_address(server) in one for one in self.inside)

    def _replica(self, machine: str, container: Container | None, target: Target) -> NameServer | Unanswered:
        """Who hears a query: a server, or silence (a resolver waits for datagrams, whatever happens)."""
        place = self.ground.at(target.ip, target.port, target.node)
        if place is None:
            return Unanswered("dns-silent", (), f"nobody has address {target.ip}", TIMEOUT_US)
        if not place.powered or not self.ground.reachable(machine, place.machine):
            node = ("Node", "", place.machine)
            return Unanswered("dns-silent", (node, place.hop), f"node {place.machine} does not answer", TIMEOUT_US)
        origin = self.ground.origin(machine, container)
        denial = self.barriers.bars(origin, place, target.port, "UDP") if origin is not None else None
        if denial is not None:
            return Unanswered("policy", (denial.subject,), str(denial), TIMEOUT_US)
        container, program, why = _speaker(place.container, target.port)
        zone = self._zone(place.machine, container) if container is not None else None
        if container is None or program is None or zone is None:
            return Unanswered("dns-silent", (place.hop,), why or "its zone is not loaded", TIMEOUT_US)
        others = partial(self._others, place.machine, container)
        port = str(target.port)
        corefile = program.corefile or plain(port)
        return NameServer(container.id, zone, corefile, port, self.cached, self.clock.tick, others)

    def _others(self, machine: str, container: Container, address: str, name: str, hops: int) -> Answer | None:
        """What a server is told whom it asks in its turn; what is outside knows the names of the world."""
        servers = parse(container.sandbox.files.get(RESOLV, "")).servers if address == RESOLV else (address,)
        for server in servers:
            found = self._server(machine, container, server)
            if isinstance(found, NameServer):
                return found.lookup(name, hops)
            if found is None:
                return self.outside(name)
        return None

    def outside(self, name: str) -> Answer:
        """What the DNS of the world outside answers, which knows nothing of Services."""
        return Answer(name, alias=name) if name in self.world.outside else Answer(name, exists=False)

    def _zone(self, machine: str, container: Container) -> Zone | None:
        """What a server knows; None if it has started after its machine lost the API server."""
        kept = self._frozen.get(machine)
        if kept is None:
            return self.live
        return kept.zone if (container.started or 0) <= kept.tick else None


def _speaker(container: Container | None, port: int) -> tuple[Container | None, Program | None, str]:
    """The container and the program in it that answer a query; or why nobody does."""
    if container is None:
        return None, None, "exited"
    plan = container.plan(port, QUERY, "/")
    if isinstance(plan, Refused):
        return None, None, plan.why or plan.error
    program, listen = container.listening(port)
    if listen is None or listen.protocol != PROTOCOL:
        return None, None, f"nothing listens on port {port}"
    return container, program, ""
