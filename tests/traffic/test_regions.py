"""Users come from somewhere, and the way from there is long, slow or cut."""

import pytest

from kubesim_tui.cluster.spec import RegionSpec
from kubesim_tui.traffic.spec import Route, Users
from kubesim_tui.world.regions import Region
from tests.boards import Board, in_flight
from tests.faults.striking import do
from tests.traffic.test_tls import certificate, secret, tls

MS = 1000
REGIONS = (RegionSpec("eu", 10 * MS), RegionSpec("asia", 150 * MS))
BOTH = (("eu", 3), ("asia", 1))


def shop(url: str = "http://shop.example.com/", regions=BOTH, **more):
    board = Board(regions=REGIONS)
    board.app("web", 2)
    board.route("shop.example.com", "web")
    board.settle()
    if url.startswith("https"):
        secret(board, certificate(board))
        tls(board)
    return board, board.users(url=url, rate=100, regions=regions, **more)


def test_a_stream_has_a_lane_for_each_thing_from_each_region():
    users = Users("web", "http://x/", 1, routes=(Route("/a", weight=2), Route("/b")), regions=BOTH)
    assert [(one.name, one.path, one.region, weight) for one, weight in users.lanes()] == [
        ("web GET /a from eu", "/a", "eu", 6),
        ("web GET /a from asia", "/a", "asia", 2),
        ("web GET /b from eu", "/b", "eu", 3),
        ("web GET /b from asia", "/b", "asia", 1),
    ]


def test_a_round_trip_to_a_zone_may_be_shorter_than_to_others():
    region = Region("eu", 100, {"a": 30}, added_us=5)
    assert [region.trip_us(zone) for zone in ("a", "b", "")] == [35, 105, 105]


@pytest.mark.parametrize(
    "scheme, more, trips", [("http", {}, 2), ("https", {}, 3), ("https", {"per_connection": 100}, 1)]
)
def test_a_request_takes_as_many_round_trips_as_its_connection_needs(scheme, more, trips):
    board, users = shop(f"{scheme}://shop.example.com/", (("asia", 1),), **more)
    board.tick(10)
    assert users.stream.last.percentile(500) / MS == pytest.approx(trips * 150, rel=0.1)


def test_who_is_far_away_waits_longer():
    board, users = shop()
    board.tick(10)
    last = users.stream.last
    assert (last.percentile(100) < 50 * MS, last.percentile(990) > 300 * MS) == (True, True)


def test_where_the_way_is_cut_the_users_of_that_region_alone_wait_in_vain():
    board, users = shop(timeout_us=3_000_000)
    assert do(board, "region-cut:asia") == ["region-cut asia"]
    board.tick(20)
    last = users.stream.last
    assert (set(users.stream.reasons), 10 < last.failed < 45, last.served > 50) == ({"timed out"}, True, True)
    chain = board.why()
    assert (chain.cause, chain.object) == ("region-away", ("Outside", "", "asia"))
    board.cluster.hand.region("asia", cut=False)
    board.tick(5)
    assert users.stream.last.failed == 0
    assert users.stream.in_flight == in_flight(board)


def test_where_the_way_is_slow_answers_are_late_or_too_late():
    board, users = shop(timeout_us=2_000_000)
    assert do(board, "region-slow:asia,ms=400") == ["region-slow asia"]
    board.tick(5)
    assert (users.stream.failed, users.stream.last.percentile(990) > 1_000 * MS) == (0, True)
    do(board, "region-slow:asia")
    board.tick(5)
    chain = board.why()
    assert (chain.cause, chain.object) == ("region-away", ("Outside", "", "asia"))
    board.cluster.hand.delay_region("asia", 0)
    board.tick(5)
    assert users.stream.last.failed == 0


def test_of_a_region_that_there_is_not_nothing_can_be_cut():
    board, _ = shop()
    assert not board.cluster.hand.region("mars", cut=True)
    assert not board.cluster.hand.delay_region("mars", 1)


def test_a_closed_loop_far_away_asks_less_often():
    board, users = shop(regions=(("asia", 1),), population=400, think_us=2_000_000)
    board.tick(300)
    served = sum(s.served for s in list(users.stream.samples)[-200:]) / 200
    assert abs(served - 400 / (2 + 0.3 + 0.006)) < 4
