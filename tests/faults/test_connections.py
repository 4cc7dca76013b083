"""Connections for which there is no room: how it shows, where explanations of it end, what helps."""

from kubesim_tui.api.types import Pod, Service
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.world.conntrack import PORTS
from tests.boards import APP, Board, image
from tests.faults.striking import do, proves
from tests.faults.test_network import failed, shop, why

FRESH = image(
    "front", "http://back/", text=APP.replace("calls: CALLS", "calls: [{to: 'http://back/', keepalive: false}]")
)


def asks(rate: int = 20) -> Board:
    """web calls back, each time over a connection of its own."""
    board = Board(nodes=2, images=[FRESH])
    board.app("web", 1, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000, rate=rate)
    board.tick(3)
    return board


@proves("conntrack-full")
def test_a_full_table_drops_new_connections_through_its_machine_until_it_is_emptied():
    board = shop()
    assert do(board, "conntrack-full:control-plane") == ["conntrack-full control-plane"]
    assert (failed(board, 5) > 0, why(board)) == (True, ("conntrack-full", "node/control-plane"))
    assert all(pod.status.container_statuses[0].ready for pod in board.list(Pod))
    assert "it tracks 131072 of 131072 connections" in board.why().links[-1].text
    assert board.cluster.hand.unclog_connections("control-plane")
    board.tick(3)
    assert failed(board, 10) == 0


def test_a_table_that_is_full_on_one_node_is_felt_by_its_share_of_a_balancers_users():
    board = Board(nodes=2)
    board.app("web", 4, type="LoadBalancer")
    board.settle(60)
    board.users(url=f"http://{board.get(Service, 'web').status.load_balancer.ingress[0].ip}/", timeout_us=1_000_000)
    do(board, "conntrack-full:node-a")
    board.tick(5)
    stream = board.cluster.traffic.streams["web"].stream
    assert 0 < stream.last.failed < stream.last.sent


def test_a_privileged_pod_on_the_node_raises_the_limit_and_another_may_not():
    board = shop()
    do(board, "conntrack-full:node-a")
    for name, context in (("may", {"privileged": True}), ("may-not", {})):
        command = ["sh", "-c", "sysctl -w net.netfilter.nf_conntrack_max=262144; sleep 1000"]
        container = {"name": "a", "image": "busybox:1.36", "command": command, "securityContext": context}
        spec = {"nodeName": "node-a", "hostNetwork": True, "containers": [container]}
        board.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})
    board.tick(20)
    assert board.evidence().world.connections("node-a").limit == 262_144
    machine = board.cluster.world.machines["node-a"]
    named = [c for c in machine.runtime.containers.values() if c.config.name == "a"]
    said = [line.text for c in named for line in c.lines()]
    assert "sysctl: error setting key 'net.netfilter.nf_conntrack_max': Read-only file system" in said


def test_war_story_conntrack_full_by_load_alone_and_healed_by_room():
    """1,500 connections a second for 120 s each are 180,000; four processors have room for 131,072."""
    board = Board(nodes=[NodeGroup(count=2)])
    board.app("web", 8)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=1_500, timeout_us=2_000_000)
    assert failed(board, 80) == 0
    lost = failed(board, 40)
    assert (lost > 10_000, why(board)) == (True, ("conntrack-full", "node/control-plane"))
    board.cluster.world.machines["control-plane"].connections.limit = 262_144
    board.tick(5)
    assert failed(board, 200) == 0


def test_users_who_keep_their_connections_need_less_room():
    counts = []
    for share in (1, 10):
        board = shop()
        board.users("others", rate=200, per_connection=share)
        board.tick(20)
        counts.append(board.evidence().world.connections("control-plane").tracked)
    assert 5 * counts[1] < counts[0]


@proves("port-exhaustion")
def test_a_program_without_ports_fails_its_calls_until_it_is_started_anew():
    board = asks()
    (pod,) = [p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("web")]
    assert failed(board, 5) == 0
    assert do(board, f"port-exhaustion:default/{pod},leave=50") == [f"port-exhaustion {pod}"]
    assert failed(board, 10) > 0
    assert why(board) == ("port-exhaustion", "deployment/web")
    board.delete(Pod, pod)
    board.tick(20)
    assert failed(board, 10) == 0


def test_a_connection_for_each_call_uses_up_the_ports_at_470_a_second():
    """28,232 ports for 60 s each."""
    board = asks(rate=420)
    assert failed(board, 70) == 0
    board.users("more", rate=120, timeout_us=2_000_000)
    board.tick(60)
    assert (board.why().cause, PORTS // 60) == ("port-exhaustion", 470)


def test_a_program_that_shares_its_connections_has_ports_enough():
    board = Board(nodes=2, images=[image("front", "http://back/")])
    board.app("web", 1, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000, rate=540)
    assert failed(board, 100) == 0
