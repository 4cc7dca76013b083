"""Machines that are shut down in an orderly way: their kubelet may hold that up, then the power goes (and comes back).

A worker of the engine that stands beside the machines, as whoever presses their buttons does.
"""

from __future__ import annotations

from typing import Protocol, cast

from kubesim_tui.cluster.managers import Managers
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kubelet.kubelet import Kubelet
from kubesim_tui.world.world import World


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    world: World
    kubelets: dict[str, Kubelet]
    managers: Managers

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


class Power:
    """See the module. Keys: (what, machine)."""

    name, order, phase = "power", 0, "kubelets"

    def __init__(self, cluster: Owner) -> None:
        self.cluster = cluster
        self._back: dict[str, int] = {}  # machine → after how many seconds it comes up again; -1: not by itself

    def runs(self) -> bool:
        """There is always somebody."""
        return True

    def shut_down(self, name: str, back_after: int = -1) -> bool:
        """Tell a machine to shut down; False if it is off, or told already."""
        machine = self.cluster.world.machines.get(name)
        if machine is None or not machine.powered or name in self._back:
            return False
        self._back[name] = back_after
        kubelet = self.cluster.kubelets.get(name)
        if kubelet is not None:
            kubelet.shut_down()
        self.reconcile(("down", name))
        return True

    def reclaim(self, name: str, notice: int) -> bool:
        """The cloud takes a machine back after so many seconds; False if there is none to take."""
        machine = self.cluster.world.machines.get(name)
        if machine is None or not machine.powered or not self.cluster.world.cloud.exists(name):
            return False
        self.cluster.engine.at(self.cluster.engine.clock.tick + notice, self.phase, self, ("reclaim", name))
        return True

    def switch_on(self, name: str) -> bool:
        """Somebody wants a machine on: one that still holds its shutdown up comes back right after. False: no need."""
        waits = name in self._back
        if waits:
            self._back[name] = 0
        return waits

    def reconcile(self, key: Key) -> None:
        """Cut the power as soon as the kubelet lets go; bring it back when it is time."""
        what, name = cast("tuple[str, str]", key)
        engine, machine = self.cluster.engine, self.cluster.world.machines.get(name)
        if machine is None:
            self._back.pop(name, None)
        elif what == "reclaim":
            self.cluster.world.cloud.terminate(name)
            self.shut_down(name)
        elif what == "up":
            machine.power_on(engine.clock.tick)
            self.cluster.look()
        elif name in self._back:
            kubelet = self.cluster.kubelets.get(name)
            if kubelet is not None and kubelet.holds_shutdown():
                engine.at(engine.clock.tick + 1, self.phase, self, key)
                return
            after = self._back.pop(name)
            self.cluster.managers.release(name)
            machine.power_off(engine.clock.tick)
            self.cluster.look()
            if after >= 0:
                engine.at(engine.clock.tick + max(1, after), self.phase, self, ("up", name))
