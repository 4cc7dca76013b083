"""War stories with their known course: what one fault sets going, step by step."""

import pytest

from kubesim_tui.api.types import ConfigMap, Deployment, Event, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import Board
from tests.cluster.test_webhooks import SERVICE, configuration, deployment, hook
from tests.faults.striking import do

CLASSES = {"batch": 10, "web": 1000}


def crowded() -> Board:
    """Two nodes that are full: web of a middle priority, batch of a low one."""
    board = Board(nodes=2)
    for name, value in CLASSES.items():
        meta = {"name": name}
        board.create({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": meta, "value": value})
    for name in ("web", "batch"):
        container = {"resources": {"requests": {"cpu": "1500m"}}}
        board.app(name, 2, container=container, pod={"priorityClassName": name})
        board.settle()
    return board


def phases(board: Board, app: str) -> list[str]:
    """The phases of the Pods of an app that are not leaving."""
    pods = [p for p in board.list(Pod) if p.metadata.labels.get("app") == app]
    return sorted(p.status.phase for p in pods if p.metadata.deletion_timestamp is None)


def preempted(board: Board) -> set[str]:
    """The apps that have lost a Pod to preemption."""
    return {e.involved_object.name.split("-")[0] for e in board.list(Event) if e.reason == "Preempted"}


def test_a_cascade_of_priorities():
    """One urgent Pod takes the place of the least important, more of them that of the next class; the victims wait."""
    board = crowded()
    assert (phases(board, "web"), phases(board, "batch")) == (["Running"] * 2, ["Running"] * 2)
    do(board, "priority-cascade:default,replicas=2,cores=2")
    board.tick(60)
    assert (preempted(board), phases(board, "urgent")) == ({"batch"}, ["Running"] * 2)
    assert (phases(board, "web"), phases(board, "batch")) == (["Running"] * 2, ["Pending"] * 2)
    board.cluster.hand.delete_object(("deployment", "default", "urgent"))
    board.cluster.hand.delete_object(("priorityclass", "", "urgent"))
    board.tick(60)
    assert phases(board, "batch") == ["Running"] * 2
    do(board, "priority-cascade:default,replicas=4,cores=2")
    board.tick(120)
    assert preempted(board) == {"batch", "web"}
    waiting = next(p for p in board.list(Pod) if p.metadata.labels["app"] == "web" and p.status.phase == "Pending")
    chain = pod_not_ready(board.evidence(), waiting)
    assert (chain.cause, name_of(chain.object)) == ("preempted", "deployment/urgent")


EVERYTHING = {"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}


def test_a_webhook_about_everything_blocks_its_own_repair():
    """Its Service cannot be made anew, since it would have to be asked; only its configuration can be taken away."""
    board = Board(nodes=2)
    board.create(deployment())
    board.create(SERVICE)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.create(configuration(hook("/pods", rules=[EVERYTHING], failurePolicy="Fail")))
    board.users(timeout_us=1_000_000)
    do(board, "webhook-down:hooks")
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    for refused in (settings, SERVICE):
        with pytest.raises(ApiError, match=r"failed calling webhook .*: service \"\S+\" not found"):
            board.create(refused)
    with pytest.raises(ApiError, match="failed calling webhook"):
        board.patch(Deployment, "web", {"spec": {"replicas": 3}})
    board.tick(30)
    assert board.cluster.traffic.streams["web"].stream.failed == 0  # what runs is served
    assert board.cluster.hand.delete_object(("validatingwebhookconfiguration", "", "hooks"))
    board.create(SERVICE)
    board.create(settings)
    assert "x" in [c.metadata.name for c in board.list(ConfigMap)]
