"""Where requests go: ways in, policies, affinity, zones, and when a way is built anew."""

from typing import Any

import pytest

from kubesim_tui.api.types import Deployment, Node, Pod, Service
from kubesim_tui.cluster.spec import NodeGroup, OutsideSystem
from tests.boards import Board, image

ZONES = (NodeGroup("east", 1, zone="east"), NodeGroup("west", 1, zone="west"))
HTTP = OutsideSystem("api.example.com", "hashicorp/http-echo:1.0", env={"ECHO_TEXT": "hi"})


def reached(board: Board, name: str = "web") -> dict[str, int]:
    """Which Pods the last tick has reached, by the station of the first leg."""
    root = board.cluster.traffic.streams[name].root
    return {leg.way[-1][2]: (leg.station.container.load.requests if leg.station else 0) for leg in root.legs}


def node_ip(board: Board, name: str) -> str:
    node = board.get(Node, name, "")
    return next(a.address for a in node.status.addresses if a.type == "InternalIP")


# node ports


@pytest.mark.parametrize("by_ip", [False, True])
def test_a_node_port_is_open_on_every_node(by_ip):
    board = Board(nodes=2)
    board.app("web", 1, type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    board.settle()
    away = next(n for n in ("node-a", "node-b") if n != board.list(Pod)[0].spec.node_name)
    users = board.users(url=f"http://{node_ip(board, away) if by_ip else away}:30080/")
    board.tick(5)
    assert users.stream.served == users.stream.sent > 0


def test_policy_local_drops_what_comes_in_at_a_node_without_a_pod():
    board = Board(nodes=2)
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    board.app("web", 1, type="NodePort", externalTrafficPolicy="Local", ports=ports)
    board.settle()
    here = board.list(Pod)[0].spec.node_name
    away = "node-b" if here == "node-a" else "node-a"
    good = board.users("here", f"http://{here}:30080/")
    bad = board.users("away", f"http://{away}:30080/", timeout_us=1_000_000)
    board.tick(5)
    assert (good.stream.failed, bad.stream.served) == (0, 0)
    assert [(f.fail.reason, f.fail.code) for f in bad.stream.failures.values()] == [("timed out", "policy-local")]


def test_a_node_that_is_off_does_not_answer_on_its_ports():
    board = Board(nodes=2)
    board.app("web", 1, type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    board.settle()
    board.cluster.hand.crash("node-a")
    users = board.users(url="http://node-a:30080/", timeout_us=1_000_000)
    board.tick(3)
    assert [f.fail.code for f in users.stream.failures.values()] == ["node-unreachable"]


def test_a_pod_may_call_a_node_port():
    board = Board(nodes=2)
    board.app("back", 1, type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    ip = node_ip(board, "node-a")
    file, text = image("front", f"http://{ip}:30080/")
    board = Board(nodes=2, images=[(file, text)])
    board.app("back", 1, type="NodePort", ports=[{"port": 80, "targetPort": 8080, "nodePort": 30080}])
    board.app("web", 1, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(5)
    assert users.stream.served == users.stream.sent > 0


# balancers


def balanced(nodes: int = 2, replicas: int = 2, **spec: Any) -> tuple[Board, str]:
    """A Service with a balancer of the cloud, and the URL of its address."""
    board = Board(nodes=nodes)
    board.app("web", replicas, type="LoadBalancer", **spec)
    board.settle(40)
    return board, f"http://{board.get(Service, 'web').status.load_balancer.ingress[0].ip}/"


def test_a_balancer_leads_to_the_pods():
    board, url = balanced()
    users = board.users(url=url)
    board.tick(5)
    assert users.stream.served == users.stream.sent > 0


def test_a_balancer_sends_to_a_dead_node_until_its_checks_have_failed_twice():
    board, url = balanced(3, pod={"nodeName": "node-c"})
    board.cluster.hand.crash("node-a")
    users = board.users(url=url, rate=300, timeout_us=1_000_000)
    board.tick(9)
    early = users.stream.last.failed / users.stream.last.sent
    board.tick(5)
    assert (round(early, 1), users.stream.last.failed) == (0.3, 0)
    assert [f.fail.code for f in users.stream.failures.values()] == ["node-unreachable"]


def test_a_balancer_without_any_node_is_silent():
    board, url = balanced()
    board.cluster.hand.crash("node-a")
    board.cluster.hand.crash("node-b")
    users = board.users(url=url, timeout_us=1_000_000)
    board.tick(15)
    assert {f.fail.code for f in users.stream.failures.values()} == {"node-unreachable", "no-healthy-node"}
    assert users.root.fail.code == "no-healthy-node"


def test_with_policy_local_a_balancer_sends_to_nodes_with_pods_and_to_each_the_same():
    board, url = balanced(3, 0, externalTrafficPolicy="Local")
    for name, node in (("a-1", "node-a"), ("b-1", "node-b"), ("b-2", "node-b")):
        container = {"name": "app", "image": "test/app"}
        meta = {"name": name, "labels": {"app": "web"}}
        spec = {"nodeName": node, "containers": [container]}
        board.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
    board.settle()
    users = board.users(url=url, rate=400)
    board.tick(12)
    sent = users.stream.last.sent
    got = reached(board)
    assert users.stream.last.failed == 0
    assert [abs(got[pod] - sent // part) <= 1 for pod, part in (("a-1", 2), ("b-1", 4), ("b-2", 4))] == [True] * 3


def test_users_outside_the_source_ranges_are_not_let_in():
    board, url = balanced(loadBalancerSourceRanges=["10.0.0.0/8"])
    users = board.users(url=url, timeout_us=1_000_000)
    board.tick(3)
    assert [f.fail.code for f in users.stream.failures.values()] == ["source-ranges"]


# systems outside


def test_users_may_ask_a_system_outside():
    board = Board(outside=[HTTP])
    users = board.users(url="http://api.example.com:5678/")
    board.tick(5)
    assert users.stream.served == users.stream.sent > 0


def test_an_external_name_leads_out_of_the_cluster():
    board = Board(outside=[HTTP], images=[image("front", "http://api:5678/")])
    spec = {"type": "ExternalName", "externalName": "api.example.com"}
    board.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "api"}, "spec": spec})
    board.app("web", 1, "test/front")
    board.route("shop.example.com", "web")
    board.route("api.shop.example.com", "api", port=5678)
    board.settle()
    inside, through = board.users(rate=2), board.users("ingress", "http://api.shop.example.com/")
    board.tick(5)
    assert (inside.stream.failed, through.stream.failed) == (0, 0)
    board.cluster.hand.outside("api.example.com", up=False)
    board.tick(20)
    assert {f.fail.code for f in inside.stream.failures.values()} == {"black-hole"}


# who gets how many


def test_replicas_get_even_shares():
    board = Board(nodes=3)
    board.app("web", 6)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=600)
    board.tick(3)
    counts = reached(board).values()
    assert (len(counts), max(counts) - min(counts) <= 1) == (6, True)


def caller(callers: int = 1, **spec) -> Board:
    """Pods of front ask a Service back of four."""
    board = Board(nodes=2, images=[image("front", "http://back/")])
    board.app("web", callers, "test/front")
    board.app("back", 4, **spec)
    board.route("shop.example.com", "web")
    board.settle()
    return board


STICKY = {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 30}}}


