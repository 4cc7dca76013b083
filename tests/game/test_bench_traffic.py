"""The crowded board that is measured is a busy one."""

import pytest

from kubesim_tui.game.bench_boards import step
from kubesim_tui.game.bench_traffic import PARTS, REPLICAS, crowded

TEAMS, TICKS = 2, 20


@pytest.fixture(scope="module")
def board():
    return crowded(TEAMS, nodes=6)


def test_every_pod_has_requests_nearly_every_tick(board):
    idle = 0
    for _ in range(TICKS):
        step(board, 1)
        idle += sum(s.container.load is None or s.container.load.tick < board.engine.tick - 1 for s in stations(board))
    assert len(stations(board)) == TEAMS * len(PARTS) * REPLICAS
    assert idle * 100 < TICKS * len(stations(board))


def test_all_requests_are_served(board):
    step(board, TICKS)
    assert [streaming.stream.failed for streaming in board.traffic.streams.values()] == [0] * 2 * TEAMS


def test_in_three_zones_every_pod_of_a_called_service_is_asked_from_each_of_them():
    board = crowded(1, nodes=3, zones=3)
    called = [one for one in stations(board) if "bench/cart" in one.container.config.image]
    assert [len(one.legs) for one in called] == [3] * REPLICAS
    assert [streaming.stream.failed for streaming in board.traffic.streams.values()] == [0, 0]


def stations(board):
    return [one for one in board.traffic.stations.values() if "bench" in one.container.config.image]
