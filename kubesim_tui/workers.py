"""Work that is cut into pieces which know nothing of one another, done on every core."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context
from typing import TypeVar

Piece = TypeVar("Piece")
Done = TypeVar("Done")


def cores() -> int:
    """How many there are."""
    return os.cpu_count() or 1


def spread(do: Callable[[Piece], Done], pieces: Sequence[Piece], jobs: int) -> Iterator[Done]:
    """What `do` makes of each piece, in their order, by so many processes (one: this one does it all)."""
    if jobs == 1 or len(pieces) < 2:
        yield from map(do, pieces)
        return
    with ProcessPoolExecutor(min(jobs, len(pieces)), get_context("spawn")) as pool:
        try:
            yield from _begun(pool, do, pieces)
        except BaseException:  # Ctrl-C, or a reader that goes away: nobody waits for the rest
            threading.excepthook = _unheard
            pool.shutdown(wait=False, cancel_futures=True)
            for process in active_children():
                process.terminate()
            raise


def _unheard(_args: object) -> None:
    """The pool's own thread may fail over futures that were cancelled while it looked: nobody wants to know."""


def _begun(pool: ProcessPoolExecutor, do: Callable[[Piece], Done], pieces: Sequence[Piece]) -> Iterator[Done]:
    """The processes leave Ctrl-C to this one: what is ignored when they start, they ignore."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return pool.map(do, pieces)
    finally:
        signal.signal(signal.SIGINT, before)
