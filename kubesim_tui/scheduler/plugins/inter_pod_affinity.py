"""InterPodAffinity: Pods that want to be near others, or far from them; and the wishes of those that run already.

Required terms refuse nodes: the Pod's own affinity (all terms, by Pods that match all of them), its own anti-affinity,
and the required anti-affinity of running Pods. Preferred terms of both sides, and the required affinity of running
Pods (weight `hard_weight`), score. Everything is counted by topology pair (key, value), group of Pods by group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

from attrs import define, frozen

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.types import Node, Object, Pod
from kubesim_tui.scheduler.events import OF_SELF, ClusterEvent
from kubesim_tui.scheduler.framework import (
    MAX_NODE_SCORE,
    SKIP,
    CycleState,
    NodeNames,
    Plugin,
    Status,
    unresolvable,
    unschedulable,
)
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import Group, PodInfo
from kubesim_tui.scheduler.terms import Term

AFFINITY = "node(s) didn't match pod affinity rules"
ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules"
EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"
Pair: TypeAlias = tuple[str, str]
Counts: TypeAlias = dict[Pair, int]
Labels: TypeAlias = Mapping[str, str]
NamespaceLabels: TypeAlias = Callable[[str], Labels]


def bump(counts: Counts, node: NodeInfo, key: str, change: int) -> None:
    """Count at a node's value of a topology key, if it has one; nothing is kept that is 0."""
    value = node.labels.get(key)
    if value is None:
        return
    left = counts.get((key, value), 0) + change
    if left:
        counts[key, value] = left
    else:
        counts.pop((key, value), None)


@define(eq=False)
class Pairs:
    """What `pre_filter` finds: how many Pods, by topology pair."""

    existing: Counts  # running Pods' anti-affinity terms that mean this Pod
    affinity: Counts  # Pods that match all own affinity terms
    anti_affinity: Counts  # Pods that match an own anti-affinity term
    handle: Handle

    def copy(self) -> Pairs:
        """An independent copy."""
        return Pairs(dict(self.existing), dict(self.affinity), dict(self.anti_affinity), self.handle)

    def count(self, pod: PodInfo, group: Group, node: NodeInfo, change: int) -> None:
        """Count the Pods of a group on a node in, or out."""
        own = self.handle.namespace_labels
        for term in group.facts.anti_affinity if group.facts.has_affinity else ():
            if term.matches(pod.namespace, pod.labels, own(pod.namespace)):
                bump(self.existing, node, term.topology_key, change)
        facts = pod.facts
        if not (facts.affinity or facts.anti_affinity):
            return
        theirs = own(group.namespace)
        if matches_all(facts.affinity, group.namespace, group.labels, theirs):
            for term in facts.affinity:
                bump(self.affinity, node, term.topology_key, change)
        for term in facts.anti_affinity:
            if term.matches(group.namespace, group.labels, theirs):
                bump(self.anti_affinity, node, term.topology_key, change)


def matches_all(terms: Sequence[Term], namespace: str, labels: Labels, theirs: Labels) -> bool:
    """Whether a Pod matches all terms (and there are any)."""
    return bool(terms) and all(t.matches(namespace, labels, theirs) for t in terms)


def pairs_of(pod: PodInfo, handle: Handle) -> Pairs:
    """Count; nodes without averse Pods matter only if the Pod has terms of its own."""
    found = Pairs({}, {}, {}, handle)
    everywhere = bool(pod.facts.affinity or pod.facts.anti_affinity)
    for node in handle.nodes():
        if everywhere or node.averse:
            for group, pods in node.crowd.items():
                if everywhere or group.facts.anti_affinity:
                    found.count(pod, group, node, pods)
    return found


def near_enough(found: Pairs, pod: PodInfo, labels: Labels) -> bool:
    """Whether the own affinity is satisfied; the first of a series that wants its own kind may start anywhere."""
    terms = pod.facts.affinity
    there = True
    for term in terms:
        value = labels.get(term.topology_key)
        if value is None:
            return False
        if found.affinity.get((term.topology_key, value), 0) <= 0:
            there = False
    if there:
        return True
    own = found.handle.namespace_labels(pod.namespace)
    return not found.affinity and matches_all(terms, pod.namespace, pod.labels, own)


def hits(counts: Counts, labels: Labels) -> bool:
    """Whether a node with these labels is in one of the counted domains."""
    return bool(counts) and any(counts.get(pair, 0) > 0 for pair in labels.items())


