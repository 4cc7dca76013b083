"""Seeing to shortages of memory and disk (upstream: pkg/kubelet/eviction/eviction_manager.go).

Every 10 s while the machine is in use: below a hard threshold the Node shows the pressure (for 5 minutes after it was
last seen), what can be reclaimed is reclaimed (images that nobody uses), and if that does not help the Pod that ranks
first is evicted, one at a time. Critical Pods are spared.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, frozen

from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.quantity import BINARY_SI, from_int, value
from kubesim_tui.api.types import PodCondition
from kubesim_tui.kubelet.conditions import DISRUPTION_TARGET
from kubesim_tui.kubelet.container_config import CRITICAL_PRIORITY
from kubesim_tui.kubelet.eviction.helpers import (
    IMAGEFS_AVAILABLE,
    MEMORY,
    MEMORY_AVAILABLE,
    NODEFS_AVAILABLE,
    Ranked,
    Signal,
    rank,
)
from kubesim_tui.kubelet.images_gc import collect, free_unused
from kubesim_tui.kubelet.oom import SYSTEM_BYTES
from kubesim_tui.kubelet.pod_status import Eviction
from kubesim_tui.kubelet.pod_workers import Life, PodWorker
from kubesim_tui.world.container import State
from kubesim_tui.world.machine import Machine

PERIOD = 10
TRANSITION = 300


@frozen
class Shortage:
    """A threshold that is not met: which, what is wanted, what is there (bytes)."""

    signal: Signal
    threshold: int
    available: int


@define(eq=False)
class EvictionManager:
    """See the module. `seen` is when a condition's shortage was seen last, -1: never."""

    machine: Machine
    memory_seen: int = -1
    disk_seen: int = -1

    def memory_pressure(self, now: int) -> bool:
        """Whether the Node shows it."""
        return self.memory_seen >= 0 and now - self.memory_seen < TRANSITION

    def disk_pressure(self, now: int) -> bool:
        """Whether the Node shows it."""
        return self.disk_seen >= 0 and now - self.disk_seen < TRANSITION

    def shortages(self, now: int) -> list[Shortage]:
        """What is short now; memory is seen to first."""
        machine, found = self.machine, []
        free = machine.memory_bytes - SYSTEM_BYTES - machine.memory_used_bytes(now)
        if free < MEMORY_AVAILABLE.amount:
            found.append(Shortage(MEMORY_AVAILABLE, MEMORY_AVAILABLE.amount, max(0, free)))
        for signal in (NODEFS_AVAILABLE, IMAGEFS_AVAILABLE):
            wanted = machine.disk.capacity_bytes * signal.percent // 100
            if machine.disk.free_bytes < wanted:
                found.append(Shortage(signal, wanted, machine.disk.free_bytes))
        return found

    def sync(self, workers: Iterable[PodWorker], now: int, unix: int) -> tuple[PodWorker, Eviction] | None:
        """Look at the machine; the Pod to evict, and why, if there has to be one."""
        collect(self.machine)
        short = self.shortages(now)
        for shortage in short:
            if shortage.signal is MEMORY_AVAILABLE:
                self.memory_seen = now
            else:
                self.disk_seen = now
        if any(shortage.signal is not MEMORY_AVAILABLE for shortage in short) and free_unused(self.machine):
            short = self.shortages(now)
        for shortage in short:
            found = self._choose(shortage, workers, now)
            if found is not None:
                return found[0], _eviction(shortage, found[1], unix)
        return None

    def _choose(
        self, shortage: Shortage, workers: Iterable[PodWorker], now: int
    ) -> tuple[PodWorker, list[tuple[str, int, int]]] | None:
        """The Pod that ranks first, with (container, usage, request) of those of its containers that use too much."""
        resource = shortage.signal.resource
        usages = {w.uid: (w, _usages(self.machine, w, resource, now)) for w in workers if _may_go(w)}
        ranked = [
            Ranked(uid, _priority(w), request_amounts(w.pod.spec).get(resource, 0), sum(u for _, u, _ in used))
            for uid, (w, used) in usages.items()
            if w.pod.spec is not None
        ]
        ranked = [pod for pod in ranked if pod.usage]
        if not ranked:
            return None
        w, used = usages[rank(ranked, MEMORY)[0].uid]
        return w, [one for one in used if one[1] > one[2]]


def _may_go(w: PodWorker) -> bool:
    return w.life is Life.SYNC and not w.mirror and _priority(w) < CRITICAL_PRIORITY


def _priority(w: PodWorker) -> int:
    return (w.pod.spec.priority or 0) if w.pod.spec is not None else 0


def _usages(machine: Machine, w: PodWorker, resource: str, now: int) -> list[tuple[str, int, int]]:
    """(container, usage, request) of a Pod's running containers; what its emptyDirs hold counts to the first."""
    found: list[tuple[str, int, int]] = []
    for id in reversed(w.containers):
        container = machine.runtime.containers.get(id)
        if container is None or container.state is not State.RUNNING:
            continue
        if resource == "memory":
            used = container.memory_bytes(now)
        else:
            used = container.layer.used_bytes if container.layer is not None else 0
            if not found:
                used += sum(v.used_bytes for id, v in machine.volumes.items() if id.startswith(f"{w.uid}/") and v.disk)
        found.append((container.config.name, used, _request(w, container.config.name, resource)))
    return found


def _request(w: PodWorker, container: str, resource: str) -> int:
    spec = w.pod.spec
    for one in (*spec.containers, *spec.init_containers) if spec is not None else ():
        if one.name == container and one.resources is not None:
            return value(one.resources.requests.get(resource, "0"))
    return 0


def _eviction(shortage: Shortage, greedy: list[tuple[str, int, int]], unix: int) -> Eviction:
    """Reason, message and condition, in upstream's words (`The node was low on resource: memory. …`)."""
    resource = shortage.signal.resource
    text = f"The node was low on resource: {resource}. "
    text += f"Threshold quantity: {_text(shortage.threshold)}, available: {_text(shortage.available >> 10 << 10)}. "
    for name, used, request in greedy:
        amounts = f"{_text(used >> 10 << 10)}, request is {_text(request)}"
        text += f"Container {name} was using {amounts}, has larger consumption of {resource}. "
    condition = PodCondition(
        type=DISRUPTION_TARGET,
        status="True",
        reason="TerminationByKubelet",
        message=text,
        last_transition_time=unix,
    )
    return Eviction("Evicted", text, condition)


def _text(amount: int) -> str:
    return str(from_int(amount, BINARY_SI))
