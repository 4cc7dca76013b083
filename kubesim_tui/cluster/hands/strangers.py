"""Strokes of people outside who mean no good."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base


class StrangersHand(Base):
    """They go on until they are healed, or what they need is taken from them."""

    def besiege(self, namespace: str, service: str, connections: int) -> bool:
        """Strangers hold so many connections of a Service and never send a whole request (0: no more)."""
        return self.cluster.siege.lay((namespace, service), connections)

    def leak_token(self, namespace: str, account: str, *, leaked: bool) -> bool:
        """Somebody outside has the token of a ServiceAccount, or it is good no more."""
        intruder, at = self.cluster.intruder, (namespace, account)
        return intruder.get_token(at) if leaked else intruder.lose_token(at)
