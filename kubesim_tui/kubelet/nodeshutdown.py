"""Graceful node shutdown (upstream: pkg/kubelet/nodeshutdown/nodeshutdown_manager_linux.go).

When the machine is told to shut down the kubelet holds that up for `shutdownGracePeriod`: the Node is not Ready any
more, nothing new is taken, and Pods are stopped: first the ordinary ones, then, for `shutdownGracePeriodCriticalPods`
at the end, the critical ones. With a period of 0, the default, nothing is held up.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from kubesim_tui.kubelet.conditions import terminated_by_kubelet
from kubesim_tui.kubelet.configuration import Configuration
from kubesim_tui.kubelet.container_config import CRITICAL_PRIORITY
from kubesim_tui.kubelet.pod_status import Eviction
from kubesim_tui.kubelet.pod_workers import Life, PodWorker, priority

DETECTED = ("Shutdown", "Shutdown manager detected shutdown event")
MESSAGE = "Pod was terminated in response to imminent node shutdown."
REJECTED = Eviction("NodeShutdown", "Pod was rejected: Pod was rejected as the node is shutting down.")


@define(eq=False)
class NodeShutdown:
    """See the module. `stage` counts the groups of Pods that were told to stop; -1: nothing is being shut down."""

    configuration: Configuration
    stage: int = -1
    until: int = -1  # when the present group has to be gone
    waiting: tuple[PodWorker, ...] = ()

    @property
    def under_way(self) -> bool:
        """Whether the machine is being shut down."""
        return self.stage >= 0

    @property
    def done(self) -> bool:
        """Whether the kubelet holds the shutdown up no more."""
        return self.stage >= 2 and not self.waiting

    def begin(self) -> bool:
        """The machine is told to shut down; whether there is anything to hold that up for."""
        if self.configuration.shutdown_grace_period <= 0 or self.under_way:
            return self.under_way
        self.stage = 0
        return True

    def advance(self, workers: Iterable[PodWorker], now: int, unix: int) -> list[PodWorker]:
        """Go on, once a second; the Pods that are told to stop now."""
        self.waiting = tuple(w for w in self.waiting if w.life is not Life.FINISHED) if now < self.until else ()
        told: list[PodWorker] = []
        while not told and not self.waiting and self.stage < 2:
            told = self._next_group(list(workers), now, unix)
        return told

    def _next_group(self, workers: list[PodWorker], now: int, unix: int) -> list[PodWorker]:
        last = self.configuration.shutdown_grace_period_critical_pods
        critical = self.stage == 1
        grace = last if critical else self.configuration.shutdown_grace_period - last
        self.stage, self.until = self.stage + 1, now + grace
        group = [
            w
            for w in workers
            if w.life is not Life.FINISHED and not w.mirror and (priority(w) >= CRITICAL_PRIORITY) is critical
        ]
        for w in group:
            if w.life is Life.SYNC:
                w.eviction, w.grace, w.woken = terminated(unix), min(grace, _own_grace(w)), True
        self.waiting = tuple(group)
        return group


def terminated(unix: int) -> Eviction:
    """What becomes of a Pod."""
    return Eviction("Terminated", MESSAGE, terminated_by_kubelet(MESSAGE, unix))


def _own_grace(w: PodWorker) -> int:
    grace = w.pod.spec.termination_grace_period_seconds if w.pod.spec is not None else None
    return 30 if grace is None else grace
