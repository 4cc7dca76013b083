"""Endpoints drawn by chance, as the kernel does under some modes of kube-proxy: each connection by itself.

A proxy draws which of several groups of endpoints a request is for, and goes round within a group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.way import Destination, Group, Leg

GOLDEN = 618_034
"""Multiples of the golden ratio, of a million: one after the other they are spread evenly."""


def drawn(legs: Sequence[Leg], n: int, draws: Draws) -> Iterator[tuple[Leg, int]]:
    """Each of n requests draws its leg, all equally likely; those that get any, with how many."""
    for left, leg in zip(range(len(legs), 0, -1), legs, strict=True):
        part = draws.binomial(n, 1, left) if left > 1 else n
        n -= part
        if part:
            yield leg, part


def portions(groups: Sequence[Group], n: int, draws: Draws) -> Iterator[tuple[Group, int]]:
    """Each of n requests draws its group; those that get any, with how many."""
    left = sum(group.weight for group in groups)
    for group in groups:
        part = draws.binomial(n, group.weight, left) if group.weight < left else n
        n, left = n - part, left - group.weight
        if part:
            yield group, part


def at_turn(destination: Destination, turn: int) -> Leg:
    """The leg of a single request, the turn-th of its caller."""
    legs, groups = destination.legs, destination.groups
    if groups:
        at = turn * GOLDEN % PPM * sum(group.weight for group in groups) // PPM
        for group in groups:
            legs, at = group.legs, at - group.weight
            if at < 0:
                break
    return legs[turn % len(legs)]
