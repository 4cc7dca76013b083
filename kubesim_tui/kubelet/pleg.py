"""The driver of a machine's containers, and the kubelet's ear there (upstream: the pod lifecycle event generator).

Containers go on whether a kubelet runs or not; so this stands beside it: it brings the runtime up to each tick in which
something is due, and tells the kubelet, if that runs. What the kubelet itself has caused it hears of a second later.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kubelet import oom
from kubesim_tui.world.ledger import PATIENCE
from kubesim_tui.world.machine import Machine

PHASE, STRAIN = "kubelets", "strain"


class Ear(Protocol):
    """The kubelet."""

    def runs(self) -> bool:
        """Whether it can hear."""
        ...

    def containers_changed(self, ids: list[str]) -> None:
        """Containers have begun, ended, or would answer otherwise."""
        ...

    def strained(self, used_bytes: int) -> None:
        """So much memory is being used."""
        ...

    def calm_bytes(self) -> int:
        """While no more memory is in use it has nothing to see to."""
        ...

    def disk_grew(self) -> None:
        """The disk is filling up."""
        ...

    def outsider_killed(self, process: str) -> None:
        """The kernel has killed a process that no container holds."""
        ...


class Pleg:
    """A worker of the engine, one a machine. It is the runtime's waker."""

    def __init__(self, engine: Engine, machine: Machine) -> None:
        self.name = f"containerd/{machine.name}"
        self.order = 0
        self.engine, self.machine = engine, machine
        self.ear: Ear | None = None
        self.hold = False  # the kubelet is at work
        self.next = -1  # the earliest tick that was asked for
        machine.runtime.waker = self

    def runs(self) -> bool:
        """As long as the machine has power."""
        return self.machine.powered

    def wake(self, tick: int) -> None:
        """The runtime has something to do in a tick."""
        now = self.engine.clock.tick
        tick = max(tick, now + self.hold)
        self.next = tick if self.next < 0 else min(self.next, tick)
        self.engine.at(tick, PHASE, self, "due")

    def reconcile(self, key: Key) -> None:
        """A tick that was asked for has come."""
        if key == STRAIN:
            self.machine.runtime.strained = True
        self.relist()

    def relist(self) -> None:
        """Bring the runtime up to now, and tell the kubelet what has changed."""
        runtime, now = self.machine.runtime, self.engine.clock.tick
        self.next = -1
        changed = runtime.due(now)
        if runtime.strained:
            self._strain(now)
            changed += runtime.due(now)
        if self.ear is not None and self.ear.runs():
            self.ear.containers_changed(changed)
            if runtime.filling:
                self.ear.disk_grew()
        runtime.filling = False

    def _strain(self, now: int) -> None:
        """Let the kernel see that memory suffices, and the kubelet."""
        machine = self.machine
        machine.runtime.strained = False
        killed, used = oom.kill_until_it_fits(machine, now)
        if used >= oom.near_bytes(machine):
            machine.runtime.look_at = now + 1
        again = oom.watch_in(machine, used, PATIENCE)
        if again:
            self.engine.at(now + again, PHASE, self, STRAIN)
        calm = oom.near_bytes(machine) - 1
        if self.ear is not None and self.ear.runs():
            calm = min(calm, self.ear.calm_bytes())
            for name in killed:
                self.ear.outsider_killed(name)
            self.ear.strained(used)
        machine.runtime.roomy(calm - used)
