"""Pods that write more than they may (upstream: localStorageEviction in eviction_manager.go).

Whatever the disk has left: an emptyDir above its sizeLimit, a Pod above the sum of its containers' ephemeral-storage
limits, a container above its own.
"""

from __future__ import annotations

from kubesim_tui.api.helpers.resources import pod_limits
from kubesim_tui.api.quantity import canonical, value
from kubesim_tui.kubelet.container_config import is_storage_limited
from kubesim_tui.kubelet.pod_workers import PodWorker
from kubesim_tui.kubelet.stats import DISK, container_usage, local_volumes, pod_usage, running
from kubesim_tui.world.machine import Machine


def exceeded(machine: Machine, w: PodWorker, now: int) -> str:
    """What a Pod has exceeded, in upstream's words; "" if nothing."""
    said = _empty_dir(machine, w)
    if not said and is_storage_limited(w.pod):
        said = _pod(machine, w, now) or _container(machine, w, now)
    return said


def _empty_dir(machine: Machine, w: PodWorker) -> str:
    spec = w.pod.spec
    assert spec is not None
    sizes = {v.name: v.empty_dir.size_limit for v in spec.volumes if v.empty_dir is not None and v.empty_dir.size_limit}
    if not sizes:
        return ""
    for name, volume in local_volumes(machine, w):
        if name in sizes and volume.used_bytes > value(sizes[name]) > 0:
            return f'Usage of EmptyDir volume "{name}" exceeds the limit "{canonical(sizes[name])}". '
    return ""


def _pod(machine: Machine, w: PodWorker, now: int) -> str:
    assert w.pod.spec is not None
    limit = pod_limits(w.pod.spec, overhead=False)[DISK]
    if pod_usage(machine, w, DISK, now) <= limit.value():
        return ""
    return f"Pod ephemeral local storage usage exceeds the total limit of containers {limit}. "


def _container(machine: Machine, w: PodWorker, now: int) -> str:
    assert w.pod.spec is not None
    limits = {c.name: c.resources.limits.get(DISK, "") for c in w.pod.spec.containers if c.resources is not None}
    for container in running(machine, w):
        limit = limits.get(container.config.name, "")
        if limit and 0 < value(limit) < container_usage(container, DISK, now):
            said = f"Container {container.config.name} exceeded its local ephemeral storage limit"
            return f'{said} "{canonical(limit)}". '
    return ""
