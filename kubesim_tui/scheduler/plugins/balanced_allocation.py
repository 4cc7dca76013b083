"""NodeResourcesBalancedAllocation: nodes whose cpu and memory would be used evenly score higher.

Score = (1 − population standard deviation of the used fractions) · 100, truncated; of real requests, not of those
that LeastAllocated assumes. A Pod that requests none of these resources is not scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen

from kubesim_tui.kernel.numeric import sqrt, total
from kubesim_tui.scheduler.framework import MAX_NODE_SCORE, SKIP, CycleState, Plugin, Status
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.plugins.resource_scoring import DEFAULT_RESOURCES, Use, Weighted, uses
from kubesim_tui.scheduler.pod_info import PodInfo


def balance(found: Sequence[Use]) -> int:
    """The score of a use of resources (the order of the operations is upstream's, to the last bit)."""
    fractions = [min(requested / capacity, 1.0) for requested, capacity in found if capacity]
    deviation = 0.0
    if len(fractions) == 2:
        deviation = abs((fractions[0] - fractions[1]) / 2)
    elif len(fractions) > 2:
        mean = total(fractions) / len(fractions)
        deviation = sqrt(total((f - mean) * (f - mean) for f in fractions) / len(fractions))
    return int((1 - deviation) * MAX_NODE_SCORE)


@frozen
class BalancedAllocation(Plugin):
    """The arguments are NodeResourcesBalancedAllocationArgs."""

    resources: tuple[Weighted, ...] = DEFAULT_RESOURCES
    name: ClassVar[str] = "NodeResourcesBalancedAllocation"
    local_score: ClassVar[bool] = True

    def pre_score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], handle: Handle) -> Status | None:
        """A Pod that asks for nothing balances nothing."""
        return None if any(pod.facts.requests.amount(r.name) for r in self.resources) else SKIP

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """How evenly the node would be used."""
        return balance(uses(node, pod.facts.requests, self.resources, non_zero=False))
