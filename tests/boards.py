"""Whole clusters for tests, built in a few lines: nodes, applications with what they call, Services, routes, users.

board = Board(nodes=3)
board.app("web", replicas=4, calls="http://api/")
board.app("api", replicas=2)
board.route("shop.example.com", "web")
board.settle()
users = board.users("web", "http://shop.example.com/", rate=100)
board.tick(10)
users.stream.served

All of it goes through the door as manifests, and the cluster is the real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from kubesim_tui.api.types import Deployment, Service
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.spec import ClusterSpec, Flags, NodeGroup, OutsideSystem, RegionSpec
from kubesim_tui.explain.chain import Chain
from kubesim_tui.explain.evidence import Evidence
from kubesim_tui.explain.request import failed_request
from kubesim_tui.traffic.spec import Users
from kubesim_tui.traffic.streaming import Streaming

ADMIN = User("admin", ("system:masters", "system:authenticated"))

APP = """
repositories: [docker.io/test/app]
size: 1Mi
entrypoint: [app]
programs:
  app:
    start: 200ms
    ready: 300ms
    ports: [{port: "8080", protocol: http}]
    concurrency: 16
    queue: 64
    memory: {base: 10Mi, request: 64Ki}
    stop: {after: 100ms, code: 0}
    routes:
      - {path: /healthz, exact: true, body: "ok\\n", service: 1ms, cpu: 100us}
      - {path: /, body: "hello\\n", service: 5ms, scv: 500, cpu: 1ms, calls: CALLS}
versions:
  - {tags: ["bad*"], programs: {app: {routes: [{path: /, status: 500, body: "oops\\n", service: 1ms}]}}}
  - {tags: ["events*"], programs: {app: {connections: 100}}}
  - {tags: ["slow*"], programs: {app: {concurrency: 1, queue: 4, routes: [{path: /, service: 400ms, scv: 0}]}}}
  - {tags: ["drain*"], programs: {app: {stop: {after: 5s, code: 0, drains: true}}}}
