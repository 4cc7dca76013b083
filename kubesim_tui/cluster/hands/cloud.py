"""Strokes at the account of the cloud: its API, its stock, its quota, its balancers."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.faults.hand import ObjectAt


class CloudHand(Base):
    """See the module."""

    def cloud(self, *, up: bool) -> bool:
        """The API of the cloud stops answering, or answers again."""
        account = self.cluster.world.cloud
        changed, account.up = account.up != up, up
        return changed

    def throttle_cloud(self, patience: int) -> bool:
        """The API of the cloud answers one question in so many; 1: all."""
        account = self.cluster.world.cloud
        changed, account.patience = account.patience != patience, patience
        return changed

    def sell_out(self, node: str, *, back: bool) -> bool:
        """The zone of a machine has none to give, or has again."""
        machine, sold_out = self.cluster.world.machines.get(node), self.cluster.world.cloud.sold_out
        if machine is None or (machine.zone in sold_out) is not back:
            return False
        if back:
            del sold_out[machine.zone]
        else:
            sold_out[machine.zone] = None
        return True

    def cap_cloud(self, *, lift: bool) -> bool:
        """The account may have no more processors than it has now; lift: as many as it might before."""
        account, before = self.cluster.world.cloud, self.cluster.world.cloud.quota_milli
        limit = self.cluster.spec.cloud.cpus
        account.quota_milli = (None if limit is None else limit * 1000) if lift else account.used_milli
        return before != account.quota_milli

    def balancer(self, at: ObjectAt, *, up: bool) -> bool:
        """The balancer of a Service passes nothing on, or does again."""
        for one in self.cluster.world.cloud.balancers.values():
            if one.service == at[1:] and one.up != up:
                one.up = up
                self.cluster.look()
                return True
        return False
