"""The fast path: what was computed for a template and a node is kept while the node stays as it is.

Pods of one template ask the same questions of every node, and between two of them one node has changed: the one that
took the first. So each template has columns, parallel lists with one row a node: the verdict of the filters that look
at nothing but the node, and the raw scores of such plugins. The cache's log tells which rows to compute again.

What looks at several nodes (volumes, hard spreading, affinity to Pods) is asked as on the plain path; soft spreading,
which every Deployment has by default, has columns of its own (spread_columns.py). The outcome is the plain path's, to
the last point and the last tie (tests/scheduler/test_columns.py). A copy starts empty: these are only savings.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from kubesim_tui.kernel.chance import Stream
from kubesim_tui.scheduler.framework import Code, Plugin, Status
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.picked import Picked
from kubesim_tui.scheduler.plugins.pod_topology_spread import SOFT, PodTopologySpread, constraints_of
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.profile import Profile
from kubesim_tui.scheduler.queue import Nominator
from kubesim_tui.scheduler.runtime import Cycle, Scores, run_pre_filter
from kubesim_tui.scheduler.schedule_one import (
    Attempt,
    SchedulingError,
    best_of,
    feasible_nodes_to_find,
    give_up,
    refuse_all,
    schedule_pod,
)
from kubesim_tui.scheduler.spread_columns import SpreadColumns

KEPT = 64
"""Templates with columns; the one that was used longest ago goes first."""


class Template:
    """The columns of one template."""

    def __init__(self, profile: Profile, pod: PodInfo) -> None:
        self.pod = pod  # keeps alive what the template's key is made of
        local = [p for p in profile.score if p.local_score]
        self.filters = _leading_local(profile.filter)
        self.others = profile.filter[len(self.filters) :]
        self.plain = [p for p in local if not p.implements("normalize")]  # raw scores are final
        self.scaled = [p for p in local if p.implements("normalize")]
        self.weights = [profile.weight(p) for p in self.plain]
        self.layout = self.images = -1  # ImageLocality looks at the spread of images, too
        self.position = 0
        self.verdicts: list[Status | None] = []
        self.split: tuple[list[int], list[int]] | None = None  # the rows without and with a verdict, once asked for
        self.base: list[int] = []  # Σ weight · score of `plain`
        self.raw: dict[str, list[int]] = {}
        self.active: list[Plugin] = []  # local score plugins that do not skip this template
        self.state: dict[str, Any] = {}
        self.spread: SpreadColumns | None = None
        self.spread_version = -1
        self.failed: tuple[tuple[int, int], Attempt] | None = None  # (state of the cache, the attempt)

    # -- rows --------------------------------------------------------------------------------------------------

    def sync(self, handle: Handle, skipped: set[str]) -> None:
        """Bring the columns up to date."""
        cache = handle.cache
        nodes = cache.ordered()
        stale = self.layout != cache.layout or self.position < cache.log_start
        if stale or self.images != cache.image_version:
            self._rebuild(handle, nodes, skipped)
        else:
            for index in dict.fromkeys(cache.log[self.position - cache.log_start :]):
                self._row(index, nodes[index], skipped)
        self.position = cache.log_start + len(cache.log)

    def _rebuild(self, handle: Handle, nodes: list[NodeInfo], skipped: set[str]) -> None:
        self.layout, self.images = handle.cache.layout, handle.cache.image_version
        self.state = {}
        self.active = [p for p in (*self.plain, *self.scaled) if not _skips(p, self.state, self.pod, handle)]
        size = len(nodes)
        self.verdicts, self.base, self.split = [None] * size, [0] * size, None
        self.raw = {p.name: [0] * size for p in self.active}
        self.spread = None
        for i, node in enumerate(nodes):
            self._row(i, node, skipped)

    def _row(self, i: int, node: NodeInfo, skipped: set[str]) -> None:
        """Compute one row again."""
        verdict = self._judge(node, skipped)
        if (verdict is None) != (self.verdicts[i] is None):
            self.split = None
        self.verdicts[i] = verdict
        if verdict is None:
            for plugin in self.active:
                self.raw[plugin.name][i] = plugin.score(self.state, self.pod, node)
            raw = self.raw
            self.base[i] = sum(
                [w * raw[p.name][i] for p, w in zip(self.plain, self.weights, strict=True) if p.name in raw]
            )
        if self.spread is not None:
            self.spread.row(i, node)

    def examine(self, start: int, wanted: int) -> tuple[list[int], list[int]]:
        """The first rows without a verdict from `start` on and around, until enough; and those refused on the way."""
        if self.split is None:
            rows = range(len(self.verdicts))
            self.split = (
                [i for i in rows if self.verdicts[i] is None],
                [i for i in rows if self.verdicts[i] is not None],
            )
        fine, refused = (_from(rows, start) for rows in self.split)
        if len(fine) < wanted:
            return fine, refused
        last = fine[wanted - 1]
        passed = last - start if last >= start else last - start + len(self.verdicts)
        return fine[:wanted], [i for i in refused if (i - start) % len(self.verdicts) < passed]

    def _judge(self, node: NodeInfo, skipped: set[str]) -> Status | None:
        for plugin in self.filters:
            if plugin.name not in skipped:
                status = plugin.filter({}, self.pod, node)
                if status is not None:
                    return status
        return None

    def sync_spread(self, handle: Handle, plugin: PodTopologySpread, version: int) -> SpreadColumns | None:
        """The columns of soft spreading, or None if the template has no soft constraints."""
        if self.spread is None or self.spread_version != version:
            constraints = constraints_of(self.pod, SOFT, plugin.defaults, handle)
            self.spread_version = version
            self.spread = SpreadColumns(self.pod, constraints, plugin.requires_all(self.pod), handle.nodes())
        return self.spread if self.spread.constraints else None


def _from(rows: list[int], start: int) -> list[int]:
    """Growing numbers, those from `start` on first."""
    at = bisect_left(rows, start)
    return rows[at:] + rows[:at]


def _leading_local(filters: Sequence[Plugin]) -> tuple[Plugin, ...]:
    """The filters before the first that looks at more than the node."""
    found = []
    for plugin in filters:
        if not plugin.local_filter:
            break
        found.append(plugin)
    return tuple(found)


def _skips(plugin: Plugin, state: dict[str, Any], pod: PodInfo, handle: Handle) -> bool:
    if not plugin.implements("pre_score"):
        return False
    status = plugin.pre_score(state, pod, (), handle)
    return status is not None and status.code is Code.SKIP


class Columns:
    """All templates' columns. `schedule` is `schedule_pod`, faster."""

    def __init__(self) -> None:
        self.templates: dict[tuple[Any, ...], Template | None] = {}  # None: seen once
        self.enabled = True

    def __deepcopy__(self, _memo: Any) -> Columns:
        new = Columns()
        new.enabled = self.enabled
        return new

    def schedule(self, cycle: Cycle, start: int, nominator: Nominator, ties: Stream, version: int) -> Attempt:
        """Choose a node. `version` grows when anything changes that default selectors are made of."""
        template = self._template(cycle) if self.enabled and not nominator.by_node else None
        if template is None:
            return schedule_pod(cycle, start, nominator, ties)
        return _schedule(template, cycle, start, ties, version)

    def _template(self, cycle: Cycle) -> Template | None:
        """The columns of a Pod's template, from its second Pod on."""
        pod = cycle.pod
        owners = pod.pod.metadata.owner_references
        owner = owners[0].uid if owners else ""
        key = (cycle.profile.name, id(pod.facts), id(pod.group), owner, pod.nominated)
        if key not in self.templates:
            if len(self.templates) >= KEPT:
                del self.templates[next(iter(self.templates))]
            self.templates[key] = None
            return None
        found = self.templates.pop(key)
        if found is None or found.pod.facts is not pod.facts or found.pod.group is not pod.group:
            found = Template(cycle.profile, pod)
        self.templates[key] = found
        return found


