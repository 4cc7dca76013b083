"""The boards that are measured: a typical one, an idle one, and a large one."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, Flags, NodeGroup
from kubesim_tui.traffic.spec import Users

ADMIN = User("kubernetes-admin", ("system:masters", "system:authenticated"))
TYPICAL_NODES, LARGE_NODES, LARGE_PODS = 6, 500, 10_000
APPLICATIONS = (("shop", 14), ("api", 13), ("blog", 13))
"""Name and replicas: 40 Pods."""

SETTLE = 60
UNLIMITED = Flags(kube_api_qps=0, scheduler_api_qps=0, kubelet_api_qps=0)


def create(cluster: Cluster, data: dict[str, Any]) -> None:
    """Through the door, as an administrator."""
    resource = cluster.server.resource_for_kind(data["apiVersion"], data["kind"])
    assert resource is not None
    namespace = "default" if resource.namespaced else ""
    cluster.server.handle(Request(ADMIN, "create", resource, namespace, data["metadata"]["name"], body=data))


def deployment(
    name: str, replicas: int, *, probe: bool = True, requests: dict[str, str] | None = None
) -> dict[str, Any]:
    """A Deployment of nginx."""
    container: dict[str, Any] = {"name": "nginx", "image": "nginx:1.29", "ports": [{"containerPort": 80}]}
    if probe:
        container["readinessProbe"] = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 2}
        container["livenessProbe"] = {"httpGet": {"path": "/", "port": 80}}
    if requests:
        container["resources"] = {"requests": requests}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def service(name: str) -> dict[str, Any]:
    """A Service of the same name, on port 80."""
    spec = {"selector": {"app": name}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


def ingress(name: str) -> dict[str, Any]:
    """A route from NAME.example.com to it."""
    backend = {"service": {"name": name, "port": {"number": 80}}}
    rule = {"host": f"{name}.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    spec = {"ingressClassName": "nginx", "rules": [rule]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": name}, "spec": spec}


def step(cluster: Cluster, ticks: int) -> None:
    """So many ticks."""
    for _ in range(ticks):
        cluster.step()


def typical(*, traffic: bool) -> Cluster:
    """6 nodes, 40 Pods with probes, 3 routes; with users or without."""
    cluster = Cluster(ClusterSpec((NodeGroup(count=TYPICAL_NODES),)))
    for name, replicas in APPLICATIONS:
        create(cluster, deployment(name, replicas))
        create(cluster, service(name))
        create(cluster, ingress(name))
    step(cluster, SETTLE)
    assert ready(cluster) == sum(replicas for _, replicas in APPLICATIONS)
    if traffic:
        for name, _ in APPLICATIONS:
            cluster.traffic.add(Users(name, f"http://{name}.example.com/", 50_000))
    step(cluster, SETTLE)
    return cluster


def large(control_planes: int = 1, etcd_members: int | None = None) -> Cluster:
    """500 nodes, nothing on them yet, and no limits of requests."""
    group = NodeGroup(count=LARGE_NODES, cpu="16", memory="64Gi")
    cluster = Cluster(ClusterSpec((group,), flags=UNLIMITED, control_planes=control_planes, etcd_members=etcd_members))
    step(cluster, SETTLE)
    return cluster


def fill(cluster: Cluster, most: int = 3600) -> int:
    """Apply a Deployment of 10,000 replicas; the ticks until all are Ready."""
    create(cluster, deployment("web", LARGE_PODS, probe=False, requests={"cpu": "100m", "memory": "64Mi"}))
    for ticks in range(1, most):
        cluster.step()
        if _told(cluster) == LARGE_PODS:
            return ticks
    raise RuntimeError(f"only {ready(cluster)} of {LARGE_PODS} Pods are Ready after {most} ticks")


def _told(cluster: Cluster) -> int:
    found = cluster.etcd.get("deployments.apps", ("default", "web"))
    assert isinstance(found, types.Deployment)
    return found.status.ready_replicas if found.status is not None else 0


def ready(cluster: Cluster) -> int:
    """How many Pods of the default namespace are Ready."""
    pods = cluster.etcd.table("pods").in_namespace("default")
    return sum(isinstance(pod, types.Pod) and is_pod_ready(pod) for pod in pods)
