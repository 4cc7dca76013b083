"""The ground under the fabric: machines, the links between them, and who has which address there."""

from __future__ import annotations

from kubesim_tui.api import types
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.cluster.addresses import NAMESPACE, POD, Addresses
from kubesim_tui.cluster.plane import ControlPlane
from kubesim_tui.network.resolver import is_address
from kubesim_tui.network.ruleset import Ruleset, Target
from kubesim_tui.traffic.network import Place, Spot
from kubesim_tui.world.conntrack import Table
from kubesim_tui.world.links import OUTSIDE
from kubesim_tui.world.netem import Pipe
from kubesim_tui.world.world import World

NO_RULES = Ruleset()


class Ground:
    """See the module."""

    def __init__(self, world: World, etcd: Etcd, plane: ControlPlane) -> None:
        self.world, self.etcd, self.plane = world, etcd, plane
        self.addresses = Addresses(world)

    def node_at(self, ip: str) -> str:
        """The machine that has an address; "" if none has."""
        if not is_address(ip):
            return ""
        for node in self.etcd.table("nodes"):
            assert isinstance(node, types.Node)
            if any(a.address == ip for a in (node.status.addresses if node.status else ())):
                return node.metadata.name
        return ""

    def rules(self, machine: str) -> Ruleset:
        """The rules programmed on a machine."""
        found = self.world.machines.get(machine)
        return found.rules if found is not None and found.rules is not None else NO_RULES

    def spot(self, machine: str) -> Spot:
        """From where a machine's containers ask."""
        links = self.world.links
        return Spot(machine, links.zone(machine), self.rules(machine), links.special(machine))

    def powered(self, machine: str) -> bool:
        """Whether a machine (or a system outside) is on."""
        outside = self.world.outside.get(machine)
        if outside is not None:
            return outside.is_up
        found = self.world.machines.get(machine)
        return found is not None and found.powered

    def hears(self, machine: str) -> bool:
        """Whether what a machine answers still gets anywhere."""
        if machine in self.world.outside:
            return self.world.links.reachable(machine, self.plane.place)
        return self.powered(machine) and self.world.links.reachable(OUTSIDE, machine)

    def at(self, ip: str, port: int, node: str) -> Place | None:
        """Who owns an address (or, of a system outside, a name)."""
        outside = self.world.outside.get(ip) or next((o for o in self.world.outside.values() if o.ip == ip), None)
        if outside is not None:
            return Place(outside.name, outside.is_up, outside.container, ("Outside", "", outside.name))
        found = self.addresses.sandbox(ip, port, node)
        if found is None:
            machine = self.world.machines.get(node)
            return None if machine is None else Place(node, machine.powered, None, ("Pod", "", ip))
        machine, sandbox = found
        hop = ("Pod", sandbox.labels.get(NAMESPACE, ""), sandbox.labels.get(POD, sandbox.name))
        return Place(machine.name, machine.powered, self.addresses.listener(machine, sandbox, port), hop)

    def connections(self, machine: str) -> Table | None:
        """The connections that a machine's kernel tracks."""
        found = self.world.machines.get(machine)
        return found.connections if found is not None else None

    def mapped(self, machine: str, port: int) -> Target | None:
        """The Pod to which a port of a machine is mapped (hostPort)."""
        found = self.world.machines.get(machine)
        for sandbox in found.runtime.sandboxes.values() if found is not None else ():
            inside = sandbox.mapped.get((port, "TCP")) if sandbox.mapped is not None and sandbox.ready else None
            if inside is not None:
                return Target(sandbox.ip, inside, machine, pod=sandbox.labels.get(POD, ""))
        return None

    def reachable(self, a: str, b: str) -> bool:
        """Links stand between two places."""
        return self.world.links.reachable(a, b)

    def latency_us(self, spot: Spot, machine: str) -> int:
        """A round trip; from outside, to the edge of the data centre only."""
        if spot.machine == OUTSIDE:
            return 0
        links = self.world.links
        return links.latency_us(spot.machine, machine) if spot.alone else links.between_zones_us(spot.zone, machine)

    def troubled(self) -> bool:
        """Whether packets are lost, or wait, on any link."""
        return self.world.links.troubled

    def losses(self, a: str, b: str) -> tuple[int, tuple[Pipe, ...]]:
        """How many of a thousand packets between two places are lost, and the narrow links on the way."""
        links = self.world.links
        return links.loss_pm(a, b), links.pipes(a, b)
