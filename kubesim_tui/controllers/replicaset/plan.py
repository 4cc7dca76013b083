"""The decisions of a replica controller: how many Pods to make, which to delete, what to report. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from kubesim_tui.api.helpers.conditions import is_pod_active, is_pod_available, is_pod_ready, pod_condition
from kubesim_tui.api.types import Pod
from kubesim_tui.controllers.replicaset.order import active_order

BURST = 500
"""The most Pods that one sync creates or deletes."""


@frozen
class Plan:
    """What one sync does. Never both."""

    create: int = 0
    delete: tuple[Pod, ...] = ()


def decide(want: int, active: Sequence[Pod], related: Iterable[Pod], now: int) -> Plan:
    """The plan for `want` replicas. `related`: Pods of the same Deployment's ReplicaSets (active ones count)."""
    diff = len(active) - want
    if diff < 0:
        return Plan(create=min(-diff, BURST))
    count = min(diff, BURST)
    if not count:
        return Plan()
    if diff == len(active) and count == diff:
        return Plan(delete=tuple(active))
    on_node = Counter(p.spec.node_name for p in related if p.spec is not None and is_pod_active(p))
    ranks = [on_node[p.spec.node_name] if p.spec is not None else 0 for p in active]
    return Plan(delete=tuple(active_order(active, ranks, now)[:count]))


@frozen
class Counts:
    """What a ReplicaSet reports of its Pods."""

    replicas: int
    fully_labeled: int
    ready: int
    available: int
    next_available: int | None  # seconds until a ready Pod will have been so for minReadySeconds


def count(active: Sequence[Pod], labels: Mapping[str, str], min_ready: int, now: int) -> Counts:
    """One pass over the Pods. `labels`: the template's."""
    fully = ready = available = 0
    soonest: int | None = None
    for pod in active:
        own = pod.metadata.labels
        if own is labels or labels.items() <= own.items():
            fully += 1
        if not is_pod_ready(pod):
            continue
        ready += 1
        if not min_ready or is_pod_available(pod, min_ready, now):
            available += 1
        else:
            since = getattr(pod_condition(pod, "Ready"), "last_transition_time", None)
            left = max(1, (since if since is not None else now) + min_ready - now)
            soonest = left if soonest is None else min(soonest, left)
    return Counts(len(active), fully, ready, available, soonest)
