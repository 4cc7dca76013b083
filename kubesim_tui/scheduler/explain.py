"""Decisions that can be asked for: why a Pod went where it went, or why it fits nowhere.

A decision is the matrix plugin × node of one attempt: for each node who refused it and why, or the score that each
plugin gave it, raw, normalized and weighted. The last ones are kept, the newest of each Pod; what the attempt had
worked out is kept as it was, and the matrix is made of it when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from kubesim_tui.api.types import Pod
from kubesim_tui.scheduler.fit_error import NodeStatuses
from kubesim_tui.scheduler.framework import Code, Status
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.picked import Picked
from kubesim_tui.scheduler.preemption import Candidate
from kubesim_tui.scheduler.profile import Profile
from kubesim_tui.scheduler.queue import Nominator
from kubesim_tui.scheduler.runtime import Cycle, Scores, run_filters_with_nominated, run_pre_filter, run_scores
from kubesim_tui.scheduler.schedule_one import Attempt

KEPT = 128


@frozen
class PluginScore:
    """What one plugin gave a node."""

    plugin: str
    raw: int
    normalized: int  # 0…100
    weight: int

    @property
    def points(self) -> int:
        """What it added to the total."""
        return self.weight * self.normalized


@frozen
class NodeRow:
    """One node in a decision. `examined` False: enough nodes had been found before its turn."""

    node: str
    examined: bool = True
    refused_by: str = ""  # the plugin
    reasons: tuple[str, ...] = ()
    resolvable: bool = True  # whether preemption might help
    scores: tuple[PluginScore, ...] = ()  # () for the only feasible node: it is not scored
    total: int = 0

    @property
    def fits(self) -> bool:
        """It has passed every filter."""
        return self.examined and not self.reasons


@frozen(eq=False)
class Decision:
    """One attempt to place a Pod. `node` "" : it fits nowhere, `message` says why."""

    pod: tuple[str, str]
    uid: str
    tick: int
    node: str
    message: str
    names: tuple[str, ...]  # of all nodes then
    feasible: Sequence[str]
    statuses: NodeStatuses
    scores: Scores | None
    weights: Mapping[str, int]
    nominated: str = ""  # the node that is being freed for it
    victims: tuple[tuple[str, str], ...] = ()

    def __deepcopy__(self, _memo: Any) -> Decision:
        return self

    def matrix(self) -> tuple[NodeRow, ...]:
        """Every node: the best first, then those refused, then those not examined."""
        feasible = [self._scored(i) for i in range(len(self.feasible))]
        feasible.sort(key=lambda row: (-row.total, row.node != self.node, row.node))
        known = frozenset(self.feasible)
        refused = [self._refused(name) for name in self.names if name not in known]
        refused.sort(key=lambda row: (not row.examined, row.node))
        return (*feasible, *refused)

    def _scored(self, i: int) -> NodeRow:
        name, scores = self.feasible[i], self.scores
        if scores is None:
            return NodeRow(name)
        found = [
            PluginScore(plugin, raw[i], scores.normalized[plugin][i], self.weights.get(plugin, 1))
            for plugin, raw in scores.raw.items()
        ]
        return NodeRow(name, scores=tuple(found), total=scores.total[i])

    def _refused(self, name: str) -> NodeRow:
        status = self.statuses.by_node.get(name)
        if status is None and self.statuses.others.reasons:
            status = self.statuses.others
        if status is None:
            return NodeRow(name, examined=False)
        return NodeRow(name, True, status.plugin, status.reasons, resolvable=status.code is not Code.UNRESOLVABLE)


def decision_of(attempt: Attempt, tick: int, message: str = "", preemption: Candidate | None = None) -> Decision:
    """Keep what an attempt came to."""
    pod, cycle = attempt.pod, attempt.cycle
    names = cycle.handle.cache.names()
    feasible: Sequence[str] = tuple([node.name for node in attempt.feasible]) if attempt.rows is None else ()
    return Decision(
        pod.key,
        pod.uid,
        tick,
        attempt.node,
        message,
        names,
        feasible if attempt.rows is None else Picked(names, attempt.rows),
        attempt.statuses,
        attempt.scores,
        cycle.profile.weights,
        preemption.node if preemption is not None else "",
        tuple([v.key for v in preemption.victims]) if preemption is not None else (),
    )


@define(eq=False)
class Decisions:
    """The last decisions, the newest of each Pod."""

    by_uid: dict[str, Decision] = field(factory=dict)
    kept: int = KEPT

    def add(self, decision: Decision) -> None:
        """Keep a decision; the oldest goes."""
        self.by_uid.pop(decision.uid, None)
        self.by_uid[decision.uid] = decision
        if len(self.by_uid) > self.kept:
            del self.by_uid[next(iter(self.by_uid))]

    def of(self, uid: str) -> Decision | None:
        """The last decision about a Pod, if it is still known."""
        return self.by_uid.get(uid)

    def named(self, namespace: str, name: str) -> Decision | None:
        """The last decision about a Pod of this name."""
        found = [d for d in self.by_uid.values() if d.pod == (namespace, name)]
        return found[-1] if found else None


def evaluate(pod: Pod, profile: Profile, handle: Handle, nominator: Nominator, tick: int) -> Decision:
    """What would be decided about a Pod now, every node examined and scored, nothing changed."""
    cycle = Cycle(profile, handle, handle.cache.register.info(pod))
    attempt = Attempt(cycle)
    pre = run_pre_filter(cycle)
    if pre.status is not None:
        attempt.statuses.others = pre.status
    else:
        feasible = []
        for node in handle.nodes():
            status: Status | None = run_filters_with_nominated(cycle, node, nominator.on(node.name))
            if status is None:
                feasible.append(node)
            else:
                attempt.statuses.by_node[node.name] = status
        attempt.feasible = feasible
    if attempt.feasible:
        attempt.scores = run_scores(cycle, attempt.feasible)
        best = max(attempt.scores.total)
        attempt.node = attempt.feasible[attempt.scores.total.index(best)].name
    return decision_of(attempt, tick)
