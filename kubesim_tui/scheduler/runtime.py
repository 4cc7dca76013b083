"""How a profile's plugins are run for one Pod: the plain path, one plugin and one node at a time.

This is the truth: what columns.py keeps and adds up faster must come out the same, to the last point.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, field

from kubesim_tui.scheduler.framework import Code, CycleState, NodeNames, Plugin, Status, clone_state, unresolvable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.profile import Profile


@define(eq=False)
class Cycle:
    """The scheduling of one Pod: its state, and who has nothing to do with it."""

    profile: Profile
    handle: Handle
    pod: PodInfo
    state: CycleState = field(factory=dict)
    skip_filter: set[str] = field(factory=set)
    skip_score: set[str] = field(factory=set)

    def copy(self) -> Cycle:
        """An independent copy, for what-if."""
        state = clone_state(self.state, self.profile.pre_filter)
        return Cycle(self.profile, self.handle, self.pod, state, set(self.skip_filter), set(self.skip_score))


@define(eq=False)
class PreFilter:
    """What the pre-filters say: perhaps only some nodes; perhaps a refusal; who narrowed or refused."""

    nodes: NodeNames | None = None
    status: Status | None = None
    plugins: tuple[str, ...] = ()


def run_pre_filter(cycle: Cycle) -> PreFilter:
    """Run all pre-filters. A refusal that preemption cannot undo ends it at once."""
    nodes: NodeNames | None = None
    refused: Status | None = None
    narrowing: list[str] = []
    for plugin in cycle.profile.pre_filter:
        names, status = plugin.pre_filter(cycle.state, cycle.pod, cycle.handle)
        if status is not None and status.code is Code.SKIP:
            cycle.skip_filter.add(plugin.name)
            continue
        if status is not None and status.code is not Code.UNSCHEDULABLE:
            return PreFilter(None, _named(status, plugin), (plugin.name,))
        if status is not None:
            refused = _named(status, plugin)
            continue
        if names is not None:
            narrowing.append(plugin.name)
            nodes = names if nodes is None else nodes & names
            if not nodes:
                return PreFilter(nodes, unresolvable(_nobody(narrowing)), tuple(narrowing))
    plugins = (*narrowing, refused.plugin) if refused is not None else tuple(narrowing)
    return PreFilter(nodes, refused, plugins)


def _nobody(plugins: list[str]) -> str:
    if len(plugins) == 1:
        return f"node(s) didn't satisfy plugin {plugins[0]}"
    return f"node(s) didn't satisfy plugin(s) [{' '.join(plugins)}] simultaneously"


def _named(status: Status, plugin: Plugin) -> Status:
    if status.code is Code.ERROR:
        return Status(Code.ERROR, (f'running PreFilter plugin "{plugin.name}": {status.message}',), plugin.name)
    return status if status.plugin else Status(status.code, status.reasons, plugin.name)


def run_filters(cycle: Cycle, node: NodeInfo) -> Status | None:
    """The first filter's refusal of a node, or None."""
    state, pod, skipped = cycle.state, cycle.pod, cycle.skip_filter
    for plugin in cycle.profile.filter:
        if plugin.name not in skipped:
            status = plugin.filter(state, pod, node)
            if status is not None:
                return status
    return None


def run_filters_with_nominated(cycle: Cycle, node: NodeInfo, nominated: Sequence[PodInfo]) -> Status | None:
    """Filters, twice if a node was freed for Pods of the same or higher priority: with them on it, and without.

    With them, since they will take what was freed; without, since they may not come after all, and affinity to a Pod
    that is not there must not count.
    """
    others = [p for p in nominated if p.priority >= cycle.pod.priority and p.uid != cycle.pod.uid]
    if others:
        trial, there = cycle.copy(), node.copy()
        for other in others:
            there.add(other)
            run_add_pod(trial, other, there)
        status = run_filters(trial, there)
        if status is not None:
            return status
    return run_filters(cycle, node)


def run_add_pod(cycle: Cycle, other: PodInfo, node: NodeInfo) -> None:
    """Tell the filters' state that another Pod runs on a node."""
    for plugin in cycle.profile.pre_filter:
        if plugin.name not in cycle.skip_filter:
            plugin.add_pod(cycle.state, cycle.pod, other, node)


def run_remove_pod(cycle: Cycle, other: PodInfo, node: NodeInfo) -> None:
    """Tell the filters' state that another Pod is gone from a node."""
    for plugin in cycle.profile.pre_filter:
        if plugin.name not in cycle.skip_filter:
            plugin.remove_pod(cycle.state, cycle.pod, other, node)


@define(eq=False)
class Scores:
    """The scores of the feasible nodes: per plugin raw and normalized, and the weighted totals."""

    total: list[int]
    raw: dict[str, Sequence[int]]
    normalized: dict[str, Sequence[int]]


def run_scores(cycle: Cycle, nodes: Sequence[NodeInfo]) -> Scores:
    """Score feasible nodes: Σ weight · normalized score."""
    profile, state, pod = cycle.profile, cycle.state, cycle.pod
    for plugin in profile.pre_score:
        status = plugin.pre_score(state, pod, nodes, cycle.handle)
        if status is not None and status.code is Code.SKIP:
            cycle.skip_score.add(plugin.name)
    found = Scores([0] * len(nodes), {}, {})
    for plugin in profile.score:
        if plugin.name in cycle.skip_score:
            continue
        raw = [plugin.score(state, pod, node) for node in nodes]
        add_scores(found, plugin, raw, plugin.normalize(state, pod, raw, nodes), profile.weight(plugin))
    return found


def add_scores(found: Scores, plugin: Plugin, raw: Sequence[int], normalized: Sequence[int], weight: int) -> None:
    """Add one plugin's scores to the totals."""
    found.raw[plugin.name], found.normalized[plugin.name] = raw, normalized
    found.total = [t + weight * n for t, n in zip(found.total, normalized, strict=True)]
