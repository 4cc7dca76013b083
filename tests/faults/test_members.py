"""Faults of the control plane's members and of a whole zone: how each shows, where explanations end, what helps."""

from kubesim_tui.api.types import Deployment, Node, Pod, Service
from kubesim_tui.cluster.spec import NodeGroup
from tests.boards import Board
from tests.faults.striking import do, kubectl, proves
from tests.faults.test_applications import remake
from tests.faults.test_network import failed, shop, why


def crash(board: Board) -> None:
    """The programs of web exit as soon as they are started."""
    for machine in board.cluster.world.machines.values():
        for container in list(machine.runtime.containers.values()):
            if container.config.name == "web" and container.exit_code is None:
                machine.runtime.end(container.id, 1, board.now)


@proves("apiserver-down")
def test_without_an_api_server_nobody_hears_of_changes_until_it_is_back():
    board = shop()
    assert do(board, "apiserver-down") == ["apiserver-down all"]
    assert failed(board, 20) == 0
    assert kubectl(board) == (
        "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?"
    )
    crash(board)
    board.tick(12)
    crash(board)
    assert (failed(board, 2) > 0, why(board)) == (True, ("apiserver-down", "pod/kube-apiserver-control-plane"))
    board.cluster.hand.everywhere("kube-apiserver", runs=True)
    board.tick(120)
    assert (kubectl(board), failed(board, 10)) == ("", 0)


@proves("scheduler-down")
def test_without_a_scheduler_new_pods_wait_without_a_word_until_one_runs():
    board = shop()
    assert do(board, "scheduler-down") == ["scheduler-down all"]
    assert failed(board, 10) == 0
    remake(board)
    assert (failed(board, 20) > 0, why(board)) == (True, ("scheduler-down", "pod/kube-scheduler-control-plane"))
    board.cluster.hand.everywhere("kube-scheduler", runs=True)
    board.tick(60)
    assert failed(board, 10) == 0


@proves("controller-manager-down")
def test_without_a_controller_manager_nothing_is_replaced_until_one_runs():
    board = shop()
    assert do(board, "controller-manager-down") == ["controller-manager-down all"]
    board.patch(Deployment, "web", {"spec": {"replicas": 4}})
    assert failed(board, 20) == 0
    assert len(board.list(Pod)) == 2
    board.app("late", 1)
    board.route("late.example.com", "late")
    board.users("late", "http://late.example.com/", rate=5)
    board.tick(5)
    assert board.why("late").cause == "controller-manager-down"
    board.cluster.hand.everywhere("kube-controller-manager", runs=True)
    board.tick(60)
    last = board.cluster.traffic.streams["late"].stream.last
    assert (len(board.list(Pod)), last.failed) == (5, 0)


def test_without_a_cloud_controller_a_balancer_stays_pending_until_one_runs():
    board = shop()
    assert do(board, "cloud-controller-down") == ["cloud-controller-down all"]
    board.patch(Service, "web", {"spec": {"type": "LoadBalancer"}})
    assert failed(board, 60) == 0
    assert not board.get(Service, "web").status.load_balancer.ingress
    board.cluster.hand.everywhere("cloud-controller-manager", runs=True)
    board.tick(60)
    assert board.get(Service, "web").status.load_balancer.ingress


@proves("etcd-quorum-lost")
def test_without_a_majority_of_etcd_nothing_is_written_until_members_are_back():
    board = Board(nodes=2, control_planes=3)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    assert do(board, "etcd-quorum-lost") == ["etcd-quorum-lost all"]
    assert sum(m.runs("etcd") for m in board.cluster.plane.machines) == 1
    assert failed(board, 20) == 0
    assert kubectl(board) == "Error from server: etcdserver: request timed out"
    crash(board)
    board.tick(12)
    crash(board)
    assert failed(board, 2) > 0
    assert why(board)[0] == "etcd-down"
    board.cluster.hand.everywhere("etcd", runs=True)
    board.tick(120)
    assert (kubectl(board), failed(board, 10)) == ("", 0)


@proves("zone-outage")
def test_a_zone_without_power_takes_its_share_until_its_nodes_are_known_to_be_away():
    zones = [NodeGroup(count=2), NodeGroup(count=2, name="east", zone="b")]
    board = shop(zones, 4)
    assert do(board, "zone-outage:east-a") == ["zone-outage east-a"]
    assert (failed(board, 10) > 0, why(board)[0]) == (True, "node-down")
    board.tick(70)
    away = [
        n.metadata.name for n in board.client.list(Node, "") if board.evidence().node_ready(n.metadata.name) is False
    ]
    assert (away, failed(board, 10)) == (["east-a", "east-b"], 0)
    assert board.cluster.hand.zone_power("east-a", on=True)
    board.tick(60)
    assert (board.evidence().lost_nodes(), failed(board, 10)) == ([], 0)
    assert not board.cluster.hand.zone_power("nowhere", on=True)
