"""Stopping containers (upstream: killContainer, kuberuntime_termination_order.go).

preStop → the stop signal → exit, or SIGKILL when the grace is over. The grace counts from the beginning; a preStop that
uses it up leaves the container two seconds. Sidecars stop after the containers that they serve, the last one first.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define

from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import Container, Pod
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kubelet import lifecycle
from kubesim_tui.kubelet.events import Events
from kubesim_tui.kubelet.pod_actions import LIVENESS, STARTUP
from kubesim_tui.kubelet.pod_workers import Killing, KillStage, Life, PodWorker, find_container

LEAST_GRACE = 2


class Stopper(lifecycle.Runner, Protocol):
    """What is needed of the container runtime."""

    def running(self, container: str) -> bool:
        """Whether a container runs."""
        ...

    def stop(self, container: str, grace: int, now: int) -> None:
        """The stop signal now, SIGKILL after the grace."""
        ...


def grace_period(pod: Pod, container: Container | None, reason: str = "") -> int:
    """Seconds that a container gets: of the deletion, of the probe that failed, or of the Pod."""
    if pod.metadata.deletion_grace_period_seconds is not None:
        return pod.metadata.deletion_grace_period_seconds
    spec = pod.spec
    if spec is None or spec.termination_grace_period_seconds is None:
        return LEAST_GRACE if spec is None else 30
    probe = None
    if container is not None:
        probe = {LIVENESS: container.liveness_probe, STARTUP: container.startup_probe}.get(reason)
    if probe is not None and probe.termination_grace_period_seconds is not None:
        return probe.termination_grace_period_seconds
    return spec.termination_grace_period_seconds


@define(eq=False)
class Killer:
    """Stops containers, step by step. `advance` is called in every tick in which something may have changed."""

    runtime: Stopper
    events: Events

    def begin(
        self, w: PodWorker, id: str, name: str, now: int, message: str = "", reason: str = "", grace: int | None = None
    ) -> None:
        """Begin to stop a container (nothing, if that has begun)."""
        if id in w.kills:
            return
        container = find_container(w.pod, name)
        left = grace_period(w.pod, container, reason) if grace is None else grace
        self.events.killing(w.pod, name, message)
        killing = w.kills[id] = Killing(id, name, left, now)
        hook = container.lifecycle.pre_stop if container is not None and container.lifecycle is not None else None
        if container is not None and hook is not None and left > 0:
            killing.hook = lifecycle.begin(self.runtime, w.pod, container, id, hook, now)
        else:
            killing.stage = KillStage.TURN
        self.advance(w, now)

    def shorten(self, w: PodWorker, grace: int, now: int) -> None:
        """The Pod is deleted (again) with less grace."""
        for killing in w.kills.values():
            left = killing.since + killing.grace - now
            if grace < left:
                killing.grace = now + grace - killing.since
                if killing.stage is KillStage.SIGNALLED:
                    self.runtime.stop(killing.id, max(grace, 0), now)

    def advance(self, w: PodWorker, now: int) -> bool:
        """Go on with all; True if none is left."""
        for killing in list(w.kills.values()):
            if not self.runtime.running(killing.id):
                del w.kills[killing.id]
            elif killing.stage is not KillStage.SIGNALLED:
                self._advance(w, killing, now)
        for killing in list(w.kills.values()):
            if not self.runtime.running(killing.id):
                del w.kills[killing.id]
        return not w.kills

    def _advance(self, w: PodWorker, killing: Killing, now: int) -> None:
        left = killing.since + killing.grace - now
        if killing.stage is KillStage.HOOK:
            container = find_container(w.pod, killing.name)
            assert container is not None
            if lifecycle.is_over(self.runtime, w.pod, container, killing.hook, now):
                if killing.hook.error:
                    self.events.container(w.pod, killing.name, WARNING, "FailedPreStopHook", "PreStopHook failed")
            elif left > 0:
                return
            killing.stage, killing.hook = KillStage.TURN, None
        if killing.stage is KillStage.TURN and (left <= 0 or not self._waits(w, killing)):
            killing.stage = KillStage.SIGNALLED
            self.runtime.stop(killing.id, max(LEAST_GRACE, left), now)

    def _waits(self, w: PodWorker, killing: Killing) -> bool:
        """Whether a sidecar has to wait for others: all app containers, and the sidecars that began after it."""
        spec = w.pod.spec
        assert spec is not None
        order = [c.name for c in spec.init_containers if is_sidecar(c)]
        if killing.name not in order or w.life is not Life.TERMINATING:
            return False
        before = {*(c.name for c in spec.containers), *order[order.index(killing.name) + 1 :]}
        return any(other.name in before and self.runtime.running(other.id) for other in w.kills.values())

    def next_wake(self, w: PodWorker, now: int) -> int:
        """When the grace of a hook, or of a sidecar that waits for its turn, is over. -1: never."""
        waiting = (k.since + k.grace for k in w.kills.values() if k.stage is not KillStage.SIGNALLED)
        return min((tick for tick in waiting if tick > now), default=-1)
