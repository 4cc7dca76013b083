"""A control plane (the whole door, every controller, the scheduler) over four nodes whose kubelets are played.

As in the recordings: nodes a–d with 4 CPU and 8 GiB, a and b in zone z1, c and d in z2. A bound Pod runs after 1 s and
is Ready after 3; images with `slow` after 8, with `bad` never; `job-ok` succeeds and `job-fail` fails after 3 s. A
deleted Pod is gone 1 s later. A silenced node posts nothing, and nothing moves on it.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.etcd import Change, Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.cluster.door import make_door
from kubesim_tui.controllers.base import Extras, Kit
from kubesim_tui.controllers.registry import build
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.engine import Engine
from kubesim_tui.kernel.process import Always
from kubesim_tui.scheduler.scheduler import Scheduler
from kubesim_tui.scheduler.watching import INFORMERS
from tests.harness import ADMIN, PHASES, OpenRoad

NODES = (("node-a", "z1"), ("node-b", "z1"), ("node-c", "z2"), ("node-d", "z2"))
HEALTHY = (("MemoryPressure", "False"), ("DiskPressure", "False"), ("PIDPressure", "False"), ("Ready", "True"))
ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}
GRACE = 40
"""--node-monitor-grace-period of 1.20."""
RUNS, READY, READY_SLOW, ENDS, GONE = 1, 3, 8, 3, 1


class Kept:
    """All that was ever committed, in order."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def deliver(self, change: Change) -> None:
        self.changes.append(change)


class Plane:
    """See the module."""

    def __init__(self, seed: int = 1, *, without: tuple[str, ...] = ()) -> None:
        self.engine = Engine(PHASES)
        self.etcd, self.chance, self.heartbeats = Etcd(self.engine.clock), Chance(seed), Heartbeats()
        self.server = make_door(self.etcd, self.chance, self.heartbeats, Always())
        self.admin = self.client("admin")
        self.silent: dict[str, None] = {}
        self._bound: dict[str, int] = {}
        self._deleted: dict[str, int] = {}
        self._addresses = 0
        self._shared: dict[str, Informer] = {}
        extras = Extras(heartbeats=self.heartbeats, node_monitor_grace=GRACE)
        for controller in build(Kit(self.engine, self.client, self._informer, Always(), extras), without):
            controller.start()
        informers = {plural: Informer(self.etcd, self.engine, _group(plural)) for plural in INFORMERS}
        voice = self.client("system:kube-scheduler")
        Scheduler(self.engine, voice, Always(), informers, self.chance, events=voice).start()
        for found in self.list(types.StorageClass):
            self.ask("delete", "StorageClass", found.metadata.name)
        for name, zone in NODES:
            self._add_node(name, zone)
        self.kept = Kept()
        for plural in KEPT:
            self.etcd.subscribe(_group(plural), self.kept, "")

    def client(self, name: str) -> Client:
        return Client(self.server, User(name, ("system:masters", "system:authenticated")), OpenRoad())

    def _informer(self, plural: str) -> Informer:
        if plural not in self._shared:
            self._shared[plural] = Informer(self.etcd, self.engine, _group(plural))
        return self._shared[plural]

    def _add_node(self, name: str, zone: str) -> None:
        labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone}
        self.ask("create", "Node", name, body={"metadata": {"name": name, "labels": labels}})
        made = self.admin.get(types.Node, "", name)
        now = self.engine.clock.now
        conditions = [{"type": t, "status": s, "lastHeartbeatTime": None} for t, s in HEALTHY]
        status = decode(types.NodeStatus, {"capacity": ROOM, "allocatable": ROOM, "conditions": conditions})
        self.admin.update_status(made.evolve(status=_since(status, now)))
        self.heartbeats.beat_from(name, 0)

    # -- requests ----------------------------------------------------------------------------------------------

    def ask(self, verb: str, kind: str, name: str, subresource: str = "", namespace: str = "", **more: Any) -> Any:
        """A request about one object, by its kind."""
        resource = next(r for r in self.server.resources() if r.kind == kind)
        body = more.get("body")
        if verb in ("create", "update") and isinstance(body, dict):
            more["body"] = {"apiVersion": resource.api_version, "kind": kind, **body}
        where = namespace if resource.namespaced else ""
        return self.server.handle(Request(ADMIN, verb, resource, where, name, subresource, **more))

    def list(self, cls: Any, namespace: str = "") -> list[Any]:
        return self.admin.list(cls, namespace)

    # -- time --------------------------------------------------------------------------------------------------

    def tick(self, ticks: int = 1) -> None:
        """Seconds: the kubelets at their beginning, then everybody else."""
        for _ in range(ticks):
            self._kubelets()
            self.engine.step()

    def silence(self, node: str, *, on: bool = True) -> None:
        """A node posts nothing any more, or again."""
        if on:
            self.silent[node] = None
            self.heartbeats.stop(node, self.engine.tick)
            return
        self.silent.pop(node, None)
        self.heartbeats.beat_from(node, self.engine.tick)
        found = self.admin.get(types.Node, "", node)
        kinds = dict(HEALTHY)
        conditions = tuple(
            c.evolve(status=kinds.get(c.type, c.status), reason="", message="") for c in found.status.conditions
        )
        self.admin.update_status(found.evolve(status=found.status.evolve(conditions=conditions)))

    def _kubelets(self) -> None:
        tick = self.engine.tick
        for pod in self.list(types.Pod):
            uid, node = pod.metadata.uid, pod.spec.node_name
            if not node or node in self.silent:
                continue
            if self.etcd.get("nodes", ("", node)) is None:
                continue
            self._bound.setdefault(uid, tick - 1)
            if pod.metadata.deletion_timestamp is not None:
                if tick - self._deleted.setdefault(uid, tick - 1) >= GONE:
                    self.admin.delete(types.Pod, pod.metadata.namespace, pod.metadata.name, Options(grace=0))
            elif tick - self._bound[uid] >= RUNS:
                self._grow(pod, tick - self._bound[uid])

    def _grow(self, pod: types.Pod, age: int) -> None:
        image, status = pod.spec.containers[0].image, pod.status
        phase, ready = ("Pending", False) if "bad" in image else ("Running", False)
        if phase == "Running":
            ready = age >= (READY_SLOW if "slow" in image else READY)
        if image.startswith("job"):
            ready = False
            if age >= ENDS:
                phase = "Failed" if "fail" in image else "Succeeded"
        known = {c.type: c.status for c in status.conditions}
        if (status.phase, known.get("Ready")) == (phase, "True" if ready else "False"):
            return
        now = self.engine.clock.now
        others = tuple(c for c in status.conditions if c.type != "Ready")
        condition = types.PodCondition(type="Ready", status="True" if ready else "False", last_transition_time=now)
        address = status.pod_ip
        if phase == "Running" and not address:
            self._addresses += 1
            address = f"10.244.0.{self._addresses}"
        made = status.evolve(phase=phase, conditions=(*others, condition), pod_ip=address)
        self.admin.update_status(pod.evolve(status=made.evolve(start_time=status.start_time or now)))


KEPT = ("pods", "deployments", "replicasets", "replicationcontrollers", "statefulsets", "daemonsets", "jobs")
"""What every change is kept of."""


def _group(plural: str) -> str:
    return scheme.for_plural(plural).group_resource


def _since(status: types.NodeStatus, now: int) -> types.NodeStatus:
    conditions = tuple(c.evolve(last_heartbeat_time=now, last_transition_time=now) for c in status.conditions)
    return status.evolve(conditions=conditions)
