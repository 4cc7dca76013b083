"""NodeUnschedulable: a cordoned node takes only Pods that tolerate the taint which cordoning also puts there."""

from __future__ import annotations

from typing import ClassVar

from kubesim_tui.api.helpers.tolerations import NO_SCHEDULE, tolerates
from kubesim_tui.api.types import Node, NodeSpec, Object, PodSpec, Taint
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import CycleState, Plugin, Status, unresolvable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable", effect=NO_SCHEDULE)
REASON = "node(s) were unschedulable"


def tolerated(spec: PodSpec) -> bool:
    """Whether a Pod may go to a cordoned node."""
    return any(tolerates(t, UNSCHEDULABLE) for t in spec.tolerations)


class NodeUnschedulable(Plugin):
    """See the module."""

    name: ClassVar[str] = "NodeUnschedulable"
    local_filter: ClassVar[bool] = True
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_TAINT,
        ClusterEvent.SELF_TOLERATION,
    )
    refused: ClassVar[Status] = unresolvable(REASON, plugin="NodeUnschedulable")

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse cordoned nodes."""
        assert node.node is not None
        spec = node.node.spec
        if spec is None or not spec.unschedulable or tolerated(pod.spec):
            return None
        return self.refused

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A node that is not cordoned, or no more."""
        if event is ClusterEvent.SELF_TOLERATION:
            return tolerated(pod.spec)
        return isinstance(new, Node) and not (new.spec or NodeSpec()).unschedulable
