"""A Deployment was resized: how its ReplicaSets follow. Pure.

As scale() in pkg/controller/deployment/sync.go. In the middle of a rollout each set grows or shrinks in proportion to
its size; what is left by rounding goes to the newest of the largest on the way up, and comes from the oldest on the
way down.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api.types import Deployment, ReplicaSet
from kubesim_tui.controllers.deployment.rolling import Resize
from kubesim_tui.controllers.deployment.util import (
    DESIRED,
    MAX,
    active,
    annotation,
    by_creation,
    is_rolling,
    max_surge,
    spec_count,
    status_of,
    wanted,
)


def is_scaling_event(d: Deployment, rss: Sequence[ReplicaSet]) -> bool:
    """Whether the Deployment's size differs from the one that its ReplicaSets have noted."""
    noted = [annotation(rs, DESIRED) for rs in active(rss)]
    return any(n is not None and n != wanted(d) for n in noted)


def scale(d: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> tuple[Resize, ...]:
    """The sizes to be; a Resize to the present size still refreshes what the set has noted."""
    only = active_or_latest(new, old)
    if only is not None:
        return () if wanted(only) == wanted(d) else (Resize(only, wanted(d)),)
    if new is not None and is_saturated(d, new):
        return tuple([Resize(rs, 0) for rs in by_creation(active(old))])
    return _proportional(d, new, old) if is_rolling(d) else ()


def active_or_latest(new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> ReplicaSet | None:
    """The only set with Pods; if none has, the new one or the latest; None if several have."""
    everyone = [*old, new] if new is not None else list(old)
    with_pods = active(everyone)
    if len(with_pods) > 1 or not everyone:
        return None
    if with_pods:
        return with_pods[0]
    return new if new is not None else by_creation(old)[-1]


def is_saturated(d: Deployment, rs: ReplicaSet) -> bool:
    """The new set has all its Pods, they are available, and it knows the present size."""
    return (
        wanted(rs) == wanted(d)
        and annotation(rs, DESIRED) == wanted(d)
        and status_of(rs).available_replicas == wanted(d)
    )


def _proportional(d: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> tuple[Resize, ...]:
    rss = active([*old, new] if new is not None else old)
    allowed = wanted(d) + max_surge(d) if wanted(d) > 0 else 0
    to_add = allowed - spec_count(rss)
    if to_add > 0:
        newest_first = by_creation(rss)[::-1]
        rss = sorted(newest_first, key=lambda rs: -wanted(rs))
    elif to_add < 0:
        rss = sorted(by_creation(rss), key=lambda rs: -wanted(rs))
    sizes, added = [], 0
    for rs in rss:
        share = proportion(rs, d, to_add, added)
        sizes.append(wanted(rs) + share)
        added += share
    if rss and to_add:
        sizes[0] = max(0, sizes[0] + to_add - added)
    return tuple([Resize(rs, size) for rs, size in zip(rss, sizes, strict=True)])


def proportion(rs: ReplicaSet, d: Deployment, to_add: int, added: int) -> int:
    """What one set gets (negative: loses) of `to_add`, when `added` is given away already."""
    if wanted(rs) == 0 or to_add == 0 or to_add == added:
        return 0
    fraction, left = _fraction(rs, d), to_add - added
    return min(fraction, left) if to_add > 0 else max(fraction, left)


def _fraction(rs: ReplicaSet, d: Deployment) -> int:
    if wanted(d) == 0:
        return -wanted(rs)
    now = wanted(d) + max_surge(d)
    before = annotation(rs, MAX)
    if not before:
        before = d.status.replicas if d.status is not None else 0
    if not before:
        return 0
    return (2 * wanted(rs) * now + before) // (2 * before) - wanted(rs)