"""
"""An application on port 8080; its calls are filled in. By tag: bad (500), slow (2.5 requests a second), drain."""


def image(name: str, *calls: str, text: str = APP, failure: int = 502, timeout: str = "2s") -> tuple[str, str]:
    """An image `test/NAME` that makes these calls in turn: (file, text)."""
    made = [{"to": to, "failure": failure, "timeout": timeout} for to in calls]
    flow = yaml.safe_dump(made, default_flow_style=True, width=10_000).strip()
    return f"{name}.yaml", text.replace("test/app", f"test/{name}").replace("CALLS", flow)


class Board:
    """See the module. `images`: (file, text) of further images."""

    def __init__(
        self,
        nodes: int | Iterable[NodeGroup] = 2,
        images: Iterable[tuple[str, str]] = (),
        seed: str = "1",
        outside: Iterable[OutsideSystem] = (),
        warm: int = 20,
        control_planes: int = 1,
        control_plane_zones: Iterable[str] = ("a",),
        regions: Iterable[RegionSpec] = (),
        etcd_members: int | None = None,
        etcd_zones: Iterable[str] = (),
        **flags: int,
    ) -> None:
        groups = (NodeGroup(count=nodes),) if isinstance(nodes, int) else tuple(nodes)
        given: dict[str, Any] = {"outside": tuple(outside), "regions": tuple(regions), "control_planes": control_planes}
        given["control_plane_zones"] = tuple(control_plane_zones)
        given |= {"etcd_members": etcd_members, "etcd_zones": tuple(etcd_zones)}
        spec = ClusterSpec(groups, flags=Flags(**flags), **given)
        self.cluster = Cluster(spec, seed, (image("app"), *images))
        self.client: Client = self.cluster.client(ADMIN)
        self.tick(warm)

    # -- time ----------------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return self.cluster.engine.clock.tick

    def tick(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.cluster.step()

    def settle(self, ticks: int = 30) -> None:
        """Long enough for images to be pulled and Pods to be Ready."""
        self.tick(ticks)

    # -- objects -------------------------------------------------------------------------------------------------

    def create(self, data: Mapping[str, Any]) -> Any:
        resource = self.cluster.server.resource_for_kind(data["apiVersion"], data["kind"])
        assert resource is not None, data["kind"]
        namespace = data["metadata"].get("namespace", "default") if resource.namespaced else ""
        return self.cluster.server.handle(
            Request(ADMIN, "create", resource, namespace, data["metadata"]["name"], body=dict(data))
        )

    def scale_dns(self, replicas: int) -> None:
        """Cluster DNS gets so many Pods; a few seconds later it is so."""
        self.client.patch(Deployment, "kube-system", "coredns", {"spec": {"replicas": replicas}})
        self.tick(10)

    def apply(self, text: str) -> None:
        """Create every document of a manifest."""
        for document in yaml.safe_load_all(text):
            self.create(document)

    def app(
        self,
        name: str,
        replicas: int = 1,
        image: str = "test/app",
        *,
        container: Mapping[str, Any] | None = None,
        pod: Mapping[str, Any] | None = None,
        probe: bool = True,
        service: bool = True,
        strategy: Mapping[str, Any] | None = None,
        labels: Mapping[str, str] | None = None,
        **service_spec: Any,
    ) -> None:
        """A Deployment of an image that listens on 8080, and a Service of its name on port 80."""
        made: dict[str, Any] = {"name": name, "image": image, "ports": [{"containerPort": 8080}]}
        if probe:
            made["readinessProbe"] = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 2}
        spec = {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name, **(labels or {})}},
                "spec": {"containers": [made | dict(container or {})], **(pod or {})},
            },
        }
        if strategy is not None:
            spec["strategy"] = strategy
        self.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec})
        if service:
            self.service(name, **service_spec)

    def service(self, name: str, port: int = 80, target: int | str = 8080, **spec: Any) -> None:
        ports = [{"port": port, "targetPort": target}]
        body = {"selector": {"app": name}, "ports": ports} | spec
        self.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": body})

    def route(
        self,
        host: str,
        service: str,
        path: str = "/",
        port: int = 80,
        name: str = "",
        kind: str = "Prefix",
        notes: Mapping[str, str] | None = None,
    ) -> None:
        """An Ingress of one path. `notes`: annotations for ingress-nginx."""
        backend = {"service": {"name": service, "port": {"number": port}}}
        rule = {"host": host, "http": {"paths": [{"path": path, "pathType": kind, "backend": backend}]}}
        annotations = {f"nginx.ingress.kubernetes.io/{key}": value for key, value in (notes or {}).items()}
        meta = {"name": name or service, "annotations": annotations}
        self.create(
            {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": {"rules": [rule]}}
        )

    def door(self, service: str, node: str = "node-a") -> str:
        """The URL of a Service's first node port: whoever comes by it meets kube-proxy, and nobody who tries again."""
        return f"http://{node}:{self.get(Service, service).spec.ports[0].node_port}/"

    def get(self, cls: type[Any], name: str, namespace: str = "default") -> Any:
        return self.client.get(cls, namespace, name)

    def list(self, cls: type[Any], namespace: str = "default") -> list[Any]:
        return self.client.list(cls, namespace)

    def patch(self, cls: type[Any], name: str, body: Mapping[str, Any], kind: str = "strategic") -> Any:
        return self.client.patch(cls, "default", name, body, kind)

    def delete(self, cls: type[Any], name: str, namespace: str = "default") -> None:
        self.client.delete(cls, namespace, name)

    # -- users ---------------------------------------------------------------------------------------------------

    def users(
        self, name: str = "web", url: str = "http://shop.example.com/", rate: float = 20, **more: Any
    ) -> Streaming:
        """A stream of users, from this tick on."""
        self.cluster.traffic.add(Users(name, url, int(rate * 1000), **more))
        return self.cluster.traffic.streams[name]

    def why(self, name: str = "web") -> Chain:
        """The chain behind the most frequent failure of the last tick that had any."""
        failures = list(self.cluster.traffic.streams[name].stream.failures.values())
        latest = max(f.last for f in failures)
        worst = max((f for f in failures if f.last == latest), key=lambda f: f.count)
        return failed_request(self.evidence(), name, worst.fail)

    def evidence(self) -> Evidence:
        return Evidence(self.cluster.etcd, self.cluster.witness, self.cluster.server.trace)


def in_flight(board: Board, name: str = "web") -> int:
    """Requests of a stream that are somewhere: in a station, or waiting for a time-out. Counted, not computed."""
    lanes = next(source.lanes for source in board.cluster.traffic.sources() if source.name == name)
    names = {lane.users.name for lane in lanes}
    waiting = sum(n for lane in lanes for failures in lane.later.values() for _, n, _ in failures)
    cohorts = [c for station in board.cluster.traffic.stations.values() for c in station.cohorts]
    return waiting + sum(c.count for c in cohorts if c.users in names)
