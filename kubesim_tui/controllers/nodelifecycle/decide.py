"""A node's conditions when it is silent, the taints that follow from conditions, and how fast nodes are tainted. Pure.

As node_lifecycle_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from kubesim_tui.api.helpers.conditions import find, with_condition
from kubesim_tui.api.helpers.nodes import taints_of
from kubesim_tui.api.types import Node, NodeCondition, Taint

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"
NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"
_TAINTS: tuple[tuple[str, str, str], ...] = (
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
)
"""Condition, status, and the NoSchedule taint that a node gets by it."""
_KEYS = frozenset({key for _, _, key in _TAINTS} | {UNSCHEDULABLE})
_KUBELETS = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
BETA_LABELS = {"kubernetes.io/os": "beta.kubernetes.io/os", "kubernetes.io/arch": "beta.kubernetes.io/arch"}


def conditions_of(node: Node) -> tuple[NodeCondition, ...]:
    """Its conditions."""
    return node.status.conditions if node.status is not None else ()


def ready_status(node: Node) -> str:
    """True, False, Unknown, or "" when nothing was ever said."""
    found = find(conditions_of(node), "Ready")
    return found.status if found is not None else ""


def silent_conditions(known: tuple[NodeCondition, ...], now: int) -> tuple[NodeCondition, ...]:
    """The conditions of a node whose kubelet is not heard of: what it used to report is Unknown."""
    for type_ in _KUBELETS:
        found = find(known, type_)
        if found is None:
            reason, text = "NodeStatusNeverUpdated", "Kubelet never posted node status."
            new = NodeCondition(type=type_, status="Unknown", reason=reason, message=text, last_transition_time=now)
            known = with_condition(known, new)
        elif found.status != "Unknown":
            reason, text = "NodeStatusUnknown", "Kubelet stopped posting node status."
            new = found.evolve(status="Unknown", reason=reason, message=text, last_transition_time=now)
            known = with_condition(known, new)
    return known


def no_schedule_keys(node: Node) -> list[str]:
    """The keys of the NoSchedule taints that a node should have."""
    conditions = conditions_of(node)
    keys = [key for type_, status, key in _TAINTS if (c := find(conditions, type_)) is not None and c.status == status]
    if node.spec is not None and node.spec.unschedulable:
        keys.append(UNSCHEDULABLE)
    return keys


def no_execute_key(node: Node) -> str:
    """The key of the NoExecute taint that a node should have; "" for none."""
    return {"False": NOT_READY, "Unknown": UNREACHABLE}.get(ready_status(node), "")


def with_no_schedule(node: Node, now: int) -> tuple[Taint, ...]:
    """The taints with exactly those NoSchedule ones of ours that should be there."""
    taints = taints_of(node)
    wanted = no_schedule_keys(node)
    kept = [t for t in taints if not (t.effect == NO_SCHEDULE and t.key in _KEYS and t.key not in wanted)]
    has = {t.key for t in kept if t.effect == NO_SCHEDULE}
    return (*kept, *(Taint(key=k, effect=NO_SCHEDULE, time_added=now) for k in wanted if k not in has))


def with_no_execute(taints: Iterable[Taint], key: str, now: int) -> tuple[Taint, ...]:
    """The taints with this NoExecute taint ("": none) in place of the two of ours."""
    kept = tuple([t for t in taints if t.effect != NO_EXECUTE or t.key not in (NOT_READY, UNREACHABLE) or t.key == key])
    if not key or any(t.key == key and t.effect == NO_EXECUTE for t in kept):
        return kept
    return (*kept, Taint(key=key, effect=NO_EXECUTE, time_added=now))


def has_no_execute(node: Node) -> bool:
    """Whether it has one of the two NoExecute taints of ours."""
    taints = taints_of(node)
    return any(t.effect == NO_EXECUTE and t.key in (NOT_READY, UNREACHABLE) for t in taints)


def with_beta_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels with the old spellings of operating system and architecture."""
    return {**labels, **{old: labels[new] for new, old in BETA_LABELS.items() if new in labels}}


# -- zones -------------------------------------------------------------------------------------------------------


class Zone(StrEnum):
    """How a zone fares."""

    NORMAL = "Normal"
    PARTIAL = "PartialDisruption"
    FULL = "FullDisruption"


UNHEALTHY_PER_CENT, LARGE = 55, 50


def zone_state(ready: int, not_ready: int) -> Zone:
    """Full: no node is ready; partial: more than two, and 55 % at least, are not."""
    if not_ready and not ready:
        return Zone.FULL
    if not_ready > 2 and 100 * not_ready >= UNHEALTHY_PER_CENT * (ready + not_ready):
        return Zone.PARTIAL
    return Zone.NORMAL


def seconds_between(state: Zone, size: int) -> int | None:
    """Seconds between two nodes of a zone that get their NoExecute taint; None: none gets it."""
    if state is Zone.PARTIAL:
        return 100 if size > LARGE else None
    return 10


def zone_of(node: Node) -> str:
    """Region and zone."""
    labels = node.metadata.labels
    region = labels.get("topology.kubernetes.io/region", "")
    return f"{region}:{labels.get('topology.kubernetes.io/zone', '')}"
