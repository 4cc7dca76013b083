"""How fast the door is: an apply, a table of many Pods, status updates in the store and through the door."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from time import perf_counter
from typing import Any

from kubesim_tui.api import types
from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.manifest import dump
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.etcd import Change, Etcd
from kubesim_tui.apiserver.heartbeat import Heartbeats
from kubesim_tui.apiserver.request import Request, User
from kubesim_tui.apiserver.server import ApiServer
from kubesim_tui.apiserver.table import table
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.door import make_door
from kubesim_tui.cluster.spec import ClusterSpec, NodeGroup
from kubesim_tui.game.bench_boards import ADMIN, SETTLE, create, deployment, step
from kubesim_tui.kernel.chance import Chance
from kubesim_tui.kernel.clock import Clock
from kubesim_tui.kernel.process import Always
from kubesim_tui.kubectl import run as kubectl

APPLIES, LISTS, LISTED, CURSORS = 200, 20, 1000, 20
UPDATES, ROUND, SHARES = 5_000, 100, 4
"""Status updates that are measured; after each round every cursor reads what has changed."""
PODS, RBAC = for_plural("pods"), "rbac.authorization.k8s.io"
USER = User("bench", ("system:authenticated",))


class Text:
    """kubectl's terminal with a manifest on standard input."""

    width = 80

    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, path: str) -> str:  # noqa: ARG002
        """The manifest."""
        return self.text

    def list(self, path: str) -> Sequence[str]:
        """There are no folders."""
        raise NotADirectoryError(path)

    def edit(self, text: str) -> str | None:  # noqa: ARG002
        """Nobody edits."""
        return None


def apply_seconds() -> float:
    """The best `kubectl apply` of a new Deployment: from the text to the committed object."""
    cluster = Cluster(ClusterSpec((NodeGroup(count=10),)), "bench")
    client, took = cluster.client(ADMIN), []
    for number in range(APPLIES):
        terminal = Text(dump(deployment(f"web-{number}", 0)))
        began = perf_counter()
        reply = kubectl("apply -f -", client, terminal, cluster.etcd.clock.now)
        took.append(perf_counter() - began)
        assert reply.code == 0, reply.err
    return min(took)


def table_seconds() -> float:
    """The best list of 1,000 Pods, as a table."""
    cluster, took = Cluster(ClusterSpec((NodeGroup(count=10),)), "bench"), []
    create(cluster, deployment("web", LISTED, probe=False))
    step(cluster, SETTLE)
    for _ in range(LISTS):
        began = perf_counter()
        found = cluster.server.handle(Request(ADMIN, "list", PODS, "default"))
        shown = table(PODS, found, cluster.etcd.clock.now)
        took.append(perf_counter() - began)
        assert len(shown.rows) == LISTED
    return min(took)


class Cursor:
    """Who watches, and reads now and then what has changed."""

    def __init__(self, etcd: Etcd) -> None:
        self.etcd, self.revision = etcd, etcd.revision

    def read(self) -> list[Change]:
        """What is new."""
        found = self.etcd.since(self.revision)
        self.revision = self.etcd.revision
        return found


def store_rate() -> float:
    """Status updates a second that etcd commits, with 20 cursors."""
    etcd = _server().etcd

    def write(pod: types.Pod) -> None:
        etcd.put("pods", (pod.metadata.namespace, pod.metadata.name), pod)

    return _rate(etcd, write)


def door_rate() -> float:
    """Status updates a second that a client sends as JSON: RBAC, decoding, validation and all; with 20 cursors."""
    server = _server()
    bodies: dict[int, dict[str, Any]] = {}

    def write(pod: types.Pod) -> None:
        body = bodies.get(id(pod))
        if body is None:
            body = bodies[id(pod)] = encode_object(pod)
            del body["metadata"]["resourceVersion"]
        server.handle(Request(USER, "update", PODS, "default", pod.metadata.name, "status", body))

    return _rate(server.etcd, write)


def _rate(etcd: Etcd, write: Callable[[types.Pod], None]) -> float:
    """Writes a second of Pods whose status says something else each time; the best of some shares."""
    cursors = [Cursor(etcd) for _ in range(CURSORS)]
    pods = [pod for pod in etcd.table("pods") if isinstance(pod, types.Pod)]
    changed = [pod.evolve(status=_running(word)) for word in "ab" for pod in pods]
    source, best = cycle(changed), 0.0
    for _ in range(SHARES):
        began, seen = perf_counter(), 0
        for _ in range(UPDATES // ROUND):
            for _ in range(ROUND):
                write(next(source))
            seen += sum(len(cursor.read()) for cursor in cursors)
        best = max(best, UPDATES / (perf_counter() - began))
        assert seen == UPDATES * CURSORS
    return best


def _running(message: str) -> types.PodStatus:
    kinds = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    conditions = tuple(types.PodCondition(type=kind, status="True") for kind in kinds)
    return types.PodStatus(phase="Running", message=message, conditions=conditions, pod_ip="10.244.0.1")


def _server() -> ApiServer:
    """A door without a cluster behind it, with 100 Pods, and a user who may do everything by a binding."""
    server = make_door(Etcd(Clock()), Chance(1), Heartbeats(), Always())
    subject = {"kind": "User", "name": USER.name, "apiGroup": RBAC}
    role = {"kind": "ClusterRole", "name": "cluster-admin", "apiGroup": RBAC}
    data = {"metadata": {"name": "bench"}, "subjects": [subject], "roleRef": role}
    server.handle(Request(ADMIN, "create", for_plural("clusterrolebindings"), "", "bench", body=data))
    for number in range(ROUND):
        template = deployment(f"web-{number}", 1, probe=False)["spec"]["template"]
        body = {"metadata": {"name": f"web-{number}", "labels": {"app": "web"}}, "spec": template["spec"]}
        server.handle(Request(ADMIN, "create", PODS, "default", f"web-{number}", body=body))
    return server
