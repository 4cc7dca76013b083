"""How an ingress controller chooses among Pods: cookies, hashes, and who answers faster."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api.types import Deployment, Pod, Service
from kubesim_tui.network.ingress_balancing import Balancing, balancing_of
from kubesim_tui.network.ingress_upstream import ANNOTATIONS
from kubesim_tui.traffic.ewma import Score, Scores, chosen
from kubesim_tui.traffic.sessions import Sessions, placed, subset
from tests.boards import Board
from tests.traffic.test_ingress_access import annotate, configure
from tests.traffic.test_next_upstream import asked, reasons, refusing, shop

IPS = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")


@pytest.fixture(scope="module")
def settled() -> Board:
    return shop(3, nodes=2)


def came(board: Board, ticks: int = 10) -> dict[str, int]:
    """How many requests came to each Pod of web that is there."""
    found: dict[str, int] = {}
    for _ in range(ticks):
        board.tick(1)
        tick = board.cluster.engine.clock.tick - 1
        for station in board.cluster.traffic.stations.values():
            load = station.container.load
            if station.door is None and load is not None and load.tick == tick:
                found[station.pod[2]] = found.get(station.pod[2], 0) + load.requests
    return {pod: n for pod, n in found.items() if n}


def users_of(board: Board, population: int = 3, **more):
    """Few users who come again and again."""
    return board.users(rate=0, population=population, think_us=1_000_000, **more)


# what is said


@pytest.mark.parametrize(
    "notes, config, found",
    [
        ({}, {}, Balancing()),
        ({"load-balance": "ewma"}, {}, Balancing("ewma")),
        ({}, {"load-balance": "ewma"}, Balancing("ewma")),
        ({"load-balance": "round_robin"}, {"load-balance": "ewma"}, Balancing()),
        ({"upstream-hash-by": "$request_uri", "load-balance": "ewma"}, {}, Balancing("hash", by="$request_uri")),
        ({"upstream-hash-by": "$host", "upstream-hash-by-subset": "true"}, {}, Balancing("hash", by="$host", subset=3)),
        ({"affinity": "cookie", "upstream-hash-by": "$host"}, {}, Balancing("cookie")),
        ({"affinity": "cookie", "affinity-mode": "persistent"}, {}, Balancing("cookie", persistent=True)),
        ({"affinity": "cookie", "session-cookie-change-on-failure": "true"}, {}, Balancing("cookie", changes=True)),
        ({"affinity": "ip"}, {}, Balancing()),
    ],
)
def test_a_cookie_comes_before_a_hash_and_that_before_an_algorithm(notes, config, found):
    assert balancing_of({ANNOTATIONS + name: value for name, value in notes.items()}, config) == found


# cookies


def test_a_user_with_a_cookie_keeps_to_his_pod(board):
    users_of(board, 1)
    before = len(came(board))
    del board.cluster.traffic.streams["web"]
    annotate(board, affinity="cookie")
    users_of(board, 1)
    assert (before > 1, len(came(board))) == (True, 1)


def test_users_are_moved_when_their_pod_is_gone_and_nobody_else_is(board):
    annotate(board, affinity="cookie")
    users_of(board, 40)
    before = came(board)
    gone = max(before)
    board.delete(Pod, gone)
    board.tick(30)
    after = came(board)
    assert len(before) == 3
    assert gone not in after
    assert set(before) - {gone} <= set(after)


@pytest.mark.parametrize("mode, new", [("balanced", True), ("persistent", False)])
def test_a_new_pod_gets_users_of_others_only_where_the_mode_is_balanced(board, mode, new):
    annotate(board, affinity="cookie", affinity_mode=mode)
    users_of(board, 100)
    before = came(board, 5)
    board.patch(Deployment, "web", {"spec": {"replicas": 4}})
    board.tick(20)
    assert (len(before), len(came(board))) == (3, 4 if new else 3)


@pytest.mark.parametrize("change, lost", [(None, True), ("true", False)])
def test_whose_pod_refuses_is_served_only_if_he_may_change(change, lost):
    change = {} if change is None else {"session_cookie_change_on_failure": change}
    users = asked(refusing(shop(affinity="cookie", **change)))
    assert reasons(users) == ({"502": "refused"} if lost else {})


# hashes


def test_what_is_hashed_leads_all_that_is_alike_to_one_pod(board):
    annotate(board, upstream_hash_by="$request_uri")
    board.users("a", "http://shop.example.com/a", rate=30)
    assert len(came(board)) == 1


def test_hashed_addresses_are_one_while_a_machine_hides_them(board):
    annotate(board, upstream_hash_by="$remote_addr")
    board.users(rate=60)
    hidden = came(board)
    spec = {"spec": {"externalTrafficPolicy": "Local"}}
    board.client.patch(Service, "ingress-nginx", "ingress-nginx-controller", spec)
    board.tick(3)
    assert (len(hidden), len(came(board))) == (1, 3)


def test_a_subset_shares_what_is_alike(board):
    annotate(
        board,
        upstream_hash_by="$request_uri",
        upstream_hash_by_subset="true",
        upstream_hash_by_subset_size="2",
    )
    board.users(rate=60)
    assert len(came(board)) == 2


@given(st.lists(st.integers(1, 250), min_size=2, max_size=12, unique=True), st.text(max_size=8))
def test_who_comes_or_goes_moves_only_keys_to_him_or_from_him(hosts, key):
    ips = [f"10.0.0.{host}" for host in hosts]
    one = placed(key, ips)
    for gone in ips:
        assert placed(key, [ip for ip in ips if ip != gone]) == one or one == gone


def test_keys_that_are_nearly_alike_are_spread_evenly():
    ips = [f"10.244.1.{host}" for host in range(2, 8)]
    found = [placed(f"10.244.{n % 7}.{n // 7}/default/web/80/0", ips) for n in range(1_200)]
    assert [found.count(ip) for ip in ips] == pytest.approx([200] * 6, abs=40)


def test_subsets_are_full_and_cover_all():
    sets = {tuple(subset(str(n), IPS[:3], 2)) for n in range(100)}
    assert sets == {("10.0.0.1", "10.0.0.2"), ("10.0.0.3", "10.0.0.1")}


def test_sessions_that_stay_forget_nobody():
    sessions = Sessions()
    first = sessions.spread(("a",), 100, IPS[:2], (), persistent=True, changes=False)
    more = sessions.spread(("a",), 100, IPS, (), persistent=True, changes=False)
    fewer = sessions.spread(("a",), 100, IPS[1:], (), persistent=True, changes=False)
    assert (sum(first), more) == (100, [*first, 0, 0])
    assert (sum(fewer), fewer[0] >= first[1], min(fewer) > 0) == (100, True, True)


# who answers faster


def shares(board: Board, **notes: str) -> list[int]:
    """Per cent of the requests of half a minute that come to each Pod, the fewest first."""
    annotate(board, **notes)
    board.users(rate=200)
    board.tick(15)
    found = came(board, 30)
    return sorted(n * 100 // sum(found.values()) for n in found.values())


def test_who_is_slower_gets_next_to_nothing():
    board = Board(nodes=2)
    slow = {"resources": {"limits": {"cpu": "100m"}}}
    board.app("web", 3, labels={"tier": "shop"}, selector={"tier": "shop"})
    board.app("tired", 1, "test/app:tired", labels={"tier": "shop"}, service=False, container=slow)
    board.route("shop.example.com", "web")
    board.settle()
    in_turn = shares(board)
    by_speed = shares(board, load_balance="ewma")
    assert in_turn == pytest.approx([25, 25, 25, 25], abs=1)
    assert (by_speed[0] < 8, by_speed[1:]) == (True, pytest.approx([32, 32, 32], abs=7))


def test_pods_that_are_alike_get_alike(board):
    assert shares(board, load_balance="ewma") == pytest.approx([33, 33, 33], abs=6)


def test_the_configmap_may_say_it_for_all(board):
    configure(board, load_balance="ewma")
    board.users(rate=50)
    board.tick(3)
    assert board.cluster.fabric.scores.known


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=20), st.integers(1, 10_000))
def test_who_is_faster_is_chosen_at_least_as_often(scores, n):
    weights = chosen(scores, n)
    pairs = sorted(zip(scores, weights, strict=True))
    assert min(weights) >= 0
    assert sum(weights) > 0
    assert all(a[1] >= b[1] for a, b in pairwise(pairs))


def test_a_pod_that_is_new_begins_with_the_mean_of_the_others():
    scores = Scores()
    for score, us in zip(scores.of(("a",), IPS[:2]), (100, 300), strict=True):
        score.us = us
    assert [score.us for score in scores.of(("a",), IPS[:3])] == [100, 300, 200]


def test_a_score_goes_to_what_answers_take_with_ten_seconds_and_to_nothing_without():
    score = Score(0)
    for _ in range(10):
        score.passes(1_000_000)
    assert score.us == pytest.approx(632_000, rel=0.01)  # 1 - 1/e
    for _ in range(10):
        score.passes(0)
    assert score.us == pytest.approx(632_000 / 2.718, rel=0.01)
