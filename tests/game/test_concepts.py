"""The table of concepts: each runs, is seen, can be broken and is explained; every cell is looked for in a cluster."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from kubesim_tui.api.types import Deployment, Pod, Service
from kubesim_tui.cluster.picture.request import follow, sorts
from kubesim_tui.cluster.picture.room import RUNNING, room
from kubesim_tui.cluster.spec import OutsideSystem
from kubesim_tui.cluster.view import Ref
from kubesim_tui.explain.thing import thing_not_well
from kubesim_tui.faults.rows import FAULTS
from kubesim_tui.game.concepts import CONCEPTS, Concept, document
from tests.boards import Board, image
from tests.faults.striking import do

ROOT = Path(__file__).parents[2]
CALLS = [image("front", "http://api/"), image("keeper", "http://db.example.com:8080/"), image("store")]
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
MOUNT = {"name": "data", "mountPath": "/data"}


def of(kind: str, name: str, api: str = "v1", **body: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **body}


def whole() -> Board:
    """Something of everything: web asks api, which asks a database outside; a set with disks; a balancer."""
    board = Board(3, CALLS, outside=[OutsideSystem("db.example.com", "test/store")])
    board.create(of("ConfigMap", "settings", data={"key": "1"}))
    board.create(of("Secret", "settings", stringData={"key": "1"}))
    refer = {"name": "settings", "key": "key"}
    env = [
        {"name": "A", "valueFrom": {"configMapKeyRef": refer}},
        {"name": "B", "valueFrom": {"secretKeyRef": refer}},
    ]
    board.app("web", 1, "test/front", container={"env": env}, type="LoadBalancer")
    board.app("api", 2, "test/keeper", probe=False)
    board.route("shop.example.com", "web")
    labels = {"app": "db"}
    container = {"name": "db", "image": "test/store", "volumeMounts": [MOUNT]}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"serviceName": "db", "replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    claims = [{"metadata": {"name": "data"}, "spec": CLAIM}]
    board.create(of("StatefulSet", "db", "apps/v1", spec={**spec, "volumeClaimTemplates": claims}))
    board.settle(60)
    board.users(timeout_us=2_000_000)
    address = board.get(Service, "web").status.load_balancer.ingress[0].ip
    board.users("direct", f"http://{address}/", timeout_us=2_000_000)
    board.tick(10)
    return board


def refs(value: Any) -> set[str]:
    """The kinds of all things that a picture names."""
    if isinstance(value, Ref):
        return {value.kind}
    parts = value if isinstance(value, tuple) else attrs.astuple(value, recurse=False) if attrs.has(type(value)) else ()
    return {kind for part in parts for kind in refs(part)}


@pytest.fixture(scope="module")
def board() -> Board:
    return whole()


@pytest.fixture(scope="module")
def stops(board) -> set[str]:
    """The stops of requests that are followed."""
    cluster = board.cluster
    found = [follow(cluster.fabric, cluster.traffic, sort, 0) for sort in sorts(cluster.traffic)]
    return {stop.kind for one in found if one is not None for stop in one.stops}


each = pytest.mark.parametrize("row", CONCEPTS, ids=lambda row: f"{row.number}-{row.name}")


def test_the_document_is_made_from_the_rows():
    assert (ROOT / "docs" / "CONCEPTS.md").read_text("utf-8") == document()


def test_there_is_a_row_for_every_concept_of_the_game():
    assert [row.number for row in CONCEPTS] == list(range(1, 23))


def test_every_fault_is_about_a_concept():
    assert {name for row in CONCEPTS for name in row.faults} == set(FAULTS)


def test_no_cell_of_the_document_is_empty():
    rows = [line for line in document().splitlines() if re.match(r"\| \d", line)]
    assert [cell for line in rows for cell in line.strip("|").split("|") if not cell.strip()] == []


@each
def test_it_runs(board, row: Concept):
    objects = [table.objects for table in board.cluster.etcd.tables.values() if table.objects]
    there = {obj.kind for table in objects for obj in table.values()}
    processes = {box.kind for box in room(board.cluster).boxes if box.state == RUNNING}
    outside = {"outside"} if any(system.is_up for system in board.cluster.world.outside.values()) else set()
    assert set(row.kinds) <= there
    assert set(row.boxes) <= processes
    assert row.kinds or row.boxes or set(row.stops) <= outside


@each
def test_it_is_seen(board, stops, row: Concept):
    kinds = refs(board.cluster.picture(go=0))
    boxes = {box.kind for box in room(board.cluster).boxes}
    assert [thing for thing in row.kinds if thing not in kinds] == []
    assert [thing for thing in row.boxes if thing not in boxes] == []
    assert [thing for thing in row.stops if thing not in stops] == []


# -- broken and explained: each concept by one of its faults -----------------------------------------------------------


def remake(board: Board) -> None:
    for pod in board.list(Pod):
        board.delete(Pod, pod.metadata.name)


def more(board: Board) -> None:
    board.patch(Deployment, "web", {"spec": {"replicas": 3}})


def crash(board: Board) -> None:
    """Every container of web ends, and again when it has been started."""
    for _ in range(2):
        for machine in board.cluster.world.machines.values():
            for container in list(machine.runtime.containers.values()):
                if container.config.name == "web" and container.exit_code is None:
                    machine.runtime.end(container.id, 1, board.now)
        board.tick(12)


def public(board: Board) -> None:
    ports = [{"port": 80}]
    board.create(of("Service", "late", spec={"type": "LoadBalancer", "selector": {"app": "web"}, "ports": ports}))


def mounted(board: Board) -> None:
    board.create(of("PersistentVolumeClaim", "late", spec=CLAIM))
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "late"}}]
    board.app("late", 1, pod={"volumes": volumes}, container={"volumeMounts": [MOUNT]})


def stale_everywhere(board: Board) -> None:
    """The other machines' kube-proxies stop as well, and the Pods of api are replaced."""
    for name in ("node-b", "node-c"):
        do(board, f"kube-proxy-stale:{name}")
    for pod in board.list(Pod):
        if pod.metadata.labels.get("app") == "api":
            board.delete(Pod, pod.metadata.name)


