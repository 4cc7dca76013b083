"""Lets the members of replicated databases look about when something may have changed for them, and only then.

The world's pulse wakes it while there are members; names and rules may have changed, too, while one of them misses
another. A database whose members all hear one another has no timer and costs nothing.
"""

from __future__ import annotations

from kubesim_tui.cluster.fabric import Fabric
from kubesim_tui.cluster.net import SingleRequests
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.world.replication import ensemble

PHASE = "network"


class Databases:
    """A component of the engine, and the listener of the world's pulse."""

    def __init__(self, engine: Engine, fabric: Fabric, net: SingleRequests) -> None:
        self.name, self.order = "databases", 9
        self.engine, self.fabric, self.net = engine, fabric, net
        self._stamp: tuple[int, ...] = ()
        self._due: int | None = None  # when time alone changes something
        self._again: int | None = None  # for when it has set a timer

    def runs(self) -> bool:
        """It is no process."""
        return True

    def beat(self) -> None:
        """Something has changed."""
        self.engine.at(self.engine.clock.tick, PHASE, self, "look")

    def reconcile(self, _key: Key) -> None:
        """Look, if anything is different; and again when it may be."""
        members, tick = self.fabric.world.pulse.members, self.engine.clock.tick
        stamp = self.fabric.stamp()
        if stamp != self._stamp or (self._due is not None and tick >= self._due):
            self._due = ensemble.look(members, self.net, tick)
            self._stamp = stamp
        again = tick + 1 if ensemble.restless(members) else self._due
        if again is not None and again != self._again:
            self.engine.at(again, PHASE, self, "look")
        self._again = again
