"""Limits of an ingress controller: who is refused, exactly how many, and who counts as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.types import Deployment, Service
from kubesim_tui.network.ingress_limits import Limits
from kubesim_tui.traffic.limits import Bucket, Limited, Meter
from tests.boards import APP, Board, image
from tests.traffic.test_ingress_access import annotate, configure
from tests.traffic.test_next_upstream import shop

WAYS = {"spec": {"externalTrafficPolicy": "Local"}}


@pytest.fixture(scope="module")
def settled() -> Board:
    return shop(2, nodes=2)


def seen(board: Board) -> None:
    """The controller sees the addresses of users."""
    board.client.patch(Service, "ingress-nginx", "ingress-nginx-controller", WAYS)
    board.tick(2)


def outcome(board: Board, ticks: int = 20, **users) -> tuple[int, int, set[str]]:
    """What became of users in the last of some ticks: a second's served, refused, and how."""
    made = board.users(**({"rate": 100} | users))
    board.tick(ticks)
    sample = list(made.stream.samples)[-10:]
    assert made.stream.sent == made.stream.served + made.stream.failed + made.stream.in_flight
    reasons = {f.fail.reason + " " + f.fail.code for f in made.stream.failures.values()}
    return sum(one.served for one in sample) // len(sample), sum(one.failed for one in sample) // len(sample), reasons


def test_the_exact_excess_over_a_rate_is_refused(board):
    annotate(board, limit_rps="10")
    users = board.users(rate=100)
    board.tick(1)
    first = users.stream.sent
    burst = 10 * 5 + 1 + 10
    assert (users.stream.failed, first > burst) == (first - burst, True)
    board.tick(9)
    assert users.stream.failed == users.stream.sent - burst - 9 * 10


@pytest.mark.parametrize(
    "notes, served",
    [
        ({"limit_rps": "20"}, 20),
        ({"limit_rpm": "600"}, 10),
        ({"limit_rps": "50", "limit_rpm": "600"}, 10),
        ({"limit_rps": "10", "limit_burst_multiplier": "1"}, 10),
        ({"limit_rps": "10", "limit_whitelist": "0.0.0.0/0"}, 100),
        ({"limit_rps": "10", "limit_whitelist": "203.0.113.0/24"}, 10),
        ({"limit_rps": "1000"}, 100),
        ({"limit_rps": "-1"}, 100),
    ],
)
def test_so_many_get_through_in_the_long_run(board, notes, served):
    annotate(board, **notes)
    found, refused, _ = outcome(board, 90 if "limit_rpm" in notes else 30)
    assert (abs(found - served) <= 0.1 * served, refused > 0) == (True, served < 100)


def test_the_status_is_what_the_configmap_says(board):
    configure(board, limit_req_status_code="429")
    annotate(board, limit_rps="10")
    assert outcome(board)[2] == {"429 rate-limit"}


def test_who_comes_by_a_machine_is_one_with_all_others_and_users_that_are_seen_are_many(board):
    annotate(board, limit_rps="2", limit_burst_multiplier="1")
    hidden = outcome(board)[1]
    seen(board)
    assert hidden > 90
    assert outcome(board, name="many")[1] == 0
    assert outcome(board, name="few", addresses=10)[0] in range(18, 23)


def test_each_pod_of_the_controller_counts_by_itself(board):
    board.client.patch(Deployment, "ingress-nginx", "ingress-nginx-controller", {"spec": {"replicas": 2}})
    board.tick(30)
    annotate(board, limit_rps="10")
    assert outcome(board, 30)[0] in range(19, 22)


def test_only_so_many_are_there_at_once():
    slow = image("slow", text=APP.replace("service: 5ms", "service: 500ms"))
    board = Board(nodes=2, images=[slow])
    board.app("slow", 4, "test/slow")
    board.route("shop.example.com", "slow")
    board.settle()
    users = board.users(rate=40)
    board.tick(10)
    before = users.stream.failed
    annotate(board, "slow", limit_connections="3")
    _, refused, reasons = outcome(board, name="more", rate=40)
    assert (before, reasons, {f.fail.code for f in users.stream.failures.values()}) == (
        0, {"503 connection-limit"}, {"connection-limit"},
    )  # fmt: skip
    last = list(users.stream.samples)[-10:] + list(board.cluster.traffic.streams["more"].stream.samples)[-10:]
    served = sum(one.served for one in last) / 10
    assert (served, refused) == (pytest.approx(6, abs=1), pytest.approx(37, abs=4))  # three at once, half a second each


def test_a_single_request_counts_too(board):
    annotate(board, limit_rps="1", limit_burst_multiplier="1")
    net = board.cluster.world.net
    assert [net.from_outside("http://shop.example.com/").status for _ in range(5)] == [200, 200, 200, 503, 503]


def test_limits_outlive_a_change_of_ways(board):
    annotate(board, limit_rpm="60", limit_burst_multiplier="1")
    users = board.users(rate=100)
    board.tick(5)
    before = users.stream.served
    board.patch(Deployment, "web", {"spec": {"replicas": 3}})
    board.tick(5)
    assert users.stream.served - before <= 6


def test_without_limits_nothing_is_counted(board):
    board.users()
    board.tick(3)
    assert board.cluster.fabric.zones.buckets == {}


@given(
    rps=st.integers(1, 50),
    burst=st.integers(0, 6),
    callers=st.integers(1, 5),
    came=st.lists(st.integers(0, 400), max_size=12),
)
def test_never_more_than_the_rate_and_the_burst_of_all_callers(rps, burst, callers, came):
    limited = Limited(Limits(rps=rps), ("default", "web"), "192.0.2.1", callers)
    meter = Meter(limited, 1, ((Bucket(), rps * 60 * callers, (rps * burst + 1) * 60 * callers),))
    passed = 0
    for tick, n in enumerate(came, 1):
        let, refused = meter.admit(n, tick, 1)
        passed += let
        assert let + sum(count for _, count in refused) == n
        assert passed <= callers * (rps * burst + 1 + rps * tick)
        assert let == n or let >= rps * callers - 1 or burst == 0