def _schedule(template: Template, cycle: Cycle, start: int, ties: Stream, version: int) -> Attempt:
    attempt = Attempt(cycle, start)
    pre = run_pre_filter(cycle)
    if pre.status is not None:
        return refuse_all(attempt, pre)
    if pre.nodes is not None:
        fresh = Cycle(cycle.profile, cycle.handle, cycle.pod)
        return schedule_pod(fresh, start, Nominator(), ties)
    known = _repeated(template, attempt)
    if known is not None:
        return known
    template.sync(cycle.handle, cycle.skip_filter)
    rows = _examine(template, attempt, start)
    if not rows:
        return _remember(template, give_up(attempt, pre))
    attempt.feasible, attempt.rows = Picked(cycle.handle.nodes(), rows), rows
    if len(rows) == 1:
        attempt.node = attempt.feasible[0].name
        return attempt
    attempt.scores = _score(template, attempt, rows, version)
    attempt.node = attempt.feasible[best_of(attempt.scores.total, ties)].name
    return attempt


def _state(attempt: Attempt) -> tuple[int, int]:
    cache = attempt.cycle.handle.cache
    return cache.generation, cache.layout


def _remember(template: Template, attempt: Attempt) -> Attempt:
    """A failure that only the nodes are to blame for comes again as long as they stay as they are."""
    if all(p.name in attempt.cycle.skip_filter for p in template.others):
        template.failed = _state(attempt), attempt
    return attempt


