"""A wave of upgrades: what it does node after node, what stops it, and what users feel of it."""

from kubesim_tui.api.helpers.nodes import is_ready
from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.cluster.diagnoses import evidence_of
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.kubelet.flags import FILE
from tests.boards import Board
from tests.faults.striking import do, kubectl, proves
from tests.faults.test_members import crash
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


# releases of Kubernetes

MANIFEST = "/etc/kubernetes/manifests/kube-apiserver.yaml"


def mend(board: Board, machine: str) -> None:
    """What a person does on the machine: the gate goes out of the manifest."""
    files = board.cluster.world.machines[machine].files
    files[MANIFEST] = "".join(line for line in files[MANIFEST].splitlines(True) if "feature-gates" not in line)
    board.cluster.look()


@proves("control-plane-upgrade")
def test_an_api_server_of_the_next_release_does_not_know_its_flags_until_they_are_mended():
    board = shop()
    assert do(board, "control-plane-upgrade") == ["control-plane-upgrade all"]
    assert failed(board, 20) == 0
    assert kubectl(board).startswith("The connection to the server")
    crash(board)
    board.tick(12)
    crash(board)
    assert (failed(board, 2) > 0, why(board)) == (True, ("unknown-gate", "pod/kube-apiserver-control-plane"))
    mend(board, "control-plane")
    board.tick(120)
    assert (kubectl(board), failed(board, 10), board.client.road.release()) == ("", 0, "v1.38.0")


def test_of_three_api_servers_the_others_are_asked_until_the_pipeline_has_been_everywhere():
    board = Board(nodes=1, control_planes=3, warm=12)
    do(board, "control-plane-upgrade,seconds=60")
    seen = [(board.tick(60), kubectl(board) == "")[1] for _ in range(3)]
    assert seen == [True, True, False]
    mend(board, "cp-2")
    board.tick(10)
    assert kubectl(board) == ""
    assert board.cluster.hand.roll_back_plane()
    board.tick(10)
    releases = {m.name: m.process("kube-apiserver").release for m in board.cluster.plane.machines}
    assert releases == {"cp-1": "v1.37.0", "cp-2": "v1.38.0", "cp-3": "v1.37.0"}


def test_a_control_plane_node_whose_api_server_ends_is_not_ready_for_that_reason():
    board = Board(nodes=1, control_planes=3, warm=12)
    do(board, "control-plane-upgrade,seconds=600")
    board.tick(60)
    chain = node_not_ready(evidence_of(board.cluster), "cp-1")
    assert (chain.cause, chain.links[-1].text) == (
        "unknown-gate",
        "on cp-1 kube-apiserver v1.38.0 ends as soon as it begins: "
        '"command failed" err="unrecognized feature gate: JobManagedBy"',
    )


@proves("kubelet-upgrade")
def test_kubelets_of_the_next_release_do_not_know_their_flags_and_node_after_node_is_lost():
    board = shop(nodes=2, replicas=2)
    assert do(board, "kubelet-upgrade,seconds=30") == ["kubelet-upgrade all"]
    assert failed(board, 30) == 0
    board.tick(80)
    assert (ready(board), failed(board, 10) > 0) == ([], True)
    cause, object_ = why(board)
    assert (cause, object_ in ("node/node-a", "node/node-b")) == ("unknown-gate", True)
    assert board.cluster.hand.roll_back_kubelets()
    board.tick(20)
    assert (ready(board), failed(board, 10)) == (["node-a", "node-b"], 0)


def ready(board: Board) -> list[str]:
    nodes = [n for n in board.client.list(Node, "") if n.metadata.name.startswith("node-")]
    return [n.metadata.name for n in nodes if is_ready(n)]


def test_a_kubelet_that_is_told_of_a_gate_while_it_runs_goes_on_until_it_is_restarted():
    board = Board(nodes=1, warm=12)
    machine = board.cluster.world.machines["node-a"]
    machine.files[FILE] = 'KUBELET_KUBEADM_ARGS="--feature-gates=JobManagedBy=true"\n'
    machine.packages["kubelet"] = "v1.38.0"
    board.cluster.look()
    before = machine.runs("kubelet")
    board.cluster.hand.stop_process("node-a", "kubelet")
    board.cluster.hand.start_process("node-a", "kubelet")
    after = machine.runs("kubelet")
    del machine.files[FILE]
    board.cluster.look()
    assert (before, after, machine.runs("kubelet"), machine.process("kubelet").release) == (
        True,
        False,
        True,
        "v1.38.0",
    )
