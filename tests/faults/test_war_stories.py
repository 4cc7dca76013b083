"""War stories with their known course: what one fault sets going, step by step."""

from kubesim_tui.api.types import Event, Pod
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import Board
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
