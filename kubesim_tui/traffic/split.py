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


def share_on(first: int, n: int, weights: Sequence[int]) -> tuple[int, ...]:
    """How the next n requests fare, from the first on, of as many as the weights say: told of one after the other.

    The first weight is of those that fare well; the others are spread evenly among them. Parts add up to the weights,
    however small they are: ten times one of ten with the weights (9, 1) are nine and one. More go round.
    """
    total = sum(weights)
    amiss = total - weights[0]
    if not amiss:
        return (n, *[0] * (len(weights) - 1))
    begin, end = [(at * amiss + total // 2) // total for at in (first, first + n)]
    parts, start = [], 0
    for weight in weights[1:]:
        parts.append(_before(end, amiss, start, weight) - _before(begin, amiss, start, weight))
        start += weight
    return (n - (end - begin), *parts)


def _before(place: int, every: int, start: int, many: int) -> int:
    """How many places of a kind there are before one, if of `every` places `many` from a start on are of that kind."""
    rounds, rest = divmod(place, every)
    return rounds * many + max(0, min(rest - start, many))


def weighed(weights: Sequence[int], counts: Sequence[int]) -> list[int]:
    """How often to repeat groups of so many places each, so that the groups weigh so much: [2, 1] for ([2, 1], [1, 1]).

    The smallest numbers that are exact; where these would make more than MOST_PLACES places, about right.
    """
    times = lcm(*(n // gcd(w, n) for w, n in zip(weights, counts, strict=True)))
    if times * sum(weights) <= MOST_PLACES:
        return [times * w // n for w, n in zip(weights, counts, strict=True)]
    total = sum(weights)
    return [max(1, round(MOST_PLACES * w / total / n)) for w, n in zip(weights, counts, strict=True)]
