"""Endpoints drawn by chance, as the kernel does under some modes of kube-proxy: each connection by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubesim_tui.traffic.way import Draws, Leg


def drawn(legs: Sequence[Leg], n: int, draws: Draws) -> Iterator[tuple[Leg, int]]:
    """Each of n requests draws its leg, all equally likely; those that get any, with how many."""
    for left, leg in zip(range(len(legs), 0, -1), legs, strict=True):
        part = draws.binomial(n, 1, left) if left > 1 else n
        n -= part
        if part:
            yield leg, part
