"""NodePorts: two Pods on a node cannot have the same host port."""

from __future__ import annotations

from typing import ClassVar

from kubesim_tui.api.types import Object, Pod
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import SKIP, CycleState, NodeNames, Plugin, Status, unschedulable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import ANY_IP, NodeInfo
from kubesim_tui.scheduler.pod_info import NO_SPEC, PodInfo, host_ports

REASON = "node(s) didn't have free ports for the requested pod ports"


class NodePorts(Plugin):
    """See the module."""

    name: ClassVar[str] = "NodePorts"
    local_filter: ClassVar[bool] = True
    events: ClassVar[tuple[ClusterEvent, ...]] = (ClusterEvent.NODE_ADD, ClusterEvent.POD_DELETE)
    refused: ClassVar[Status] = unschedulable(REASON, plugin="NodePorts")

    def pre_filter(self, state: CycleState, pod: PodInfo, handle: Handle) -> tuple[NodeNames | None, Status | None]:
        """Nothing to do without host ports."""
        return None, None if pod.facts.ports else SKIP

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes where one of the ports is taken."""
        return self.refused if node.conflicts(pod.facts.ports) else None

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """A Pod with one of the wanted ports has gone, or a node has come."""
        if not isinstance(old, Pod):
            return True
        freed = host_ports(old.spec or NO_SPEC)
        return any(a[1:] == b[1:] and (a[0] == b[0] or ANY_IP in (a[0], b[0])) for a in pod.facts.ports for b in freed)
