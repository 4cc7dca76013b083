"""PodTopologySpread: Pods are spread evenly over domains (zones, nodes, …): hard constraints refuse, soft ones score.

A domain is a value of the constraint's topology key. Hard: the domain's matching Pods, with this one, may exceed the
emptiest domain's by maxSkew at most. Soft: raw = Σ count · ln(domains + 2) + maxSkew − 1, rounded; fewer are better.
A Pod without constraints of its own has two soft ones by default (nodes, skew 3; zones, skew 5), for the Pods that its
Services and its controller select. Terminating Pods do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import define, field, frozen

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.types import LabelSelector, Node, Object, Pod, TopologySpreadConstraint
from kubesim_tui.kernel.numeric import log
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
from kubesim_tui.scheduler.plugins.node_affinity import allows
from kubesim_tui.scheduler.plugins.taint_toleration import refuses
from kubesim_tui.scheduler.pod_info import Group, PodInfo

REASON = "node(s) didn't match pod topology spread constraints"
LABEL_REASON = f"{REASON} (missing required label)"
HARD, SOFT = "DoNotSchedule", "ScheduleAnyway"
HOSTNAME, ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
MOST = 2**31 - 1
SYSTEM_DEFAULTS = (
    TopologySpreadConstraint(topology_key=HOSTNAME, max_skew=3, when_unsatisfiable=SOFT),
    TopologySpreadConstraint(topology_key=ZONE, max_skew=5, when_unsatisfiable=SOFT),
)


@frozen(eq=False)
class Constraint:
    """One constraint; all its selectors must choose a Pod for it to count."""

    key: str
    max_skew: int
    selectors: tuple[LabelSelector | None, ...]
    min_domains: int = 1
    honor_affinity: bool = True
    honor_taints: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a Pod with these labels is among those that are spread."""
        return all(selector.matches(s, labels) for s in self.selectors)

    def includes(self, pod: PodInfo, node: NodeInfo) -> bool:
        """Whether a node's Pods, and its domain, count (nodeAffinityPolicy, nodeTaintsPolicy)."""
        assert node.node is not None
        if self.honor_affinity and not allows(pod.spec, node.node):
            return False
        return not (self.honor_taints and refuses(pod.spec.tolerations, node.taints))

    def count(self, pod: PodInfo, node: NodeInfo, known: dict[Group, bool]) -> int:
        """The matching Pods on a node; `known` remembers which groups match."""
        found = 0
        for group, pods in node.crowd.items():
            hit = known.get(group)
            if hit is None:
                hit = known[group] = self.chooses(group, pod.namespace)
            if hit:
                found += pods
        return found

    def chooses(self, group: Group, namespace: str) -> bool:
        """Whether the Pods of a group count. (A selector that chooses everything counts nothing: upstream's way.)"""
        if group.terminating or group.namespace != namespace or all(map(selector.is_everything, self.selectors)):
            return False
        return self.matches(group.labels)


def constraint_of(given: TopologySpreadConstraint, selectors: tuple[LabelSelector | None, ...]) -> Constraint:
    """A constraint as the API has it."""
    return Constraint(
        given.topology_key,
        given.max_skew,
        selectors,
        given.min_domains or 1,
        given.node_affinity_policy != "Ignore",
        given.node_taints_policy == "Honor",
    )


def constraints_of(
    pod: PodInfo, action: str, defaults: Sequence[TopologySpreadConstraint], handle: Handle
) -> tuple[Constraint, ...]:
    """A Pod's constraints of one kind: its own, or if it has none at all the defaults for its Services' Pods."""
    own = pod.facts.spread
    if own:
        return tuple([constraint_of(c, (c.label_selector,)) for c in own if c.when_unsatisfiable == action])
    wanted = [c for c in defaults if c.when_unsatisfiable == action]
    if not wanted:
        return ()
    chosen = handle.default_selectors(pod)
    return tuple([constraint_of(c, chosen) for c in wanted]) if chosen else ()


def has_keys(node: NodeInfo, constraints: Sequence[Constraint]) -> bool:
    """Whether a node has all topology keys."""
    labels = node.labels
    return all(c.key in labels for c in constraints)


