"""Faults of the cloud: what they show, what helps, and where explanations end."""

from kubesim_tui.api.types import Node, Pod, Service
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.explain.cloud import pending_address
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import Board
from tests.faults.striking import do

POOL = NodeGroup("pool", cpu="2", memory="4Gi", min=1, max=3)
MANAGER = "control-plane,process=cloud-controller-manager"


def growing(*groups: NodeGroup) -> Board:
    return Board(nodes=groups or (POOL,), warm=20)


def crowd(board: Board, replicas: int = 4) -> None:
    """Two of these to a machine."""
    board.app("web", replicas, container={"resources": {"requests": {"cpu": "700m"}}}, service=False)


def homeless(board: Board) -> list[Pod]:
    return [pod for pod in board.list(Pod) if not pod.spec.node_name]


def why_pending(board: Board) -> str:
    chain = pod_not_ready(board.evidence(), homeless(board)[0])
    assert chain is not None
    return chain.cause


def address(board: Board) -> int:
    status = board.get(Service, "web").status
    return len(status.load_balancer.ingress) if status.load_balancer else 0


def why_no_address(board: Board) -> str:
    chain = pending_address(board.evidence(), board.get(Service, "web"))
    assert chain is not None
    return chain.cause


def test_while_the_cloud_is_silent_no_machine_and_no_balancer_comes():
    board = growing()
    assert do(board, "cloud-down") == ["cloud-down all"]
    crowd(board)
    board.service("web", type="LoadBalancer")
    board.tick(120)
    assert (len(homeless(board)), address(board)) == (2, 0)
    assert (why_pending(board), why_no_address(board)) == ("cloud-down", "cloud-down")


def test_when_it_answers_again_both_come():
    board = growing()
    do(board, "cloud-down")
    crowd(board)
    board.service("web", type="LoadBalancer")
    board.tick(60)
    board.cluster.hand.cloud(up=True)
    board.tick(200)
    assert (homeless(board), address(board)) == ([], 1)


def test_a_cloud_that_is_asked_too_much_is_slow_to_give():
    board = growing()
    assert do(board, "cloud-throttled,patience=50") == ["cloud-throttled all"]
    board.app("web", 1, type="LoadBalancer")
    board.tick(60)
    assert (address(board), why_no_address(board)) == (0, "cloud-throttled")
    board.cluster.hand.throttle_cloud(1)
    board.tick(400)
    assert address(board) == 1


def test_a_sold_out_zone_gives_no_machine_and_another_zone_does():
    board = growing(POOL)
    assert do(board, "sold-out:pool-a") == ["sold-out pool-a"]
    crowd(board)
    board.tick(60)
    assert (len(homeless(board)), why_pending(board)) == (2, "sold-out")
    other = growing(POOL, NodeGroup("other", count=0, zone="b", cpu="2", memory="4Gi", max=3))
    do(other, "sold-out:pool-a")
    crowd(other)
    other.tick(200)
    assert homeless(other) == []


def test_a_quota_that_is_used_up_gives_no_machine_until_it_is_raised():
    board = growing()
    assert do(board, "cloud-quota") == ["cloud-quota all"]
    crowd(board)
    board.tick(60)
    assert (len(homeless(board)), why_pending(board)) == (2, "cloud-quota")
    board.cluster.hand.cap_cloud(lift=True)
    board.tick(400)
    assert homeless(board) == []


def test_a_group_that_is_full_is_why_pods_wait():
    board = growing()
    crowd(board, 9)
    board.tick(120)
    assert why_pending(board) == "group-full"


def test_without_the_autoscaler_pods_wait_for_machines_that_nobody_orders():
    board = growing()
    do(board, "process-stop:control-plane,process=cluster-autoscaler")
    crowd(board)
    board.tick(30)
    assert why_pending(board) == "autoscaler-down"
    board.cluster.hand.start_process("control-plane", "cluster-autoscaler")
    board.tick(90)
    assert homeless(board) == []


def test_without_the_clouds_manager_new_nodes_stay_tainted_and_addresses_pending():
    board = Board(nodes=1)
    do(board, f"process-stop:{MANAGER}")
    board.client.patch(Node, "", "node-a", {"spec": {"unschedulable": True}})
    board.cluster.add_node("late", NodeGroup("late"))
    board.app("web", 1, type="LoadBalancer")
    board.tick(60)
    assert (why_pending(board), why_no_address(board)) == ("cloud-manager-down", "cloud-manager-down")
    board.cluster.hand.start_process("control-plane", "cloud-controller-manager")
    board.tick(60)
    assert (homeless(board), address(board)) == ([], 1)


def test_a_lost_balancer_passes_nothing_on_and_another_one_does():
    board = Board(nodes=2)
    board.app("web", 2, type="LoadBalancer")
    board.tick(60)
    users = board.users("web", "http://203.0.113.20/", rate=20)
    board.tick(10)
    well = users.stream.failed
    assert do(board, "balancer-lost:web") == ["balancer-lost web"]
    board.tick(10)
    assert (well, users.stream.failed > 50, board.why().cause) == (0, True, "balancer-down")
    board.delete(Service, "web")
    board.tick(5)
    board.service("web", type="LoadBalancer")
    board.tick(60)
    failed = users.stream.failed
    board.tick(20)
    assert users.stream.failed == failed