def answering(board: Board, ticks: int = 6) -> set[str]:
    """The Pods of back that are asked in so many ticks."""
    found = set()
    for _ in range(ticks):
        board.tick()
        stations = board.cluster.traffic.stations.values()
        now = [one for one in stations if one.work is not None and one.container.load is not None]
        found |= {
            one.pod[2] for one in now if one.container.load.tick == board.now - 1 and one.pod[2].startswith("back")
        }
    return found


@pytest.mark.parametrize("affinity, asked", [("None", 4), ("ClientIP", 1)])
def test_with_session_affinity_a_caller_keeps_to_one_pod(affinity, asked):
    board = caller(sessionAffinity=affinity)
    board.users(rate=100)
    board.tick()
    assert len(answering(board)) == asked


def test_session_affinity_gives_different_callers_different_pods():
    board = caller(12, sessionAffinity="ClientIP")
    board.users(rate=100)
    assert len(answering(board)) > 1


def test_it_stays_with_a_caller_when_endpoints_are_added_and_ends_with_its_pod():
    board = caller(**STICKY)
    board.users(rate=100)
    board.tick(2)
    first = answering(board)
    board.client.patch(Deployment, "default", "back", {"spec": {"replicas": 9}})
    board.tick(20)
    assert answering(board) == first
    board.delete(Pod, first.pop())
    board.tick(10)
    assert len(answering(board)) == 1


