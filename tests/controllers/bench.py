"""A harness with a controller manager in it: shared informers, and kubelets and a scheduler that always say yes."""

from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers.base import Controller, Extras, Kit
from kubesim_tui.kernel.process import Always
from tests.harness import Harness, running


def pod(data: dict[str, Any]) -> types.Pod:
    """A typed Pod of JSON; metadata, spec and status may be missing."""
    made = decode_object(types.Pod, {"metadata": {}, **data})
    assert isinstance(made, types.Pod)
    return made.evolve(status=made.status or types.PodStatus(), spec=made.spec or types.PodSpec())


class Manager(Harness):
    """m = Manager(ReplicaSetController); m.create({...}); m.settle(5)"""

    def __init__(self, *controllers: type[Controller], qps: int = 0, extras: Extras | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.informers: dict[str, Informer] = {}
        self.qps = qps
        self.extras = extras or Extras()
        self.kit = Kit(self.engine, self._client, self.shared, Always(), self.extras)
        self.nodes: list[str] = ["node-a", "node-b"]
        self._turn = 0
        for i, name in enumerate(self.nodes):
            self.create(node(name, zone=f"z{i + 1}"))
        for cls in controllers:
            self.add(cls(cls.account or cls.__name__, self.kit))

    def _client(self, name: str):
        return self.client(name, self.qps, self.qps * 3 // 2)

    def shared(self, plural: str) -> Informer:
        if plural not in self.informers:
            self.informers[plural] = self.informer(plural)
        return self.informers[plural]

    def bind(self) -> None:
        """Every Pod without a node gets the next one."""
        for found in self.list(types.Pod):
            if not found.spec.node_name and found.metadata.deletion_timestamp is None:
                self._turn += 1
                self.admin.update(
                    found.evolve(spec=found.spec.evolve(node_name=self.nodes[self._turn % len(self.nodes)]))
                )

    def settle(self, ticks: int = 6, ready: bool = True) -> None:
        """Ticks in which bound Pods become ready at once and deleted ones go."""
        for _ in range(ticks):
            self.tick()
            self.bind()
            self.run_pods(ready)

    def pods(self, *names: str) -> list[types.Pod]:
        return self.list(types.Pod)

    def patch_replicas(self, name: str, replicas: int, cls: Any = types.ReplicaSet) -> None:
        found = self.get(cls, name)
        self.admin.update(found.evolve(spec=found.spec.evolve(replicas=replicas)))

    def gone(self, name: str) -> None:
        """A Pod goes at once."""
        self.admin.delete(types.Pod, "default", name, Options(grace=0))

    def said(self, reason: str = "") -> list[tuple[str, str]]:
        """(reason, message) of Events, in order."""
        return [(r, m) for _, r, m in self.events() if not reason or r == reason]


def template(labels: dict[str, str] | None = None, image: str = "app:v1", **spec: Any) -> dict[str, Any]:
    """A Pod template with all that defaulting would fill in that matters here."""
    return {
        "metadata": {"labels": labels or {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": image}], **spec},
    }


def node(name: str, zone: str = "z1", **labels: str) -> dict[str, Any]:
    made = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone, **labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": made}, "spec": {}}


def replica_set(name: str = "web", replicas: int = 3, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template(), **spec},
    }


__all__ = ["Manager", "node", "pod", "replica_set", "running", "template"]
