"""What a kubelet watches on its machine besides Pods: whether containerd answers, whether memory and disk suffice."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.helpers.qos import BEST_EFFORT, qos_class
from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kubelet.admission import admit
from kubesim_tui.kubelet.container_config import CRITICAL_PRIORITY
from kubesim_tui.kubelet.eviction.manager import PERIOD, EvictionManager, remove_containers
from kubesim_tui.kubelet.eviction.thresholds import DISK, MEMORY, PID
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.node_status import Health
from kubesim_tui.kubelet.nodeshutdown import REJECTED, NodeShutdown
from kubesim_tui.kubelet.pod_status import Eviction
from kubesim_tui.kubelet.pod_workers import Life, PodWorker, priority

MEMORY_TAINT = "node.kubernetes.io/memory-pressure"


@define(eq=False)
class NodeWatch:
    """See the module. `down_since`: since when containerd does not answer, -1: it does."""

    host: Host
    evictions: EvictionManager
    max_pods: int
    started: int
    shutdown: NodeShutdown
    down_since: int = -1
    planned: int = -1  # the tick of the next look
    reported: tuple[bool, ...] = (False, False, False)

    def health(self, now: int) -> Health:
        """What the Node's conditions say."""
        down = -1 if self.down_since < 0 else now - self.down_since
        return Health("", down, *self._pressures(now), self.shutdown.under_way)

    def _pressures(self, now: int) -> tuple[bool, bool, bool]:
        manager = self.evictions
        return manager.pressed(MEMORY, now), manager.pressed(DISK, now), manager.pressed(PID, now)

    def evict(self, workers: dict[tuple[str, str], PodWorker], now: int, unix: int) -> tuple[list[PodWorker], str]:
        """See whether there is enough of everything: the Pods that have to go, and the resource that is reclaimed."""
        verdict = self.evictions.sync(list(workers.values()), now, unix)
        for one in verdict.evicted:
            w = one.worker
            w.eviction, w.grace, w.woken = one.why, one.grace, True
            self.host.events.pod(w.pod, WARNING, one.why.reason, one.why.message)
        return [one.worker for one in verdict.evicted], verdict.reclaiming

    def pressures_turned(self, now: int) -> bool:
        """Whether a pressure has come or gone since the last call."""
        pressures = self._pressures(now)
        turned, self.reported = pressures != self.reported, pressures
        return turned

    def next_period(self, now: int) -> int:
        """The next moment at which a kubelet looks at memory and disk."""
        return now + PERIOD - (now - self.started) % PERIOD

    def next_look(self, now: int) -> int:
        """When to look again by ourselves. -1: not."""
        return self.evictions.next_look(now)

    def rotate_logs(self) -> None:
        """Begin a new file where a container's log has grown too large (upstream: container_log_manager.go)."""
        configuration = self.evictions.configuration
        for container in self.host.machine.runtime.containers.values():
            if container.log is not None and container.log.size_bytes >= configuration.container_log_max_size:
                container.log.rotate(configuration.container_log_max_files)

    def collect_containers(self, workers: dict[tuple[str, str], PodWorker]) -> None:
        """Of Pods that were evicted nothing is kept (upstream: ShouldPodContentBeRemoved)."""
        for w in workers.values():
            if w.life is Life.FINISHED and w.eviction is not None and w.containers:
                remove_containers(self.host.machine, w)

    def check_room(self, w: PodWorker, workers: dict[tuple[str, str], PodWorker], now: int) -> None:
        """Refuse a new Pod for which there is no room."""
        assert w.pod.spec is not None
        wanted = request_amounts(w.pod.spec)
        w.requests = next((o.requests for o in workers.values() if o.requests == wanted), wanted)  # equal ones are one
        others = [o.requests or {} for o in workers.values() if o is not w and o.life is Life.SYNC]
        refused = REJECTED if self.shutdown.under_way else self._pressed(w, now)
        refused = refused or admit(w.requests, others, self.host.room, self.max_pods)
        if refused is not None:
            w.eviction = refused
            text = refused.message.removeprefix("Pod was rejected: ")
            self.host.events.pod(w.pod, WARNING, refused.reason, text)

    def _pressed(self, w: PodWorker, now: int) -> Eviction | None:
        """Under disk or PID pressure nothing new is taken, under memory pressure nothing that is BestEffort."""
        memory, *others = self._pressures(now)
        if not (memory or any(others)) or priority(w) >= CRITICAL_PRIORITY:
            return None
        pod = w.pod
        assert pod.spec is not None
        if not any(others) and (qos_class(pod.spec) != BEST_EFFORT or _tolerates(pod, MEMORY_TAINT)):
            return None
        shown = zip((DISK, MEMORY, PID), (others[0], memory, others[1]), strict=True)
        names = " ".join(name for name, is_so in shown if is_so)
        return Eviction("Evicted", f"Pod was rejected: The node had condition: [{names}]. ")


def _tolerates(pod: Pod, key: str) -> bool:
    tolerations = pod.spec.tolerations if pod.spec is not None else ()
    return any(t.operator == "Exists" and t.key in ("", key) for t in tolerations)
