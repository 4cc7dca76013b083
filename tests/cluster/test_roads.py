"""What works and what does not when links are cut and parts of the control plane stop."""

import pytest

from kubesim_tui.api.types import Deployment, Lease, Node, Pod, Service
from kubesim_tui.apiserver.errors import ApiError
from tests.boards import Board

CONTROL = "control-plane"


@pytest.fixture
def board():
    found = Board(nodes=3)
    found.app("web", 3)
    found.route("shop.example.com", "web")
    found.settle()
    found.users(rate=20)
    found.tick(3)
    return found


def ready(board: Board, node: str) -> tuple[str, str, str]:
    found = board.cluster.etcd.get("nodes", ("", node))
    assert isinstance(found, Node)
    return next((c.status, c.reason, c.message) for c in found.status.conditions if c.type == "Ready")


def pods(board: Board) -> list[Pod]:
    return [p for p in board.cluster.etcd.table("pods") if p.metadata.namespace == "default"]


def on(board: Board, node: str) -> list[str]:
    return sorted(p.metadata.name for p in pods(board) if p.spec.node_name == node)


# one node's link


def test_a_node_that_is_cut_off_is_unknown_after_the_grace_period(board):
    board.cluster.hand.isolate("node-a")
    start = board.now
    while ready(board, "node-a")[0] == "True":
        board.tick()
    assert 40 <= board.now - start <= 60
    assert ready(board, "node-a") == ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


def test_its_pods_are_replaced_five_minutes_later(board):
    gone = on(board, "node-a")
    board.cluster.hand.isolate("node-a")
    board.tick(300)
    assert on(board, "node-a") == gone
    board.tick(100)
    left = [p for p in pods(board) if p.metadata.deletion_timestamp is None]
    assert (len(left), {p.spec.node_name for p in left}) == (3, {"node-b", "node-c"})


def test_its_rules_stand_still_while_those_of_others_follow(board):
    board.cluster.hand.isolate("node-a")
    board.app("late", 1)
    board.tick(20)
    fabric = board.cluster.fabric
    known = {n: ("default", "late") in fabric.rules(n).by_name for n in ("node-a", "node-b")}
    assert known == {"node-a": False, "node-b": True}


def test_its_kubelet_does_not_hear_of_a_deletion_until_the_link_is_mended(board):
    name = on(board, "node-a")[0]
    board.cluster.hand.isolate("node-a")
    board.delete(Pod, name)
    board.tick(30)
    machine = board.cluster.world.machines["node-a"]
    running = [c for c in machine.runtime.containers.values() if c.exit_code is None and c.config.name == "web"]
    assert (len(running), name in on(board, "node-a")) == (1, True)
    board.cluster.hand.rejoin("node-a")
    board.tick(10)
    assert name not in on(board, "node-a")


def test_mended_it_is_ready_again_and_in_step(board):
    board.cluster.hand.isolate("node-a")
    board.app("late", 1)
    board.tick(70)
    board.cluster.hand.rejoin("node-a")
    board.tick(15)
    assert ready(board, "node-a")[:2] == ("True", "KubeletReady")
    assert board.cluster.fabric.rules("node-a") is board.cluster.fabric.rules("node-b")


def test_a_link_to_the_control_plane_alone_leaves_traffic_as_it_is(board):
    """The kubelet is not heard of, but its Pods answer."""
    board.cluster.world.links.cut("node-a", CONTROL)
    board.cluster.look()
    users = board.cluster.traffic.streams["web"]
    node_port = board.users("direct", "http://node-b:30080/")
    board.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "open"},
            "spec": {
                "type": "NodePort",
                "selector": {"app": "web"},
                "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}],
            },
        }
    )
    board.tick(3)
    before = node_port.stream.failed
    board.tick(20)
    assert node_port.stream.failed == before  # node-b reaches the Pod on node-a
    assert users.stream.failed > 0  # the ingress controller stands on the control plane, and does not


# the API server


@pytest.fixture
def headless(board):
    """The API server has stopped."""
    board.cluster.hand.stop_process(CONTROL, "kube-apiserver")
    return board


def test_without_an_api_server_running_pods_go_on_serving(headless):
    users = headless.cluster.traffic.streams["web"]
    headless.tick(120)
    assert (users.stream.failed, users.stream.served > 2000) == (0, True)


def test_without_an_api_server_nothing_is_written_and_nothing_is_replaced(headless):
    before, revision = sorted(p.metadata.name for p in pods(headless)), headless.cluster.etcd.revision
    headless.cluster.hand.crash("node-a")
    headless.tick(400)
    assert (sorted(p.metadata.name for p in pods(headless)), headless.cluster.etcd.revision) == (before, revision)


