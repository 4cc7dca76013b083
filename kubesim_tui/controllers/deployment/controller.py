"""The loop: which of scaling, rolling, recreating or only reporting is due; and the writes.

As deployment_controller.go, sync.go, rolling.go and recreate.go. Each sync does one step; the change of a ReplicaSet
that follows wakes the next.
"""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import find, is_pod_terminal
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import Deployment, DeploymentStatus, Object, ReplicaSet
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers.adoption import claim
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, key_of, lookup
from kubesim_tui.controllers.deployment import progress, rolling, util
from kubesim_tui.controllers.deployment.new_set import find_or_create
from kubesim_tui.controllers.deployment.rolling import Resize
from kubesim_tui.controllers.deployment.scale import is_scaling_event, scale
from kubesim_tui.kernel.engine import Key


class DeploymentController(Controller):
    """Rolls Deployments out."""

    account = source = "deployment-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.deployments = self.watch(kit.shared("deployments"))
        self.sets, self.pods = self.watch(kit.shared("replicasets")), self.watch(kit.shared("pods"))
        self.deployments.on_change(self.enqueue_changed)
        self.sets.on_change(self._set_changed)
        self.pods.on_change(self._pod_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def _set_changed(self, before: Object | None, now: Object | None) -> None:
        for obj in (before, now):
            ref = controller_of(obj) if obj is not None else None
            if obj is not None and ref is not None and ref.kind == "Deployment":
                self.enqueue((obj.metadata.namespace, ref.name))
        if now is not None and controller_of(now) is None and now.metadata.deletion_timestamp is None:
            for d in self.deployments.table.in_namespace(now.metadata.namespace):
                if selector.matches(cast(Any, d).spec.selector, now.metadata.labels):
                    self.enqueue(key_of(d))

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        """A Recreate deployment waits for its last old Pod to be gone."""
        if now is not None or before is None:
            return
        ref = controller_of(before)
        if ref is None or ref.kind != "ReplicaSet":
            return
        rs = lookup(self.sets, ReplicaSet, before.metadata.namespace, ref.name)
        owner = controller_of(rs) if rs is not None else None
        d = lookup(self.deployments, Deployment, before.metadata.namespace, owner.name) if owner is not None else None
        if d is not None and not util.is_rolling(d):
            self.enqueue(key_of(d))

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One step of one Deployment."""
        d = lookup(self.deployments, Deployment, *cast(Name, key))
        if d is None or d.spec is None:
            return
        if selector.is_everything(d.spec.selector):
            self._selects_all(d)
            return
        wants = _Selected(d)
        rss: list[ReplicaSet] = claim(self.client, d, self.sets.table, wants)
        if d.metadata.deletion_timestamp is not None:
            self._report(d, progress.calculate_status(d, rss, util.find_new(d, rss), self.now))
            return
        paused = progress.paused_condition(d, self.now)
        if paused is not None:
            d = self.client.update_status(d.evolve(status=paused))
        assert d.spec is not None
        if d.spec.paused or is_scaling_event(d, rss):
            self._scale(d, rss)
        elif util.is_rolling(d):
            self._roll(d, rss)
        else:
            self._recreate(d, rss)

    def _selects_all(self, d: Deployment) -> None:
        text = "This deployment is selecting all pods. A non-empty selector is required."
        self.recorder.event(d, WARNING, "SelectingAll", text)
        status = progress.status_of_deployment(d)
        if status.observed_generation < (d.metadata.generation or 0):
            self._report(d, status.evolve(observed_generation=d.metadata.generation or 0))

    def _scale(self, d: Deployment, rss: list[ReplicaSet]) -> None:
        d, new, old = find_or_create(self, d, rss, create=False)
        for step in scale(d, new, old):
            self._resize(d, step)
        assert d.spec is not None
        if d.spec.paused:
            self._clean_up(d, old)
        self._report(d, progress.calculate_status(d, [*old, new] if new is not None else old, new, self.now))

    def _roll(self, d: Deployment, rss: list[ReplicaSet]) -> None:
        d, new, old = find_or_create(self, d, rss, create=True)
        assert new is not None
        everyone = [*old, new]
        steps = rolling.reconcile_new(everyone, new, d) or rolling.reconcile_old(everyone, util.active(old), new, d)
        for step in steps:
            self._resize(d, step)
        if not steps and progress.is_complete(d, progress.status_of_deployment(d)):
            self._clean_up(d, old)
        self._report_rollout(d, everyone, new)

    def _recreate(self, d: Deployment, rss: list[ReplicaSet]) -> None:
        d, new, old = find_or_create(self, d, rss, create=False)
        going = util.active(old)
        for rs in util.by_creation(going):
            self._resize(d, Resize(rs, 0))
        everyone = [*old, new] if new is not None else list(old)
        if going or self._old_pods_run(old):
            self._report_rollout(d, everyone, new)
            return
        if new is None:
            d, new, old = find_or_create(self, d, rss, create=True)
            everyone = [*old, new] if new is not None else list(old)
        assert new is not None
        self._resize(d, Resize(new, util.wanted(d)))
        if progress.is_complete(d, progress.status_of_deployment(d)):
            self._clean_up(d, old)
        self._report_rollout(d, everyone, new)

    def _old_pods_run(self, old: list[ReplicaSet]) -> bool:
        """Pods that terminate count, too: two versions must never run at once."""
        if util.actual_count(old) > 0:
            return True
        return any(not is_pod_terminal(cast(Any, p)) for rs in old for p in self.pods.table.owned_by(rs.metadata.uid))

    # -- writes ------------------------------------------------------------------------------------------------

    def _resize(self, d: Deployment, step: Resize) -> None:
        known = lookup(self.sets, ReplicaSet, *key_of(step.rs)) or step.rs
        before = util.wanted(known)
        noted = util.with_replicas_noted(known, d)
        if before == step.size and noted is known:
            return
        assert noted.spec is not None
        self.client.update(noted.evolve(spec=noted.spec.evolve(replicas=step.size)))
        if before != step.size:
            way = "up" if before < step.size else "down"
            text = f"Scaled {way} replica set {known.metadata.name} from {before} to {step.size}"
            self.recorder.event(d, NORMAL, "ScalingReplicaSet", text)

    def _clean_up(self, d: Deployment, old: list[ReplicaSet]) -> None:
        for rs in util.superfluous(d, old):
            try:
                self.client.delete(ReplicaSet, rs.metadata.namespace, rs.metadata.name)
            except StatusError as refused:
                if refused.code != 404:
                    raise

    def _report_rollout(self, d: Deployment, everyone: list[ReplicaSet], new: ReplicaSet | None) -> None:
        status = progress.rollout_status(d, everyone, new, self.now)
        if self._report(d, status):
            return
        seconds = progress.requeue_after(d, status, self.now)
        if seconds is not None:
            self.enqueue_after(seconds + 1, key_of(d))

    def _report(self, d: Deployment, status: DeploymentStatus) -> bool:
        """Write the status if it is new."""
        if status == progress.status_of_deployment(d):
            return False
        self.client.update_status(d.evolve(status=status))
        return True

    def progressing(self, d: Deployment, status: str, reason: str, message: str) -> Deployment:
        """Set the Progressing condition at once (if there is a deadline)."""
        if progress.deadline(d) is None:
            return d
        known = progress.status_of_deployment(d)
        new = progress.condition(progress.PROGRESSING, status, reason, message, self.now)
        made = progress.set_condition(known, new)
        return d if made == known else self.client.update_status(d.evolve(status=made))

    def has_progressing(self, d: Deployment) -> bool:
        """Whether the Progressing condition is there."""
        return find(progress.status_of_deployment(d).conditions, progress.PROGRESSING) is not None


class _Selected:
    """The Deployment's selector as a function."""

    def __init__(self, d: Deployment) -> None:
        self.selector = d.spec.selector if d.spec is not None else None

    def __call__(self, obj: Object) -> bool:
        return selector.matches(self.selector, obj.metadata.labels)
