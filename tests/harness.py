"""A cluster without nodes, for tests of single components: etcd, the door, an engine, a client that may do everything.

h = Harness()
h.add(DeploymentController("deployment", h.engine, h.client("deployment"), Always()))
h.apply({"apiVersion": "apps/v1", "kind": "Deployment", …})
h.tick(3)
h.list(ReplicaSet)
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import scheme, types
from kubesim_tui.api.releases import VERSION
from kubesim_tui.api.scheme import Resource
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.registry.store import Registry
from kubesim_tui.apiserver.registry.strategies import STRATEGIES, Context
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kernel.process import Always

PHASES = ("timers", "cloud", "controllers", "scheduler", "kubelets", "network", "traffic", "metrics")
ADMIN = User("admin", ("system:masters",))


class AllowAll:
    """Everything is allowed."""

    def authorize(self, user, verb, resource, subresource, namespace, name):
        return True, ""


class NoAdmission:
    """No plugins."""

    def mutate(self, request: Request, data: dict[str, Any], old: Any) -> tuple[bool, tuple[str, ...]]:
        return False, ()

    def hooked(self, request: Request) -> bool:
        return False

    def review(self, request: Request, data: dict[str, Any], old: Any) -> None:
        pass

    def validate(self, request: Request, obj: Any, old: Any) -> None:
        pass

    def version(self, namespace: str) -> int:
        return 0


class OpenRoad:
    """A road that is always open."""

    def open(self) -> bool:
        return True

    def release(self) -> str:
        return VERSION


class Harness:
    """See the module."""

    def __init__(self, seed: int = 1, admission: Any = None) -> None:
        self.engine = Engine(PHASES)
        self.etcd = Etcd(self.engine.clock)
        self.chance = Chance(seed)
        registry = Registry(self.etcd, self.chance, STRATEGIES, Context(self.etcd, self.chance))
        self.server = ApiServer(self.etcd, registry, AllowAll(), admission or NoAdmission(), Always())
        self.admin = self.client("admin")
        self.components: list[Component] = []

    def client(self, name: str, qps: int = 0, burst: int = 0) -> Client:
        return Client(self.server, User(name, ("system:masters",)), OpenRoad(), qps, burst)

    def informer(self, plural: str, lag: int = 0, node: str = "") -> Informer:
        return Informer(self.etcd, self.engine, scheme.for_plural(plural).group_resource, lag=lag, node=node)

    def add(self, component: Component) -> Component:
        self.components.append(component)
        component.start()
        return component

    def tick(self, ticks: int = 1) -> None:
        for _ in range(ticks):
            self.engine.step()

    def drain(self) -> None:
        """What is due now is done, and no time passes."""
        for phase in self.engine.phases.values():
            phase.drain()

    def _resource(self, data: dict[str, Any]) -> Resource:
        found = self.server.resource_for_kind(data["apiVersion"], data["kind"])
        assert found is not None
        return found

    def create(self, data: dict[str, Any], namespace: str = "default") -> Any:
        resource = self._resource(data)
        namespace = data["metadata"].get("namespace", namespace) if resource.namespaced else ""
        name = data["metadata"].get("name", "")
        return self.server.handle(Request(ADMIN, "create", resource, namespace, name, body=data))

    def put(self, resource: str, obj: types.Object) -> Any:
        """An object as it is, past the door, as a watch brings it."""
        return self.etcd.put(resource, (obj.metadata.namespace, obj.metadata.name), obj)

    def patch(
        self, cls: type[types.Object], name: str, body: Any, kind: str = "merge", namespace: str = "default"
    ) -> Any:
        return self.admin.patch(cls, namespace, name, body, kind)

    def delete(self, cls: type[types.Object], name: str, namespace: str = "default", **options: Any) -> bool:
        return self.admin.delete(cls, namespace, name, Options(**options))

    def get(self, cls: type[Any], name: str, namespace: str = "default") -> Any:
        return self.admin.get(cls, namespace, name)

    def list(self, cls: type[Any], namespace: str = "") -> list[Any]:
        return self.admin.list(cls, namespace)

    def events(self) -> list[tuple[str, str, str]]:
        """(involved object's name, reason, message) in the order of their making."""
        found = sorted(self.list(types.Event), key=lambda e: e.metadata.resource_version)
        return [(e.involved_object.name, e.reason, e.message) for e in found]

    def run_pods(self, ready: bool = True) -> None:
        """What kubelets would do: every Pod (bound or not) runs and is Ready; the deleted go."""
        for pod in self.list(types.Pod):
            meta = pod.metadata
            if meta.deletion_timestamp is not None:
                self.admin.delete(types.Pod, meta.namespace, meta.name, Options(grace=0))
            elif pod.status.phase != "Running":
                self.admin.update_status(pod.evolve(status=running(pod, ready, self.engine.clock.now)))


def running(pod: types.Pod, ready: bool, now: int) -> types.PodStatus:
    """A status Running, with the conditions of a Pod that is Ready or not."""
    yes = "True" if ready else "False"
    conditions = tuple(
        types.PodCondition(type=t, status=s, last_transition_time=now)
        for t, s in (("PodScheduled", "True"), ("Initialized", "True"), ("ContainersReady", yes), ("Ready", yes))
    )
    ips = (types.PodIP(ip="10.244.0.1"),)
    return types.PodStatus(phase="Running", conditions=conditions, pod_ip="10.244.0.1", pod_ips=ips, start_time=now)