def test_without_an_api_server_a_kubelet_still_restarts_its_containers(headless):
    names = [pod.metadata.name for pod in pods(headless)]
    users = headless.cluster.traffic.streams["web"]
    for name in names:
        headless.cluster.hand.kill_container("default", name)
    headless.tick(30)
    failed = users.stream.failed
    headless.tick(30)
    assert (0 < failed < 150, users.stream.failed) == (True, failed)


def test_without_an_api_server_kubectl_gets_no_answer(headless):
    with pytest.raises(ApiError):
        headless.get(Service, "web")


def test_when_it_is_back_all_that_was_missed_is_done(headless):
    headless.cluster.hand.crash("node-a")
    headless.tick(100)
    headless.cluster.hand.start_process(CONTROL, "kube-apiserver")
    assert ready(headless, "node-a")[0] == "True"
    headless.tick(70)
    assert ready(headless, "node-a")[0] == "Unknown"
    headless.tick(340)
    assert headless.get(Deployment, "web").status.ready_replicas == 3


def test_when_it_is_back_nodes_that_reported_all_along_are_not_lost(headless):
    """The node controller could not hear them either: it begins to count anew."""
    headless.tick(200)
    headless.cluster.hand.start_process(CONTROL, "kube-apiserver")
    for _ in range(60):
        headless.tick()
        assert {ready(headless, n)[0] for n in ("node-a", "node-b", "node-c")} == {"True"}


# the others


def test_without_a_scheduler_pods_are_pending_and_nobody_says_why(board):
    board.cluster.hand.stop_process(CONTROL, "kube-scheduler")
    board.app("late", 1, service=False)
    board.tick(30)
    late = next(p for p in pods(board) if p.metadata.name.startswith("late"))
    events = [e.reason for e in board.cluster.etcd.table("events") if e.involved_object.name == late.metadata.name]
    assert (late.spec.node_name, late.status.phase, events) == ("", "Pending", [])
    board.cluster.hand.start_process(CONTROL, "kube-scheduler")
    board.tick(10)
    assert next(p for p in pods(board) if p.metadata.name.startswith("late")).spec.node_name != ""


def test_without_a_controller_manager_nothing_is_replaced(board):
    board.cluster.hand.stop_process(CONTROL, "kube-controller-manager")
    board.delete(Pod, pods(board)[0].metadata.name)
    board.tick(60)
    assert len(pods(board)) == 2
    board.cluster.hand.start_process(CONTROL, "kube-controller-manager")
    board.tick(20)
    assert len(pods(board)) == 3


def test_a_stopped_kube_proxy_sends_to_pods_that_are_gone(board):
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    board.patch(Service, "web", {"spec": {"type": "NodePort", "ports": ports}})
    users = board.users("direct", "http://node-b:30080/")
    board.tick(3)
    board.cluster.hand.stop_process("node-b", "kube-proxy")
    board.delete(Pod, pods(board)[0].metadata.name)
    board.tick(30)
    assert all(s.failed for s in list(users.stream.samples)[-20:])
    board.cluster.hand.start_process("node-b", "kube-proxy")
    board.tick(3)
    assert users.stream.last.failed == 0


def test_without_etcd_nothing_is_written_until_it_is_back(board):
    board.cluster.hand.stop_process(CONTROL, "etcd")
    revision = board.cluster.etcd.revision
    board.tick(30)
    assert (board.cluster.etcd.revision, board.cluster.server.process.runs()) == (revision, False)
    board.cluster.hand.start_process(CONTROL, "etcd")
    board.delete(Pod, pods(board)[0].metadata.name)
    board.tick(20)
    assert board.get(Deployment, "web").status.ready_replicas == 3


def test_a_control_plane_that_loses_its_power_comes_back_with_all_that_etcd_held(board):
    before = sorted(p.metadata.name for p in pods(board))
    board.cluster.hand.crash(CONTROL)
    board.tick(60)
    assert board.cluster.traffic.streams["web"].stream.last.served == 0  # the ingress controller stands there
    board.cluster.hand.recover(CONTROL)
    board.tick(60)
    assert sorted(p.metadata.name for p in pods(board)) == before
    assert board.cluster.traffic.streams["web"].stream.last.failed == 0
    assert all(c.running for c in board.cluster.picture().components)


def test_every_node_has_a_lease_that_was_renewed_within_ten_seconds(board):
    leases, now = board.list(Lease, "kube-node-lease"), board.cluster.engine.clock.now
    assert [lease.metadata.name for lease in leases] == [CONTROL, "node-a", "node-b", "node-c"]
    assert all(0 <= now - lease.spec.renew_time // 1_000_000 <= 10 for lease in leases)
