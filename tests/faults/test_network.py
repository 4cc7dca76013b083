"""Faults of links and of what machines need beside them: how each shows, where explanations of it end, what helps."""

import pytest

from kubesim_tui.api.types import Deployment, Node, Pod
from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.explain.chain import name_of
from kubesim_tui.explain.node import node_not_ready
from kubesim_tui.explain.pod import pod_not_ready
from tests.boards import Board, image
from tests.faults.striking import do, proves

OPEN = {"type": "NodePort", "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]}


def shop(
    nodes=2, replicas: int = 2, image_: str = "test/app", images=(), url="http://shop.example.com/", service=None, **pod
) -> Board:
    """web behind an Ingress, with users who wait two seconds."""
    board = Board(nodes=nodes, images=images)
    board.app("web", replicas, image_, pod=pod, **(service or {}))
    board.route("shop.example.com", "web")
    board.settle()
    board.users(url=url, timeout_us=2_000_000)
    board.tick(3)
    return board


def failed(board: Board, ticks: int) -> int:
    """How many requests fail in so many ticks."""
    stream = board.cluster.traffic.streams["web"].stream
    before = stream.failed
    board.tick(ticks)
    return stream.failed - before


def why(board: Board) -> tuple[str, str]:
    chain = board.why()
    return chain.cause, name_of(chain.object)


def ready(board: Board, name: str = "node-a") -> tuple[str, str]:
    node = board.get(Node, name, "")
    return next((c.status, c.message) for c in node.status.conditions if c.type == "Ready")


def drain(board: Board, name: str) -> None:
    """Nothing new comes there, and what is there goes."""
    board.client.patch(Node, "", name, {"spec": {"unschedulable": True}}, "strategic")
    for pod in board.list(Pod):
        if pod.spec.node_name == name:
            board.delete(Pod, pod.metadata.name)


def test_a_slow_card_makes_its_share_of_answers_late_until_the_machine_is_drained():
    board = shop()
    assert do(board, "node-slow-nic:node-a") == ["node-slow-nic node-a"]
    assert (failed(board, 10) > 0, ready(board)[0], why(board)) == (True, "True", ("slow-link", "node/node-a"))
    drain(board, "node-a")
    board.tick(40)
    assert failed(board, 10) == 0


def test_a_card_that_is_a_little_slow_is_felt_and_healed():
    board = shop()
    assert do(board, "node-slow-nic:node-a,ms=100,for=5") == ["node-slow-nic node-a", "node-slow-nic node-a healed"]
    assert (failed(board, 5), board.cluster.world.links.added_us("node-a")) == (0, 0)


def stuck(board: Board) -> list[Pod]:
    """Pods that have a node and no address."""
    return [pod for pod in board.list(Pod) if pod.spec.node_name and not pod.status.pod_ip]


def test_where_addresses_are_never_given_back_new_pods_hang_until_the_files_are_removed():
    board = shop()
    assert do(board, "ip-exhaustion:node-a") == ["ip-exhaustion node-a"]
    board.patch(Deployment, "web", {"spec": {"replicas": 6}})
    board.tick(20)
    assert ({pod.spec.node_name for pod in stuck(board)}, failed(board, 5)) == ({"node-a"}, 0)
    chain = pod_not_ready(board.evidence(), stuck(board)[0])
    assert (chain.cause, name_of(chain.object)) == ("no-addresses", "node/node-a")
    assert chain.links[-1].text == (
        "node node-a has 253 addresses for Pods, and 253 are taken, 252 of them by nobody who is still there"
    )
    assert board.cluster.hand.sweep_addresses("node-a")
    board.tick(20)
    assert stuck(board) == []


def test_pods_that_find_no_address_are_sent_elsewhere_by_a_cordon_and_a_reboot_clears_the_files():
    board = shop(replicas=4)
    do(board, "ip-exhaustion:node-a")
    board.client.patch(Node, "", "node-a", {"spec": {"unschedulable": True}}, "strategic")
    board.patch(Deployment, "web", {"spec": {"replicas": 8}})
    board.tick(20)
    assert stuck(board) == []
    do(board, "node-reboot:node-a,seconds=10")
    board.client.patch(Node, "", "node-a", {"spec": {"unschedulable": False}}, "strategic")
    board.tick(60)
    board.patch(Deployment, "web", {"spec": {"replicas": 12}})
    board.tick(30)
    assert (stuck(board), board.evidence().world.addresses("node-a").strays) == ([], 0)


def test_war_story_a_range_smaller_than_the_room_for_pods_runs_out_while_the_nodes_look_empty():
    """IP exhaustion: /28 for each node is 13 Pods, maxPods 110; the scheduler goes on sending Pods there."""
    board = Board(nodes=2, node_cidr_mask_size=28)
    board.app("web", 20)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=2_000_000)
    assert (stuck(board), failed(board, 5)) == ([], 0)
    board.patch(Deployment, "web", {"spec": {"replicas": 32}})
    board.tick(40)
    hang = stuck(board)
    assert (len(hang), {pod.status.phase for pod in hang}) == (32 - 2 * 13, {"Pending"})
    assert pod_not_ready(board.evidence(), hang[0]).cause == "no-addresses"
    assert failed(board, 10) == 0
    board.cluster.add_node("node-c", NodeGroup())
    board.tick(30)
    assert len(stuck(board)) == 32 - 2 * 13
    for pod in hang:
        board.delete(Pod, pod.metadata.name)
    board.tick(40)
    assert stuck(board) == []


