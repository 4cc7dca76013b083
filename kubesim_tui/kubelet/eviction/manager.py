"""Seeing to shortages (upstream: pkg/kubelet/eviction/eviction_manager.go).

Every 10 s while the machine is in use: below a threshold the Node shows the pressure (for 5 minutes after it was last
seen). Pods that write more than they may go at once. Then the first threshold whose grace is over is seen to: what can
be reclaimed without Pods is reclaimed (dead containers, images that nobody uses), and if that does not help the Pod
that ranks first is evicted, one at a time; when it has gone the next look comes at once. Critical Pods are spared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.quantity import BINARY_SI, DECIMAL_SI, from_int, value
from kubesim_tui.kubelet import oom, stats
from kubesim_tui.kubelet.conditions import terminated_by_kubelet
from kubesim_tui.kubelet.configuration import Configuration
from kubesim_tui.kubelet.container_config import CRITICAL_PRIORITY
from kubesim_tui.kubelet.eviction.helpers import COUNTED, REQUESTED, Ranked, rank
from kubesim_tui.kubelet.eviction.local_storage import exceeded
from kubesim_tui.kubelet.eviction.thresholds import (
    CONDITIONS,
    MEMORY,
    PID,
    RESOURCES,
    Observation,
    Threshold,
    signal_order,
    thresholds,
)
from kubesim_tui.kubelet.images_gc import ImageGc
from kubesim_tui.kubelet.pod_status import Eviction
from kubesim_tui.kubelet.pod_workers import Life, PodWorker, priority
from kubesim_tui.world.machine import Machine

PERIOD = 10
HARD_GRACE = 1
"""Seconds that a Pod gets when a hard threshold is met, or when it has written too much."""
CLEANUP_TIMEOUT = 30


@frozen
class Evicted:
    """A Pod that has to go: why, and the seconds that it gets."""

    worker: PodWorker
    why: Eviction
    grace: int


@frozen
class Verdict:
    """What one look has led to; `reclaiming` is the resource that is reclaimed, "" for none."""

    evicted: tuple[Evicted, ...] = ()
    reclaiming: str = ""


NOTHING = Verdict()


@define(eq=False)
class EvictionManager:
    """See the module. `seen` says when a condition's shortage was seen last, `first` when a threshold was met first."""

    machine: Machine
    configuration: Configuration
    images: ImageGc
    watched: tuple[Threshold, ...] = ()
    seen: dict[str, int] = field(factory=dict)
    first: dict[Threshold, int] = field(factory=dict)
    cleaning: tuple[PodWorker, ...] = ()  # evicted, and not gone yet
    patience: int = -1

    def __attrs_post_init__(self) -> None:
        self.watched = thresholds(self.configuration)

    def pressed(self, condition: str, now: int) -> bool:
        """Whether the Node shows a pressure."""
        period = self.configuration.eviction_pressure_transition_period
        return condition in self.seen and now - self.seen[condition] < max(1, period)

    def alarm_bytes(self) -> int:
        """From so much of the disk in use on anything may have to be done."""
        disk = self.machine.disk
        watched = [one for one in self.watched if RESOURCES[one.signal] == stats.DISK]
        room = max((one.amount.of(disk.capacity_bytes) for one in watched), default=0)
        collected = disk.capacity_bytes * self.configuration.image_gc_high_threshold_percent // 100
        return min(disk.capacity_bytes - room, collected)

    def calm_bytes(self) -> int:
        """While no more of the memory is in use there is nothing to do; -1: there may be in any case."""
        total = self.machine.memory_bytes
        watched = [one for one in self.watched if CONDITIONS[one.signal] == MEMORY]
        if self.first and watched:
            return -1
        return total - max((one.amount.of(total) for one in watched), default=0)

    def observe(self, now: int) -> Mapping[str, Observation]:
        """Signal → what there is now."""
        machine, disk = self.machine, self.machine.disk
        files = Observation(max(0, disk.inodes - stats.inodes_used(machine)), disk.inodes)
        room = Observation(disk.free_bytes, disk.capacity_bytes)
        memory = max(0, machine.memory_bytes - oom.used_bytes(machine, now))
        return {
            "memory.available": Observation(memory, machine.memory_bytes),
            "nodefs.available": room,
            "nodefs.inodesFree": files,
            "imagefs.available": room,
            "imagefs.inodesFree": files,
            "pid.available": Observation(max(0, machine.pids - machine.pids_used()), machine.pids),
        }

    def sync(self, workers: Sequence[PodWorker], now: int, unix: int) -> Verdict:
        """Look at the machine."""
        if self._cleaning(now):
            return NOTHING
        observed = self.observe(now)
        met = [one for one in self.watched if one.is_met(observed[one.signal], reclaimed=one in self.first)]
        self.first = {one: self.first.get(one, now) for one in met}
        self.seen.update({CONDITIONS[one.signal]: now for one in met})
        candidates = [w for w in workers if _may_go(w)]
        greedy = tuple(found for w in candidates if (found := self._over_limit(w, now)) is not None)
        if greedy:
            return self._evict(Verdict(greedy), now)
        due = {one.signal: one for one in reversed(met) if now - self.first[one] >= one.grace}
        if not due:
            return NOTHING
        threshold = due[signal_order([one.signal for one in met if one.signal in due])[0]]
        resource = RESOURCES[threshold.signal]
        if resource != "memory" and self._reclaim(workers, now):
            return Verdict(reclaiming=resource)
        chosen = self._choose(threshold, candidates, observed, now, unix)
        return self._evict(Verdict((chosen,) if chosen is not None else (), resource), now)

    def next_look(self, now: int) -> int:
        """When to look again by ourselves: while there is pressure, and when it has passed. -1: not.

        Processes come and go without a word to anybody: where they are limited, all the time.
        """
        if self.cleaning:
            return now + 1
        if self.first or any(CONDITIONS[one.signal] == PID for one in self.watched):
            return now + PERIOD
        period = self.configuration.eviction_pressure_transition_period
        return min((at + period for at in self.seen.values() if at + period > now), default=-1)

    # -- one look

    def _cleaning(self, now: int) -> bool:
        """Whether a Pod that was evicted is still on its way out (waitForPodsCleanup)."""
        self.cleaning = tuple(w for w in self.cleaning if w.life is not Life.FINISHED) if now < self.patience else ()
        return bool(self.cleaning)

    def _evict(self, verdict: Verdict, now: int) -> Verdict:
        self.cleaning, self.patience = tuple(one.worker for one in verdict.evicted), now + CLEANUP_TIMEOUT
        return verdict

    def _over_limit(self, w: PodWorker, now: int) -> Evicted | None:
        said = exceeded(self.machine, w, now)
        return Evicted(w, Eviction("Evicted", said), HARD_GRACE) if said else None

    def _reclaim(self, workers: Sequence[PodWorker], now: int) -> bool:
        """Remove what nobody needs; True if that is enough."""
        for w in workers:
            if w.life is Life.FINISHED:
                remove_containers(self.machine, w)
        self.images.delete_unused(now)
        observed = self.observe(now)
        return not any(one.is_met(observed[one.signal], reclaimed=True) for one in self.watched)

    def _choose(
        self,
        threshold: Threshold,
        candidates: Sequence[PodWorker],
        observed: Mapping[str, Observation],
        now: int,
        unix: int,
    ) -> Evicted | None:
        """The Pod that ranks first."""
        resource = RESOURCES[threshold.signal]
        ranked = [
            Ranked(
                w.uid,
                priority(w),
                request_amounts(w.pod.spec).get(resource, 0) if w.pod.spec is not None else 0,
                stats.pod_usage(self.machine, w, resource, now),
            )
            for w in candidates
        ]
        if not ranked:
            return None
        first = rank(ranked, REQUESTED if resource in (stats.MEMORY, stats.DISK) else COUNTED)[0].uid
        w = next(w for w in candidates if w.uid == first)
        text = self._message(threshold, w, observed[threshold.signal], now)
        grace = HARD_GRACE if threshold.hard else self.configuration.eviction_max_pod_grace_period
        return Evicted(w, Eviction("Evicted", text, terminated_by_kubelet(text, unix)), grace)

    def _message(self, threshold: Threshold, w: PodWorker, seen: Observation, now: int) -> str:
        """In upstream's words (`The node was low on resource: memory. …`)."""
        resource = RESOURCES[threshold.signal]
        wanted = _text(threshold.amount.of(seen.capacity), resource)
        text = f"The node was low on resource: {resource}. "
        text += f"Threshold quantity: {wanted}, available: {_text(seen.available, resource)}. "
        if resource not in (stats.MEMORY, stats.DISK):
            return text
        for container in stats.running(self.machine, w):
            used = stats.container_usage(container, resource, now)
            request = _request(w, container.config.name, resource)
            if used > request:
                amounts = f"{_text(used, resource)}, request is {_text(request, resource)}"
                text += f"Container {container.config.name} was using {amounts}, "
                text += f"has larger consumption of {resource}. "
        return text


def remove_containers(machine: Machine, w: PodWorker) -> None:
    """The containers of a Pod that has ended, and is not deleted yet, are removed with their files and logs."""
    for id in w.containers:
        if id in machine.runtime.containers:
            machine.runtime.remove(id)
    w.containers = ()


def _may_go(w: PodWorker) -> bool:
    return w.life is Life.SYNC and not w.mirror and priority(w) < CRITICAL_PRIORITY


def _request(w: PodWorker, container: str, resource: str) -> int:
    spec = w.pod.spec
    for one in (*spec.containers, *spec.init_containers) if spec is not None else ():
        if one.name == container and one.resources is not None:
            return value(one.resources.requests.get(resource, "0"))
    return 0


def _text(amount: int, resource: str) -> str:
    """Bytes in whole KiB, as statistics have them; counts as they are."""
    if resource in (stats.MEMORY, stats.DISK):
        return str(from_int(amount >> 10 << 10, BINARY_SI))
    return str(from_int(amount, DECIMAL_SI))
