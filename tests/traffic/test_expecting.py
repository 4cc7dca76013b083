"""Stations know how many requests are to be expected, and how much that varies, from what users send on average."""

import pytest

from tests.boards import Board, image


def shop(*users: tuple[str, float]) -> Board:
    """Two replicas of web, each of which calls the three of api; streams of so many a second to both hosts."""
    board = Board(2, [image("web", "http://api/"), image("api")])
    board.app("api", 3, "test/api")
    board.app("web", 2, "test/web")
    board.route("shop.example.com", "web")
    board.route("api.example.com", "api")
    board.settle()
    for host, rate in users:
        board.users(f"{host}-{rate}", f"http://{host}.example.com/", rate)
    board.tick(2)
    return board


def expected(board: Board, app: str) -> list[tuple[int, int]]:
    stations = board.cluster.traffic.stations.values()
    return [station.expected for station in stations if station.pod[2].startswith(f"{app}-")]


def test_a_service_deals_its_requests_out_evenly_so_that_they_vary_less():
    """100 a second with a deviation of 10: 50 each with a deviation of 5."""
    assert expected(shop(("shop", 100)), "web") == [(50_000, 25_000)] * 2


def test_what_is_called_expects_what_its_callers_do():
    """All of them are the same 90 a second: 30 each, and a third of the deviation."""
    found = expected(shop(("shop", 90)), "api")
    assert [mean for mean, _ in found] == [30_000] * 3
    assert [varies for _, varies in found] == [pytest.approx(10_000, rel=0.01)] * 3


def test_streams_add_up_and_vary_on_their_own():
    """60 and 40 a second: means and variances are sums."""
    found = expected(shop(("api", 60), ("api", 40)), "api")
    assert [mean for mean, _ in found] == [33_333] * 3
    assert [varies for _, varies in found] == [pytest.approx(11_111, rel=0.01)] * 3


def test_a_change_of_pace_is_told_at_once():
    board = shop(("shop", 100))
    board.cluster.traffic.streams["shop-100"].factor_pm = 2000
    board.tick(1)
    assert [mean for mean, _ in expected(board, "web")] == [100_000] * 2
