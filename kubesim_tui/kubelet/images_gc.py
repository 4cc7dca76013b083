"""Image garbage collection (upstream: images/image_gc_manager.go): from 85 % of the disk on, down to 80 %.

Every five minutes, and whenever the disk runs short. Images that no container uses go, those that were not used for the
longest time first; one that has come within the last two minutes stays. If that is not enough it is said. The figures
are those of the default configuration.
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.kubelet.configuration import Configuration
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.pulls import Image

PERIOD = 300


@define(eq=False)
class ImageGc:
    """See the module. `failed`: the last collection did not free enough."""

    machine: Machine
    configuration: Configuration
    started: int
    failed: bool = False
    planned: int = -1  # the tick of the next regular run

    def is_due(self) -> bool:
        """Whether the disk is full enough for a collection."""
        disk = self.machine.disk
        used = 100 - disk.free_bytes * 100 // max(1, disk.capacity_bytes)
        return used >= self.configuration.image_gc_high_threshold_percent

    def next_run(self, now: int) -> int:
        """The next regular moment."""
        return now + PERIOD - (now - self.started) % PERIOD

    def collect(self, now: int) -> list[tuple[str, str]]:
        """A regular run: (reason, message) of the warnings about the Node."""
        if not self.is_due():
            self.failed = False
            return []
        disk = self.machine.disk
        wanted = disk.capacity_bytes * (100 - self.configuration.image_gc_low_threshold_percent) // 100
        wanted -= disk.free_bytes
        freed = self._free(wanted, now)
        if freed >= wanted:
            self.failed = False
            return []
        said = f"Failed to garbage collect required amount of images. Attempted to free {wanted} bytes, "
        said += f"but only found {freed} bytes eligible to free."
        again, self.failed = self.failed, True
        return [("FreeDiskSpaceFailed", said), *([("ImageGCFailed", said)] if again else [])]

    def delete_unused(self, now: int) -> int:
        """Remove all images that may go; the bytes that were freed."""
        return self._free(1 << 62, now)

    def _free(self, wanted: int, now: int) -> int:
        freed = 0
        for image in self.unused():
            if freed >= wanted:
                break
            if now - image.pulled >= self.configuration.image_minimum_gc_age or image.pulled <= self.started:
                freed += image.size_bytes
                self.machine.runtime.store.remove(image.reference.name)
        return freed

    def unused(self) -> list[Image]:
        """The images that no container of the machine is made of, the least recently used first."""
        runtime = self.machine.runtime
        used = {id(container.spec) for container in runtime.containers.values()}
        found = [image for image in runtime.store.images.values() if id(image.spec) not in used]
        return sorted(found, key=lambda image: (image.last_used, image.reference.name))
