"""What the modes of kube-proxy change for requests."""

import pytest

from kubesim_tui.api.types import Deployment, Pod, Service
from tests.boards import Board, image

PORT = {"type": "NodePort", "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]}
"""Users come by a node's rules; the ingress controller would choose Pods itself."""


def shop(mode: str, replicas: int = 4) -> Board:
    board = Board(nodes=2, proxy_mode=mode)
    board.app("web", replicas, **PORT)
    board.route("shop.example.com", "web")
    board.settle()
    return board


def arrivals(board: Board, ticks: int) -> list[list[int]]:
    """What each replica got in each tick."""
    found = []
    for _ in range(ticks):
        board.tick()
        legs = board.cluster.traffic.streams["web"].root.legs
        found.append([leg.station.work.outcome.served if leg.station.work else 0 for leg in legs])
    return found


@pytest.mark.parametrize(("mode", "drawn"), [("iptables", True), ("nftables", True), ("ipvs", False), ("even", False)])
def test_endpoints_are_drawn_or_take_turns(mode, drawn):
    board = shop(mode)
    board.users(url="http://node-b:30080/", rate=40)
    board.tick(5)
    unequal = [max(shares) - min(shares) for shares in arrivals(board, 20)]
    assert (max(unequal) > 4) == drawn


def test_drawn_endpoints_get_the_same_in_the_long_run_and_nothing_is_lost():
    board = shop("iptables")
    users = board.users(url="http://node-b:30080/", rate=100)
    board.tick(2)
    totals = [sum(column) for column in zip(*arrivals(board, 200), strict=True)]
    assert (users.stream.failed, users.stream.sent - users.stream.served <= 10) == (0, True)
    assert max(abs(total / sum(totals) - 0.25) for total in totals) < 0.015


@pytest.mark.parametrize(
    ("mode", "error"), [("iptables", "timed out"), ("nftables", "connection refused"), ("ipvs", "connection refused")]
)
def test_another_port_of_a_services_address(mode, error):
    board = shop(mode, 1)
    machine, container = next(
        (m.name, c.id)
        for m in board.cluster.world.machines.values()
        for c in m.runtime.containers.values()
        if "app" in c.config.image
    )
    found = board.cluster.world.net.fetch(machine, container, "http://web:81/")
    assert found.error == error


def test_a_port_of_a_node_that_is_mapped_to_a_pod_is_open_from_outside_and_inside():
    board = Board(nodes=2, images=[image("front", "http://172.18.0.3:8888/")])
    board.app("web", 1, container={"ports": [{"containerPort": 8080, "hostPort": 8888}]}, pod={"nodeName": "node-a"})
    board.app("front", 1, "test/front", pod={"nodeName": "node-b"})
    board.settle()
    net = board.cluster.world.net
    assert (net.from_outside("http://node-a:8888/").status, net.from_outside("http://node-b:8888/").error) == (
        200,
        "connection refused",
    )
    front = next(
        c for c in board.cluster.world.machines["node-b"].runtime.containers.values() if "front" in c.config.image
    )
    assert net.fetch("node-b", front.id, "http://172.18.0.3:8888/").status == 200
    board.delete(Pod, next(p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("web")))
    board.tick(1)
    assert net.from_outside("http://node-a:8888/").error == "connection refused"


def test_two_pods_with_the_same_port_of_the_node_do_not_share_one():
    board = Board(nodes=1)
    board.app("web", 2, container={"ports": [{"containerPort": 8080, "hostPort": 8888}]})
    board.settle()
    waiting = [p for p in board.list(Pod) if not p.spec.node_name]
    assert "didn't have free ports for the requested pod ports" in waiting[0].status.conditions[0].message


def test_a_port_by_name_may_be_another_in_each_pod():
    board = Board(nodes=2, images=[("other.yaml", image("other")[1].replace('"8080"', '"9090"'))])
    board.app(
        "old", 1, container={"ports": [{"name": "http", "containerPort": 8080}]}, labels={"all": "one"}, service=False
    )
    other = {"ports": [{"name": "http", "containerPort": 9090}], "readinessProbe": {"tcpSocket": {"port": "http"}}}
    board.app("new", 1, "test/other", container=other, labels={"all": "one"}, service=False)
    board.service("web", target="http", selector={"all": "one"})
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(rate=20)
    board.tick(10)
    assert (users.stream.failed, sorted(leg.port for leg in users.root.legs)) == (0, [8080, 9090])


def test_the_health_check_of_a_service_tells_how_many_endpoints_are_on_a_node():
    board = Board(nodes=2)
    local = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    board.app("web", 2, pod={"nodeName": "node-a"}, **local)
    board.settle()
    port = board.get(Service, "web").spec.health_check_node_port
    net = board.cluster.world.net
    here, there = net.from_outside(f"http://node-a:{port}/"), net.from_outside(f"http://node-b:{port}/")
    assert (here.status, dict(here.headers)["X-Load-Balancing-Endpoint-Weight"]) == (200, "2")
    assert (there.status, '"localEndpoints": 0' in there.body) == (503, True)


def test_where_only_leaving_endpoints_are_left_the_health_check_fails_though_they_still_serve():
    board = Board(nodes=2)
    board.app(
        "web", 1, "test/app:drain", pod={"nodeName": "node-a"}, type="LoadBalancer", externalTrafficPolicy="Local"
    )
    board.settle()
    port = board.get(Service, "web").spec.health_check_node_port
    board.patch(Deployment, "web", {"spec": {"replicas": 0}})
    board.tick(3)
    rules = board.cluster.fabric.rules("node-a").by_name["default", "web"][0]
    assert len(rules.external("node-a")) == 1
    assert board.cluster.world.net.from_outside(f"http://node-a:{port}/").status == 503
