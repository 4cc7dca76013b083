"""Faults of the control plane: how each shows, where explanations of it end, what helps."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.types import ConfigMap, Deployment, Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.request import Options, Request, User
from kubesim_tui.kubectl.fail import message
from tests.boards import Board
from tests.faults.striking import do, proves
from tests.faults.test_applications import remake
from tests.faults.test_network import failed, shop, why


def create(board: Board, name: str = "x") -> str:
    """What kubectl says to a new ConfigMap; "" if it is made."""
    try:
        board.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
    except ApiError as refused:
        return message(refused)
    return ""


def kill(board: Board) -> None:
    """All Pods of web are removed at once, as kubectl delete --force does."""
    for pod in board.list(Pod):
        board.client.delete(Pod, "default", pod.metadata.name, Options(grace=0))


@proves("etcd-full")
def test_a_full_etcd_takes_no_writes_but_deletions_and_serves_reads_until_it_is_disarmed():
    board = shop()
    create(board, "old")
    assert do(board, "etcd-full") == ["etcd-full all"]
    board.tick(15)
    assert create(board) == "Error from server: etcdserver: mvcc: database space exceeded"
    board.delete(ConfigMap, "old")
    assert "old" not in [c.metadata.name for c in board.list(ConfigMap)]
    assert failed(board, 20) == 0
    kill(board)
    assert (failed(board, 20) > 0, why(board)) == (True, ("etcd-full", "pod/etcd-control-plane"))
    board.cluster.hand.flood_etcd(0)
    board.tick(90)
    assert (create(board), failed(board, 10)) == ("", 0)


@proves("etcd-slow")
def test_a_slow_disk_under_etcd_makes_writes_time_out_until_it_is_fast_again():
    board = shop()
    assert do(board, "etcd-slow") == ["etcd-slow all"]
    assert create(board) == "Error from server: etcdserver: request timed out"
    assert failed(board, 20) == 0
    board.cluster.hand.slow_etcd(1)
    remake(board)
    board.cluster.hand.slow_etcd(10_000)
    assert (failed(board, 30) > 0, why(board)) == (True, ("etcd-slow", "pod/etcd-control-plane"))
    board.cluster.hand.slow_etcd(1)
    board.tick(120)
    assert failed(board, 10) == 0


def test_of_three_members_one_that_is_slow_loses_the_lead_and_writes_go_on():
    board = Board(nodes=1, control_planes=3)
    leader = board.cluster.plane.members.leader
    do(board, "etcd-slow")
    board.tick(5)
    assert (board.cluster.plane.members.leader in ("", leader), create(board)) == (False, "")


def account(board: Board, namespace: str) -> None:
    meta = {"name": "agent", "namespace": namespace}
    board.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta})


@proves("api-flood")
def test_a_greedy_agent_in_kube_system_starves_the_controllers_of_the_namespace_that_it_asks_about():
    board = shop()
    account(board, "kube-system")
    assert do(board, "api-flood:kube-system/serviceaccount/agent") == ["api-flood agent"]
    assert (failed(board, 20), create(board)) == (0, "")  # administrators are exempt
    remake(board)
    assert (failed(board, 10) > 0, why(board)) == (True, ("api-overload", "serviceaccount/agent"))
    told = next(link.text for link in board.why().links if "too many requests" in link.text)
    assert "the server has received too many requests and has asked us to try again later (" in told
    board.cluster.hand.flood_api("kube-system", "agent", "default", 0)
    board.tick(200)
    assert failed(board, 10) == 0


def test_a_greedy_agent_of_another_namespace_harms_only_itself():
    board = shop()
    account(board, "default")
    do(board, "api-flood:default/serviceaccount/agent")
    board.patch(Deployment, "web", {"spec": {"replicas": 4}})
    board.tick(30)
    assert (board.get(Deployment, "web").status.ready_replicas, failed(board, 10)) == (4, 0)


def test_of_a_flooded_flow_as_many_requests_are_let_in_as_its_level_has_seats():
    fairness = Board(nodes=1).cluster.server.fairness
    user = User("system:serviceaccount:default:agent", ("system:serviceaccounts",))
    asked = Request(user, "list", scheme.for_plural("pods"), "default", "")
    assert fairness.flood(user, "default", 490)
    refusals = []
    for _ in range(490):
        try:
            fairness.admit(asked)
        except ApiError as refused:
            refusals.append(refused)
    assert (len(refusals), str(refusals[0])) == (
        490 - 245,
        "the server has received too many requests and has asked us to try again later (get pods)",
    )


def test_a_flow_schema_for_the_greedy_one_lets_the_controllers_go_on():
    board = shop()
    account(board, "kube-system")
    do(board, "api-flood:kube-system/serviceaccount/agent")
    subject = {"kind": "ServiceAccount", "serviceAccount": {"name": "agent", "namespace": "kube-system"}}
    rule = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
    board.create(
        {
            "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
            "kind": "FlowSchema",
            "metadata": {"name": "greedy"},
            "spec": {
                "priorityLevelConfiguration": {"name": "catch-all"},
                "matchingPrecedence": 500,
                "rules": [{"subjects": [subject], "resourceRules": [rule]}],
            },
        }
    )
    remake(board)
    board.tick(60)
    assert failed(board, 20) == 0


@pytest.mark.parametrize("text", ["api-flood:default/serviceaccount/nobody"])
def test_what_is_not_there_is_not_struck(text):
    assert do(Board(nodes=1), text) == []
