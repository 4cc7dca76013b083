"""Strikes as they are written on a command line."""

from __future__ import annotations

from kubesim_tui.faults.catalogue import aim, parse, strike
from tests.boards import Board


def do(board: Board, text: str) -> list[str]:
    """Strike now; what was told. Its healing follows in time."""
    draws = board.cluster.chance.stream("test/faults")
    aimed = aim(board.cluster.hand, parse(f"{text}@{board.now}"), draws)
    told = strike(board.cluster.hand, aimed, draws)
    for later in aimed.heals(board.now):
        board.tick(later.tick - board.now)
        told += strike(board.cluster.hand, later, draws)
    return told
