"""Whole numbers shared out so that nothing is lost: all counts of traffic are exact."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd, lcm

MOST_PLACES = 512


def share(n: int, weights: Sequence[int]) -> list[int]:
    """n in proportion to the weights (largest remainder; the first of equals). All 0 when the weights are."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    if len(weights) == 1:
        return [n]
    parts = [n * w // total for w in weights]
    left = n - sum(parts)
    if left:
        order = sorted(range(len(weights)), key=lambda i: (-(n * weights[i] % total), i))
        for i in order[:left]:
            parts[i] += 1
    return parts


@lru_cache(maxsize=1024)
def share_alike(n: int, weights: tuple[int, ...]) -> tuple[int, ...]:
    """The same for many who are alike, and ask one after the other."""
    return tuple(share(n, weights))


def weighed(weights: Sequence[int], counts: Sequence[int]) -> list[int]:
    """How often to repeat groups of so many places each, so that the groups weigh so much: [2, 1] for ([2, 1], [1, 1]).

    The smallest numbers that are exact; where these would make more than MOST_PLACES places, about right.
    """
    times = lcm(*(n // gcd(w, n) for w, n in zip(weights, counts, strict=True)))
    if times * sum(weights) <= MOST_PLACES:
        return [times * w // n for w, n in zip(weights, counts, strict=True)]
    total = sum(weights)
    return [max(1, round(MOST_PLACES * w / total / n)) for w, n in zip(weights, counts, strict=True)]
