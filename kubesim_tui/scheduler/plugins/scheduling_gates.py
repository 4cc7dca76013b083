"""SchedulingGates: a Pod with gates is not even queued until the last of them is taken away."""

from __future__ import annotations

from typing import ClassVar

from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import Plugin, Status, unresolvable
from kubesim_tui.scheduler.pod_info import PodInfo


class SchedulingGates(Plugin):
    """See the module."""

    name: ClassVar[str] = "SchedulingGates"
    events: ClassVar[tuple[ClusterEvent, ...]] = (ClusterEvent.SELF_GATES,)

    def pre_enqueue(self, pod: PodInfo) -> Status | None:
        """Refuse while there are gates."""
        gates = pod.spec.scheduling_gates
        if not gates:
            return None
        names = " ".join(gate.name for gate in gates)
        return unresolvable(f"waiting for scheduling gates: [{names}]", plugin=self.name)
