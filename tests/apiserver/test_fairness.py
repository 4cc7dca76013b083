"""Priority and fairness: which flow a request belongs to, and what is seen of the levels."""

from __future__ import annotations

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.fairness import Fairness, Flow
from kubesim_tui.apiserver.fairness_view import levels
from kubesim_tui.apiserver.request import Request, User
from tests.boards import Board

EVERYBODY = "system:authenticated"
MASTER = User("kubernetes-admin", ("system:masters", EVERYBODY))
SCHEDULER = User("system:kube-scheduler", (EVERYBODY,))
KUBELET = User("system:node:node-a", ("system:nodes", EVERYBODY))
LOOP = User("system:serviceaccount:kube-system:replicaset-controller", ("system:serviceaccounts", EVERYBODY))
AGENT = User("system:serviceaccount:shop:agent", ("system:serviceaccounts", EVERYBODY))
ELECTION = Flow("leader-election", "system-leader-election", SCHEDULER.name)
JANE = User("jane", (EVERYBODY,))


@pytest.fixture(scope="module")
def board() -> Board:
    return Board(nodes=1)


def asked(user: User, verb: str, plural: str, namespace: str = "", subresource: str = "") -> Request:
    return Request(user, verb, scheme.for_plural(plural), namespace, subresource=subresource)


@pytest.mark.parametrize(
    ("request_", "flow"),
    [
        (asked(MASTER, "delete", "pods", "shop"), None),
        (asked(SCHEDULER, "update", "leases", "kube-system"), ELECTION),
        (asked(SCHEDULER, "list", "leases", "kube-system"), Flow("workload-high", "kube-scheduler", "kube-system")),
        (asked(KUBELET, "update", "nodes", subresource="status"), Flow("node-high", "system-node-high", KUBELET.name)),
        (asked(KUBELET, "get", "pods", "shop"), Flow("system", "system-nodes", KUBELET.name)),
        (asked(LOOP, "create", "pods", "shop"), Flow("workload-high", "kube-system-service-accounts", "shop")),
        (asked(AGENT, "list", "pods"), Flow("workload-low", "service-accounts", AGENT.name)),
        (asked(JANE, "list", "pods"), Flow("global-default", "global-default", "jane")),
        (asked(User("nobody"), "list", "pods"), None),
    ],
)  # fmt: skip
def test_the_first_schema_that_is_about_a_request_says_its_flow(board, request_, flow):
    assert board.cluster.server.fairness.flow_of(request_) == flow


@pytest.mark.parametrize(
    ("level", "seats"),
    [("workload-low", 245), ("workload-high", 98), ("system", 74), ("catch-all", 13), ("exempt", 0)],
)
def test_a_level_has_its_share_of_the_seats(board, level, seats):
    assert board.cluster.server.fairness.seats(level) == seats


def row(fairness: Fairness, level: str) -> tuple[str, ...]:
    return next(line for line in levels(fairness) if line[0] == level)


def test_a_flood_keeps_its_level_busy_and_its_queues_full():
    board = Board(nodes=1)
    fairness = board.cluster.server.fairness
    idle = row(fairness, "workload-low")
    fairness.flood(AGENT, "shop", 1000)
    board.tick(10)
    busy = row(fairness, "workload-low")
    assert (idle[1:6], busy[1:6]) == (("0", "true", "false", "0", "0"), ("6", "false", "false", "300", "245"))
    assert int(busy[7]) - int(idle[7]) == (1000 - 245) * 10


def test_what_was_let_in_is_counted_by_level():
    board = Board(nodes=1)
    fairness = board.cluster.server.fairness
    before = int(row(fairness, "exempt")[6])
    board.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    assert int(row(fairness, "exempt")[6]) == before + 1


@pytest.mark.parametrize("level, stored, seats", [
    ("workload-low", 0, 1),
    ("workload-low", 100_000, 1),
    ("workload-low", 100_001, 2),
    ("workload-low", 50_000_000, 10),  # it is streamed from the watch cache
    ("leader-election", 50_000_000, 4),  # 15 % of its 25 seats
])  # fmt: skip
def test_a_list_is_as_wide_as_its_bytes_and_its_level_make_it(board, level, stored, seats):
    assert board.cluster.server.fairness.width(level, stored) == seats
