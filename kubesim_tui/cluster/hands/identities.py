"""Strokes at certificates and clocks."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.cluster.kubeadm import certs
from kubesim_tui.cluster.plane import SERVER
from kubesim_tui.cluster.trust import KUBELET


class IdentitiesHand(Base):
    """Each ends with a look at whom it concerns."""

    def certificate(self, whose: str, where: str, *, good: bool, seconds: int = 0) -> bool:
        """The certificate of a kubelet or API server ("": of all), or of a webhook's Service, is renewed, or ends.

        `seconds`: from now. With that of an API server those end that were issued for its machine on the same day.
        """
        world, trust = self.cluster.world, self.cluster.trust
        if whose in (KUBELET, SERVER) and where and whose not in getattr(world.machines.get(where), "processes", ()):
            return False
        everywhere = [name for name, machine in world.machines.items() if whose in machine.processes]
        meant = [where] if where else everywhere
        names = certs.ISSUED if whose == SERVER else (whose,)
        struck = [
            trust.renew(name, one) if good else trust.expire(name, one, seconds) for one in meant for name in names
        ]
        self.cluster.look()
        return any(struck)

    def set_clock(self, node: str, seconds: int) -> bool:
        """The clock of a machine goes wrong by so many seconds (0: it goes right)."""
        machine = self.cluster.world.machines.get(node)
        before = machine.clock_skew if machine is not None else 0
        if not self.cluster.trust.set_clock(node, seconds):
            return False
        self.cluster.look()
        self.cluster.kubelets[node].clock_moved(seconds - before)
        return True
