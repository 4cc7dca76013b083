"""Whole numbers shared out so that nothing is lost: all counts of traffic are exact."""

from __future__ import annotations

from collections.abc import Sequence


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
