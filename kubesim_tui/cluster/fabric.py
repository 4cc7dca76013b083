"""The fabric: what the network is made of, as traffic and single requests meet it.

It only joins what others have programmed: the links of the world, the rules of each machine, the tables of DNS and of
the ingress controller, the containers behind addresses. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.network.dns import Answer, CoreDNS
from kubesim_tui.network.ingress import IngressController
from kubesim_tui.network.ruleset import Ruleset
from kubesim_tui.traffic.routing import Entry, Place
from kubesim_tui.traffic.traffic import Traffic
from kubesim_tui.traffic.way import Station
from kubesim_tui.world.config import Sandbox
from kubesim_tui.world.container import Container
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.world import World

POD, NAMESPACE = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace"
TTL = 30
NO_RULES = Ruleset()


class Fabric:
    """See the module. `traffic` is wired in after both are made."""

    def __init__(self, world: World, etcd: Etcd, dns: CoreDNS, control_plane: str) -> None:
        self.world, self.etcd, self.dns, self.control_plane = world, etcd, dns, control_plane
        self.ingress_controller: IngressController | None = None
        self.traffic: Traffic | None = None
        self._by_ip: dict[str, tuple[str, str]] = {}  # address → (machine, sandbox), checked when used
        self._kept: dict[tuple[str, str, str], tuple[int, Answer]] = {}  # resolvers' caches: until when, what

    # -- ways in -----------------------------------------------------------------------------------------------

    def entry(self, host: str, port: int) -> Entry:
        """Where users outside get who ask for a host."""
        machine = self._machine_named(host)
        if machine is not None:
            return Entry("node", machine, port)
        if host in self.world.outside:
            return Entry("outside")
        service = self._balancer(host)
        if service is not None:
            return service if not service.port else Entry("service", service.machine, port, service.service)
        if self.ingress_controller is not None:
            return Entry("ingress")
        return Entry("none", detail=f"no DNS record for {host}")

    def _machine_named(self, host: str) -> str | None:
        if host in self.world.machines:
            return host
        for node in self.etcd.table("nodes"):
            assert isinstance(node, types.Node)
            addresses = node.status.addresses if node.status else ()
            if any(a.address == host for a in addresses):
                return node.metadata.name
        return None

    def _balancer(self, host: str) -> Entry | None:
        for obj in self.etcd.table("services"):
            assert isinstance(obj, types.Service)
            balancer = obj.status.load_balancer if obj.status else None
            if balancer is not None and any(host in (i.ip, i.hostname) for i in balancer.ingress):
                machine = next((n for n, m in self.world.machines.items() if m.powered), "")
                return Entry("service", machine, 1, (obj.metadata.namespace, obj.metadata.name))
        return None

    def ingress(self) -> tuple[str, bool, IngressController] | None:
        """(machine, runs, controller) of the ingress controller."""
        controller = self.ingress_controller
        return None if controller is None else (self.control_plane, controller.runs(), controller)

    # -- tables ------------------------------------------------------------------------------------------------

    def rules(self, machine: str) -> Ruleset:
        """The rules programmed on a machine."""
        found = self.world.machines.get(machine)
        return found.rules if found is not None and found.rules is not None else NO_RULES

    def powered(self, machine: str) -> bool:
        """Whether a machine (or a system outside) is on."""
        outside = self.world.outside.get(machine)
        if outside is not None:
            return outside.is_up
        found = self.world.machines.get(machine)
        return found is not None and found.powered

    def resolve(self, machine: str, namespace: str, name: str) -> Answer | None:
        """As a Pod on a machine resolves a name; a resolver keeps an answer of many addresses for its TTL."""
        tick = self.etcd.clock.tick
        key = (machine, namespace, name)
        until, kept = self._kept.get(key, (0, None))
        if kept is not None and tick < until:
            return kept
        if not self.dns.runs() or not self.world.links.reachable(machine, self.control_plane):
            return kept
        answer = self.dns.resolve(name, namespace)
        if answer is None:
            answer = Answer(name, alias=name, exists=name in self.world.outside)
        self._kept[key] = (tick + TTL if answer.exists and len(answer.addresses) != 1 else tick, answer)
        return answer

    def at(self, ip: str, port: int, node: str) -> Place | None:
        """Who owns an address (or, of a system outside, a name)."""
        outside = self.world.outside.get(ip) or next((o for o in self.world.outside.values() if o.ip == ip), None)
        if outside is not None:
            return Place(outside.name, outside.is_up, outside.container, ("Outside", "", outside.name), "")
        found = self._sandbox(ip, node)
        if found is None:
            machine = self.world.machines.get(node)
            if machine is None:
                return None
            return Place(node, machine.powered, None, ("Pod", "", ip), "")
        machine, sandbox = found
        hop = ("Pod", sandbox.labels.get(NAMESPACE, ""), sandbox.labels.get(POD, sandbox.name))
        return Place(machine.name, machine.powered, _listener(machine, sandbox, port), hop, hop[1])

    def _sandbox(self, ip: str, node: str) -> tuple[Machine, Sandbox] | None:
        known = self._by_ip.get(ip)
        if known is not None:
            machine = self.world.machines.get(known[0])
            sandbox = machine.runtime.sandboxes.get(known[1]) if machine is not None else None
            if machine is not None and sandbox is not None and sandbox.ip == ip and sandbox.ready:
                return machine, sandbox
        for machine in self._likely(node):
            for sandbox in machine.runtime.sandboxes.values():
                if sandbox.ip == ip and sandbox.ready:
                    self._by_ip[ip] = (machine.name, sandbox.id)
                    return machine, sandbox
        return None

    def _likely(self, node: str) -> Iterator[Machine]:
        if node in self.world.machines:
            yield self.world.machines[node]
        else:
            yield from self.world.machines.values()

    def reachable(self, a: str, b: str) -> bool:
        """Links stand between two places."""
        return self.world.links.reachable(a, b)

    def latency_us(self, a: str, b: str) -> int:
        """A round trip between two places; from outside, to the edge of the data centre only."""
        return 0 if a == OUTSIDE else self.world.links.latency_us(a, b)

    # -- stations ----------------------------------------------------------------------------------------------

    def station(self, place: Place) -> Station:
        """The station of a container, the same one every time."""
        assert self.traffic is not None
        return self.traffic.station(place)

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever a way may lead elsewhere."""
        world = self.world
        total = made = 0
        seen: dict[int, None] = {}
        for machine in world.machines.values():
            runtime = machine.runtime
            made += runtime.changes + len(runtime.containers) + machine.boots * 1000 + machine.powered
            rules = machine.rules
            if rules is not None and id(rules) not in seen:
                seen[id(rules)] = None
                total += rules.version + 1
        outside = sum(o.is_up for o in world.outside.values())
        controller = self.ingress_controller
        ingress = (controller.version * 2 + controller.runs()) if controller is not None else 0
        dns = self.dns.version * 2 + self.dns.runs()
        expired = sum(1 for until, _ in self._kept.values() if until == self.etcd.clock.tick)
        return (world.links.version, total, made, outside, ingress, dns, expired)

    def used(self, station: Station, tick: int) -> None:
        """A container worked in this tick: its machine feels it."""
        machine = self.world.machines.get(station.machine)
        if machine is None or station.outcome is None:
            return
        out, container = station.outcome, station.container
        inside = station.backlog.total + station.arrivals * out.latency.mean_us // 1_000_000
        each = max((leg.plan.memory_bytes for leg in station.legs if leg.plan is not None), default=0)
        machine.runtime.load(
            container.id,
            tick,
            requests=station.arrivals,
            in_flight=inside,
            memory_bytes=inside * each,
            cpu_us=out.cpu_us,
            wait_us=out.latency.mean_us if out.backlog.waiting else 0,
        )


def _listener(machine: Machine, sandbox: Sandbox, port: int) -> Container | None:
    """The container of a Pod that listens on a port; else the one that was meant to, else its first."""
    containers = [machine.runtime.containers[i] for i in sandbox.containers if i in machine.runtime.containers]
    for container in containers:
        if port in container.ports:
            return container
    alive = [c for c in containers if c.exit_code is None] or containers
    for container in alive:
        if port in container.config.expected_ports:
            return container
    return alive[0] if alive else None
