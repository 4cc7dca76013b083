"""Strokes at links and at what machines need beside them."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.cluster.plane import BALANCER
from kubesim_tui.faults.options import USERS, ZONE
from kubesim_tui.world.links import OUTSIDE


class NetworkHand(Base):
    """Each ends with a look at whom it concerns."""

    def delay_links(self, node: str, added_us: int) -> bool:
        """Round trips from and to a machine take so much longer (0 heals it)."""
        if node not in self.cluster.world.machines:
            return False
        self.cluster.world.links.slow(node, added_us)
        self.cluster.look()
        return True

    def narrow_links(self, node: str, bytes_s: int) -> bool:
        """From and to a machine get only so many bytes a second (0 heals it)."""
        if node not in self.cluster.world.machines:
            return False
        self.cluster.world.links.narrow(node, bytes_s)
        self.cluster.look()
        return True

    def lose_packets(self, node: str, loss_pm: int, where: str) -> bool:
        """So many of a thousand packets are lost (0 heals it): of a machine, between its zone and others, of users."""
        world = self.cluster.world
        zone = world.links.zone(node)
        others = sorted({world.links.zone(name) for name in world.machines} - {zone})
        if node not in world.machines or (where == ZONE and not others):
            return False
        if where == ZONE:
            for other in others:
                world.links.lose_between(zone, other, loss_pm)
        else:
            world.links.lose(OUTSIDE if where == USERS else node, loss_pm)
        self.cluster.look()
        return True

    def leak_addresses(self, node: str, leave: int) -> bool:
        """Nobody gives back the Pod addresses of a machine: all but so many that are free are taken."""
        machine = self.cluster.world.machines.get(node)
        return machine is not None and machine.ipam is not None and machine.ipam.leak(leave) > 0

    def sweep_addresses(self, node: str) -> bool:
        """Addresses that nobody has are free again."""
        machine = self.cluster.world.machines.get(node)
        return machine is not None and machine.ipam is not None and machine.ipam.sweep() > 0

    def clog_connections(self, node: str, leave: int) -> bool:
        """Connections that nobody closes fill the table of a machine's kernel, but for so many."""
        machine = self.cluster.world.machines.get(node)
        return machine is not None and machine.connections.clog(leave)

    def unclog_connections(self, node: str) -> bool:
        """They are closed."""
        machine = self.cluster.world.machines.get(node)
        return machine is not None and machine.connections.unclog()

    def link(self, node: str, other: str, *, up: bool) -> bool:
        """The link between two machines is cut, or mended."""
        machines = self.cluster.world.machines
        if node == other or node not in machines or other not in machines:
            return False
        self._switch([(node, other)], up=up)
        return True

    def zone_links(self, node: str, *, up: bool) -> bool:
        """All links between the zone of a machine and the others are cut, or mended."""
        pairs = list(self._out_of_zone(node)) if node in self.cluster.world.machines else []
        if pairs:
            self._switch(pairs, up=up)
        return bool(pairs)

    def _out_of_zone(self, node: str) -> Iterator[tuple[str, str]]:
        """Who of the zone of a machine meets whom elsewhere; the API servers' balancer stays with the others."""
        world = self.cluster.world
        zones = {name: world.links.zone(name) for name in world.machines}
        inside = [name for name, zone in zones.items() if zone == zones[node]]
        others = [name for name in zones if name not in inside]
        if others:
            yield from ((a, b) for a in inside for b in [*others, BALANCER])

    def _switch(self, pairs: list[tuple[str, str]], *, up: bool) -> None:
        links = self.cluster.world.links
        for pair in pairs:
            links.heal(*pair) if up else links.cut(*pair)
        self.cluster.look()

    def runtime(self, node: str) -> str:
        """The process that is the container runtime of a machine."""
        return self.cluster.witness.runtime(node)

    def freeze(self, node: str, process: str, *, thaw: bool) -> bool:
        """A process of a machine is frozen and does nothing any more, or goes on."""
        machine = self.cluster.world.machines.get(node)
        if machine is None:
            return False
        machine.resume_process(process) if thaw else machine.pause_process(process)
        self.cluster.look()
        return True

    def reclaim(self, node: str, notice: int) -> bool:
        """The cloud takes an instance back after so many seconds."""
        return self.cluster.power.reclaim(node, notice)
