"""Strokes at what is around the cluster: registries, disks of the cloud, systems outside, users."""

from __future__ import annotations

from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.world.registry import Registry


class SurroundingsHand(Base):
    """What the cluster needs and does not own."""

    def registry(self, name: str, *, up: bool) -> bool:
        """A registry ("": all) stops answering, or answers again."""
        registries = self.cluster.world.registries
        if not name:
            registries.setdefault("docker.io", Registry("docker.io"))
            registries.setdefault("registry.k8s.io", Registry("registry.k8s.io"))
        elif name not in registries:
            registries[name] = Registry(name)
        for registry in [registries[name]] if name else list(registries.values()):
            registry.recover() if up else registry.down()
        return True

    def rotate(self, registry: str, *, back: bool) -> bool:
        """All passwords of a private registry ("": of all) are changed, or the old ones hold again."""
        known = self.cluster.world.registries
        meant = list(known.values()) if not registry else [known[registry]] if registry in known else []
        struck = [one for one in meant if (one.rotate_back() if back else one.rotate())]
        return bool(struck)

    def storage(self, seconds: int | None) -> bool:
        """The driver of network disks takes so long to attach or detach one (None: it does not answer)."""
        changed = self.cluster.world.cloud.seconds != seconds
        self.cluster.world.cloud.seconds = seconds
        return changed

    def outside(self, name: str, *, up: bool) -> bool:
        """A system outside the cluster stops answering, or answers again."""
        system = self.cluster.world.outside.get(name)
        if system is None:
            return False
        self.cluster.replicate()
        if up:
            system.up(self._now)
        else:
            system.down(self._now)
        return True

    def region(self, name: str, *, cut: bool) -> bool:
        """The way from a region of users is cut, or there again."""
        return self._region(name, cut=cut)

    def delay_region(self, name: str, added_us: int) -> bool:
        """Round trips from a region of users take so much longer (0 heals it)."""
        return self._region(name, added_us=added_us)

    def _region(self, name: str, *, cut: bool | None = None, added_us: int | None = None) -> bool:
        found = self.cluster.world.regions.get(name)
        if found is None:
            return False
        found.cut = found.cut if cut is None else cut
        found.added_us = found.added_us if added_us is None else added_us
        self.cluster.look()
        return True

    def rate(self, stream: str, factor_pm: int) -> bool:
        """Users ("": all) send factor_pm/1000 times as much."""
        streams = self.cluster.traffic.streams
        if stream and stream not in streams:
            return False
        for streaming in [streams[stream]] if stream else list(streams.values()):
            streaming.factor_pm = factor_pm
        return True
