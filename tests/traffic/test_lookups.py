"""Looking names up before connections are opened: what it costs cluster DNS, and how it dies of it."""

from typing import Any

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.cluster.spec import NodeGroup, OutsideSystem
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.resolver import Resolver, of_namespace
from kubesim_tui.traffic.lookup import candidates
from tests.boards import Board, image

SHOP = of_namespace("shop")
FEW = Resolver(SHOP.servers, SHOP.search, 2)
OUTSIDE = Answer("api.example.com", alias="api.example.com")
SERVICE = Answer("web.shop.svc.cluster.local", ("10.96.0.7",), service=("shop", "web"))
SYSTEM = "kube-system"


@pytest.mark.parametrize(
    "resolver, host, answer, names",
    [
        (SHOP, "web", SERVICE, 1),
        (SHOP, "web.shop", SERVICE, 2),
        (SHOP, "web.shop.svc", SERVICE, 3),
        (SHOP, "web.shop.svc.cluster.local", SERVICE, 4),
        (SHOP, "web.shop.svc.cluster.local.", SERVICE, 1),
        (SHOP, "api.example.com", OUTSIDE, 4),
        (SHOP, "api.example.com.", OUTSIDE, 1),
        (FEW, "api.example.com", OUTSIDE, 1),
        (FEW, "web.shop", SERVICE, 2),
        (SHOP, "10.96.0.7", Answer("10.96.0.7", ("10.96.0.7",)), 0),
        (SHOP, "web", None, 0),
    ],
)
def test_the_search_path_is_gone_through_until_a_name_exists(resolver, host, answer, names):
    assert candidates(resolver, host, answer) == names


def opens(name: str, *calls: str, more: str = "") -> tuple[str, str]:
    """An image that opens a connection for each call."""
    file, text = image(name, *calls, timeout="10s")
    return file, text.replace("failure: 502", "failure: 502, keepalive: false") + more


def asking(host: str, keeps: bool = False) -> int:
    """The processor time (µs) of both servers in 20 s in which 20 requests a second call a host."""
    made = image("front", f"http://{host}/") if keeps else opens("front", f"http://{host}/")
    board = Board(images=[made])
    board.app("web", 2, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=20)
    board.tick(5)
    before = spent(board)
    board.tick(20)
    return spent(board) - before


def spent(board: Board) -> int:
    return sum(s.container.meter.cpu_us for s in servers(board))


def servers(board: Board) -> list[Any]:
    return [s for s in board.cluster.traffic.stations.values() if s.pod[2].startswith("coredns")]


def test_each_further_name_of_the_search_path_costs_cluster_dns_as_much_again():
    short, long = asking("back"), asking("back.default.svc")
    assert short > 0
    assert 2.7 < long / short < 3.3


def test_connections_that_are_kept_look_nothing_up():
    assert asking("back", keeps=True) == 0


# a war story


NAMES = [f"api-{i}.example.com" for i in range(5)]
BUSY = (
    ("concurrency: 16", "concurrency: 8192"),
    ("queue: 64", "queue: 20000"),
    ("service: 5ms, scv: 500, cpu: 1ms", "service: 1ms, cpu: 20us"),
)


def big(file_text: tuple[str, str]) -> tuple[str, str]:
    """An event loop: thousands of requests at a time."""
    file, text = file_text
    for old, new in BUSY:
        assert old in text
        text = text.replace(old, new)
    return file, text


def store(dot: str = "", **pod: Any) -> Board:
    """Eight Pods that open a connection to five systems outside for each request, on large machines."""
    calls = [f"http://{name}{dot}:8080/" for name in NAMES]
    images = [big(opens("front", *calls)), big(image("far"))]
    outside = [OutsideSystem(name, "test/far") for name in NAMES]
    nodes = [NodeGroup(count=4, cpu="16", memory="32Gi")]
    board = Board(nodes, images, outside=outside, conntrack_max_per_core=1_000_000)
    board.app("web", 8, "test/front", pod=pod)
    board.app("other", 1, "test/app")
    board.route("shop.example.com", "web")
    board.settle()
    return board


def killed(board: Board) -> int:
    """How often a server of DNS was started anew."""
    pods = board.cluster.etcd.table("pods").in_namespace(SYSTEM)
    found = [p for p in pods if isinstance(p, Pod) and p.metadata.labels.get("k8s-app") == "kube-dns"]
    return sum(c.restart_count for p in found for c in p.status.container_statuses)


def rush(board: Board, ticks: int = 60) -> Any:
    users = board.users(rate=3000, timeout_us=8_000_000)
    board.tick(ticks)
    return users


def test_war_story_cluster_dns_dies_of_ndots_again_and_again_while_the_application_is_well():
    """Sales begin: 3,000 requests × 5 names × 8 questions are more than two servers on four processors answer. What
    waits takes their memory; they are killed one with the other, come back to all the questions, and go again."""
    board = store()
    users = rush(board)
    assert killed(board) >= 4
    assert users.stream.served < users.stream.sent // 4
    web = [p for p in board.list(Pod) if p.metadata.name.startswith("web")]
    assert all(c.ready and not c.restart_count for p in web for c in p.status.container_statuses)
    chain = board.why()
    assert (chain.cause, chain.object) == ("dns-overload", ("Deployment", SYSTEM, "coredns"))
    assert any("OOMKilled" in link.text for link in chain.links)


@pytest.mark.parametrize(
    "more", [{"dot": "."}, {"dnsConfig": {"options": [{"name": "ndots", "value": "2"}]}}], ids=["dot", "ndots"]
)
def test_a_dot_at_the_end_or_fewer_ndots_make_two_questions_of_eight_and_all_is_well(more):
    board = store(**more)
    users = rush(board, 20)
    assert (killed(board), users.stream.failed) == (0, 0)


def test_more_servers_on_other_machines_answer_all_of_it():
    board = store()
    board.scale_dns(6)
    board.tick(10)
    users = rush(board, 20)
    assert (killed(board), users.stream.failed) == (0, 0)
