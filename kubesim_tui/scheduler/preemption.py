"""DefaultPreemption: if a Pod fits nowhere, find a node where it would if Pods of lower priority made room.

On each node that preemption can help, take all Pods of lower priority away, see whether the Pod fits, and give back as
many as possible: first those whose disruption budget would be violated, then by priority, the longest-running first.
What cannot be given back are the victims. Of the nodes, the one where the victims matter least is chosen.

All here is what-if, on copies; the scheduler nominates the node and deletes the victims.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.budgets import Budget
from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.api.types import Pod, PodStatus
from kubesim_tui.scheduler.fit_error import NodeStatuses, fit_message
from kubesim_tui.scheduler.framework import Code, Status, unresolvable
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.queue import Nominator
from kubesim_tui.scheduler.runtime import Cycle, run_add_pod, run_filters_with_nominated, run_remove_pod

NEVER = "not eligible due to preemptionPolicy=Never."
TERMINATING = "not eligible due to a terminating pod on the nominated node."
NO_VICTIMS = "No preemption victims found for incoming pod"
NOT_HELPFUL = "Preemption is not helpful for scheduling"
BY_SCHEDULER = "PreemptionByScheduler"
MAX_INT32 = 2**31 - 1
NOBODY = unresolvable(NO_VICTIMS)


@frozen(eq=False)
class Candidate:
    """A node, who would have to go (the most important first), and how many budgets that violates."""

    node: str
    victims: tuple[PodInfo, ...]
    violations: int


@frozen(eq=False)
class Preemption:
    """What came of it. `message` is for FailedScheduling; `candidate` None: nothing can be done."""

    candidate: Candidate | None = None
    message: str = ""
    keeps_nomination: bool = False


def eligible(pod: PodInfo, nominated_status: Status, node: NodeInfo | None) -> str:
    """Why a Pod may not preempt others, or ""."""
    if pod.spec.preemption_policy == "Never":
        return NEVER
    if not pod.nominated or nominated_status.code is Code.UNRESOLVABLE or node is None:
        return ""
    waiting = any(p.priority < pod.priority and _terminates_for_another(p.pod) for p in node.pods.values())
    return TERMINATING if waiting else ""


def _terminates_for_another(pod: Pod) -> bool:
    """Whether a Pod is going because the scheduler preempted it."""
    if pod.metadata.deletion_timestamp is None:
        return False
    found = find((pod.status or PodStatus()).conditions, "DisruptionTarget")
    return found is not None and found.status == "True" and found.reason == BY_SCHEDULER


def importance(pod: PodInfo) -> tuple[int, int]:
    """A sort key: the most important first (higher priority, then earlier start; not started is latest)."""
    started = pod.pod.status.start_time if pod.pod.status is not None else None
    return -pod.priority, started if started is not None else 2**62


def split_by_budget(pods: Iterable[PodInfo], budgets: Sequence[Budget]) -> tuple[list[PodInfo], list[PodInfo]]:
    """(whose going violates a budget, whose does not); each Pod uses up what its budgets allow."""
    left = [b.allowed for b in budgets]
    violating: list[PodInfo] = []
    fine: list[PodInfo] = []
    for pod in pods:
        violates = False
        for i, budget in enumerate(budgets) if pod.labels else ():
            if _covers(budget, pod) and pod.key[1] not in budget.disrupted:
                left[i] -= 1
                violates = violates or left[i] < 0
        (violating if violates else fine).append(pod)
    return violating, fine


def _covers(budget: Budget, pod: PodInfo) -> bool:
    """A budget without a selector, or with an empty one, covers nothing here."""
    if budget.namespace != pod.namespace or selector.is_everything(budget.selector):
        return False
    return selector.matches(budget.selector, pod.labels)


def select_victims(
    cycle: Cycle, node: NodeInfo, budgets: Sequence[Budget], nominator: Nominator
) -> tuple[Candidate | None, Status | None]:
    """Who would have to go from a node, or why that does not help."""
    lower = [p for p in node.pods.values() if p.priority < cycle.pod.priority]
    if not lower:
        return None, NOBODY
    trial, there = cycle.copy(), node.copy()
    for pod in lower:
        _take(trial, there, pod)
    nominated = nominator.on(node.name)
    status = run_filters_with_nominated(trial, there, nominated)
    if status is not None:
        return None, status
    violating, fine = split_by_budget(sorted(lower, key=importance), budgets)
    lost = [p for p in violating if not _give_back(trial, there, p, nominated)]
    victims = lost + [p for p in fine if not _give_back(trial, there, p, nominated)]
    if violating and fine:
        victims.sort(key=importance)
    return Candidate(node.name, tuple(victims), len(lost)), None


def _take(trial: Cycle, node: NodeInfo, pod: PodInfo) -> None:
    node.remove(pod)
    run_remove_pod(trial, pod, node)


def _give_back(trial: Cycle, node: NodeInfo, pod: PodInfo, nominated: Sequence[PodInfo]) -> bool:
    node.add(pod)
    run_add_pod(trial, pod, node)
    if run_filters_with_nominated(trial, node, nominated) is None:
        return True
    _take(trial, node, pod)
    return False


def dry_run(
    cycle: Cycle,
    nodes: Sequence[NodeInfo],
    budgets: Sequence[Budget],
    nominator: Nominator,
    *,
    offset: int = 0,
    enough: int = MAX_INT32,
) -> tuple[list[Candidate], NodeStatuses]:
    """Candidates, those that violate no budget first, from `offset` on and around until there are enough."""
    harmless: list[Candidate] = []
    violating: list[Candidate] = []
    statuses = NodeStatuses()
    for i in range(len(nodes)):
        node = nodes[(offset + i) % len(nodes)]
        candidate, status = select_victims(cycle, node, budgets, nominator)
        if status is not None:
            statuses.by_node[node.name] = status
        elif candidate is not None and candidate.victims:
            (violating if candidate.violations else harmless).append(candidate)
            if harmless and len(harmless) + len(violating) >= enough:
                break
    return harmless + violating, statuses


def harm(candidate: Candidate) -> tuple[int, int, int, int, int]:
    """A sort key: the least harm first. Of equals, upstream takes the first it meets."""
    victims = candidate.victims
    top = victims[0].priority
    starts = [v.pod.status.start_time for v in victims if v.priority == top and v.pod.status is not None]
    earliest = min((s for s in starts if s is not None), default=2**62)
    total = sum(v.priority + MAX_INT32 + 1 for v in victims)
    return candidate.violations, top, total, len(victims), -earliest


def pick(candidates: Sequence[Candidate]) -> Candidate:
    """Fewest violated budgets, lowest top priority, lowest sum of priorities, fewest victims, latest start; first."""
    return min(candidates, key=harm)


def candidates_enough(nodes: int, percent: int, least: int) -> int:
    """How many candidates are looked for."""
    return min(nodes, max(nodes * percent // 100, least))


def helpful_nodes(nodes: Iterable[NodeInfo], statuses: NodeStatuses) -> list[NodeInfo]:
    """Nodes whose refusal a preemption might undo."""
    return [n for n in nodes if statuses.get(n.name).code is Code.UNSCHEDULABLE]


def refusal(cycle: Cycle, statuses: NodeStatuses) -> str:
    """Why the cycle's Pod may not preempt others, or ""."""
    pod = cycle.pod
    node = cycle.handle.node(pod.nominated) if pod.nominated else None
    return eligible(pod, statuses.get(pod.nominated), node)


def preempt(
    cycle: Cycle, helpful: Sequence[NodeInfo], nominator: Nominator, budgets: Sequence[Budget], offset: int
) -> Preemption:
    """Find the node and the victims; `offset` is where among the helpful nodes the search begins."""
    profile, total = cycle.profile, len(cycle.handle.nodes())
    enough = candidates_enough(len(helpful), profile.candidates_percent, profile.candidates_least)
    candidates, found = dry_run(cycle, helpful, budgets, nominator, offset=offset, enough=enough)
    if candidates:
        return Preemption(pick(candidates))
    found.others = unresolvable(NOT_HELPFUL)
    return Preemption(message=f"preemption: {fit_message(total, found)}")
