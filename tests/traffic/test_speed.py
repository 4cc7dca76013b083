"""Short cuts change nothing but the time it takes. `python -m tests.traffic.test_speed` prints how long that is."""

import copy
import time
from functools import cache

import pytest

from kubesim_tui.cluster.spec import NodeGroup
from kubesim_tui.traffic import inside, lining, solver, telling, working
from tests.boards import APP, Board, image


def forty(rate: float = 40, zones: str = "a") -> Board:
    """40 Pods on 6 nodes; web calls api, api calls db; three routes, all with users."""
    nodes = [NodeGroup(f"node-{zone}", 6 // len(zones), zone=zone) for zone in zones]
    board = Board(nodes, [image("web", "http://api/"), image("api", "http://db/"), image("db")])
    for name, replicas, made in (("web", 12, "web"), ("api", 16, "api"), ("db", 6, "db"), ("static", 6, "app")):
        board.app(name, replicas, f"test/{made}")
    for host, service in (("shop", "web"), ("static", "static"), ("api", "api")):
        board.route(f"{host}.example.com", service)
    board.settle(60)
    board.users("web", "http://shop.example.com/", rate * 1.5)
    board.users("static", "http://static.example.com/", rate)
    board.users("api", "http://api.example.com/x", rate)
    board.tick(20)
    return board


def lasting() -> Board:
    """Calls of a second and a half, of which some are given up."""
    text = APP.replace("concurrency: 16", "concurrency: 64")
    slow = text.replace("service: 5ms, scv: 500", "service: 1500ms, scv: 500")
    nodes = [NodeGroup(f"node-{zone}", 2, zone=zone) for zone in "abc"]
    board = Board(nodes, [image("web", "http://api/", text=text, timeout="3s"), image("api", text=slow)])
    for name, replicas in (("web", 8), ("api", 6)):
        board.app(name, replicas, f"test/{name}", probe=False)
    board.route("shop.example.com", "web")
    board.settle()
    board.users("web", "http://shop.example.com/", 60, timeout_us=8_000_000)
    board.tick(20)
    return board


@pytest.fixture(scope="module")
def boards():
    """Hardly busy, with requests in flight at every moment, and at the edge of what twelve replicas can do; in three
    zones, where each replica has callers of its own and others, with less than a request for each, and with many; with
    services that last."""
    return [forty(), forty(1_500), forty(9_000), forty(8, "abc"), forty(1_500, "abc"), lasting()]


@pytest.fixture(scope="module")
def quick(boards):
    """What these come to with all short cuts."""
    return cache(lambda which: digest(boards[which]))


def digest(board: Board) -> str:
    other = copy.deepcopy(board)
    other.cluster.world.pulse.beat()  # its ways are built anew
    other.tick(150)
    return other.cluster.digest


@pytest.mark.parametrize("which", range(6))
@pytest.mark.parametrize(
    "module, name, instead",
    [
        (working, "ample", lambda *_: False),
        (solver, "_all_well", lambda _: None),
        (lining, "_kind", lambda *_: None),
        (telling, "settled", lambda _: None),
        (inside, "gather", lambda _: False),
        (inside, "solve", lambda *_: False),
    ],
)
def test_the_short_cut_comes_to_the_same(boards, quick, which, module, name, instead, monkeypatch):
    expected = quick(which)
    monkeypatch.setattr(module, name, instead)
    assert digest(boards[which]) == expected


def speed(board: Board, ticks: int) -> float:
    start = time.process_time()
    board.tick(ticks)
    return ticks / (time.process_time() - start)


def test_a_typical_board_is_far_from_slow(boards):
    """3,000 ticks a second is the goal; half of it holds on whatever this runs on."""
    board = copy.deepcopy(boards[0])
    assert max(speed(board, 300) for _ in range(4)) > 1_500


if __name__ == "__main__":
    for label, board in (("light", forty()), ("heavy", forty(9_000))):
        print(f"{label}: {max(speed(board, 1000) for _ in range(3)):,.0f} ticks/s")
