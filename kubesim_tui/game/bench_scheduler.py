"""The scheduler measured: many Pods on many nodes, none of which need a machine (nothing is run on them)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from kubesim_tui.api import types
from kubesim_tui.apiserver.request import Request
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec
from kubesim_tui.game.bench_boards import ADMIN, UNLIMITED, create, step

ZONE, HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"
PODS, NODES = 5_000, 1_000
FEW_PODS, FEW_NODES = 1_000, 100
Json = dict[str, Any]


def nodes(count: int) -> Cluster:
    """A cluster of Ready nodes in three zones, every tenth of them tainted; no limits of requests."""
    cluster = Cluster(ClusterSpec((), flags=UNLIMITED))
    step(cluster, 5)
    for i in range(count):
        _node(cluster, i)
    step(cluster, 2)
    return cluster


def _node(cluster: Cluster, i: int) -> None:
    """One that says of itself that it is Ready, as a kubelet would."""
    name = f"node-{i:04}"
    taints = [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}] if i % 10 == 9 else []
    sizes = {"cpu": "32", "memory": "64Gi", "pods": "110"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "", "lastHeartbeatTime": None}
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {ZONE: "abc"[i % 3], HOST: name}},
        "spec": {"taints": taints},
        "status": {"capacity": sizes, "allocatable": sizes, "conditions": [ready]},
    }
    create(cluster, node)
    resource = cluster.server.resource_for_kind("v1", "Node")
    assert resource is not None
    cluster.server.handle(Request(ADMIN, "update", resource, "", name, subresource="status", body=node))


def pod(name: str, app: str, **spec: Any) -> Json:
    """A small Pod."""
    requests = {"cpu": "500m", "memory": "256Mi"}
    container = {"name": "c", "image": "nginx:1.29", "resources": {"requests": requests}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": app}},
        "spec": {"containers": [container], **spec},
    }


def identical(_app: int) -> Json:
    """Nothing special."""
    return {}


def mixed(app: int) -> Json:
    """By turns: soft anti-affinity, hard spreading, a toleration with node affinity, soft affinity, nothing special."""
    term = {"labelSelector": {"matchLabels": {"app": f"app-{app}"}}, "topologyKey": ZONE}
    soft = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 5, "podAffinityTerm": term}]}
    zones = {"matchExpressions": [{"key": ZONE, "operator": "In", "values": ["a", "b"]}]}
    hard = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [zones]}}
    kinds: tuple[Json, ...] = (
        {"affinity": {"podAntiAffinity": soft}},
        {"topologySpreadConstraints": [{**term, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}]},
        {"affinity": {"nodeAffinity": hard}, "tolerations": [{"key": "dedicated", "operator": "Exists"}]},
        {"affinity": {"podAffinity": soft}},
        {},
    )
    return kinds[app % len(kinds)]


KINDS: Mapping[str, tuple[int, Callable[[int], Json]]] = {"identical": (1, identical), "mixed": (50, mixed)}
"""Name → how many templates, and what more each has in its spec."""


def rate(count: int, pods: int, kind: tuple[int, Callable[[int], Json]]) -> float:
    """Pods placed a second, from the queue to the written binding; they come from their templates by turns."""
    templates, more = kind
    cluster = nodes(count)
    admin, firsts = cluster.client(ADMIN), []
    for app in range(templates):
        create(cluster, pod(f"app-{app}-0", f"app-{app}", **more(app)))
        firsts.append(admin.get(types.Pod, "default", f"app-{app}-0"))
    for i in range(1, pods // templates):
        for first in firsts:
            name = first.metadata.name.removesuffix("0") + str(i)
            admin.create(first.evolve(metadata=first.metadata.evolve(name=name, uid="", resource_version=0)))
    began = perf_counter()
    step(cluster, 1)
    took = perf_counter() - began
    waiting = [p for p in cluster.etcd.table("pods").by_namespace["default"].values() if not placed(p)]
    assert not waiting, f"{len(waiting)} of {pods} wait: {waiting[0]}"
    return pods / took


def placed(pod: types.Object) -> bool:
    """Whether it is bound."""
    return isinstance(pod, types.Pod) and pod.spec is not None and bool(pod.spec.node_name)
