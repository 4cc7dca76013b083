"""NodeAffinity: nodeSelector and required node affinity refuse, preferred terms give points.

If every required term names nodes (as a DaemonSet's Pods do), only those are looked at. `added` is what the
scheduler's configuration adds to every Pod's affinity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from attrs import frozen

from kubesim_tui.api.helpers.node_affinity import matches_selector, matches_term, preferred_score
from kubesim_tui.api.names import is_label_value
from kubesim_tui.api.types import (
    Node,
    NodeAffinity,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    Object,
    PodSpec,
    PreferredSchedulingTerm,
)
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import (
    SKIP,
    CycleState,
    NodeNames,
    Plugin,
    Status,
    default_normalize,
    unresolvable,
)
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

REASON = "node(s) didn't match Pod's node affinity/selector"
ADDED_REASON = "node(s) didn't match scheduler-enforced node affinity"
CONFLICT = "pod affinity terms conflict"
NO_AFFINITY = NodeAffinity()


def required(spec: PodSpec) -> NodeSelector | None:
    """A Pod's required node affinity."""
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    return affinity.required_during_scheduling_ignored_during_execution if affinity is not None else None


def preferred(spec: PodSpec) -> tuple[PreferredSchedulingTerm, ...]:
    """A Pod's preferred terms."""
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    return affinity.preferred_during_scheduling_ignored_during_execution if affinity is not None else ()


def allows(spec: PodSpec, node: Node) -> bool:
    """Whether nodeSelector and required affinity allow a node. A term that cannot be read matches nothing."""
    labels = node.metadata.labels
    for key, value in spec.node_selector.items():
        if labels.get(key) != value:
            return False
    wanted = required(spec)
    if wanted is None:
        return True
    return any(matches_term(t, node) and readable(t) for t in wanted.node_selector_terms)


def readable(term: NodeSelectorTerm) -> bool:
    """Whether all values of In and NotIn could be the values of labels."""
    return not any(
        r.operator in ("In", "NotIn") and any(is_label_value(v) for v in r.values) for r in term.match_expressions
    )


def named_nodes(terms: Iterable[NodeSelectorTerm]) -> NodeNames | None:
    """The only nodes that come into question, if every term has `metadata.name In …`; None: all nodes do."""
    found: set[str] = set()
    for term in terms:
        names = _names(term.match_fields)
        if names is None:
            return None
        found |= names
    return frozenset(found)


def _names(fields: Iterable[NodeSelectorRequirement]) -> set[str] | None:
    names: set[str] | None = None
    for field in fields:
        if field.key == "metadata.name" and field.operator == "In":
            names = set(field.values) if names is None else names & set(field.values)
    return names


@frozen
class NodeAffinityPlugin(Plugin):
    """See the module."""

    added: NodeAffinity = NO_AFFINITY
    name: ClassVar[str] = "NodeAffinity"
    local_filter: ClassVar[bool] = True
    local_score: ClassVar[bool] = True
    events: ClassVar[tuple[ClusterEvent, ...]] = (ClusterEvent.NODE_ADD, ClusterEvent.NODE_LABEL)
    refused: ClassVar[Status] = unresolvable(REASON, plugin="NodeAffinity")
    refused_by_added: ClassVar[Status] = unresolvable(ADDED_REASON, plugin="NodeAffinity")

    @property
    def _added(self) -> NodeSelector | None:
        return self.added.required_during_scheduling_ignored_during_execution

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Nothing to do without a selector; else perhaps the nodes that are named."""
        wanted = required(pod.spec)
        if wanted is None and self._added is None and not pod.spec.node_selector:
            return None, SKIP
        if wanted is None or not wanted.node_selector_terms:
            return None, None
        names = named_nodes(wanted.node_selector_terms)
        if names is not None and not names:
            return None, unresolvable(CONFLICT, plugin=self.name)
        return names, None

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes that do not match."""
        assert node.node is not None
        if self._added is not None and not matches_selector(self._added, node.node):
            return self.refused_by_added
        return None if allows(pod.spec, node.node) else self.refused

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """Nothing to do without preferences."""
        return None if self._preferences(pod) else SKIP

    def _preferences(self, pod: PodInfo) -> tuple[PreferredSchedulingTerm, ...]:
        return (*preferred(pod.spec), *self.added.preferred_during_scheduling_ignored_during_execution)

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The weights of the preferred terms that match."""
        assert node.node is not None
        return preferred_score(self._preferences(pod), node.node)

    def normalize(
        self, state: CycleState, pod: PodInfo, scores: Sequence[int], nodes: Sequence[NodeInfo]
    ) -> Sequence[int]:
        """The best node has 100."""
        return default_normalize(scores)

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A node that matches, and did not before."""
        if not isinstance(new, Node) or not allows(pod.spec, new):
            return False
        if self._added is not None and not matches_selector(self._added, new):
            return False
        return not isinstance(old, Node) or not allows(pod.spec, old)
