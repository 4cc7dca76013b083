"""A harness with a scheduler and nodes in it. `python -m tests.scheduler.bench` prints what placing Pods costs."""

import sys
import time
from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.apiserver.request import Options
from kubesim_tui.scheduler.scheduler import Scheduler
from kubesim_tui.scheduler.watching import INFORMERS
from tests.harness import Harness


class Process:
    """A process that tests can stop."""

    def __init__(self) -> None:
        self.on = True

    def runs(self) -> bool:
        return self.on


class Cluster(Harness):
    """c = Cluster(nodes=3); c.pod("web", cpu="500m"); c.tick(); c.node_of("web")"""

    def __init__(self, nodes: int = 0, qps: int = 0, burst: int = 0, seed: int = 1, **more: Any) -> None:
        super().__init__(seed=seed)
        self.process = Process()
        informers = {plural: self.informer(plural) for plural in INFORMERS}
        client = self.client("system:kube-scheduler", qps, burst)
        events = self.client("system:kube-scheduler", qps, burst)
        self.scheduler = Scheduler(self.engine, client, self.process, informers, self.chance, events=events, **more)
        for i in range(nodes):
            self.node(f"node-{chr(97 + i)}" if nodes <= 26 else f"node-{i:04}")
        self.add(self.scheduler)

    def node(self, name: str, cpu: str = "4", memory: str = "8Gi", pods: int = 110, **spec: Any) -> Any:
        """Create a node, with labels, taints, images, unschedulable or more allocatable."""
        labels = {"kubernetes.io/hostname": name, **spec.pop("labels", {})}
        allocatable = {"cpu": cpu, "memory": memory, "pods": str(pods), **spec.pop("more", {})}
        status = {"allocatable": allocatable, "images": spec.pop("images", [])}
        return self.create(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": name, "labels": labels},
                "spec": spec,
                "status": status,
            }
        )

    def pod(self, name: str, cpu: str = "", memory: str = "", **more: Any) -> Any:
        """Create a Pod; `labels`, `namespace` and anything of a Pod's spec may be given."""
        metadata = {"name": name, "labels": more.pop("labels", {}), "namespace": more.pop("namespace", "default")}
        requests = {k: v for k, v in (("cpu", cpu), ("memory", memory)) if v}
        container = {"name": "c", "image": "app:v1", "resources": {"requests": requests}, **more.pop("container", {})}
        spec = {"containers": [container], **more}
        return self.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})

    def copies(self, count: int, **spec: Any) -> None:
        """Pods of one template, as a ReplicaSet makes them: they share the frozen spec."""
        first = self.pod("copy-0", **spec)
        for i in range(1, count):
            meta = first.metadata.evolve(name=f"copy-{i}", uid="", resource_version=0)
            self.admin.create(first.evolve(metadata=meta))

    def node_of(self, name: str, namespace: str = "default") -> str:
        """Where a Pod is bound."""
        return self.get(types.Pod, name, namespace).spec.node_name

    def placed(self) -> dict[str, int]:
        """How many Pods each node has."""
        counts: dict[str, int] = {}
        for pod in self.list(types.Pod):
            counts[pod.spec.node_name] = counts.get(pod.spec.node_name, 0) + 1
        return counts

    def condition(self, name: str) -> tuple[str, str, str]:
        """(status, reason, message) of PodScheduled."""
        found = [c for c in self.get(types.Pod, name).status.conditions if c.type == "PodScheduled"]
        return (found[0].status, found[0].reason, found[0].message) if found else ("", "", "")

    def said(self, name: str) -> list[tuple[str, str]]:
        """(reason, message) of the Events about a Pod."""
        return [(reason, message) for who, reason, message in self.events() if who == name]

    def gone(self, name: str) -> None:
        """A Pod is deleted, at once."""
        self.admin.delete(types.Pod, "default", name, Options(grace=0))


def measure(nodes: int, pods: int, spec: dict[str, Any], label: str, plain: bool = False) -> None:
    """Print what it costs to place Pods of one template."""
    cluster = Cluster()
    cluster.scheduler.columns.enabled = not plain
    for i in range(nodes):
        cluster.node(f"node-{i:04}", cpu="32", memory="64Gi", labels={"topology.kubernetes.io/zone": f"z{i % 3}"})
    cluster.tick()
    template = decode_object(
        types.Service,
        {
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        },
    )
    cluster.admin.create(template)
    began = time.process_time()
    cluster.copies(pods, labels={"app": "web"}, **spec)
    made = time.process_time()
    cluster.tick()
    done = time.process_time()
    bound = sum(n for name, n in cluster.placed().items() if name)
    each = (done - made) / pods
    print(
        f"{label}: {nodes} nodes, {bound}/{pods} bound; create {(made - began) / pods * 1e3:.3f} ms, "
        f"schedule {each * 1e3:.3f} ms a Pod ({1 / each:,.0f} Pods/s)"
    )


def main() -> None:
    """The rows of the issue."""
    plain = "--plain" in sys.argv
    simple = {"cpu": "500m", "memory": "256Mi"}
    hard = [
        {
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": "web"}},
        }
    ]
    near = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "topology.kubernetes.io/zone"}
    affinity = {
        "podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 5, "podAffinityTerm": near}]}
    }
    measure(100, 1000, simple, "identical", plain)
    if not plain:
        measure(500, 10_000, simple, "identical")
    measure(1000, 500 if plain else 5000, simple, "identical", plain)
    measure(1000, 500, {**simple, "topologySpreadConstraints": hard}, "hard spreading", plain)
    measure(1000, 500, {**simple, "affinity": affinity}, "soft anti-affinity", plain)


if __name__ == "__main__":
    main()