@pytest.mark.parametrize("pause, same", [(20, 6), (40, 0)])
def test_who_comes_again_in_time_gets_the_same_and_who_comes_later_is_balanced_anew(pause, same):
    board = caller(6, **STICKY)
    users = board.users(rate=100)
    board.tick(3)
    affinity = board.cluster.fabric.affinity
    before = {key: one.times for key, one in affinity.kept.items()}
    users.paused = True
    board.tick(pause)
    users.paused = False
    board.tick(3)
    assert sum(one.times == before[key] for key, one in affinity.kept.items()) == same


def test_traffic_distribution_keeps_requests_in_their_zone():
    board = Board(nodes=ZONES, images=[image("front", "http://back/")])
    board.app("web", 2, "test/front", pod={"topologySpreadConstraints": [_spread("web")]})
    board.app("back", 2, trafficDistribution="PreferSameZone", pod={"topologySpreadConstraints": [_spread("back")]})
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(5)
    on = {pod.metadata.name: pod.spec.node_name for pod in board.list(Pod)}
    ways = {(on[leg.way[-1][2]], on[called.way[-1][2]]) for leg in users.root.legs for called in leg.calls[0].legs}
    assert ways == {("east-a", "east-a"), ("west-a", "west-a")}


def _spread(app: str):
    selector = {"matchLabels": {"app": app}}
    key = "topology.kubernetes.io/zone"
    return {"maxSkew": 1, "topologyKey": key, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": selector}


def test_another_zone_is_further_away():
    board = Board(nodes=ZONES, images=[image("front", "http://back/")])
    board.app("web", 1, "test/front", pod={"nodeName": "east-a"})
    board.app("back", 2, pod={"topologySpreadConstraints": [_spread("back")]})
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(5)
    (leg,) = users.root.legs
    on = {pod.metadata.name: pod.spec.node_name for pod in board.list(Pod)}
    assert {on[one.way[-1][2]]: one.network_us for one in leg.calls[0].legs} == {"east-a": 300, "west-a": 1_200}


def test_a_machine_with_a_slow_link_is_further_away_for_all():
    board = Board(nodes=2)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick()
    slow = board.list(Pod)[0]
    board.cluster.world.links.slow(slow.spec.node_name, 50_000)
    board.tick()
    far = {leg.way[-1][2] for leg in users.root.legs if leg.network_us > 50_000}
    assert far == {p.metadata.name for p in board.list(Pod) if p.spec.node_name == slow.spec.node_name}


# headless Services


def test_a_headless_service_is_asked_at_its_pods():
    board = Board(nodes=2, images=[image("front", "http://back:8080/")])
    board.app("web", 1, "test/front")
    board.app("back", 3, clusterIP="None")
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(5)
    (leg,) = users.root.legs
    assert (len(leg.calls[0].legs), users.stream.failed) == (3, 0)


def test_a_resolver_keeps_many_addresses_for_thirty_seconds():
    """The Pod that is gone is asked until its name is looked up anew."""
    board = Board(nodes=2, images=[image("front", "http://back:8080/")])
    board.app("web", 1, "test/front")
    board.app("back", 3, clusterIP="None")
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users(rate=30)
    board.tick(5)
    start = board.now
    board.delete(Pod, next(p.metadata.name for p in board.list(Pod) if p.metadata.name.startswith("back")))
    board.tick(60)
    ticks = [s.tick - start for s in users.stream.samples if s.failed]
    assert (ticks[0], 20 <= ticks[-1] <= 30, ticks == list(range(ticks[0], ticks[-1] + 1))) == (0, True, True)


# when a way is built anew


def test_nothing_is_built_anew_while_nothing_changes():
    board = Board(nodes=2, images=[image("front", "http://back/")])
    board.app("web", 2, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(2)
    root = users.root
    board.tick(200)
    assert users.root is root


def test_callers_in_the_same_zone_share_what_they_call():
    board = Board(nodes=3, images=[image("front", "http://back/")])
    board.app("web", 6, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.tick(2)
    assert len({id(called) for leg in users.root.legs for called in leg.calls}) == 1


def test_a_machine_with_stale_rules_has_ways_of_its_own():
    board = Board(nodes=3, images=[image("front", "http://back/")])
    board.app("web", 6, "test/front")
    board.app("back", 2)
    board.route("shop.example.com", "web")
    board.settle()
    users = board.users()
    board.cluster.hand.stop_process("node-a", "kube-proxy")
    board.tick(2)
    assert len({id(called) for leg in users.root.legs for called in leg.calls}) == 2
