"""Faults by others: how each shows, where explanations of it end, what helps."""

import pytest

from kubesim_tui.api.types import Deployment, Pod, ServiceAccount
from tests.boards import Board
from tests.faults.striking import do, proves
from tests.faults.test_network import failed, shop, why

AGENT = "default/serviceaccount/agent"


@proves("slow-loris")
def test_connections_that_never_end_hold_all_servers_until_there_are_more_copies():
    board = shop(replicas=1)
    assert do(board, "slow-loris:web,connections=30") == ["slow-loris web"]
    assert (failed(board, 10) > 0, why(board)) == (True, ("slow-loris", "deployment/web"))
    board.patch(Deployment, "web", {"spec": {"replicas": 6}})
    board.tick(40)
    assert failed(board, 10) == 0
    board.cluster.hand.besiege("default", "web", 0)
    assert {c.held for m in board.cluster.world.machines.values() for c in m.runtime.containers.values()} == {0}


def test_connections_are_made_again_with_a_container_that_was_started_again():
    board = shop(replicas=1)
    do(board, "slow-loris:web")
    (pod,) = board.list(Pod)
    board.cluster.hand.kill_container("default", pod.metadata.name)
    board.tick(10)
    assert failed(board, 10) > 0
    board.cluster.hand.besiege("default", "web", 0)
    board.tick(30)
    assert failed(board, 10) == 0


def test_a_program_that_waits_for_events_has_room_for_them_until_that_is_full():
    board = shop(replicas=1, image_="test/app:events")
    do(board, "slow-loris:web,connections=60")
    assert failed(board, 10) == 0
    do(board, "slow-loris:web,connections=100")
    assert (failed(board, 10) > 0, why(board)) == (True, ("slow-loris", "deployment/web"))


def allow(board: Board, *verbs: str) -> None:
    """Let the agent do something with Pods."""
    meta = {"name": "agent", "namespace": "default"}
    board.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})
    group = "rbac.authorization.k8s.io"
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": list(verbs)}]
    board.create({"apiVersion": f"{group}/v1", "kind": "Role", "metadata": meta, "rules": rules})
    role = {"apiGroup": group, "kind": "Role", "name": "agent"}
    who = [{"kind": "ServiceAccount", "name": "agent", "namespace": "default"}]
    board.create(
        {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": meta, "roleRef": role, "subjects": who}
    )


def deeds(board: Board) -> list[tuple[str, str, int]]:
    """What was asked for with the token: (verb, resource, code)."""
    user = "system:serviceaccount:default:agent"
    return [(r.verb, r.resource, r.code) for r in board.cluster.server.trace if r.user == user]


@proves("secret-leaked")
def test_who_has_a_token_does_what_it_allows_until_the_account_is_made_anew():
    board = shop(replicas=1)
    allow(board, "list", "delete")
    assert do(board, f"secret-leaked:{AGENT}") == ["secret-leaked agent"]
    assert (failed(board, 14) > 0, why(board)) == (True, ("secret-leaked", "serviceaccount/agent"))
    assert deeds(board) == [("list", "secrets", 403), ("delete", "pods", 200)]
    board.delete(ServiceAccount, "agent")
    board.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "agent", "namespace": "default"}})
    before = len(deeds(board))
    board.tick(60)
    assert (len(deeds(board)), failed(board, 10)) == (before, 0)


def test_a_narrow_role_leaves_him_little():
    board = shop(replicas=1)
    allow(board, "list")
    do(board, f"secret-leaked:{AGENT}")
    assert failed(board, 40) == 0
    assert set(deeds(board)) == {("list", "secrets", 403), ("delete", "pods", 403)}
    assert board.cluster.hand.leak_token("default", "agent", leaked=False)


@proves("noisy-neighbour")
def test_a_noisy_neighbour_takes_what_little_requests_do_not_hold_until_it_is_gone():
    board = Board(nodes=1)
    board.app("web", 1, probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=100, timeout_us=2_000_000)
    board.tick(3)
    assert do(board, "noisy-neighbour:node-a,request=3") == ["noisy-neighbour node-a"]
    assert failed(board, 40) > 0
    assert why(board) == ("noisy-neighbour", "pod/noisy-node-a")
    board.delete(Pod, "noisy-node-a")
    board.tick(30)
    assert failed(board, 10) == 0


def test_who_has_requested_what_he_needs_does_not_feel_it():
    board = Board(nodes=1)
    board.app("web", 1, container={"resources": {"requests": {"cpu": "500m"}}})
    board.route("shop.example.com", "web")
    board.settle()
    board.users(rate=100, timeout_us=2_000_000)
    do(board, "noisy-neighbour:node-a,request=3")
    assert failed(board, 60) == 0


@pytest.mark.parametrize("text", ["slow-loris:nobody", f"secret-leaked:{AGENT}", "noisy-neighbour:node-z"])
def test_what_is_not_there_is_not_struck(text):
    assert do(Board(nodes=1), text) == []
