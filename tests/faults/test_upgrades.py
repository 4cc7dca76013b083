"""A wave of upgrades: what it does node after node, what stops it, and what users feel of it."""

from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.explain.chain import name_of
from tests.boards import Board
from tests.faults.striking import do, proves
from tests.faults.test_network import failed, shop, why

NEW = "6.8.0-85-generic"


def kernels(board: Board) -> list[str]:
    """The workers that run the new kernel."""
    nodes = board.client.list(Node, "")
    return sorted(n.metadata.name for n in nodes if n.status.node_info.kernel_version == NEW)


def cordoned(board: Board) -> list[str]:
    return [n.metadata.name for n in board.client.list(Node, "") if n.spec.unschedulable]


def budget(board: Board, **spec: int) -> None:
    body = {"selector": {"matchLabels": {"app": "web"}}, **spec}
    meta = {"name": "web"}
    board.create({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": meta, "spec": body})


def careful(replicas: int) -> Board:
    """web stops answering only when everybody knows that it leaves."""
    board = Board(nodes=3)
    container = {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}
    board.app("web", replicas, container=container)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    board.tick(3)
    return board


def test_node_after_node_is_updated_and_nobody_notices_where_a_budget_keeps_enough():
    board = careful(4)
    budget(board, maxUnavailable=1)
    board.tick(2)
    assert do(board, "upgrade-wave") == ["upgrade-wave all"]
    seen, lost = [], failed(board, 0)
    for _ in range(400):
        lost += failed(board, 1)
        now = cordoned(board)
        if now and now[0] not in seen:
            seen += now
        assert len(now) <= 1
    assert (seen, kernels(board), cordoned(board), lost) == (
        ["node-a", "node-b", "node-c"],
        ["node-a", "node-b", "node-c"],
        [],
        0,
    )


def test_a_budget_that_allows_nothing_stops_it_at_its_first_node_until_there_is_one_more():
    board = careful(3)
    budget(board, minAvailable=3)
    board.tick(2)
    do(board, "upgrade-wave")
    assert failed(board, 300) == 0
    assert (kernels(board), cordoned(board)) == ([], ["node-a"])
    told = {r.message for r in board.cluster.server.trace if r.user == "upgrader" and r.code == 429}
    assert told == {"Cannot evict pod as it would violate the pod's disruption budget."}
    board.patch(Deployment, "web", {"spec": {"replicas": 4}})
    assert failed(board, 500) == 0
    assert kernels(board) == ["node-a", "node-b", "node-c"]


@proves("upgrade-wave")
def test_a_single_copy_is_away_while_its_node_is_drained():
    board = shop(replicas=1)
    do(board, "upgrade-wave")
    assert any(failed(board, 1) for _ in range(120))
    assert why(board) == ("single-replica", "deployment/web")
    assert any("was evicted by upgrader" in link.text for link in board.why().links)
    board.tick(200)
    assert failed(board, 10) == 0


def test_a_regression_of_the_new_kernel_comes_with_each_node_until_the_wave_is_called_off():
    board = shop(nodes=2, replicas=2)
    do(board, "upgrade-wave,ms=3000")
    board.tick(120)
    assert failed(board, 10) > 0
    chain = board.why()
    assert (chain.cause, name_of(chain.object) in ("node/node-a", "node/node-b")) == ("slow-link", True)
    board.cluster.hand.stop_upgrade()
    board.tick(60)
    assert (failed(board, 10), cordoned(board)) == (0, [])


def test_pods_of_daemon_sets_stay():
    board = Board(nodes=1)
    labels = {"app": "agent"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "test/app"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    board.create({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"}, "spec": spec})
    board.settle()
    (before,) = board.list(Pod)
    do(board, "upgrade-wave,seconds=10")
    board.tick(60)
    (after,) = board.list(Pod)
    assert (after.metadata.uid, kernels(board)) == (before.metadata.uid, ["node-a"])


def test_one_wave_is_enough():
    board = shop()
    assert (do(board, "upgrade-wave"), do(board, "upgrade-wave")) == (["upgrade-wave all"], [])


def test_one_that_is_called_off_while_the_api_server_is_away_gives_its_node_back_later():
    board = careful(4)
    do(board, "upgrade-wave")
    board.tick(2)
    board.cluster.hand.stop_process("control-plane", "kube-apiserver")
    assert board.cluster.hand.stop_upgrade()
    board.tick(5)
    assert board.cluster.etcd.get("nodes", ("", "node-a")).spec.unschedulable
    board.cluster.hand.start_process("control-plane", "kube-apiserver")
    board.tick(5)
    assert cordoned(board) == []
