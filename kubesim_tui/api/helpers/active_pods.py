"""The order in which Pods of one owner are least worth keeping (controller.ActivePods, as kubectl uses it).

Unassigned first, then Pending before Unknown before Running, not ready before ready, being deleted before not (the
earlier deletion first), ready for a shorter time, more restarts, newer.
"""

from __future__ import annotations

from kubesim_tui.api.helpers.conditions import pod_condition
from kubesim_tui.api.types import Pod

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
Key = tuple[bool, int, bool, tuple[bool, int], tuple[bool, int], int, int, tuple[bool, int]]


def active_order(pod: Pod) -> Key:
    """A sort key: the first Pod is the least worth keeping."""
    meta, spec, status = pod.metadata, pod.spec, pod.status
    found = pod_condition(pod, "Ready")
    ready = found is not None and found.status == "True"
    since = found.last_transition_time if ready and found is not None else None
    restarts, sidecars = max_restarts(pod)
    return (
        bool(spec is not None and spec.node_name),
        _PHASES.get(status.phase if status is not None else "", 0),
        ready,
        (meta.deletion_timestamp is None, meta.deletion_timestamp or 0),
        newest_first(since),
        -restarts,
        -sidecars,
        newest_first(meta.creation_timestamp),
    )


def newest_first(time: int | None) -> tuple[bool, int]:
    """No time at all before later times before earlier ones."""
    return (time is not None, -(time or 0))


def max_restarts(pod: Pod) -> tuple[int, int]:
    """The most restarts of any app container, and of any sidecar."""
    if pod.status is None:
        return 0, 0
    names = [c.name for c in pod.spec.init_containers if c.restart_policy == "Always"] if pod.spec is not None else []
    regular = max((s.restart_count for s in pod.status.container_statuses), default=0)
    sidecars = max((s.restart_count for s in pod.status.init_container_statuses if s.name in names), default=0)
    return regular, sidecars
