"""Connections that are kept: kube-proxy balances connections, not requests."""

from collections import Counter
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.types import Deployment, Pod
from kubesim_tui.traffic.pool import Pool, Pools
from kubesim_tui.traffic.way import Destination, Fail, Leg
from tests.boards import APP, Board

SECOND = 1_000_000


def front(**call) -> tuple[str, str]:
    """An image that calls http://back/ over connections that it keeps."""
    said = ", ".join(f"{key}: {value}" for key, value in {"to": "http://back/", **call}.items())
    return "front.yaml", APP.replace("test/app", "test/front").replace("CALLS", f"[{{{said}}}]")


def shop(callers: int = 2, backs: int = 2, rate: int = 200, back: str = "test/app", **call):
    """Callers with users of their own, and those whom they call."""
    board = Board(nodes=3, images=[front(**call)])
    board.app("front", callers, "test/front")
    board.app("back", backs, back)
    board.route("shop.example.com", "front")
    board.settle()
    users = board.users(rate=rate)
    board.tick(10)
    return board, users


def asked(board: Board, app: str = "back", ticks: int = 10) -> dict[str, int]:
    """How many requests each Pod of an application gets."""
    count = {pod.metadata.name: 0 for pod in board.list(Pod) if pod.metadata.labels["app"] == app}
    for _ in range(ticks):
        board.tick()
        for station in board.cluster.traffic.stations.values():
            if station.pod[2] in count and station.work is not None:
                count[station.pod[2]] += station.work.outcome.served
    return count


def scale(board: Board, app: str, replicas: int, ticks: int = 30) -> None:
    board.patch(Deployment, app, {"spec": {"replicas": replicas}})
    board.tick(ticks)


# the war story


def test_who_calls_over_short_connections_spreads_over_new_pods_at_once():
    board, _ = shop()
    scale(board, "back", 6)
    assert all(n > 200 for n in asked(board).values())


def test_new_pods_of_a_scaled_up_deployment_get_nothing_from_connections_that_are_kept():
    board, _ = shop(connections=1)
    before = {pod for pod, n in asked(board).items() if n}
    scale(board, "back", 6)
    assert {pod for pod, n in asked(board).items() if n} == before


@pytest.mark.parametrize("callers", [1, 2, 3])
def test_no_more_pods_are_asked_than_there_are_connections(callers):
    board, _ = shop(callers, 8, connections=1)
    assert 1 <= len([n for n in asked(board).values() if n]) <= callers


def test_a_restart_of_the_callers_opens_new_connections():
    board, _ = shop(2, 1, connections=4)
    scale(board, "back", 4)
    assert sorted(n > 0 for n in asked(board).values()) == [False, False, False, True]
    board.patch(Deployment, "front", {"spec": {"template": {"metadata": {"annotations": {"restarted": "now"}}}}})
    board.tick(60)
    assert all(n > 300 for n in asked(board).values())


def test_connections_that_are_renewed_spread_over_the_new_pods_in_time():
    board, users = shop(2, 2, connections=12, renew="30s")
    scale(board, "back", 4, ticks=15)
    early = asked(board, ticks=1)
    board.tick(90)
    late = asked(board)
    assert min(early.values()) < max(early.values()) // 2
    assert max(late.values()) - min(late.values()) < max(late.values()) // 4
    assert users.stream.failed == 0


def test_a_client_of_grpc_has_one_connection():
    board, _ = shop(1, 4, protocol="grpc")
    assert len([n for n in asked(board).values() if n]) == 1


# ends


def test_when_a_pod_ends_its_connections_are_opened_to_others():
    board, users = shop(2, 2, connections=4)
    board.delete(Pod, next(pod for pod, n in asked(board).items() if n))
    board.tick(20)
    before = users.stream.failed
    board.tick(20)
    assert users.stream.failed == before
    assert sum(asked(board).values()) > 1800


