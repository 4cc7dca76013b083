"""TaintToleration: NoSchedule and NoExecute taints refuse, PreferNoSchedule taints cost points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from attrs import frozen

from kubesim_tui.api.helpers.tolerations import NO_EXECUTE, NO_SCHEDULE, PREFER_NO_SCHEDULE, tolerates
from kubesim_tui.api.types import Node, NodeSpec, Object, Taint, Toleration
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import CycleState, Plugin, Status, default_normalize, unresolvable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

REASON = "node(s) had untolerated taint(s)"


def refuses(tolerations: Iterable[Toleration], taints: Iterable[Taint], *, comparisons: bool = True) -> bool:
    """Whether any hard taint is not tolerated."""
    return any(
        taint.effect in (NO_SCHEDULE, NO_EXECUTE)
        and not any(tolerates(t, taint, comparisons=comparisons) for t in tolerations)
        for taint in taints
    )


def intolerable(tolerations: Iterable[Toleration], taints: Iterable[Taint], *, comparisons: bool = True) -> int:
    """How many PreferNoSchedule taints are not tolerated by tolerations that are about that effect."""
    soft = [t for t in tolerations if t.effect in ("", PREFER_NO_SCHEDULE)]
    return sum(
        taint.effect == PREFER_NO_SCHEDULE and not any(tolerates(t, taint, comparisons=comparisons) for t in soft)
        for taint in taints
    )


@frozen
class TaintToleration(Plugin):
    """`comparisons`: the operators Gt and Lt (TaintTolerationComparisonOperators)."""

    comparisons: bool = True
    name: ClassVar[str] = "TaintToleration"
    local_filter: ClassVar[bool] = True
    local_score: ClassVar[bool] = True
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_TAINT,
        ClusterEvent.SELF_TOLERATION,
    )
    refused: ClassVar[Status] = unresolvable(REASON, plugin="TaintToleration")

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes with an untolerated hard taint."""
        taints = node.taints
        if taints and refuses(pod.spec.tolerations, taints, comparisons=self.comparisons):
            return self.refused
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The number of soft taints that are not tolerated; fewer are better."""
        taints = node.taints
        return intolerable(pod.spec.tolerations, taints, comparisons=self.comparisons) if taints else 0

    def normalize(
        self, state: CycleState, pod: PodInfo, scores: Sequence[int], nodes: Sequence[NodeInfo]
    ) -> Sequence[int]:
        """Reversed."""
        return default_normalize(scores, reverse=True)

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A node whose taints the Pod tolerates (now)."""
        if event is ClusterEvent.SELF_TOLERATION:
            return True
        before = refuses(pod.spec.tolerations, _taints(old), comparisons=self.comparisons) if old is not None else True
        return before and not refuses(pod.spec.tolerations, _taints(new), comparisons=self.comparisons)


def _taints(node: Object | None) -> tuple[Taint, ...]:
    return (node.spec or NodeSpec()).taints if isinstance(node, Node) else ()
