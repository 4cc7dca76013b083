"""NodeName: a Pod that names its node goes there or nowhere."""

from __future__ import annotations

from typing import ClassVar

from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import CycleState, Plugin, Status, unresolvable
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo

REASON = "node(s) didn't match the requested node name"


class NodeName(Plugin):
    """See the module."""

    name: ClassVar[str] = "NodeName"
    local_filter: ClassVar[bool] = True
    events: ClassVar[tuple[ClusterEvent, ...]] = (ClusterEvent.NODE_ADD,)
    refused: ClassVar[Status] = unresolvable(REASON, plugin="NodeName")

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse every node but the one named."""
        wanted = pod.spec.node_name
        return None if not wanted or wanted == node.name else self.refused