def nothing(_board: Board) -> None:
    pass


WEB, NODE = ("Deployment", "default", "web"), ("Node", "", "node-a")
Struck = tuple[str, Callable[[Board], None], tuple[str, str, str] | str, int]
STRUCK: dict[int, Struck] = {
    1: ("node-crash:node-a", nothing, NODE, 60),
    2: ("container-exit:default/app=web,code=3", nothing, "web", 1),
    3: ("pod-delete:default/app=web", nothing, "web", 2),
    4: ("selector-changed:api", nothing, ("Service", "default", "api"), 10),
    5: ("cloud-controller-down", public, ("Service", "default", "late"), 40),
    6: ("service-deleted:web", nothing, ("Ingress", "default", "web"), 10),
    7: ("bad-config:configmap/settings,key=key", remake, WEB, 40),
    8: ("secret-deleted:secret/settings", remake, WEB, 40),
    9: ("storage-down", mounted, ("PersistentVolumeClaim", "default", "late"), 40),
    10: ("bad-release:default/deployment/web,image=test/app:bad", nothing, WEB, 700),
    11: ("quota-tightened:default,pods=1", remake, ("StatefulSet", "default", "db"), 60),
    12: ("outside-down:db.example.com", nothing, "web", 10),
    13: ("kubelet-stop:node-a", nothing, NODE, 60),
    14: ("kube-proxy-stale:node-a", stale_everywhere, "web", 20),
    15: ("runtime-hang:node-a", nothing, NODE, 60),
    16: ("apiserver-down", crash, "web", 2),
    17: ("scheduler-down", more, WEB, 20),
    18: ("controller-manager-down", more, WEB, 20),
    19: ("etcd-quorum-lost", crash, "web", 2),
    20: ("cloud-controller-down", public, ("Service", "default", "late"), 40),
    21: ("balancer-lost:web", nothing, "direct", 10),
    22: ("process-stop:node-a,process=kubelet", nothing, NODE, 60),
}  # fmt: skip
"""Number → (a fault of the concept, what brings it out, the thing or the users that are asked about, ticks to wait)."""


@each
def test_it_can_be_broken_and_is_explained(row: Concept):
    board = whole()
    fault, then, about, ticks = STRUCK[row.number]
    assert told(board, about) == ""
    assert do(board, fault)
    then(board)
    board.tick(ticks)
    name = fault.partition(":")[0]
    assert name in row.faults
    assert told(board, about) in FAULTS[name].story.causes
    if set(row.boxes) and not row.kinds:
        assert [box for box in room(board.cluster).boxes if box.kind in row.boxes and box.state != RUNNING]
    elif isinstance(about, tuple) and row.number not in (7, 8):
        assert about[0] in (*row.kinds, "Node")


def told(board: Board, about: tuple[str, str, str] | str) -> str:
    """The cause of what is not well with a thing, or of the failed requests of a stream; "" if all is well."""
    if isinstance(about, str):
        return board.why(about).cause if board.cluster.traffic.streams[about].stream.failed else ""
    chain = thing_not_well(board.evidence(), about)
    return chain.cause if chain is not None else ""
