"""Daemon Pods: which nodes want one, what it looks like, which of two stays. Pure.

As pkg/controller/daemon and its util. A daemon Pod is bound to its node by an affinity to the node's name, so that the
ordinary scheduler places it; it tolerates what a node may suffer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.api.codec import decode
from kubesim_tui.api.helpers.node_affinity import matches_node
from kubesim_tui.api.helpers.nodes import taints_of
from kubesim_tui.api.helpers.tolerations import NO_EXECUTE, NO_SCHEDULE, untolerated
from kubesim_tui.api.types import (
    Affinity,
    LabelSelector,
    Node,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Object,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Toleration,
)
from kubesim_tui.controllers import generic

_TOLERATED: tuple[tuple[str, str], ...] = (
    ("node.kubernetes.io/not-ready", NO_EXECUTE),
    ("node.kubernetes.io/unreachable", NO_EXECUTE),
    ("node.kubernetes.io/disk-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/memory-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/pid-pressure", NO_SCHEDULE),
    ("node.kubernetes.io/unschedulable", NO_SCHEDULE),
)
_HOST_NETWORK = ("node.kubernetes.io/network-unavailable", NO_SCHEDULE)


@frozen(eq=False)
class DaemonSet:
    """What is read of a DaemonSet; the kind has no class of its own."""

    object: Object
    selector: LabelSelector | None
    template: PodTemplateSpec
    min_ready: int
    on_delete: bool
    max_surge: int | str
    max_unavailable: int | str
    history_limit: int
    spec: Mapping[str, Any]

    @classmethod
    def of(cls, obj: Object) -> DaemonSet:
        """Read one."""
        spec = generic.plain(obj, "spec")
        strategy = spec.get("updateStrategy") or {}
        rolling = strategy.get("rollingUpdate") or {}
        selector, limit = spec.get("selector"), spec.get("revisionHistoryLimit")
        return cls(
            obj,
            decode(LabelSelector, selector) if selector is not None else None,
            decode(PodTemplateSpec, spec.get("template") or {}),
            spec.get("minReadySeconds") or 0,
            strategy.get("type") == "OnDelete",
            rolling.get("maxSurge") or 0,
            1 if rolling.get("maxUnavailable") is None else rolling["maxUnavailable"],
            10 if limit is None else limit,
            spec,
        )


def daemon_spec(spec: PodSpec) -> PodSpec:
    """A template's Pod spec with the tolerations of daemons."""
    wanted = [*_TOLERATED, *([_HOST_NETWORK] if spec.host_network else [])]
    has = {(t.key, t.effect) for t in spec.tolerations if t.operator == "Exists"}
    more = [Toleration(key=k, operator="Exists", effect=e) for k, e in wanted if (k, e) not in has]
    return spec.evolve(tolerations=(*spec.tolerations, *more))


def for_node(spec: PodSpec, node: str) -> PodSpec:
    """A daemon's Pod spec that only this node fits; other required node affinity is overruled (it has been checked)."""
    requirement = NodeSelectorRequirement(key="metadata.name", operator="In", values=(node,))
    required = NodeSelector(node_selector_terms=(NodeSelectorTerm(match_fields=(requirement,)),))
    affinity = spec.affinity or Affinity()
    chosen = (affinity.node_affinity or NodeAffinity()).evolve(
        required_during_scheduling_ignored_during_execution=required
    )
    return spec.evolve(affinity=affinity.evolve(node_affinity=chosen))


def target_node(pod: Pod) -> str:
    """The node of a daemon Pod, bound or not."""
    spec = pod.spec
    if spec is None or spec.node_name:
        return spec.node_name if spec is not None else ""
    chosen = spec.affinity.node_affinity if spec.affinity is not None else None
    required = chosen.required_during_scheduling_ignored_during_execution if chosen is not None else None
    for term in required.node_selector_terms if required is not None else ():
        for field in term.match_fields:
            if field.key == "metadata.name" and field.operator == "In" and len(field.values) == 1:
                return field.values[0]
    return ""


def should_run(spec: PodSpec, node: Node) -> tuple[bool, bool]:
    """(a new daemon Pod should run on the node, one that is there may stay). `spec`: as `daemon_spec` gives it."""
    if spec.node_name and spec.node_name != node.metadata.name:
        return False, False
    if not matches_node(spec, node):
        return False, False
    taints = taints_of(node)
    if untolerated(spec.tolerations, taints, (NO_SCHEDULE, NO_EXECUTE)) is None:
        return True, True
    return False, untolerated(spec.tolerations, taints, (NO_EXECUTE,)) is None


def oldest_first(pods: Iterable[Pod]) -> list[Pod]:
    """Bound before unbound, older before younger: the first of several is the one that stays."""
    return sorted(pods, key=_age)


def _age(pod: Pod) -> tuple[bool, int, str]:
    bound = pod.spec is not None and bool(pod.spec.node_name)
    return not bound, pod.metadata.creation_timestamp or 0, pod.metadata.name


def by_node(pods: Sequence[Pod]) -> dict[str, list[Pod]]:
    """The Pods of each node, oldest first."""
    found: dict[str, list[Pod]] = {}
    for pod in oldest_first(pods):
        node = target_node(pod)
        if node:
            found.setdefault(node, []).append(pod)
    return found
