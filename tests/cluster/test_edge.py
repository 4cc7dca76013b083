"""The way in: the ingress controller as Pods of the cluster."""

import pytest

from kubesim_tui.api.types import Deployment, Event, Ingress, Pod, Service
from tests.boards import Board

SPACE, NAME, CONTROL = "ingress-nginx", "ingress-nginx-controller", "control-plane"


@pytest.fixture(scope="module")
def settled() -> Board:
    board = Board(nodes=3)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=50)
    board.tick(5)
    return board


def change(board: Board, spec: dict) -> None:
    board.client.patch(Deployment, SPACE, NAME, {"spec": spec})


def failed(board: Board, ticks: int) -> dict[str, int]:
    """What fails in so many ticks, by reason."""
    reasons = board.cluster.traffic.streams["web"].stream.reasons
    before = dict(reasons)
    board.tick(ticks)
    return {reason: n - before.get(reason, 0) for reason, n in reasons.items() if n > before.get(reason, 0)}


def pods(board: Board) -> list[Pod]:
    return board.list(Pod, SPACE)


def test_it_stands_on_the_control_plane_and_serves(board):
    (pod,) = pods(board)
    assert (pod.spec.node_name, failed(board, 10)) == (CONTROL, {})


def test_its_killed_container_refuses_until_it_is_back(board):
    (pod,) = pods(board)
    board.cluster.hand.exit_container(SPACE, pod.metadata.name, 1)
    assert list(failed(board, 2)) == ["connection refused"]
    board.tick(30)
    assert failed(board, 10) == {}


def test_scaled_to_nothing_it_refuses_and_its_service_is_what_has_no_endpoint(board):
    change(board, {"replicas": 0})
    board.tick(15)
    assert list(failed(board, 5)) == ["connection refused"]
    chain = board.why()
    assert (chain.cause, chain.object) == ("scaled-to-zero", ("Deployment", SPACE, NAME))


def test_a_rolling_update_of_two_copies_costs_nothing(board):
    change(board, {"replicas": 2})
    board.tick(20)
    before = {p.metadata.name for p in pods(board)}
    change(board, {"template": {"metadata": {"annotations": {"again": "1"}}}})
    assert failed(board, 60) == {}
    assert before.isdisjoint(p.metadata.name for p in pods(board) if not p.metadata.deletion_timestamp)


def test_it_can_be_moved_to_the_workers_and_then_falls_with_one(board):
    affinity = {"nodeSelector": {"kubernetes.io/hostname": "node-c"}, "affinity": None}
    change(board, {"template": {"spec": affinity}})
    board.tick(60)
    assert {p.spec.node_name for p in pods(board)} == {"node-c"}
    board.cluster.hand.crash("node-c")
    board.tick(15)
    chain = board.why()
    assert (chain.cause, chain.object) == ("node-down", ("Node", "", "node-c"))


def test_one_that_is_cut_off_from_the_api_server_keeps_what_it_knew(board):
    affinity = {"nodeSelector": {"kubernetes.io/hostname": "node-c"}, "affinity": None}
    change(board, {"template": {"spec": affinity}})
    board.tick(60)
    board.cluster.hand.stop_process(CONTROL, "kube-apiserver")
    edge = board.cluster.fabric.edge
    (proxy,) = edge.proxies().values()
    kept = edge.configuration(proxy)
    board.cluster.hand.start_process(CONTROL, "kube-apiserver")
    board.cluster.hand.link("node-c", CONTROL, up=False)
    board.delete(Ingress, "web")
    board.tick(5)
    assert edge.configuration(proxy) is kept
    assert edge.controller.live.match("shop.example.com", "/") is None
    board.cluster.hand.link("node-c", CONTROL, up=True)
    assert edge.configuration(proxy) is edge.controller.live


def test_callers_inside_reach_it_by_its_service_and_get_its_404(board):
    url = f"http://{NAME}.{SPACE}.svc.cluster.local/"
    net = board.cluster.world.machines["node-a"].runtime.net
    assert net.fetch("node-a", "", url).status == 404


def test_a_service_whose_pods_are_all_leaving_answers_503(board):
    slowly = {"containers": [{"name": "web", "lifecycle": {"preStop": {"sleep": {"seconds": 20}}}}]}
    board.patch(Deployment, "web", {"spec": {"template": {"spec": slowly}}})
    board.tick(50)
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(3)
    assert list(failed(board, 3)) == ["503"]


def test_the_ingress_address_is_that_of_the_balancer(board):
    given = board.get(Ingress, "web").status.load_balancer.ingress
    users = board.users("direct", f"http://{given[0].ip}/", rate=10)
    board.tick(3)
    assert users.stream.reasons == {"404": users.stream.sent}  # it is there, and no rule is for an address


def test_its_service_is_entered_at_the_node_ports_of_any_node(board):
    port = next(p.node_port for p in board.get(Service, NAME, SPACE).spec.ports if p.name == "http")
    users = board.users("direct", f"http://node-b:{port}/", rate=10)
    board.tick(3)
    assert users.stream.reasons == {"404": users.stream.sent}


def configurations(board: Board) -> list[bool]:
    """Whether each Pod of the controller works by the newest there is."""
    edge = board.cluster.fabric.edge
    return [edge.configuration(proxy) is edge.controller.live for proxy in edge.proxies().values()]


def test_a_second_change_is_taken_over_four_seconds_after_the_first(board):
    board.tick(5)
    board.route("first.example.com", "web", name="first")
    board.tick()
    board.route("then.example.com", "web", name="then")
    users = board.users("then", "http://then.example.com/", rate=20)
    board.tick(8)
    assert [bool(s.failed) for s in users.stream.samples] == [True] * 4 + [False] * 4


def test_a_pod_of_the_controller_that_has_just_started_has_taken_over_all_there_was(board):
    change(board, {"replicas": 2})
    board.tick(20)
    assert configurations(board) == [True, True]


def test_each_pod_has_a_rate_of_its_own(board):
    change(board, {"replicas": 2})
    board.tick(20)
    _, second = pods(board)
    board.cluster.hand.exit_container(SPACE, second.metadata.name, 1)
    board.tick()
    while len(configurations(board)) < 2:
        board.tick()
    board.route("first.example.com", "web", name="first")
    board.tick(2)
    assert sorted(configurations(board)) == [False, True]
    board.tick(4)
    assert configurations(board) == [True, True]


def test_its_pod_says_when_it_reloads_and_not_when_endpoints_change(board):
    def reloads():
        found = [e for e in board.list(Event, SPACE) if e.reason == "RELOAD"]
        return sum(e.count for e in found)

    before = reloads()
    board.client.patch(Deployment, "default", "web", {"spec": {"replicas": 3}})
    board.tick(10)
    assert reloads() == before
    board.route("first.example.com", "web", name="first")
    board.tick(5)
    assert reloads() == before + 1