def _repeated(template: Template, attempt: Attempt) -> Attempt | None:
    """The failure of an earlier Pod of the template, if nothing has changed since and no preemption helped."""
    if template.failed is None or template.failed[0] != _state(attempt):
        return None
    earlier = template.failed[1]
    if earlier.diagnosis is None or not earlier.diagnosis.post_filter:
        return None
    attempt.statuses, attempt.diagnosis = earlier.statuses, earlier.diagnosis
    attempt.examined, attempt.helpful, attempt.repeats = earlier.examined, earlier.helpful, True
    return attempt


def _examine(template: Template, attempt: Attempt, start: int) -> list[int]:
    """The rows of feasible nodes, from `start` on and around, until there are enough."""
    cycle, verdicts = attempt.cycle, template.verdicts
    count = len(verdicts)
    wanted = feasible_nodes_to_find(cycle.profile.percentage, count)
    others = [p for p in template.others if p.name not in cycle.skip_filter]
    start = start % count if count else 0
    nodes, refused = cycle.handle.nodes(), attempt.statuses.by_node
    rows: list[int] = []
    if not others:
        rows, bad = template.examine(start, wanted)
        refused.update({nodes[i].name: status for i in bad if (status := verdicts[i]) is not None})
        attempt.examined = len(rows) + len(bad)
        return rows
    for row in (*range(start, count), *range(start)):
        status = verdicts[row]
        if status is None and others:
            status = _ask(others, cycle, nodes[row])
        if status is not None:
            refused[nodes[row].name] = status
            continue
        rows.append(row)
        if len(rows) == wanted:
            break
    attempt.examined = len(rows) + len(refused)
    return rows


def _ask(plugins: Sequence[Plugin], cycle: Cycle, node: NodeInfo) -> Status | None:
    for plugin in plugins:
        status = plugin.filter(cycle.state, cycle.pod, node)
        if status is not None:
            if status.code is Code.ERROR:
                raise SchedulingError(status.message)
            return status
    return None


def _score(template: Template, attempt: Attempt, rows: list[int], version: int) -> Scores:
    """As `run_scores`, from the columns."""
    cycle, base = attempt.cycle, template.base
    found = Scores([base[row] for row in rows], {}, {})
    raw = template.raw
    for plugin in cycle.profile.score:
        if not plugin.local_score:
            if type(plugin) is PodTopologySpread:
                _add_spread(template, found, attempt, plugin, rows, version)
            else:
                _add_global(found, cycle, plugin, attempt.feasible)
        elif plugin.name in raw and plugin.implements("normalize"):
            column = raw[plugin.name]
            _add(found, cycle, plugin, [column[row] for row in rows], attempt.feasible)
        elif plugin.name in raw:  # already in `base`
            picked = Picked(raw[plugin.name].copy(), rows)
            found.raw[plugin.name] = found.normalized[plugin.name] = picked
    return found


def _add(found: Scores, cycle: Cycle, plugin: Plugin, raw: list[int], nodes: Sequence[NodeInfo]) -> None:
    normalized = plugin.normalize(cycle.state, cycle.pod, raw, nodes)
    found.raw[plugin.name], found.normalized[plugin.name] = raw, normalized
    weight = cycle.profile.weight(plugin)
    found.total = [t + weight * n for t, n in zip(found.total, normalized, strict=True)]


def _add_global(found: Scores, cycle: Cycle, plugin: Plugin, nodes: Sequence[NodeInfo]) -> None:
    status = plugin.pre_score(cycle.state, cycle.pod, nodes, cycle.handle)
    if status is None or status.code is not Code.SKIP:
        _add(found, cycle, plugin, [plugin.score(cycle.state, cycle.pod, n) for n in nodes], nodes)


def _add_spread(
    template: Template, found: Scores, attempt: Attempt, plugin: PodTopologySpread, rows: list[int], version: int
) -> None:
    spread = template.sync_spread(attempt.cycle.handle, plugin, version)
    if spread is None:
        return
    raw, normalized = spread.scores(rows)
    found.raw[plugin.name], found.normalized[plugin.name] = raw, normalized
    weight = attempt.cycle.profile.weight(plugin)
    found.total = [t + weight * n for t, n in zip(found.total, normalized, strict=True)]