def test_a_pod_that_has_left_its_service_is_asked_on_until_it_stops():
    """During preStop it has no endpoint any more; who has a connection does not notice."""
    board, users = shop(1, 2, connections=1, back="test/app:drain")
    chosen = next(pod for pod, n in asked(board).items() if n)
    board.patch(Pod, chosen, {"metadata": {"labels": {"app": "other"}}})
    board.tick(5)
    served = sum(
        s.work.outcome.served for s in board.cluster.traffic.stations.values() if s.pod[2] == chosen and s.work
    )
    assert served > 100
    assert users.stream.failed == 0


@pytest.mark.parametrize("pre_stop, failed", [(False, True), (True, False)])
def test_a_rollout_of_who_is_called_costs_something_unless_pods_wait_before_they_stop(pre_stop, failed):
    sleep = {"lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}} if pre_stop else {}
    board = Board(nodes=3, images=[front(connections=4)])
    board.app("front", 4, "test/front")
    board.app("back", 4, container=sleep)
    board.route("shop.example.com", "front")
    board.settle(40)
    users = board.users(rate=200)
    board.tick(10)
    board.patch(Deployment, "back", {"spec": {"template": {"metadata": {"annotations": {"restarted": "now"}}}}})
    board.tick(150)
    assert bool(users.stream.failed) is failed


# users at a node port


def test_users_who_keep_their_connections_stay_with_their_pods():
    board = Board(nodes=2)
    board.app("web", 2)
    board.apply(NODE_PORT)
    board.settle()
    kept = board.users("kept", "http://node-a:30080/", 100, connections=20)
    board.tick(5)
    scale(board, "web", 4)
    counts = asked(board, "web")
    assert sorted(n > 0 for n in counts.values()) == [False, False, True, True]
    assert kept.stream.failed == 0


NODE_PORT = """
apiVersion: v1
kind: Service
metadata: {name: door}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
"""


# the numbers


def legs(n: int, *dead: int) -> tuple[Leg, ...]:
    """Legs to so many containers, of which some do not answer."""
    fail = Fail("connection refused", "refused", ())
    return tuple([Leg((("Pod", "", str(i)),), fail=fail if i in dead else None) for i in range(n)])


def over(n: int, wanted: int, *dead: int, renew: int = 0) -> Pool:
    pool = Pool(wanted, renew, 0)
    pool.settle_on(Destination((), legs(n, *dead)), lambda old: old)
    return pool


@given(st.integers(1, 9), st.integers(1, 40), st.lists(st.integers(0, 300), max_size=20), st.integers(0, 20))
def test_every_request_goes_over_one_connection(ends, wanted, requests, renew):
    pool = over(ends, wanted, renew=renew)
    for n in requests:
        parts = pool.deal(n)
        assert sum(parts) == n
        assert sum(pool.counts) == wanted
        assert all(part <= -(-n * held // wanted) + held for part, held in zip(parts, pool.counts, strict=True))


def test_connections_take_their_turns():
    pool = over(3, 5)
    assert [pool.deal(n) for n in (1, 2, 3, 5)] == [[1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 2, 1]]


def test_who_meets_nobody_tries_the_next_one_with_the_next_request():
    pool = over(2, 4, 0)
    assert [pool.deal(8) for _ in range(3)] == [[4, 4], [2, 6], [2, 6]]


def test_pools_that_nobody_asks_for_are_closed():
    pools = Pools()
    first = pools.get(("a",), 1, 0)
    pools.close()
    assert pools.get(("a",), 1, 0) is first
    pools.close()
    pools.close()
    assert pools.pools == {}


def test_where_a_first_connection_goes_follows_from_its_owner():
    turns = Counter(Pools().get((f"pod-{i}",), 1, 0).turn % 4 for i in range(400))
    assert min(turns.values()) > 70
    assert Pools().get(("pod-1",), 1, 0).turn == crc32(b"pod-1")
