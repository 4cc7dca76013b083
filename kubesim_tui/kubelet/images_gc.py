"""Image garbage collection (upstream: images/image_gc_manager.go): above 85 % of the disk, down to 80 %.

Images that no container uses go, those that were not used for the longest time first.
"""

from __future__ import annotations

from kubesim_tui.world.machine import Machine
from kubesim_tui.world.pulls import Image

HIGH, LOW = 85, 80


def unused(machine: Machine) -> list[Image]:
    """The images that no container of the machine is made of, the least recently used first."""
    runtime = machine.runtime
    used = {id(container.spec) for container in runtime.containers.values()}
    found = [image for image in runtime.store.images.values() if id(image.spec) not in used]
    return sorted(found, key=lambda image: (image.last_used, image.reference.name))


def collect(machine: Machine) -> int:
    """Remove images if the disk is full enough; the bytes that were freed."""
    disk, freed = machine.disk, 0
    if disk.used_bytes * 100 < disk.capacity_bytes * HIGH:
        return 0
    goal = disk.used_bytes - disk.capacity_bytes * LOW // 100
    for image in unused(machine):
        if freed >= goal:
            break
        freed += image.size_bytes
        machine.runtime.store.remove(image.reference.name)
    return freed


def free_unused(machine: Machine) -> int:
    """Remove all images that nobody uses, whatever their age; the bytes that were freed."""
    freed = 0
    for image in unused(machine):
        freed += image.size_bytes
        machine.runtime.store.remove(image.reference.name)
    return freed
