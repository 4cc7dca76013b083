"""Strikes as they are written on a command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.faults.catalogue import aim, parse, strike
from kubesim_tui.kubectl.fail import message
from tests.boards import Board

PROVED: dict[str, Callable[..., Any]] = {}
"""Fault → the test that shows it, explains it, and heals it."""


def proves(fault: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Marks the test of a fault: its symptoms, the cause that they are laid to, and its remedy."""

    def mark(test: Callable[..., Any]) -> Callable[..., Any]:
        PROVED[fault] = test
        return test

    return mark


def do(board: Board, text: str) -> list[str]:
    """Strike now; what was told. Its healing follows in time."""
    draws = board.cluster.chance.stream("test/faults")
    aimed = aim(board.cluster.hand, parse(f"{text}@{board.now}"), draws)
    told = strike(board.cluster.hand, aimed, draws)
    for later in aimed.heals(board.now):
        board.tick(later.tick - board.now)
        told += strike(board.cluster.hand, later, draws)
    return told


def kubectl(board: Board) -> str:
    """What kubectl says to `get pods`; "" if it is answered."""
    try:
        board.list(Pod)
    except ApiError as refused:
        return message(refused)
    return ""
