"""What the nginx of the ingress controller's Pods does itself: processor time, connections, and what ends with it."""

import copy

import pytest

from kubesim_tui.api.codec import encode
from kubesim_tui.api.types import ConfigMap, Deployment, Pod
from tests.boards import APP, Board, image
from tests.traffic.test_conservation import exact

SPACE, NAME = "ingress-nginx", "ingress-nginx-controller"
SECOND = 1_000_000
LATE = image(
    "late",
    text=APP.replace("service: 5ms, scv: 500", "service: 3s, scv: 0").replace("concurrency: 16", "concurrency: 500"),
)


@pytest.fixture(scope="module")
def settled() -> Board:
    board = Board(nodes=2, images=[LATE])
    for name, tag in (("web", "test/app"), ("late", "test/late")):
        board.app(name, 4, tag)
        board.route(f"{name}.example.com", name)
    board.settle()
    return board


def configured(board: Board, **data: str) -> None:
    """The controller's ConfigMap says so (`_` for `-`)."""
    said = {key.replace("_", "-"): value for key, value in data.items()}
    board.client.patch(ConfigMap, SPACE, NAME, {"data": said})
    board.tick(8)


def limited(board: Board, cpu: str) -> None:
    """Its Pods may have so much of the processors."""
    (container,) = board.get(Deployment, NAME, SPACE).spec.template.spec.containers
    container = encode(container) | {"resources": {"requests": {"cpu": cpu}, "limits": {"cpu": cpu}}}
    board.client.patch(Deployment, SPACE, NAME, {"spec": {"template": {"spec": {"containers": [container]}}}})
    board.tick(60)


def asked(board: Board, ticks: int, host: str = "web", **more):
    users = board.users(url=f"http://{host}.example.com/", **more)
    for _ in range(ticks):
        board.tick()
        exact(board)
    return users


def codes(users) -> dict[str, str]:
    return {f.fail.reason: f.fail.code for f in users.stream.failures.values()}


def cpu_us(board: Board) -> int:
    """What all its Pods have used of processors in the last second."""
    containers = (proxy.container for proxy in board.cluster.fabric.edge.proxies().values())
    return sum(container.load.cpu_us for container in containers if container.load is not None)


# processor time


def test_every_request_costs_it_processor_time(board):
    users = asked(board, 5, rate=1000)
    assert cpu_us(board) == pytest.approx(120 * users.stream.last.sent, rel=0.01)


def test_a_connection_by_https_costs_it_much_more(board):
    asked(board, 1, rate=1)
    http = cpu_us(asked_by(board, "http"))
    assert cpu_us(asked_by(board, "https")) > 5 * http


def asked_by(board: Board, scheme: str) -> Board:
    fresh = copy.deepcopy(board)
    fresh.users("more", f"{scheme}://web.example.com/", rate=500)
    fresh.tick(3)
    return fresh


def test_a_limit_lets_it_serve_so_many_and_the_others_wait_in_it(board):
    limited(board, "60m")
    users = asked(board, 8, rate=600, timeout_us=2 * SECOND)
    assert [s.served for s in users.stream.samples][1:4] == pytest.approx([60_000 / 120] * 3, rel=0.1)
    board.tick(20)  # who comes now waits for longer than he would
    assert codes(users) == {"timed out": "slow"}
    chain = board.why()
    assert (chain.cause, chain.object) == ("cpu-limit", ("Deployment", SPACE, NAME))


def test_two_of_its_pods_share_what_comes(board):
    limited(board, "60m")
    board.client.patch(Deployment, SPACE, NAME, {"spec": {"replicas": 3}})
    board.tick(30)
    assert codes(asked(board, 20, rate=1000, timeout_us=2 * SECOND)) == {}


def test_an_autoscaler_adds_pods_of_it(board):
    limited(board, "200m")
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
    }
    ref = {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME}
    spec = {"scaleTargetRef": ref, "minReplicas": 1, "maxReplicas": 4, "metrics": [metric]}
    meta = {"name": NAME, "namespace": SPACE}
    board.create({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec})
    board.users(rate=1200)
    board.tick(180)
    assert len(board.list(Pod, SPACE)) == 2  # 1200 requests of 120 µs, at half of 200 millicores each


