"""NetworkPolicies as traffic meets them: what is not let through is not answered."""

from typing import Any

from kubesim_tui.api.types import Namespace, Pod
from kubesim_tui.apiserver.request import Request
from tests.boards import ADMIN, Board, image

SECOND = 1_000_000
DNS = {"to": [{"namespaceSelector": {}}], "ports": [{"port": 53, "protocol": "UDP"}]}


def policy(board: Board, name: str = "deny", app: str = "", **spec: Any) -> None:
    """A policy for the Pods of an app (all of the namespace, if none is named)."""
    chosen = {"matchLabels": {"app": app}} if app else {}
    meta = {"name": name}
    body = {"podSelector": chosen} | spec
    board.create({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": body})


def shop() -> Board:
    """Users → Ingress → web → api."""
    board = Board(images=[image("front", "http://api/", timeout="1s")])
    board.app("api", 2)
    board.app("web", 2, "test/front")
    board.route("shop.example.com", "web")
    board.settle()
    return board


def failures(board: Board, ticks: int = 5, **more: Any) -> set[tuple[str, str]]:
    """(reason, code) of what failed in some ticks."""
    users = board.users(**({"timeout_us": 2 * SECOND} | more))
    board.tick(ticks)
    return {(f.fail.reason, f.fail.code) for f in users.stream.failures.values()}


def test_a_cluster_without_policies_lets_everybody_through():
    assert failures(shop()) == set()


def test_a_pod_that_a_policy_without_rules_chooses_takes_nothing():
    board = shop()
    policy(board, app="api")
    board.tick(2)
    assert failures(board) == {("502", "policy")}


def test_a_policy_tells_the_callers_whom_it_lets_in_by_their_labels():
    board = shop()
    policy(board, app="api", ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}])
    board.tick(2)
    assert failures(board) == set()


def test_the_ingress_controller_asks_from_its_own_namespace():
    board = shop()
    name = {"kubernetes.io/metadata.name": "ingress-nginx"}
    policy(board, app="web")
    board.tick(2)
    barred = failures(board, ticks=18, name="before", timeout_us=18 * SECOND)
    policy(board, "let-in", "web", ingress=[{"from": [{"namespaceSelector": {"matchLabels": name}}]}])
    board.tick(2)
    assert (barred, failures(board)) == ({("504", "policy")}, set())


def test_who_may_go_nowhere_cannot_even_look_a_name_up():
    board = shop()
    policy(
        board, app="web", policyTypes=["Egress"], egress=[{"to": [{"podSelector": {"matchLabels": {"app": "api"}}}]}]
    )
    board.tick(2)
    closed = failures(board, name="before")
    detail = next(iter(board.cluster.traffic.streams["before"].stream.failures.values())).fail.detail
    policy(board, "dns", "web", policyTypes=["Egress"], egress=[DNS])
    board.tick(2)
    assert (closed, failures(board)) == ({("502", "policy")}, set())
    assert detail == "no rule of NetworkPolicy deny lets it out"


def test_ports_are_those_of_the_pod_not_of_the_service():
    board = shop()
    policy(board, app="api", ingress=[{"ports": [{"port": 80}]}])
    board.tick(2)
    wrong = failures(board, name="before")
    policy(board, "right", "api", ingress=[{"ports": [{"port": 8080}]}])
    board.tick(2)
    assert (wrong, failures(board)) == ({("502", "policy")}, set())


def test_a_policy_that_is_deleted_lets_go():
    board = shop()
    policy(board, app="api")
    board.tick(2)
    resource = board.cluster.server.resource_for_kind("networking.k8s.io/v1", "NetworkPolicy")
    board.cluster.server.handle(Request(ADMIN, "delete", resource, "default", "deny"))
    board.tick(2)
    assert failures(board) == set()


def test_labels_that_change_change_who_is_let_in():
    board = shop()
    team = {"matchLabels": {"team": "shop"}}
    policy(board, app="api", ingress=[{"from": [{"namespaceSelector": team}]}])
    board.tick(2)
    before = failures(board, name="before")
    board.client.patch(Namespace, "", "default", {"metadata": {"labels": {"team": "shop"}}})
    board.tick(2)
    assert (before, failures(board)) == ({("502", "policy")}, set())


def test_a_node_port_shows_the_address_of_its_node_unless_the_policy_is_local():
    board = Board()
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    board.app("web", 1, type="NodePort", ports=ports)
    board.settle()
    here = board.list(Pod)[0].spec.node_name
    away = "node-b" if here == "node-a" else "node-a"
    policy(board, ingress=[{"from": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}])
    board.tick(2)
    from_node = failures(board, name="here", url=f"http://{here}:30080/")
    hidden = failures(board, name="away", url=f"http://{away}:30080/")
    assert (from_node, hidden) == (set(), {("timed out", "policy")})


def test_the_chain_ends_at_the_policy():
    board = shop()
    policy(board, app="api")
    board.tick(2)
    failures(board)
    chain = board.why()
    assert (chain.cause, chain.object) == ("network-policy", ("NetworkPolicy", "default", "deny"))


def test_a_shell_meets_the_same_silence():
    board = shop()
    policy(board, app="api")
    board.tick(2)
    pod = next(p for p in board.list(Pod) if p.metadata.name.startswith("web"))
    machine = board.cluster.world.machines[pod.spec.node_name]
    container = next(c for c in machine.runtime.containers.values() if c.sandbox.ip == pod.status.pod_ip)
    found = board.cluster.world.net.fetch(machine.name, container.id, "http://api/", timeout_us=SECOND)
    assert (found.error, found.took_us) == ("timed out", SECOND)
