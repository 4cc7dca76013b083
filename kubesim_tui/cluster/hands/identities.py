"""Strokes at certificates and clocks."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.cluster.plane import SERVER
from kubesim_tui.cluster.trust import KUBELET


class IdentitiesHand(Base):
    """Each ends with a look at whom it concerns."""

    def certificate(self, whose: str, where: str, *, good: bool) -> bool:
        """The certificate of a kubelet or API server ("": of all), or of a webhook's Service, is over, or renewed."""
        world, trust = self.cluster.world, self.cluster.trust
        if whose in (KUBELET, SERVER) and where and whose not in getattr(world.machines.get(where), "processes", ()):
            return False
        everywhere = [name for name, machine in world.machines.items() if whose in machine.processes]
        meant = [where] if where else everywhere
        struck = [one for one in meant if (trust.renew if good else trust.expire)(whose, one)]
        self.cluster.look()
        return bool(struck)

    def set_clock(self, node: str, seconds: int) -> bool:
        """The clock of a machine goes wrong by so many seconds (0: it goes right)."""
        machine = self.cluster.world.machines.get(node)
        before = machine.clock_skew if machine is not None else 0
        if not self.cluster.trust.set_clock(node, seconds):
            return False
        self.cluster.look()
        self.cluster.kubelets[node].clock_moved(seconds - before)
        return True