# connections


def test_who_finds_no_connection_is_reset(board):
    """Each request holds two of 200 connections for three seconds: 33 a second at most."""
    configured(board, max_worker_connections="200", worker_processes="1")
    users = asked(board, 15, "late", rate=60, timeout_us=8 * SECOND)
    assert codes(users) == {"connection reset": "worker-connections"}
    assert sum(s.served for s in list(users.stream.samples)[-6:]) == pytest.approx(6 * 33, rel=0.1)
    chain = board.why()
    assert (chain.cause, chain.object) == ("worker-connections", ("Deployment", SPACE, NAME))


def test_as_delivered_there_are_enough(board):
    assert codes(asked(board, 10, "late", rate=60, timeout_us=8 * SECOND)) == {}


# its end


def test_what_is_in_flight_ends_with_its_container(board):
    users = asked(board, 5, "late", rate=20, timeout_us=8 * SECOND)
    inside = users.stream.in_flight
    (pod,) = board.list(Pod, SPACE)
    board.cluster.hand.exit_container(SPACE, pod.metadata.name, 1)
    board.tick()
    exact(board)
    assert users.stream.reasons["connection reset"] == inside
    assert {f.fail.code for f in users.stream.failures.values()} == {"pod-died", "refused"}


def test_an_orderly_end_loses_none(board):
    board.client.patch(Deployment, SPACE, NAME, {"spec": {"replicas": 2}})
    board.tick(20)
    users = asked(board, 5, "late", rate=20, timeout_us=8 * SECOND)
    board.client.patch(Deployment, SPACE, NAME, {"spec": {"replicas": 1}})
    board.tick(20)
    assert codes(users) == {}


def test_of_two_pods_one_takes_its_share_with_it(board):
    """Of three seconds' requests, which count as one Pod's and the other's in turn: those of one or of two seconds."""
    board.client.patch(Deployment, SPACE, NAME, {"spec": {"replicas": 2}})
    board.tick(20)
    users = asked(board, 8, "late", rate=20, timeout_us=8 * SECOND)
    first, second, third = [sample.sent for sample in list(users.stream.samples)[-3:]]
    board.cluster.hand.exit_container(SPACE, board.list(Pod, SPACE)[0].metadata.name, 1)
    board.tick()
    exact(board)
    assert users.stream.reasons["connection reset"] in (second, first + third)


def ports(board: Board) -> list:
    """The local ports of its Pods, by where they are connected to."""
    containers = [proxy.container for proxy in board.cluster.fabric.proxies().values()]
    stations = board.cluster.traffic.stations.values()
    ends = [f"{one.container.sandbox.ip}:8080" for one in stations if one.door is None]
    return [container.sockets.to(end) for container in containers for end in ends]


def test_connections_to_pods_that_are_not_kept_need_a_round_trip_and_a_port_each(board):
    before = asked(board, 5, name="kept", rate=100)
    configured(board, upstream_keepalive_connections="0")
    users = asked(board, 5, name="opened", rate=100)
    opened = sum(table.entries for table in ports(board))
    assert opened >= users.stream.sent + 8 * 90  # of the other stream, too
    latest = [next(reversed(one.stream.samples)).percentile(50) for one in (before, users)]
    first = next(iter(before.stream.samples)).percentile(50)
    assert (latest[0] == latest[1], latest[0] > first, users.stream.failed) == (True, True, 0)
    for table in ports(board):
        table.clog(0)
    board.tick(3)
    assert codes(users) == {"502": "port-exhaustion"}
    assert board.why("opened").cause == "port-exhaustion"


def test_connections_that_are_kept_are_opened_anew_after_so_many_requests(board):
    configured(board, upstream_keepalive_requests="10")
    users = asked(board, 10, rate=100)
    assert sum(table.entries for table in ports(board)) == pytest.approx(users.stream.sent / 10, abs=4)
