"""NodeLocal DNSCache: what a machine still knows when cluster DNS has fallen silent, and for how long."""

from __future__ import annotations

from kubesim_tui.network.dns_zone import TTL
from tests.boards import Board
from tests.faults.test_api_overload import DNS_CACHE


def cached() -> Board:
    """A name, a cache on the only node, and a first question."""
    board = Board(1)
    board.apply(DNS_CACHE)
    board.app("web")
    board.settle()
    assert known(board)
    return board


def known(board: Board, name: str = "web", node: str = "node-a") -> bool:
    found = board.cluster.fabric.resolve(node, None, name)
    return found is not None and found.exists


def lasts(board: Board) -> int:
    """For how many ticks a name is still known, with nobody there who answers."""
    for ticks in range(2 * TTL):
        if not known(board):
            return ticks
        board.tick()
    return 2 * TTL


def silence(board: Board) -> None:
    """Cluster DNS cannot be reached any more."""
    board.cluster.hand.isolate("control-plane")


def test_a_name_is_known_until_its_ttl_is_over():
    board = cached()
    silence(board)
    assert lasts(board) == TTL


def test_a_name_in_use_was_asked_for_anew_each_time_its_ttl_was_over():
    board = cached()
    board.tick(TTL + 12)
    silence(board)
    assert lasts(board) == TTL - 12


def test_what_nobody_had_asked_for_is_not_known():
    board = cached()
    board.app("late")
    board.tick(8)
    silence(board)
    assert (known(board, "late"), known(board)) == (False, True)


def test_without_a_cache_nothing_is_known_from_the_first_second_on():
    board = Board(1)
    board.app("web")
    board.settle()
    assert known(board)
    silence(board)
    assert lasts(board) == 0


def test_a_cache_that_is_started_anew_has_lost_what_it_knew():
    board = cached()
    board.tick(3)
    silence(board)
    before = known(board)
    board.tick(2)
    runtime = board.cluster.world.machines["node-a"].runtime
    cache = next(c for c in runtime.containers.values() if c.config.name == "node-cache")
    runtime.kill(cache.id, board.now)
    board.tick(3)
    assert (before, board.cluster.fabric.caches.on("node-a") is not None, known(board)) == (True, True, False)


def test_lookups_do_not_get_to_cluster_dns():
    board = cached()
    assert board.cluster.fabric.name_server("node-a", None) == ((), ())
    assert board.cluster.fabric.name_server("control-plane", None) != ((), ())
