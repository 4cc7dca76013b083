"""The loop of cluster-autoscaler: every ten seconds it looks at Pods that find no room, else at nodes not needed.

A round happens when something has changed since the last one, or is under way: a cluster in which all is well costs
nothing. As core/static_autoscaler.go; `Planner`, `Deletions` and `Registry` keep what lives longer than a round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from kubesim_tui.api.helpers.budgets import Budget, budget_of
from kubesim_tui.api.helpers.nodes import has_taint, taints_of, with_taints, without_taint
from kubesim_tui.api.types import Node, ObjectReference, Pod, Taint, Unstructured
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder
from kubesim_tui.cloud.autoscaler import scale_up
from kubesim_tui.cloud.autoscaler.backoff import Backoff
from kubesim_tui.cloud.autoscaler.deletion import Deletions
from kubesim_tui.cloud.autoscaler.groups import Failure, Group, Groups, Simulation
from kubesim_tui.cloud.autoscaler.options import Options
from kubesim_tui.cloud.autoscaler.pods import groups_of_equals, is_unschedulable
from kubesim_tui.cloud.autoscaler.registry import Readiness, Registry, is_healthy, readiness
from kubesim_tui.cloud.autoscaler.report import Report
from kubesim_tui.cloud.autoscaler.scale_down import CANDIDATE, Planner
from kubesim_tui.cloud.autoscaler.status import NAME, NAMESPACE
from kubesim_tui.cloud.service import TO_BE_DELETED
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.world.balancer import CloudError

SCAN = "scan"
NEW_POD = 2
"""Pods younger than this may not be all that come: one more round is waited for."""


class ClusterAutoscaler(Component):
    """See the module. Keys: `SCAN`, and ("delete", node). `informers` by plural."""

    def __init__(
        self,
        engine: Engine,
        client: Client,
        process: Alive,
        informers: Mapping[str, Informer],
        groups: Groups,
        simulate: Callable[[], Simulation],
        options: Options | None = None,
    ) -> None:
        super().__init__("cluster-autoscaler", engine, client, process)
        self.cloud, self.simulate, self.options = groups, simulate, options or Options()
        self.recorder = self.voice(Recorder(client, "cluster-autoscaler"))
        self.planner = Planner(self.options)
        self.registry = Registry(self.options, Backoff(self.options))
        self.report = Report(client)
        for informer in informers.values():
            self.watch(informer)
        self._nodes, self._pods, self._budgets = (informers[p] for p in ("nodes", "pods", "poddisruptionbudgets"))
        self.deletions = Deletions(
            client,
            self.recorder,
            groups,
            self._pods,
            self._nodes,
            self._all_budgets,
            lambda name, wait: self.enqueue_after(wait, ("delete", name)),
            self._log,
            self.options,
        )
        self._due = -1  # the tick of the next round; -1: there is none
        self._last_up = -3600
        for watched in (self._nodes, self._pods, self._budgets):
            watched.on_change(lambda _before, _now: self._wake())

    def stop(self) -> None:
        """All of this is memory."""
        super().stop()
        self.planner.forget()
        self.registry.forget()
        self.report.forget()
        self.deletions.under_way.clear()
        self.deletions.last_deleted = self.deletions.last_failed = self._last_up = -3600
        self._due = -1

    def _wake(self, after: int = 1) -> None:
        """A round after so many seconds at the earliest, in step with the interval."""
        earliest, interval = self.engine.clock.tick + after, self.options.scan_interval
        due = -(-earliest // interval) * interval
        if self._due < 0 or due < self._due:
            self._due = due
            self.engine.at(due, self.phase, self, SCAN)

    def _log(self, kind: str, reason: str, message: str) -> None:
        about = ObjectReference(api_version="v1", kind="ConfigMap", namespace=NAMESPACE, name=NAME, uid=self.report.uid)
        self.recorder.refer(about, kind, reason, message)

    # -- a round -----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """A round, or the next step of a node that is going."""
        if key != SCAN:
            _, name = cast("tuple[str, str]", key)
            self.deletions.step(name)
        elif 0 <= self._due <= self.engine.clock.tick:  # later than it was due if the process is slow
            self._due = -1
            self._scan()

    def failed(self, key: Key, _failure: ApiError) -> None:
        """A round that came to nothing is not forgotten: the next one begins anew."""
        if key == SCAN:
            self._wake()

    def _scan(self) -> None:
        tick, now = self.engine.clock.tick, self.engine.clock.now
        self.report.begin(now)
        try:
            groups = self._settled(tick)
        except CloudError:
            self._wake()
            return
        nodes = [cast(Node, obj) for obj in self._nodes.table]
        states = self._states(groups, nodes, now)
        whole = readiness(nodes, now)
        for late in self.registry.look(states, tick):
            self._log(WARNING, "ScaleUpTimedOut", late)
        if not is_healthy(whole):
            self.planner.forget()
            self._log(WARNING, "ClusterUnhealthy", "Cluster is unhealthy")
        elif not self._scale_up(states, tick, now):
            self._scale_down(states, nodes, tick, now)
        mine = {name for group, _ in states for name in group.instances}
        others = readiness([node for node in nodes if node.metadata.name not in mine], now)
        self.report.write(states, others.counts, self.planner, self.registry, tick, now)
        self._plan_next(states, tick)

    def _settled(self, tick: int) -> list[Group]:
        """The groups, after orders that came to nothing were taken back."""
        for group in self.cloud.groups():
            for text, names in self.registry.failed(group, tick):
                if text:
                    self._log(WARNING, "ScaleUpFailed", text)
                self.cloud.delete(group.name, names)
        return self.cloud.groups()

    def _states(self, groups: list[Group], nodes: list[Node], now: int) -> list[tuple[Group, Readiness]]:
        found: list[tuple[Group, Readiness]] = []
        for group in groups:
            made = [name for name, failure in group.instances.items() if failure is None]
            mine = [node for node in nodes if node.metadata.name in group.instances]
            found.append((group, readiness(mine, now, made)))
        return found

    # -- more --------------------------------------------------------------------------------------------------

    def _scale_up(self, states: list[tuple[Group, Readiness]], tick: int, now: int) -> bool:
        """Let a group grow for Pods that find no room; True if nothing else is to be done in this round."""
        waiting = self._without_room(states, tick)
        if not waiting:
            return False
        if all((pod.metadata.creation_timestamp or 0) + NEW_POD > now for pod in waiting):
            return True
        plan = scale_up.plan(
            groups_of_equals(waiting),
            [group for group, _ in states],
            lambda name: self.registry.backoff.rests_now(name, tick),
            self.simulate,
            self.cloud.template,
        )
        if plan.increase is None:
            for pod, why in plan.helpless:
                self.recorder.event(pod, NORMAL, "NotTriggerScaleUp", f"pod didn't trigger scale-up: {why}")
            return False
        self._grow(plan.increase, tick)
        return True

    def _grow(self, increase: scale_up.Increase, tick: int) -> None:
        group = increase.group
        sizes = f"{increase.size} instead of {group.size} (max: {group.largest})"
        self._log(NORMAL, "ScaledUpGroup", f"Scale-up: setting group {group.name} size to {sizes}")
        try:
            self.cloud.increase(group.name, increase.more)
        except CloudError as wrong:
            self._log(WARNING, "FailedToScaleUpGroup", f"Scale-up failed for group {group.name}: {wrong}")
            failure = Failure("Other", "cloudProviderError", f"failed to increase node group size: {wrong}")
            self.registry.backoff.fail(group.name, failure, tick)
            return
        self.registry.asked(group.name, increase.more, tick)
        self._log(NORMAL, "ScaledUpGroup", f"Scale-up: group {group.name} size set to {sizes}")
        self._last_up = tick
        for pod in increase.pods:
            self.recorder.event(pod, NORMAL, "TriggeredScaleUp", f"pod triggered scale-up: [{{{increase}}}]")

    def _without_room(self, states: list[tuple[Group, Readiness]], tick: int) -> list[Pod]:
        """Pods that find no room, not even on nodes that are on their way."""
        cutoff = self.options.expendable_priority
        waiting = [pod for obj in self._pods.table if is_unschedulable(pod := cast(Pod, obj), cutoff)]
        if not waiting:
            return []
        simulation = self.simulate()
        for group, state in states:
            for name in state.not_started:
                simulation.remove_node(name)
            for i in range(state.upcoming(group, self.registry.long_missing(state, tick))):
                new = self.cloud.template(group.name, f"upcoming-{group.name}-{i}")
                simulation.add_node(new.node, new.pods)
        waiting.sort(key=lambda pod: -(pod.spec.priority or 0) if pod.spec is not None else 0)
        return [pod for pod in waiting if not simulation.place(pod)]

    # -- fewer -------------------------------------------------------------------------------------------------

    def _scale_down(self, states: list[tuple[Group, Readiness]], nodes: list[Node], tick: int, now: int) -> None:
        """Find nodes that are not needed; let those go that have not been for long enough."""
        fresh = {name for _, state in states for name in state.not_started}
        group_of = {name: group for group, _ in states for name in group.instances}
        going = self.deletions.under_way
        there = [n for n in nodes if n.metadata.name not in fresh and n.metadata.name not in going]
        candidates = [node for node in there if node.metadata.name in group_of]
        self._clean_marks(candidates)
        destinations = [node.metadata.name for node in there]
        self.planner.look(candidates, destinations, self.simulate(), self._all_budgets(), tick, now)
        if tick < self._cooled():
            return
        sizes = {group.name: group.size - self.deletions.of(group.name) for group, _ in states}

        def room(name: str) -> bool:
            group = group_of[name]
            if sizes[group.name] <= group.smallest:
                return False
            sizes[group.name] -= 1
            return True

        ripe = self.planner.ripe(tick, room)
        empty, full = [one for one in ripe if not one.pods], [one for one in ripe if one.pods]
        if not self.deletions.begin(empty, full, lambda name: group_of[name].name):
            self._mark_candidates(candidates)

    def _cooled(self) -> int:
        """The tick from which on nodes may go again."""
        return max(
            self._last_up + self.options.scale_down_delay_after_add,
            self.deletions.last_failed + self.options.scale_down_delay_after_failure,
        )

    def _clean_marks(self, nodes: list[Node]) -> None:
        """Marks of an earlier life are taken away: nobody goes on with them."""
        for node in nodes:
            if has_taint(node, TO_BE_DELETED):
                self.deletions.clean(node)

    def _mark_candidates(self, nodes: list[Node]) -> None:
        """Nodes that are not needed should get no new Pods if that can be."""
        epoch = self.engine.clock.now - self.engine.clock.tick
        for node in nodes:
            since, marked = self.planner.since.get(node.metadata.name), has_taint(node, CANDIDATE)
            if since is None and marked:
                self.client.update(without_taint(node, CANDIDATE))
            elif since is not None and not marked:
                taint = Taint(key=CANDIDATE, value=str(epoch + since), effect="PreferNoSchedule")
                self.client.update(with_taints(node, (*taints_of(node), taint)))

    # -- helpers -----------------------------------------------------------------------------------------------

    def _all_budgets(self) -> list[Budget]:
        return [budget_of(cast(Unstructured, obj)) for obj in self._budgets.table]

    def _plan_next(self, states: list[tuple[Group, Readiness]], tick: int) -> None:
        """When to look again if nothing changes."""
        waits = any(is_unschedulable(cast(Pod, obj), self.options.expendable_priority) for obj in self._pods.table)
        coming = any(state.missing or state.not_started for _, state in states)
        if waits or coming or self.deletions.under_way or self.registry.requests:
            self._wake()
            return
        times = [max(self.planner.due(name), self._cooled()) for name in self.planner.removable]
        later = [at for at in (*times, *self.planner.rechecks()) if at > tick]
        if later:
            self._wake(min(later) - tick)
