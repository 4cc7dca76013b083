"""Why here: the scheduler's last decision about a Pod, node by node, as a front end may hold it.

The scheduler remembers its last decisions. Of a Pod that it does not remember (it was placed long ago, or the scheduler
has started anew) it is asked what it would decide about such a Pod now; nothing is changed by that.
"""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.api.helpers.static_pods import CONFIG_SOURCE
from kubesim_tui.cluster.cluster import Cluster
from kubesim_tui.cluster.view import Ref
from kubesim_tui.scheduler.explain import NodeRow


@frozen
class Placement:
    """One decision. `node` "": the Pod fits nowhere. `message`: why it waits, in the scheduler's words, if it does."""

    pod: Ref
    node: str
    message: str
    tick: int
    nominated: str  # the node that is being freed for it, "" if none
    victims: tuple[Ref, ...]  # who has to go there
    rows: tuple[NodeRow, ...]  # every node: the best first, then those refused, then those not examined
    remembered: bool = True  # False: what would be decided now

    @property
    def fitting(self) -> int:
        """How many nodes passed every filter."""
        return sum(row.fits for row in self.rows)


def placement(cluster: Cluster, namespace: str, name: str) -> Placement | None:
    """The decision about a Pod; None if it is gone, run by its kubelet from a file, or if no scheduler runs."""
    pod = cluster.etcd.get("pods", (namespace, name))
    scheduler = cluster.scheduler
    if not isinstance(pod, types.Pod) or CONFIG_SOURCE in pod.metadata.annotations or not scheduler.process.runs():
        return None
    known = scheduler.decisions.of(pod.metadata.uid)
    decision = known or scheduler.evaluate(pod)
    condition = find(pod.status.conditions, "PodScheduled") if pod.status else None
    waits = condition.message if condition is not None and condition.status == "False" else ""
    return Placement(
        Ref("Pod", namespace, name),
        decision.node,
        decision.message if known else waits,
        decision.tick,
        decision.nominated,
        tuple(Ref("Pod", *victim) for victim in decision.victims),
        decision.matrix(),
        known is not None,
    )
