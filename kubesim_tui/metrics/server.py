"""metrics-server, and the adapter beside it: what the three metrics APIs answer, read when somebody asks.

Kubelets tell of their containers: where none runs there are no metrics. metrics-server is told every 15 s; here nobody
comes by: totals of then are kept (world.meter), and the answer is what he would have made of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import define

from kubesim_tui.api.labels import EVERYTHING, Selector
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Node, Pod
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.metrics.usage import Scrape, scrape
from kubesim_tui.world.container import Container, State
from kubesim_tui.world.cpu import SYSTEM_MILLI
from kubesim_tui.world.machine import Machine
from kubesim_tui.world.meter import PERIOD

KUBELET = "kubelet"
SYSTEM_BYTES = 350 << 20
"""What the system and the kubelet themselves take of a machine."""
Data = dict[str, object]


@define(eq=False)
class MetricsServer:
    """The resource metrics of a cluster (metrics.k8s.io/v1beta1)."""

    etcd: Etcd
    machines: Mapping[str, Machine]

    @property
    def _now(self) -> int:
        return self.etcd.clock.tick

    def pods(self, namespace: str, chosen: Selector = EVERYTHING) -> list[Pod]:
        """Pods by namespace and name."""
        table = self.etcd.table("pods").in_namespace(namespace)
        found = [p for p in table if isinstance(p, Pod) and chosen.matches(p.metadata.labels)]
        return sorted(found, key=lambda p: (p.metadata.namespace, p.metadata.name))

    def containers(self, pod: Pod) -> Iterator[tuple[str, Container]]:
        """The running containers of a Pod, by name."""
        machine = self.machines.get(pod.spec.node_name) if pod.spec is not None else None
        if machine is None or not machine.runs(KUBELET) or pod.status is None:
            return
        for status in (*pod.status.init_container_statuses, *pod.status.container_statuses):
            found = machine.runtime.containers.get(status.container_id.partition("://")[2])
            if found is not None and found.state is State.RUNNING:
                yield status.name, found

    def scrapes(self, pod: Pod) -> dict[str, Scrape]:
        """What is known of a Pod's containers: of all that run, or nothing."""
        found = {name: scrape(container, self._now) for name, container in self.containers(pod)}
        return {name: one for name, one in found.items() if one is not None} if all(found.values()) else {}

    def pod_metrics(self, namespace: str = "", chosen: Selector = EVERYTHING) -> list[Data]:
        """PodMetrics objects by namespace and name."""
        made = []
        for pod in self.pods(namespace, chosen):
            found = self.scrapes(pod)
            if found:
                used = [{"name": name, "usage": _quantities(s.milli, s.memory_bytes)} for name, s in found.items()]
                meta = {"name": pod.metadata.name, "namespace": pod.metadata.namespace}
                head = self._head("PodMetrics", {**meta, "labels": dict(pod.metadata.labels)}, found.values())
                made.append({**head, "containers": used})
        return made

    def node_metrics(self) -> list[Data]:
        """NodeMetrics objects by name."""
        names = sorted(n.metadata.name for n in self.etcd.table("nodes") if isinstance(n, Node))
        live = [self.machines[name] for name in names if name in self.machines and self.machines[name].runs(KUBELET)]
        return [self._node(machine) for machine in live]

    def _node(self, machine: Machine) -> Data:
        found = [s for c in machine.runtime.containers.values() if (s := scrape(c, self._now)) is not None]
        milli = min(SYSTEM_MILLI + sum(s.milli for s in found), machine.cpu_milli)
        beside = SYSTEM_BYTES + sum(outsider.held_bytes(self._now) for outsider in machine.outsiders.values())
        usage = _quantities(milli, beside + sum(s.memory_bytes for s in found))
        return {**self._head("NodeMetrics", {"name": machine.name}, ()), "usage": usage}

    def _head(self, kind: str, metadata: Data, scrapes: Iterable[Scrape]) -> Data:
        tick = self._now // PERIOD * PERIOD
        window = min((s.window for s in scrapes), default=PERIOD)
        return {
            "apiVersion": "metrics.k8s.io/v1beta1",
            "kind": kind,
            "metadata": metadata,
            "timestamp": format_time(self.etcd.clock.now - self._now + tick),
            "window": f"{window}s",
        }


def _quantities(milli: int, held: int) -> dict[str, str]:
    return {"cpu": f"{milli}m", "memory": f"{held >> 10}Ki"}
