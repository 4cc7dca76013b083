"""Strokes at the disks behind claims."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.api import types
from kubesim_tui.api.helpers.claims import handle_of
from kubesim_tui.cluster.hands.base import Base
from kubesim_tui.faults.hand import ObjectAt
from kubesim_tui.world.disk import Volume


class VolumesHand(Base):
    """A claim means the volume that it is bound to, wherever that is."""

    def slow_volume(self, claim: ObjectAt, delay_us: int) -> bool:
        """Each read and write on the volume of a claim takes so much longer (0 heals it)."""
        found = list(self._volumes(claim))
        for volume in found:
            volume.slow_down(delay_us)
        return bool(found)

    def fail_volume(self, claim: ObjectAt, *, fails: bool) -> bool:
        """The device under the volume of a claim fails, or works again."""
        return self._fail(list(self._volumes(claim)), fails=fails)

    def fail_zone_volumes(self, node: str, *, fails: bool) -> bool:
        """All network disks that are attached in the zone of a machine fail, or work again."""
        world = self.cluster.world
        if node not in world.machines:
            return False
        zone = world.machines[node].zone
        inside = {name for name, machine in world.machines.items() if machine.zone == zone}
        there = [id for id, machines in world.cloud.attached.items() if inside.intersection(machines)]
        return self._fail([world.cloud.disks[id] for id in there if id in world.cloud.disks], fails=fails)

    def _fail(self, volumes: list[Volume], *, fails: bool) -> bool:
        struck = [volume for volume in volumes if volume.ills.fails is not fails]
        for volume in struck:
            volume.fail() if fails else volume.repair()
        return bool(struck)

    def hold_volume(self, claim: ObjectAt, *, held: bool) -> bool:
        """The driver does not get the disk of a claim detached, or does again."""
        stuck, handle = self.cluster.world.cloud.stuck, self._handle(claim)
        if handle not in self.cluster.world.cloud.disks:
            return False
        if held:
            stuck[handle] = None
        else:
            stuck.pop(handle, None)
        return True

    def _handle(self, claim: ObjectAt) -> str:
        """Where the volume of a claim is known by; "" if it has none."""
        found = self.cluster.etcd.get("persistentvolumeclaims", claim[1:])
        bound = found.spec.volume_name if isinstance(found, types.PersistentVolumeClaim) and found.spec else ""
        volume = self.cluster.etcd.get("persistentvolumes", ("", bound)) if bound else None
        return handle_of(volume) if isinstance(volume, types.PersistentVolume) else ""

    def _volumes(self, claim: ObjectAt) -> Iterator[Volume]:
        """A network disk, or the directory of that name on each machine that has it."""
        handle, world = self._handle(claim), self.cluster.world
        if handle in world.cloud.disks:
            yield world.cloud.disks[handle]
        for machine in world.machines.values():
            if handle in machine.volumes:
                yield machine.volumes[handle]