@frozen
class InterPodAffinity(Plugin):
    """The arguments are InterPodAffinityArgs."""

    hard_weight: int = 1
    ignore_preferred_of_existing: bool = False
    name: ClassVar[str] = "InterPodAffinity"
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.POD_ADD,
        ClusterEvent.POD_DELETE,
        ClusterEvent.POD_LABEL,
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_LABEL,
        ClusterEvent.SELF_LABEL,
    )
    weights: ClassVar[str] = "InterPodAffinity/weights"
    too_far: ClassVar[Status] = unresolvable(AFFINITY, plugin="InterPodAffinity")
    too_near: ClassVar[Status] = unschedulable(ANTI_AFFINITY, plugin="InterPodAffinity")
    unwelcome: ClassVar[Status] = unschedulable(EXISTING, plugin="InterPodAffinity")

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Count, unless nobody concerned has required terms."""
        own = pod.facts.affinity or pod.facts.anti_affinity
        if not own and not handle.cache.averse:
            return None, SKIP
        found = pairs_of(pod, handle)
        if not own and not found.existing:
            return None, SKIP
        state[self.name] = found
        return None, None

    def copy_state(self, found: Any) -> Any:
        """Counts change in what-if."""
        return found.copy() if isinstance(found, Pairs) else found

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """One more."""
        if (found := state.get(self.name)) is not None:
            found.count(pod, other.group, node, 1)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """One less."""
        if (found := state.get(self.name)) is not None:
            found.count(pod, other.group, node, -1)

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Own affinity, own anti-affinity, then the others'."""
        found: Pairs = state[self.name]
        labels = node.labels
        if pod.facts.affinity and not near_enough(found, pod, labels):
            return self.too_far
        for term in pod.facts.anti_affinity:
            value = labels.get(term.topology_key)
            if value is not None and found.anti_affinity.get((term.topology_key, value), 0) > 0:
                return self.too_near
        return self.unwelcome if hits(found.existing, labels) else None

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """Sum weights by topology pair; nothing to do if there are none."""
        if not handle.cache.affine and not pod.facts.preferred:
            return SKIP
        affinity = pod.spec.affinity
        own = affinity is not None and (affinity.pod_affinity is not None or affinity.pod_anti_affinity is not None)
        if not own and self.ignore_preferred_of_existing:
            return SKIP
        weights = self._weights(pod, handle, everywhere=own)
        if not weights:
            return SKIP
        state[self.weights] = weights
        return None

    def _weights(self, pod: PodInfo, handle: Handle, *, everywhere: bool) -> dict[str, dict[str, int]]:
        """Key → value → sum of weights."""
        sums: dict[str, dict[str, int]] = {}
        memo: dict[Group, tuple[tuple[str, int], ...]] = {}
        for node in handle.nodes():
            if not (everywhere or node.affine):
                continue
            for group, pods in node.crowd.items():
                if everywhere or group.facts.has_affinity:
                    if group not in memo:
                        memo[group] = self.weigh(pod, group, handle.namespace_labels)
                    for key, weight in memo[group]:
                        value = node.labels.get(key)
                        if value is not None:
                            values = sums.setdefault(key, {})
                            values[value] = values.get(value, 0) + weight * pods
        return sums

    def weigh(self, pod: PodInfo, group: Group, labels_of: NamespaceLabels) -> tuple[tuple[str, int], ...]:
        """What one Pod of a group is worth to the Pod: (topology key, weight) of every term that means the other."""
        found = []
        theirs = labels_of(group.namespace) if pod.facts.preferred else EMPTY
        for wish in pod.facts.preferred:
            if wish.term.matches(group.namespace, group.labels, theirs):
                found.append((wish.term.topology_key, wish.weight))
        if not group.facts.has_affinity:
            return tuple(found)
        ours = labels_of(pod.namespace)
        for term in group.facts.affinity if self.hard_weight > 0 else ():
            if term.matches(pod.namespace, pod.labels, ours):
                found.append((term.topology_key, self.hard_weight))
        for wish in () if self.ignore_preferred_of_existing else group.facts.preferred:
            if wish.term.matches(pod.namespace, pod.labels, ours):
                found.append((wish.term.topology_key, wish.weight))
        return tuple(found)

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The sum of the weights in the node's domains."""
        labels, score = node.labels, 0
        for key, values in state[self.weights].items():
            value = labels.get(key)
            if value is not None:
                score += values.get(value, 0)
        return score

    def normalize(
        self, state: CycleState, pod: PodInfo, scores: Sequence[int], nodes: Sequence[NodeInfo]
    ) -> Sequence[int]:
        """100 · (raw − min) / (max − min)."""
        lowest, highest = min(scores, default=0), max(scores, default=0)
        if highest == lowest:
            return [0] * len(scores)
        between = highest - lowest
        return [int(float(MAX_NODE_SCORE) * ((s - lowest) / between)) for s in scores]

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A Pod that one of the terms means (of either side), or a node with the keys."""
        if event in OF_SELF:
            return True
        terms = (*pod.facts.affinity, *pod.facts.anti_affinity)
        if isinstance(new, Node):
            before, after = old.metadata.labels if old is not None else EMPTY, new.metadata.labels
            return not terms or any(before.get(t.topology_key) != after.get(t.topology_key) for t in terms)
        return any(self._concerns(pod, other, handle) for other in (old, new) if isinstance(other, Pod))

    def _concerns(self, pod: PodInfo, other: Pod, handle: Handle) -> bool:
        """Whether another Pod is meant by a term of ours, or we by one of its anti-affinity."""
        meta = other.metadata
        theirs, ours = handle.namespace_labels(meta.namespace), handle.namespace_labels(pod.namespace)
        if any(t.matches(meta.namespace, meta.labels, theirs) for t in (*pod.facts.affinity, *pod.facts.anti_affinity)):
            return True
        facts = handle.cache.register.facts_of(other)
        return any(t.matches(pod.namespace, pod.labels, ours) for t in facts.anti_affinity)