@define(eq=False)
class Domains:
    """What `pre_filter` finds: the matching Pods by domain, per constraint."""

    constraints: tuple[Constraint, ...]
    counts: list[dict[str, int]]
    least: list[int | None]  # the emptiest domain's count; None: to be found again

    def minimum(self, i: int) -> int:
        """What the others are compared with: 0 as long as there are fewer domains than minDomains."""
        if len(self.counts[i]) < self.constraints[i].min_domains:
            return 0
        found = self.least[i]
        if found is None:
            found = self.least[i] = min(self.counts[i].values(), default=MOST)
        return found

    def copy(self) -> Domains:
        """An independent copy."""
        return Domains(self.constraints, [dict(c) for c in self.counts], list(self.least))


def domains_of(pod: PodInfo, constraints: tuple[Constraint, ...], nodes: Sequence[NodeInfo]) -> Domains:
    """Count the matching Pods of every eligible domain."""
    counts: list[dict[str, int]] = [{} for _ in constraints]
    known: list[dict[Group, bool]] = [{} for _ in constraints]
    for node in nodes:
        if not has_keys(node, constraints):
            continue
        for i, c in enumerate(constraints):
            if c.includes(pod, node):
                value = node.labels[c.key]
                counts[i][value] = counts[i].get(value, 0) + c.count(pod, node, known[i])
    return Domains(constraints, counts, [None] * len(constraints))


def judge(found: Domains, pod: PodInfo, labels: Mapping[str, str]) -> str:
    """Why a node with these labels is refused, or ""."""
    for i, c in enumerate(found.constraints):
        value = labels.get(c.key)
        if value is None:
            return LABEL_REASON
        own = 1 if c.matches(pod.labels) else 0
        if found.counts[i].get(value, 0) + own - found.minimum(i) > c.max_skew:
            return REASON
    return ""


@define(eq=False)
class Spread:
    """What `pre_score` finds. Pods by domain; of the domain "one node" they are counted at each node."""

    constraints: tuple[Constraint, ...]
    ignored: dict[str, None]  # names of feasible nodes that lack a key
    counts: list[dict[str, int]]
    weights: list[float]
    known: list[dict[Group, bool]] = field(factory=list)


def spread_of(
    pod: PodInfo,
    constraints: tuple[Constraint, ...],
    feasible: Sequence[NodeInfo],
    nodes: Sequence[NodeInfo],
    *,
    require_all: bool,
) -> Spread:
    """Count the matching Pods in the domains of the feasible nodes; weigh small topologies up."""
    ignored = {n.name: None for n in feasible if require_all and not has_keys(n, constraints)}
    scored = [n for n in feasible if n.name not in ignored]
    counts: list[dict[str, int]] = [{} for _ in constraints]
    for i, c in enumerate(constraints):
        if c.key != HOSTNAME:
            counts[i] = {n.labels.get(c.key, ""): 0 for n in scored}
    sizes = [len(scored) if c.key == HOSTNAME else len(counts[i]) for i, c in enumerate(constraints)]
    known: list[dict[Group, bool]] = [{} for _ in constraints]
    found = Spread(constraints, ignored, counts, [log(float(size + 2)) for size in sizes], known)
    for node in nodes:
        if not require_all or has_keys(node, constraints):
            _count_node(found, pod, node)
    return found


def _count_node(found: Spread, pod: PodInfo, node: NodeInfo) -> None:
    for i, c in enumerate(found.constraints):
        value = node.labels.get(c.key, "")
        if value in found.counts[i] and c.includes(pod, node):
            found.counts[i][value] += c.count(pod, node, found.known[i])


def raw_score(found: Spread, pod: PodInfo, node: NodeInfo) -> int:
    """A node's raw score: the more matching Pods in its domains, the higher."""
    if node.name in found.ignored:
        return 0
    score, labels = 0.0, node.labels
    for i, c in enumerate(found.constraints):
        value = labels.get(c.key)
        if value is not None:
            count = c.count(pod, node, found.known[i]) if c.key == HOSTNAME else found.counts[i][value]
            score += count * found.weights[i] + (c.max_skew - 1)
    return rounded(score)


def rounded(x: float) -> int:
    """To the nearest integer, halves up (Go's math.Round, of what is not negative)."""
    whole = int(x)
    return whole + 1 if x - whole >= 0.5 else whole


