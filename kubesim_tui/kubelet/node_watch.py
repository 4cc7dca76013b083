"""What a kubelet watches on its machine besides Pods: whether containerd answers, whether memory and disk suffice."""

from __future__ import annotations

from attrs import define

from kubesim_tui.api.helpers.qos import BEST_EFFORT, qos_class
from kubesim_tui.api.helpers.resources import request_amounts
from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.record import WARNING
from kubesim_tui.kubelet.admission import admit
from kubesim_tui.kubelet.eviction.manager import PERIOD, TRANSITION, EvictionManager
from kubesim_tui.kubelet.host import Host
from kubesim_tui.kubelet.node_status import Health
from kubesim_tui.kubelet.pod_status import Eviction
from kubesim_tui.kubelet.pod_workers import Life, PodWorker

HARD_GRACE = 1
"""Seconds that a Pod gets when a hard threshold is not met."""


@define(eq=False)
class NodeWatch:
    """See the module. `down_since`: since when containerd does not answer, -1: it does."""

    host: Host
    evictions: EvictionManager
    max_pods: int
    down_since: int = -1
    reported: tuple[bool, bool] = (False, False)

    def health(self, now: int) -> Health:
        """What the Node's conditions say."""
        down = -1 if self.down_since < 0 else now - self.down_since
        memory, disk = self.evictions.memory_pressure(now), self.evictions.disk_pressure(now)
        return Health(runtime_down=down, memory_pressure=memory, disk_pressure=disk)

    def evict(self, workers: dict[tuple[str, str], PodWorker], now: int, unix: int) -> PodWorker | None:
        """See whether there is enough of everything; the Pod that has to go, if one has."""
        found = self.evictions.sync(workers.values(), now, unix)
        if found is None:
            return None
        w, why = found
        w.eviction, w.grace, w.woken = why, HARD_GRACE, True
        self.host.events.pod(w.pod, WARNING, why.reason, why.message)
        return w

    def pressures_turned(self, now: int) -> bool:
        """Whether a pressure has come or gone since the last call."""
        pressures = (self.evictions.memory_pressure(now), self.evictions.disk_pressure(now))
        turned, self.reported = pressures != self.reported, pressures
        return turned

    def next_look(self, now: int) -> int:
        """When to look again by ourselves: while there is pressure, and when it has passed. -1: not."""
        manager = self.evictions
        ends = [seen + TRANSITION for seen in (manager.memory_seen, manager.disk_seen) if 0 <= seen <= now]
        ends = [end for end in ends if end > now]
        if not ends:
            return -1
        return now + PERIOD if now in (manager.memory_seen, manager.disk_seen) else min(ends)

    def check_room(self, w: PodWorker, workers: dict[tuple[str, str], PodWorker], now: int) -> None:
        """Refuse a new Pod for which there is no room."""
        assert w.pod.spec is not None
        wanted = request_amounts(w.pod.spec)
        w.requests = next((o.requests for o in workers.values() if o.requests == wanted), wanted)  # equal ones are one
        others = [o.requests or {} for o in workers.values() if o is not w and o.life is Life.SYNC]
        refused = self._pressed(w.pod, now) or admit(w.requests, others, self.host.room, self.max_pods)
        if refused is not None:
            w.eviction = refused
            text = refused.message.removeprefix("Pod was rejected: ")
            self.host.events.pod(w.pod, WARNING, refused.reason, text)

    def _pressed(self, pod: Pod, now: int) -> Eviction | None:
        """Under disk pressure nothing new is taken, under memory pressure nothing that is BestEffort."""
        disk, memory = self.evictions.disk_pressure(now), self.evictions.memory_pressure(now)
        if not disk and not memory:
            return None
        assert pod.spec is not None
        if not disk and (qos_class(pod.spec) != BEST_EFFORT or _tolerates(pod, "node.kubernetes.io/memory-pressure")):
            return None
        names = [name for name, is_so in (("DiskPressure", disk), ("MemoryPressure", memory)) if is_so]
        return Eviction("Evicted", f"Pod was rejected: The node had condition: [{' '.join(names)}]. ")


def _tolerates(pod: Pod, key: str) -> bool:
    tolerations = pod.spec.tolerations if pod.spec is not None else ()
    return any(t.operator == "Exists" and t.key in ("", key) for t in tolerations)
