"""What Pods and their containers use of a machine (upstream: the stats summary, pkg/kubelet/server/stats)."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.disk import Volume
from kubesim_tui.world.machine import Machine

MEMORY, DISK, INODES, PIDS = "memory", "ephemeral-storage", "inodes", "pids"


def running(machine: Machine, w: PodWorker) -> Iterator[Container]:
    """The running containers of a Pod, the oldest first."""
    for id in reversed(w.containers):
        container = machine.runtime.containers.get(id)
        if container is not None and container.state is State.RUNNING:
            yield container


def container_usage(container: Container, resource: str, now: int) -> int:
    """What one container uses: of the disk its own layer and its logs."""
    if resource == MEMORY:
        return container.memory_bytes(now)
    if resource == DISK:
        return container.disk_bytes
    if resource == INODES:
        return len(container.layer.files) if container.layer is not None else 0
    return container.pids


def pod_usage(machine: Machine, w: PodWorker, resource: str, now: int) -> int:
    """What a Pod uses: its containers, and of the disk also its volumes that lie there."""
    used = sum(container_usage(container, resource, now) for container in running(machine, w))
    if resource == DISK:
        used += sum(volume.used_bytes for _, volume in local_volumes(machine, w))
    elif resource == INODES:
        used += sum(len(volume.files) for _, volume in local_volumes(machine, w))
    return used


def local_volumes(machine: Machine, w: PodWorker) -> Iterator[tuple[str, Volume]]:
    """(name, volume) of those of a Pod's volumes that were made for it on the machine's disk."""
    prefix = f"{w.uid}/"
    spec = w.pod.spec
    for volume in spec.volumes if spec is not None else ():
        found = machine.volumes.get(prefix + volume.name)
        if found is not None and found.disk is not None:
            yield volume.name, found


def inodes_used(machine: Machine) -> int:
    """Files on its disk: those of containers and volumes, and rubbish."""
    layers = (c.layer for c in machine.runtime.containers.values())
    volumes = (*(layer for layer in layers if layer is not None), *machine.volumes.values())
    return machine.disk.rubbish_inodes + sum(len(volume.files) for volume in volumes)
