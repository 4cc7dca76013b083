"""What Pods and nodes use: processor and memory, read from the machines when somebody asks.

The real metrics-server samples kubelets every 15 s; here the answer is that of the last second (FIDELITY.md): what
traffic put on a container, what it does when idle, and what it holds in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import define

from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Node, Pod
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.machine import Machine

WINDOW = "1s"
KUBELET = "kubelet"
SYSTEM_MILLI, SYSTEM_BYTES = 60, 350 << 20
"""What the system and the kubelet themselves take of a machine."""

Usage = tuple[int, int]
"""(millicores, bytes)."""


def container_usage(container: Container, now: int) -> Usage:
    """What a container used in the last second."""
    if container.state is not State.RUNNING:
        return 0, 0
    load = container.load
    busy = load.cpu_us if load is not None and load.tick >= now - 1 else 0
    idle = sum(program.spec.idle_us for program in container.programs)
    limit = container.config.limits.cpu_milli
    milli = (busy + idle) // 1000
    return milli if limit is None else min(milli, limit), container.memory_bytes(now)


@define(eq=False)
class Metrics:
    """The resource metrics of a cluster. Kubelets tell them: where none runs there are none."""

    etcd: Etcd
    machines: Mapping[str, Machine]

    def containers(self, pod: Pod) -> Iterator[tuple[str, Container]]:
        """The running containers of a Pod, by name."""
        machine = self.machines.get(pod.spec.node_name) if pod.spec is not None else None
        if machine is None or not machine.runs(KUBELET) or pod.status is None:
            return
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            found = machine.runtime.containers.get(status.container_id.partition("://")[2])
            if found is not None and found.state is State.RUNNING:
                yield status.name, found

    def pod(self, namespace: str, name: str) -> Usage:
        """(millicores, bytes) of a Pod; (0, 0) if nothing of it runs."""
        pod = self.etcd.get("pods", (namespace, name))
        found = [container_usage(c, self._now) for _, c in self.containers(pod)] if isinstance(pod, Pod) else []
        return sum(milli for milli, _ in found), sum(held for _, held in found)

    def node(self, name: str) -> Usage:
        """(millicores, bytes) of a node: all of its containers, and its system."""
        machine = self.machines.get(name)
        if machine is None or not machine.powered:
            return 0, 0
        found = [container_usage(c, self._now) for c in machine.runtime.containers.values()]
        cpu = SYSTEM_MILLI + sum(milli for milli, _ in found)
        return min(cpu, machine.cpu_milli), SYSTEM_BYTES + sum(held for _, held in found)

    @property
    def _now(self) -> int:
        return self.etcd.clock.tick

    # -- metrics.k8s.io/v1beta1

    def pod_metrics(self, namespace: str = "") -> list[dict[str, object]]:
        """PodMetrics objects by namespace and name, as `kubectl top pods` reads them."""
        pods = [p for p in self.etcd.table("pods").in_namespace(namespace) if isinstance(p, Pod)]
        pods.sort(key=lambda p: (p.metadata.namespace, p.metadata.name))
        found = [self._pod_metrics(pod) for pod in pods]
        return [one for one in found if one["containers"]]

    def _pod_metrics(self, pod: Pod) -> dict[str, object]:
        meta = pod.metadata
        used = [{"name": n, "usage": _quantities(*container_usage(c, self._now))} for n, c in self.containers(pod)]
        labels = dict(meta.labels)
        return {
            **self._head("PodMetrics", {"name": meta.name, "namespace": meta.namespace, "labels": labels}),
            "containers": used,
        }

    def node_metrics(self) -> list[dict[str, object]]:
        """NodeMetrics objects by name."""
        names = sorted(n.metadata.name for n in self.etcd.table("nodes") if isinstance(n, Node))
        live = [name for name in names if name in self.machines and self.machines[name].runs(KUBELET)]
        return [{**self._head("NodeMetrics", {"name": n}), "usage": _quantities(*self.node(n))} for n in live]

    def _head(self, kind: str, metadata: Mapping[str, object]) -> dict[str, object]:
        return {
            "apiVersion": "metrics.k8s.io/v1beta1",
            "kind": kind,
            "metadata": metadata,
            "timestamp": format_time(self.etcd.clock.now),
            "window": WINDOW,
        }


def _quantities(milli: int, held: int) -> dict[str, str]:
    return {"cpu": f"{milli}m", "memory": f"{held >> 10}Ki"}
