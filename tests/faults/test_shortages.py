"""Faults of what a machine has for everybody: how each shows, where explanations of it end, what helps."""

import pytest

from kubesim_tui.api.types import Event, Node, Pod
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import Board
from tests.faults.striking import do
from tests.faults.test_network import drain, failed, shop


def condition(board: Board, kind: str, name: str = "node-a") -> str:
    node = board.get(Node, name, "")
    return next(c.reason for c in node.status.conditions if c.type == kind)


def taints(board: Board, name: str = "node-a") -> list[str]:
    return [t.key for t in board.get(Node, name, "").spec.taints]


def evicted(board: Board) -> list[str]:
    """Of which apps Pods that ran were put out, in the order of that (new ones that are refused are not counted)."""
    pods = [p for p in board.list(Pod) if (p.status.message or "").startswith("The node was low on resource")]
    told = {e.involved_object.name: e.first_timestamp for e in board.list(Event) if e.reason == "Evicted"}
    return [p.metadata.labels["app"] for p in sorted(pods, key=lambda p: told[p.metadata.name])]


def why_pod(board: Board, app: str) -> tuple[str, str]:
    """Where the explanation of the first Pod of an app that is not Ready ends."""
    chains = (pod_not_ready(board.evidence(), p) for p in board.list(Pod) if p.metadata.labels["app"] == app)
    chain = next(chain for chain in chains if chain is not None)
    return chain.cause, name_of(chain.object)


def requesting(board: Board, name: str, memory: str, **pod) -> None:
    requests = {"requests": {"memory": memory}} if memory else {}
    board.app(name, 1, container={"resources": requests}, pod={"nodeName": "node-a", **pod}, service=False)


def test_eaten_memory_makes_the_kubelet_evict_until_the_eater_is_gone():
    board = shop(nodes=2, replicas=2)
    assert do(board, "memory-pressure:node-a") == ["memory-pressure node-a"]
    board.tick(30)
    assert (condition(board, "MemoryPressure"), taints(board)) == (
        "KubeletHasInsufficientMemory",
        ["node.kubernetes.io/memory-pressure"],
    )
    assert (evicted(board), why_pod(board, "web")) == (["web"], ("node-memory", "node/node-a"))
    board.cluster.hand.end_outsiders("node-a")
    board.tick(310)
    assert (condition(board, "MemoryPressure"), taints(board)) == ("KubeletHasSufficientMemory", [])


def test_who_uses_more_than_he_requests_goes_first_and_then_by_priority():
    board = Board(nodes=1)
    for name, value in (("low", -10), ("high", 1000)):
        meta = {"name": name}
        board.create({"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": meta, "value": value})
    requesting(board, "covered", "64Mi")
    requesting(board, "high", "", priorityClassName="high")
    requesting(board, "low", "", priorityClassName="low")
    board.settle()
    do(board, "memory-pressure:node-a,leave=20Mi")
    seen = []
    for _ in range(120):
        board.tick()
        seen += [app for app in evicted(board) if app not in seen]
    assert seen == ["low", "high", "covered"]


def test_memory_that_goes_fast_is_for_the_kernel_best_effort_first_and_the_eater_last():
    board = Board(nodes=1)
    requesting(board, "modest", "")
    requesting(board, "covered", "7Gi")
    board.settle()
    do(board, "memory-pressure:node-a,leave=60Mi,bytes=200Mi")
    board.tick(3)
    (killed,) = [p for p in board.list(Pod) if p.status.container_statuses[0].restart_count]
    assert killed.metadata.labels["app"] == "modest"
    board.tick(5)
    said = [e.message for e in board.list(Event) if e.reason == "SystemOOM"]
    assert sorted(text.rpartition(" ")[2] for text in said) == ["backup", "modest"]
    assert board.cluster.world.machines["node-a"].outsiders == {}


def test_an_application_with_copies_elsewhere_and_requests_is_served_on():
    board = Board(nodes=2)
    board.app("web", 2, container={"resources": {"requests": {"memory": "64Mi"}}})
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    do(board, "memory-pressure:node-a,leave=99Mi")
    assert (failed(board, 120) < 60, failed(board, 60)) == (True, 0)


def test_eaten_memory_shows_in_top():
    board = Board(nodes=1)
    assert node_memory(board) == "358400Ki"
    do(board, "memory-pressure:node-a,leave=1Gi")
    board.tick()
    assert node_memory(board) == f"{7 << 20}Ki"


def node_memory(board: Board, name: str = "node-a") -> str:
    found = board.cluster.metrics.node_metrics()
    return next(m["usage"]["memory"] for m in found if m["metadata"]["name"] == name)


def test_without_processes_no_container_starts_until_there_are_some_again():
    board = shop(nodes=2, replicas=2)
    assert do(board, "pid-exhaustion:node-a") == ["pid-exhaustion node-a"]
    assert failed(board, 20) == 0
    board.app("late", 1, pod={"nodeName": "node-a"}, service=False)
    board.tick(40)
    (late,) = [p for p in board.list(Pod) if p.metadata.labels["app"] == "late"]
    ended = late.status.container_statuses[0].last_state.terminated
    assert (ended.reason, ended.exit_code) == ("StartError", 128)
    assert ended.message.endswith("unable to start init: fork/exec /proc/self/exe: resource temporarily unavailable")
    assert why_pod(board, "late") == ("node-pids", "node/node-a")
    board.cluster.hand.end_outsiders("node-a")
    board.tick(100)
    assert board.get(Pod, late.metadata.name).status.container_statuses[0].ready


def test_a_kubelet_that_minds_processes_evicts_and_keeps_new_pods_away():
    board = Board(nodes=[NodeGroup(count=1, kubelet={"evictionHard": {"pid.available": "100"}})])
    board.app("web", 1, service=False)
    board.settle()
    do(board, "pid-exhaustion:node-a,leave=50")
    board.tick(30)
    assert (condition(board, "PIDPressure"), taints(board)) == (
        "KubeletHasInsufficientPID",
        ["node.kubernetes.io/pid-pressure"],
    )
    assert (evicted(board), why_pod(board, "web")) == (["web"], ("node-pids", "node/node-a"))


def test_a_drained_node_is_nobody_s_trouble():
    board = shop(nodes=2, replicas=2)
    drain(board, "node-a")
    board.tick(40)
    do(board, "memory-pressure:node-a,bytes=50Mi")
    assert failed(board, 60) == 0


@pytest.mark.parametrize("text", ["memory-pressure:node-z", "pid-exhaustion:node-z"])
def test_what_is_not_there_is_not_struck(text):
    assert do(Board(nodes=1), text) == []
