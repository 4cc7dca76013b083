"""The loop that ReplicaSets and ReplicationControllers share: claim Pods, make or delete some, report.

`Replicator` is generic; a subclass says how its kind spells selector, status and conditions.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from kubesim_tui.api import types
from kubesim_tui.api.helpers.conditions import find, is_pod_active, is_pod_ready, is_pod_terminating
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import Object, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers.adoption import claim
from kubesim_tui.controllers.base import Controller, Kit, key_of, lookup
from kubesim_tui.controllers.expectations import Expectations
from kubesim_tui.controllers.pod_control import PodControl, pod_from_template, slow_start
from kubesim_tui.controllers.replicaset.plan import Counts, Plan, count, decide
from kubesim_tui.kernel.engine import Key

FAILURE = "ReplicaFailure"
Replicas = Any
"""A ReplicaSet or a ReplicationController: their specs have the same fields but for the selector."""


class Replicator(Controller):
    """See the module."""

    plural: ClassVar[str]
    owner_kind: ClassVar[str]

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.owners, self.pods = self.watch(kit.shared(self.plural)), self.watch(kit.shared("pods"))
        self.expected = Expectations()
        self.control = PodControl(self.client, self.recorder)
        self.owners.on_change(self._owner_changed)
        self.pods.on_change(self._pod_changed)

    # -- what a kind says for itself ---------------------------------------------------------------------------

    def chooses(self, owner: Replicas, obj: Object) -> bool:
        """Whether the owner's selector chooses an object."""
        raise NotImplementedError

    def status(self, owner: Replicas, counts: Counts, terminating: int, failure: tuple[str, str] | None) -> Any:
        """The new status."""
        raise NotImplementedError

    def related(self, _owner: Replicas, active: list[Pod]) -> list[Pod]:
        """Pods whose nodes count in the scale-down order."""
        return active

    # -- events ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Expectations are memory, too."""
        super().stop()
        self.expected.clear()

    def _owner_changed(self, before: Object | None, now: Object | None) -> None:
        obj = now or before
        assert obj is not None
        if now is None or (before is not None and before.metadata.uid != now.metadata.uid):
            self.expected.forget(key_of(obj))
        self.enqueue(key_of(obj))

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        if now is None:
            self._tell(before, None, gone=True)
        elif before is None:
            self._tell(now, None, gone=now.metadata.deletion_timestamp is not None, new=True)
        elif _matters(cast(Pod, before), cast(Pod, now)):
            deleted = now.metadata.deletion_timestamp is not None and before.metadata.deletion_timestamp is None
            self._tell(now, before, gone=deleted)

    def _tell(self, obj: Object | None, before: Object | None, *, gone: bool, new: bool = False) -> None:
        assert obj is not None
        ref = controller_of(obj)
        old = controller_of(before) if before is not None else None
        if old is not None and (ref is None or old.uid != ref.uid) and old.kind == self.owner_kind:
            self.enqueue((obj.metadata.namespace, old.name))
        if ref is None:
            if not gone:
                self._offer(obj)
            return
        if ref.kind != self.owner_kind:
            return
        key = (obj.metadata.namespace, ref.name)
        if new and not gone:
            self.expected.saw_creation(key)
        if gone:
            self.expected.saw_deletion(key, obj.metadata.uid)
        self.enqueue(key)

    def _offer(self, orphan: Object) -> None:
        """An orphan: every owner whose selector chooses it may want it."""
        for owner in self.owners.table.in_namespace(orphan.metadata.namespace):
            if self.chooses(owner, orphan):
                self.enqueue(key_of(owner))

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Claim, decide, act, report."""
        name = cast(Name, key)
        owner: Replicas = lookup(self.owners, Object, *name)
        if owner is None:
            self.expected.forget(key)
            return
        owned: list[Pod] = claim(self.client, owner, self.pods.table, _Chooses(self, owner), cast(Any, is_pod_active))
        active = [p for p in owned if is_pod_active(p)]
        refused: StatusError | None = None
        plan = Plan()
        if owner.metadata.deletion_timestamp is None and self.expected.satisfied(key, self.engine.clock.tick):
            plan = self._decide(owner, active)
            refused = self._act(name, owner, plan)
        terminating = sum([1 for p in owned if is_pod_terminating(p)])
        self._report(name, owner, active, terminating, plan, refused)
        if refused is not None:
            raise refused

    def _decide(self, owner: Replicas, active: list[Pod]) -> Plan:
        want = owner.spec.replicas if owner.spec.replicas is not None else 1
        if len(active) == want:
            return Plan()
        related = self.related(owner, active) if 0 < want < len(active) else []
        return decide(want, active, related, self.now)

    def _act(self, key: Name, owner: Replicas, plan: Plan) -> StatusError | None:
        if plan.create:
            return slow_start(plan.create, _Creation(self, key, owner))
        refused: StatusError | None = None
        for pod in plan.delete:
            uid = pod.metadata.uid
            self.expected.deletion(key, uid, self.engine.clock.tick)
            try:
                self.control.delete(pod, owner)
            except StatusError as error:
                self.expected.saw_deletion(key, uid)
                if error.code != 404:
                    refused = refused or error
            except Exception:
                self.expected.saw_deletion(key, uid)
                raise
        return refused

    def _report(
        self, key: Name, owner: Replicas, active: list[Pod], terminating: int, plan: Plan, refused: StatusError | None
    ) -> None:
        spec = owner.spec
        template = spec.template
        labels = template.metadata.labels if template is not None and template.metadata is not None else {}
        counts = count(active, labels, spec.min_ready_seconds or 0, self.now)
        failure = None
        if refused is not None:
            failure = ("FailedCreate" if plan.create else "FailedDelete", refused.message)
        status = self.status(owner, counts, terminating, failure)
        if status != owner.status:
            self.client.update_status(owner.evolve(status=status))
        if counts.next_available is not None:
            self.enqueue_after(counts.next_available, key)

    def failure_conditions(self, owner: Replicas, cls: Any, failure: tuple[str, str] | None) -> tuple[Any, ...]:
        """The conditions with ReplicaFailure set (if it is not there yet) or taken away."""
        known = owner.status.conditions if owner.status is not None else ()
        has = find(known, FAILURE)
        if failure is not None and has is None:
            reason, message = failure
            new = cls(type=FAILURE, status="True", reason=reason, message=message, last_transition_time=self.now)
            return (*known, new)
        if failure is None and has is not None:
            return tuple([c for c in known if c.type != FAILURE])
        return tuple(known)


class _Chooses:
    """`owner`'s selector as a function."""

    def __init__(self, controller: Replicator, owner: Replicas) -> None:
        self.controller, self.owner = controller, owner

    def __call__(self, obj: Object) -> bool:
        return self.controller.chooses(self.owner, obj)


class _Creation:
    """Create one Pod of an owner; what is expected is counted up before and, if it fails, down after."""

    def __init__(self, controller: Replicator, key: Name, owner: Replicas) -> None:
        self.controller, self.key, self.owner = controller, key, owner
        self.pod = pod_from_template(owner.spec.template or types.PodTemplateSpec(), owner)

    def __call__(self) -> None:
        expected = self.controller.expected
        expected.creations(self.key, 1, self.controller.engine.clock.tick)
        try:
            self.controller.control.create(self.pod, self.owner)
        except Exception:
            expected.saw_creation(self.key)
            raise


def _matters(before: Pod, now: Pod) -> bool:
    """Whether a change of a Pod can change what a sync does or reports (a binding or a probe's time cannot)."""
    a, b = before.metadata, now.metadata
    if a is not b and (
        a.deletion_timestamp != b.deletion_timestamp
        or (a.labels is not b.labels and a.labels != b.labels)
        or (a.owner_references is not b.owner_references and a.owner_references != b.owner_references)
    ):
        return True
    s, t = before.status, now.status
    if s is t:
        return False
    return (s and s.phase) != (t and t.phase) or is_pod_ready(before) != is_pod_ready(now)
