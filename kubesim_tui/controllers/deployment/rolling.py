"""One step of a rolling update: how large the new ReplicaSet becomes, and how the old ones shrink. Pure.

As pkg/controller/deployment/rolling.go. A step either grows the new set, or shrinks old ones, never both.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kubesim_tui.api.types import Deployment, ReplicaSet
from kubesim_tui.controllers.deployment.util import (
    available_count,
    by_creation,
    max_unavailable,
    new_rs_replicas,
    spec_count,
    status_of,
    wanted,
)


@frozen
class Resize:
    """Make a ReplicaSet so large."""

    rs: ReplicaSet
    size: int


def reconcile_new(all_rss: Sequence[ReplicaSet], new: ReplicaSet, d: Deployment) -> tuple[Resize, ...]:
    """The step of the new ReplicaSet; none if it has its size."""
    size = wanted(new)
    if size == wanted(d):
        return ()
    target = wanted(d) if size > wanted(d) else new_rs_replicas(d, all_rss, size)
    return () if target == size else (Resize(new, target),)


def reconcile_old(
    all_rss: Sequence[ReplicaSet], old: Sequence[ReplicaSet], new: ReplicaSet, d: Deployment
) -> tuple[Resize, ...]:
    """The step of the old ones: first Pods that are not available, then available ones above the minimum.

    The same set may be resized twice in one step, as upstream does.
    """
    if spec_count(old) == 0:
        return ()
    minimum = wanted(d) - max_unavailable(d)
    new_unavailable = wanted(new) - status_of(new).available_replicas
    most = spec_count(all_rss) - minimum - new_unavailable
    if most <= 0:
        return ()
    cleaned = cleanup_unhealthy(old, most)
    sizes = {r.rs.metadata.uid: r.size for r in cleaned}
    return (*cleaned, *scale_down_old(d, [*old, new], old, sizes))


def cleanup_unhealthy(old: Sequence[ReplicaSet], most: int) -> tuple[Resize, ...]:
    """Take away up to `most` Pods that are not available, from the oldest set on."""
    steps, total = [], 0
    for rs in by_creation(old):
        if total >= most:
            break
        unhealthy = wanted(rs) - status_of(rs).available_replicas
        if wanted(rs) == 0 or unhealthy <= 0:
            continue
        down = min(most - total, unhealthy)
        total += down
        steps.append(Resize(rs, wanted(rs) - down))
    return tuple(steps)


def scale_down_old(
    d: Deployment, all_rss: Sequence[ReplicaSet], old: Sequence[ReplicaSet], sizes: dict[str, int] | None = None
) -> tuple[Resize, ...]:
    """Take away what is available above the minimum, from the oldest set on. `sizes`: decided already, by uid."""
    total = available_count(all_rss) - (wanted(d) - max_unavailable(d))
    steps, known = [], sizes or {}
    for rs in by_creation(old):
        if total <= 0:
            break
        size = known.get(rs.metadata.uid, wanted(rs))
        down = min(size, total)
        if down:
            total -= down
            steps.append(Resize(rs, size - down))
    return tuple(steps)
