"""Processes of machines, as the components that they are ask for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubesim_tui.world.links import OUTSIDE, Links
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.process import Process


def last_words(process: Process) -> str:
    """What one says last that does not come up, without the head of a line of klog; "" if it does."""
    return process.failure.partition("] ")[2] or process.failure


class MachineProcess:
    """One process of one machine. `look` is called after it has changed by itself."""

    __slots__ = ("look", "machine", "name")

    def __init__(self, machine: Machine, name: str, look: Callable[[], None] | None = None) -> None:
        self.machine, self.name, self.look = machine, name, look

    def runs(self) -> bool:
        """Running, not paused, on a machine that has power."""
        return self.machine.runs(self.name)

    def slowness(self) -> int:
        """How many times slower it is than it should be."""
        return self.machine.process(self.name).slow

    def restart(self) -> None:
        """It ends by itself; whoever keeps it starts it again at once. Both are seen."""
        for act in (self.machine.stop_process, self.machine.start_process):
            act(self.name)
            if self.look is not None:
                self.look()


class Spread:
    """A process that several machines have, each of which does for all: a copy that runs and is reached is used."""

    __slots__ = ("links", "machines", "name")

    def __init__(self, machines: Sequence[Machine], name: str, links: Links) -> None:
        self.machines, self.name, self.links = tuple(machines), name, links

    def runs(self) -> bool:
        """One of them runs."""
        return any(machine.runs(self.name) for machine in self.machines)

    def slowness(self) -> int:
        """That of the one that is used."""
        return self._used().process(self.name).slow

    @property
    def place(self) -> str:
        """The machine whose copy is used; of those that do not do, the first."""
        return self._used().name

    def _used(self) -> Machine:
        running = [m for m in self.machines if m.runs(self.name)]
        reached = (m for m in running if self.links.reachable(m.name, OUTSIDE))
        return next(reached, running[0] if running else self.machines[0])
