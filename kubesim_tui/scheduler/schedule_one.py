"""The choice of a node for one Pod: filter nodes until enough are found, score them, take the best.

Pure but for what it is given: the cycle's state is filled, chance decides ties. `Attempt` is all that came of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.scheduler.fit_error import Diagnosis, NodeStatuses
from kubesim_tui.scheduler.framework import Code, Status, unresolvable
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.queue import Nominator
from kubesim_tui.scheduler.runtime import (
    Cycle,
    PreFilter,
    Scores,
    run_filters_with_nominated,
    run_pre_filter,
    run_scores,
)

LEAST_NODES = 100
LEAST_PERCENTAGE = 5


class SchedulingError(Exception):
    """Something went wrong (as opposed to: no node fits)."""


def feasible_nodes_to_find(percentage: int, nodes: int) -> int:
    """How many feasible nodes are enough. `percentage` 0: by the size of the cluster, 50 % down to 5 %."""
    if nodes < LEAST_NODES:
        return nodes
    share = percentage or max(LEAST_PERCENTAGE, 50 - nodes // 125)
    return max(LEAST_NODES, nodes * share // 100)


@define(eq=False)
class Attempt:
    """What came of trying one Pod."""

    cycle: Cycle
    start: int = 0
    examined: int = 0  # nodes looked at, from `start` on
    feasible: Sequence[NodeInfo] = ()
    rows: Sequence[int] | None = None  # the places of `feasible` in the order of all nodes, if known
    statuses: NodeStatuses = field(factory=NodeStatuses)
    scores: Scores | None = None
    node: str = ""  # the choice
    diagnosis: Diagnosis | None = None  # why there is none
    helpful: int = 0  # nodes where preemption was tried
    repeats: bool = False  # the failure of an earlier Pod of the template, over again

    @property
    def pod(self) -> PodInfo:
        """The Pod."""
        return self.cycle.pod


def schedule_pod(cycle: Cycle, start: int, nominator: Nominator, ties: Stream) -> Attempt:
    """Choose a node, the plain way. SchedulingError if a plugin fails."""
    attempt = Attempt(cycle, start)
    pre = run_pre_filter(cycle)
    if pre.status is not None:
        return refuse_all(attempt, pre)
    if not _try_nominated(attempt, nominator):
        nodes = narrowed(attempt, pre)
        examine(attempt, nodes, start, nominator)
        attempt.examined = len(attempt.feasible) + len(attempt.statuses.by_node)
    if not attempt.feasible:
        return give_up(attempt, pre)
    choose(attempt, ties)
    return attempt


def refuse_all(attempt: Attempt, pre: PreFilter) -> Attempt:
    """A pre-filter refused the Pod: all nodes share its status."""
    assert pre.status is not None
    if not pre.status.rejected:
        raise SchedulingError(pre.status.message)
    attempt.statuses.others = pre.status
    plugins = tuple(sorted({p for p in (*pre.plugins, pre.status.plugin) if p}))
    total = len(attempt.cycle.handle.nodes())
    attempt.diagnosis = Diagnosis(total, attempt.statuses, plugins, pre_filter=pre.status.message)
    return attempt


def _try_nominated(attempt: Attempt, nominator: Nominator) -> bool:
    """A node that was freed for the Pod is likely the only one; it is tried alone first."""
    name = attempt.pod.nominated
    node = attempt.cycle.handle.node(name) if name else None
    if node is not None:
        status = run_filters_with_nominated(attempt.cycle, node, nominator.on(name))
        if status is None:
            attempt.feasible = [node]
            return True
        _keep(attempt, node, status)
    return False


def narrowed(attempt: Attempt, pre: PreFilter) -> Sequence[NodeInfo]:
    """The nodes that come into question. The others share a status that names who ruled them out."""
    handle = attempt.cycle.handle
    if pre.nodes is None:
        return handle.nodes()
    names = " ".join(sorted(pre.plugins))
    attempt.statuses.others = unresolvable(f"node(s) didn't satisfy plugin(s) [{names}]")
    found = [handle.node(name) for name in sorted(pre.nodes)]
    return [n for n in found if n is not None]


def examine(attempt: Attempt, nodes: Sequence[NodeInfo], start: int, nominator: Nominator) -> None:
    """Filter nodes, from `start` on and around, until enough are feasible."""
    count = len(nodes)
    wanted = feasible_nodes_to_find(attempt.cycle.profile.percentage, count)
    attempt.feasible = feasible = list(attempt.feasible)
    for i in range(count):
        node = nodes[(start + i) % count]
        status = run_filters_with_nominated(attempt.cycle, node, nominator.on(node.name))
        if status is not None:
            _keep(attempt, node, status)
            continue
        feasible.append(node)
        if len(feasible) >= wanted:
            break


def _keep(attempt: Attempt, node: NodeInfo, status: Status) -> None:
    if status.code is Code.ERROR:
        raise SchedulingError(status.message)
    attempt.statuses.by_node[node.name] = status


def give_up(attempt: Attempt, pre: PreFilter) -> Attempt:
    """No node is feasible."""
    plugins = sorted({s.plugin for s in attempt.statuses.by_node.values()} | set(pre.plugins))
    total = len(attempt.cycle.handle.nodes())
    attempt.diagnosis = Diagnosis(total, attempt.statuses, tuple(p for p in plugins if p))
    return attempt


def choose(attempt: Attempt, ties: Stream) -> None:
    """The only feasible node without scoring, else the best; of equals one at random."""
    if len(attempt.feasible) == 1:
        attempt.node = attempt.feasible[0].name
        return
    attempt.scores = run_scores(attempt.cycle, attempt.feasible)
    attempt.node = attempt.feasible[best_of(attempt.scores.total, ties)].name


def best_of(totals: Sequence[int], ties: Stream) -> int:
    """The index of the highest total; chance is asked only if several have it."""
    best = max(totals)
    if totals.count(best) == 1:
        return totals.index(best)
    equals = [i for i, total in enumerate(totals) if total == best]
    return equals[ties.below(len(equals))]