@proves("link-cut")
def test_a_cut_link_costs_only_what_goes_over_it():
    board = shop(replicas=4)
    assert do(board, "link-cut:node-a,to=control-plane") == ["link-cut node-a"]
    assert (failed(board, 10) > 0, why(board)) == (True, ("network-partition", "node/node-a"))
    drain(board, "node-a")
    board.tick(60)
    assert failed(board, 10) == 0
    board.cluster.hand.link("node-a", "control-plane", up=True)
    board.tick(30)
    assert (ready(board)[0], failed(board, 10)) == ("True", 0)


def test_between_two_workers_a_cut_link_leaves_both_ready():
    front = image("front", "http://back/")
    board = Board(nodes=2, images=[front])
    board.app("web", 1, "test/front", pod={"nodeName": "node-a"})
    board.app("back", 1, pod={"nodeName": "node-b"})
    board.route("shop.example.com", "web")
    board.settle()
    board.users(timeout_us=8_000_000, rate=2)
    told = do(board, "link-cut:node-a,to=node-b,for=70")
    assert told == ["link-cut node-a", "link-cut node-a healed"]
    assert [ready(board, node)[0] for node in ("node-a", "node-b")] == ["True", "True"]
    assert why(board) == ("network-partition", "node/node-b")
    board.tick(10)
    assert failed(board, 10) == 0


@proves("zone-partition")
def test_a_zone_that_is_cut_off_is_away_as_a_whole_and_the_others_serve_on():
    zones = [NodeGroup(count=2), NodeGroup(count=2, name="east", zone="b")]
    board = shop(zones, 4)
    (struck,) = do(board, "zone-partition:east-a")
    assert (struck, failed(board, 10) > 0) == ("zone-partition east-a", True)
    cause, about = why(board)
    assert (cause, about.startswith("node/east-")) == ("network-partition", True)
    assert board.cluster.world.links.reachable("east-a", "east-b")
    board.tick(70)
    assert ([ready(board, node)[0] for node in ("east-a", "east-b")], failed(board, 10)) == (["Unknown", "Unknown"], 0)
    assert board.cluster.hand.zone_links("east-a", up=True)
    board.tick(30)
    assert ready(board, "east-a")[0] == "True"


def test_where_there_is_one_zone_it_cannot_be_cut_off_from_others():
    assert do(shop(), "zone-partition:node-a") == []


@proves("dns-down")
def test_without_cluster_dns_calls_fail_until_it_runs_again():
    board = shop(image_="test/front", images=[image("front", "http://web/x")])
    board.users(timeout_us=8_000_000, rate=5)
    assert do(board, "dns-down") == ["dns-down all"]
    assert failed(board, 60) > 0
    assert why(board)[0] == "scaled-to-zero"
    board.scale_dns(2)
    board.tick(60)
    assert failed(board, 10) == 0


@proves("dns-overload")
def test_a_program_that_looks_names_up_all_the_time_kills_cluster_dns_until_it_is_started_anew():
    board = shop(image_="test/front", images=[image("front", "http://back/")])
    board.app("back")
    board.settle()
    board.users(timeout_us=8_000_000, rate=30)
    struck = do(board, "dns-overload:app=web")
    assert failed(board, 60) > 0
    assert why(board) == ("dns-overload", "deployment/coredns")
    board.delete(Pod, struck[0].split()[1])
    board.tick(120)
    assert failed(board, 20) == 0


@proves("kube-proxy-stale")
def test_rules_that_stand_still_hurt_when_pods_are_replaced_until_kube_proxy_is_back():
    board = shop(replicas=3, url="http://node-b:30080/", service=OPEN)
    assert do(board, "kube-proxy-stale:node-b") == ["kube-proxy-stale node-b"]
    assert failed(board, 20) == 0
    board.delete(Pod, board.list(Pod)[0].metadata.name)
    assert (failed(board, 20) > 0, why(board)) == (True, ("stale-rules", "node/node-b"))
    board.cluster.hand.start_process("node-b", "kube-proxy")
    board.tick(5)
    assert failed(board, 10) == 0


@proves("runtime-hang")
def test_a_runtime_that_hangs_makes_its_node_not_ready_while_containers_serve():
    board = shop()
    assert do(board, "runtime-hang:node-a") == ["runtime-hang node-a"]
    assert failed(board, 45) == 0
    assert ready(board) == ("False", "container runtime is down")
    chain = node_not_ready(board.evidence(), "node-a")
    assert (chain.cause, name_of(chain.object)) == ("runtime-down", "node/node-a")
    board.tick(180)
    assert ready(board)[1].startswith("[container runtime is down, PLEG is not healthy: pleg was last seen active 3m")
    board.cluster.hand.freeze("node-a", "containerd", thaw=True)
    board.tick(30)
    assert ready(board)[0] == "True"


def test_an_instance_that_is_taken_back_is_gone_after_its_notice():
    board = shop(nodes=3, replicas=3)
    assert do(board, "spot-reclaim:node-a") == ["spot-reclaim node-a"]
    assert failed(board, 119) == 0
    assert (failed(board, 20) > 0, why(board)[0]) == (True, "node-down")
    board.tick(60)
    assert "node-a" not in [node.metadata.name for node in board.client.list(Node, "")]


def test_who_drains_during_the_notice_loses_nothing():
    board = shop(nodes=3, replicas=3)
    do(board, "spot-reclaim:node-a,seconds=100")
    drain(board, "node-a")
    board.tick(60)
    assert failed(board, 80) == 0


@pytest.mark.parametrize(
    "text",
    [
        "node-slow-nic:node-z",
        "ip-exhaustion:node-z",
        "link-cut:node-a,to=node-z",
        "link-cut:node-a,to=node-a",
        "zone-partition:node-z",
        "kube-proxy-stale:node-z",
        "runtime-hang:node-z",
        "spot-reclaim:node-z",
    ],
)
def test_what_is_not_there_is_not_struck(text):
    board = Board(nodes=1)
    assert do(board, text) == []