def normalized(scores: Sequence[int], counted: Sequence[bool]) -> list[int]:
    """100 · (max + min − raw) / max; what is not counted has 0."""
    valid = [s for s, ok in zip(scores, counted, strict=True) if ok]
    highest, lowest = max(valid, default=0), min(valid, default=0)
    if not highest:
        return [MAX_NODE_SCORE if ok else 0 for ok in counted]
    both = highest + lowest
    return [MAX_NODE_SCORE * (both - s) // highest if ok else 0 for s, ok in zip(scores, counted, strict=True)]


@frozen
class PodTopologySpread(Plugin):
    """`defaults` and `system` are PodTopologySpreadArgs: by default the system's own constraints."""

    defaults: tuple[TopologySpreadConstraint, ...] = SYSTEM_DEFAULTS
    system: bool = True
    name: ClassVar[str] = "PodTopologySpread"
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.POD_ADD,
        ClusterEvent.POD_DELETE,
        ClusterEvent.POD_LABEL,
        ClusterEvent.POD_TERMINATING,
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_DELETE,
        ClusterEvent.NODE_LABEL,
        ClusterEvent.NODE_TAINT,
        ClusterEvent.SELF_LABEL,
    )
    refused: ClassVar[Status] = unschedulable(REASON, plugin="PodTopologySpread")
    refused_for_label: ClassVar[Status] = unresolvable(LABEL_REASON, plugin="PodTopologySpread")
    soft: ClassVar[str] = "PodTopologySpread/soft"

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Count, if there are hard constraints."""
        constraints = constraints_of(pod, HARD, self.defaults, handle)
        if not constraints:
            return None, SKIP
        state[self.name] = domains_of(pod, constraints, handle.nodes())
        return None, None

    def copy_state(self, found: Any) -> Any:
        """Counts change in what-if."""
        return found.copy() if isinstance(found, Domains) else found

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """One more."""
        _update(state.get(self.name), pod, other, node, 1)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """One less."""
        _update(state.get(self.name), pod, other, node, -1)

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes whose domain would be too full."""
        why = judge(state[self.name], pod, node.labels)
        if not why:
            return None
        return self.refused if why is REASON else self.refused_for_label

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """Count, if there are soft constraints."""
        constraints = constraints_of(pod, SOFT, self.defaults, handle)
        if not constraints:
            return SKIP
        require_all = self.requires_all(pod)
        state[self.soft] = spread_of(pod, constraints, nodes, handle.nodes(), require_all=require_all)
        return None

    def requires_all(self, pod: PodInfo) -> bool:
        """Nodes that lack a key are not scored; under the system's defaults they are, by the keys they have."""
        return bool(pod.facts.spread) or not self.system

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The raw score."""
        return raw_score(state[self.soft], pod, node)

    def normalize(
        self, state: CycleState, pod: PodInfo, scores: Sequence[int], nodes: Sequence[NodeInfo]
    ) -> Sequence[int]:
        """Reversed."""
        ignored = state[self.soft].ignored
        return normalized(scores, [n.name not in ignored for n in nodes])

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A Pod that counts has come, gone or changed; or a node with the keys."""
        constraints = constraints_of(pod, HARD, self.defaults, handle)
        if event in OF_SELF:
            return True
        if isinstance(new or old, Node):
            nodes = [n for n in (old, new) if isinstance(n, Node)]
            return any(all(c.key in n.metadata.labels for c in constraints) for n in nodes)
        pods = [p for p in (old, new) if isinstance(p, Pod) and p.metadata.namespace == pod.namespace]
        return any(c.matches(p.metadata.labels) for c in constraints for p in pods)


def _update(found: Domains | None, pod: PodInfo, other: PodInfo, node: NodeInfo, change: int) -> None:
    """As if a Pod came or went (upstream counts a terminating one, too, here)."""
    if found is None or other.namespace != pod.namespace or not has_keys(node, found.constraints):
        return
    for i, c in enumerate(found.constraints):
        if c.matches(other.labels) and c.includes(pod, node):
            value = node.labels[c.key]
            found.counts[i][value] = found.counts[i].get(value, 0) + change
            found.least[i] = None
