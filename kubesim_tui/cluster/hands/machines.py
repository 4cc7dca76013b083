"""Strokes at machines, their processes and their links."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.cluster.rollouts import NODES, PLANE


class MachineHand(Base):
    """Each ends with a look at whom it concerns."""

    def fill_disk(self, node: str, leave_bytes: int, *, inodes: bool) -> bool:
        """Rubbish fills a machine's disk but for so many bytes, or all its inodes."""
        machine = self.cluster.world.machines.get(node)
        if machine is not None:
            machine.fill_disk(leave_bytes, 0 if inodes else None)
        return machine is not None

    def clean_disk(self, node: str) -> bool:
        """The rubbish is removed."""
        machine = self.cluster.world.machines.get(node)
        if machine is not None:
            machine.clean_disk()
        return machine is not None

    def crash(self, node: str, *, gone: bool = False, replaced: bool = False) -> bool:
        """A machine loses power; gone: for good; replaced: a fresh one of the same name stands in its place, off."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or not machine.powered:
            return False
        if replaced:
            machine.replace(self._now)
        machine.power_off(self._now)
        if gone:
            self.cluster.world.cloud.terminate(node)
        self.cluster.look()
        return True

    def shut_down(self, node: str, back_after: int) -> bool:
        """A machine is shut down in an orderly way; it comes back after so many seconds (-1: not by itself)."""
        return self.cluster.power.shut_down(node, back_after)

    def zone_power(self, node: str, *, on: bool) -> bool:
        """All machines in the zone of a machine lose their power, or have it again."""
        world = self.cluster.world
        if node not in world.machines:
            return False
        zone = world.machines[node].zone
        there = [machine for machine in world.machines.values() if machine.zone == zone]
        for machine in there:
            machine.power_on(self._now) if on else machine.power_off(self._now)
        self.cluster.look()
        return True

    def upgrade(self, nodes: list[str], boot_seconds: int, slower_us: int) -> bool:
        """These nodes are drained, rebooted into a new system and used again, one after the other."""
        return self.cluster.wave.begin(nodes, boot_seconds, slower_us)

    def stop_upgrade(self) -> bool:
        """The wave is called off; what the new system has brought is taken back."""
        return self.cluster.wave.end()

    def roll_out_plane(self, gate: str, seconds: int) -> bool:
        """A pipeline writes the manifests of the next release, with a feature gate, on one machine after the other."""
        return self.cluster.rollouts.begin(PLANE, self.cluster.plane.names, gate, seconds)

    def roll_back_plane(self) -> bool:
        """It is called off, and what it has put in place taken back."""
        return self.cluster.rollouts.end(PLANE)

    def roll_out_kubelets(self, nodes: list[str], gate: str, seconds: int) -> bool:
        """A pipeline brings the kubelets of these nodes to the next release, with a feature gate, one by one."""
        return self.cluster.rollouts.begin(NODES, nodes, gate, seconds)

    def roll_back_kubelets(self) -> bool:
        """It is called off, and what it has put in place taken back."""
        return self.cluster.rollouts.end(NODES)

    def recover(self, node: str) -> bool:
        """Power is back, if the machine still exists."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or not self.cluster.world.cloud.exists(node):
            return False
        if machine.powered:
            return self.cluster.power.switch_on(node)
        machine.power_on(self._now)
        self.cluster.look()
        return True

    def keeper(self, process: str) -> str:
        """The machine on which a process of the control plane leads the others of its kind, or did last."""
        return self.cluster.witness.keeper(process)

    def stop_process(self, node: str, process: str, *, graceful: bool = False) -> bool:
        """A process of a machine is stopped; graceful: it is told before, and may tidy up."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or process not in machine.processes:
            return False
        if graceful:
            self.cluster.managers.release(node, process)
        machine.stop_process(process)
        self.cluster.look()
        return True

    def start_process(self, node: str, process: str) -> bool:
        """It is started again."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or process not in machine.processes:
            return False
        machine.start_process(process)
        self.cluster.look()
        return True

    def slow_process(self, node: str, process: str, factor: int) -> bool:
        """A process of a machine gets less done (1: as much as it should)."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or process not in machine.processes:
            return False
        machine.processes[process].slow_down(factor)
        self.cluster.look()
        return True

    def isolate(self, node: str) -> bool:
        """All links of a machine are cut."""
        if node not in self.cluster.world.machines:
            return False
        self.cluster.world.links.isolate(node)
        self.cluster.look()
        return True

    def rejoin(self, node: str) -> bool:
        """They are mended."""
        if node not in self.cluster.world.machines:
            return False
        self.cluster.world.links.heal(node)
        self.cluster.look()
        return True
