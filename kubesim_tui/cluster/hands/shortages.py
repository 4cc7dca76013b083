"""Strokes at what a machine has for everybody."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.kubelet.oom import used_bytes
from kubesim_tui.world.outsider import Outsider


class ShortagesHand(Base):
    """Processes that no container holds."""

    def hog_memory(self, node: str, leave_bytes: int, growth: int) -> bool:
        """A process on a machine, in no container, takes all memory but so much, and then so many bytes a second."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or not machine.powered:
            return False
        free = machine.memory_bytes - used_bytes(machine, self._now)
        machine.invite(Outsider("backup", max(0, free - leave_bytes), growth, self._now), self._now)
        return True

    def fork(self, node: str, leave: int) -> bool:
        """A process on a machine, in no container, forks whenever it can but for so many processes."""
        machine = self.cluster.world.machines.get(node)
        if machine is None or not machine.powered:
            return False
        machine.invite(Outsider("monitor", since=self._now, spares=leave), self._now)
        self.cluster.look()
        return True

    def end_outsiders(self, node: str) -> bool:
        """Whatever runs on a machine in no container is ended."""
        machine = self.cluster.world.machines.get(node)
        ended = [machine.dismiss(name) for name in list(machine.outsiders)] if machine is not None else []
        return bool(ended)
