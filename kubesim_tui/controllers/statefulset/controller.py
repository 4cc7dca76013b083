"""The loop: revisions, Pods, claims; then the decision, the writes, the status and the history."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import pod_condition
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.types import (
    ControllerRevision,
    Object,
    PersistentVolumeClaim,
    Pod,
    PodTemplateSpec,
    StatefulSet,
    StatefulSetStatus,
)
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers import history
from kubesim_tui.controllers.adoption import claim
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, key_of, lookup
from kubesim_tui.controllers.pod_control import is_terminating_namespace
from kubesim_tui.controllers.statefulset import util
from kubesim_tui.controllers.statefulset.decide import Action, Do, Revisions, completed, decide
from kubesim_tui.kernel.engine import Key


class StatefulSetController(Controller):
    """Keeps the Pods of every StatefulSet."""

    account = source = "statefulset-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.sets, self.pods = self.watch(kit.shared("statefulsets")), self.watch(kit.shared("pods"))
        self.claims = self.watch(kit.shared("persistentvolumeclaims"))
        self.revisions = self.watch(kit.shared("controllerrevisions"))
        self.sets.on_change(self.enqueue_changed)
        self.pods.on_change(self._pod_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        for obj in (before, now):
            ref = controller_of(obj) if obj is not None else None
            if obj is not None and ref is not None and ref.kind == "StatefulSet":
                self.enqueue((obj.metadata.namespace, ref.name))
        if now is not None and now.metadata.deletion_timestamp is None and controller_of(now) is None:
            parent, number = util.parent_and_ordinal(now.metadata.name)
            if number >= 0 and self.sets.get(now.metadata.namespace, parent) is not None:
                self.enqueue((now.metadata.namespace, parent))

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One sync of one set."""
        set_ = lookup(self.sets, StatefulSet, *cast(Name, key))
        if set_ is None or set_.spec is None:
            return
        pods: list[Pod] = claim(self.client, set_, self.pods.table, _Member(set_), None)
        known = history.by_number(claim(self.client, set_, self.revisions.table, _Selected(set_)))
        revisions, known, collisions = self._revisions(set_, known)
        decision = decide(set_, revisions, pods, self._claims_of(set_, pods), self.now, collisions)
        refused = self._act(set_, decision.actions)
        status = completed(set_, decision.status)
        if status != (set_.status or StatefulSetStatus()):
            set_ = self.client.update_status(set_.evolve(status=status))
        if refused is not None:
            raise refused
        self._truncate(set_, known, status, pods)
        self._wake(set_, pods)

    def _revisions(
        self, set_: StatefulSet, known: list[ControllerRevision]
    ) -> tuple[Revisions, list[ControllerRevision], int]:
        """The revision of the present template (found, brought back or made) and the one that Pods had."""
        assert set_.spec is not None
        template = set_.spec.template or PodTemplateSpec()
        status = set_.status or StatefulSetStatus()
        collisions = status.collision_count or 0
        labels = history.label_map(template)
        wanted = history.new_revision(set_, template, labels, history.next_number(known), collisions)
        equal = history.equal_to(known, wanted)
        if equal and equal[-1] is known[-1]:
            update = equal[-1]
        elif equal:
            update = self.client.update(equal[-1].evolve(revision=wanted.revision))
            known = history.by_number([r for r in known if r is not equal[-1]] + [update])
        else:
            made = history.create(self.client, wanted)
            while made is None:
                collisions += 1
                wanted = history.new_revision(set_, template, labels, wanted.revision or 1, collisions)
                made = history.create(self.client, wanted)
            update = made
            known = [*known, update]
        current = next((r for r in known if r.metadata.name == status.current_revision), update)
        same = current.metadata.name == update.metadata.name
        before = template if same else history.template_of(current)
        return Revisions(current.metadata.name, update.metadata.name, before, template), known, collisions

    def _claims_of(self, set_: StatefulSet, pods: list[Pod]) -> dict[str, PersistentVolumeClaim]:
        numbers = {util.ordinal(p) for p in pods}
        numbers |= set(range(util.start_of(set_), util.start_of(set_) + util.replicas_of(set_)))
        names = [
            util.claim_name(set_, t, n) for n in sorted(numbers) for t in util.spec_of(set_).volume_claim_templates
        ]
        found = [(n, lookup(self.claims, PersistentVolumeClaim, set_.metadata.namespace, n)) for n in names]
        return {name: c for name, c in found if c is not None}

    # -- writes ------------------------------------------------------------------------------------------------

    def _act(self, set_: StatefulSet, actions: tuple[Action, ...]) -> StatusError | None:
        """Carry out; the first refusal ends it and is returned."""
        for action in actions:
            try:
                self._WRITES[action.do](self, set_, action.pod)
            except StatusError as refused:
                if is_terminating_namespace(refused):
                    return None
                return refused
        return None

    def _create(self, set_: StatefulSet, pod: Pod) -> None:
        try:
            self._create_claims(set_, pod)
            self.client.create(pod)
        except StatusError as refused:
            if refused.reason != "AlreadyExists":
                self._say(set_, "create", pod, refused)
            raise
        self._say(set_, "create", pod, None)

    def _create_claims(self, set_: StatefulSet, pod: Pod) -> None:
        for wanted in util.claims_of(set_, util.ordinal(pod)):
            name = wanted.metadata.name
            if self.claims.get(wanted.metadata.namespace, name) is not None:
                continue
            claim_ = util.with_owners(set_, pod, wanted)
            text = f"create Claim {name} Pod {pod.metadata.name} in StatefulSet {set_.metadata.name}"
            try:
                self.client.create(claim_)
            except StatusError as refused:
                self.recorder.event(set_, WARNING, "FailedCreate", f"{text} failed error: {refused.message}")
                raise
            self.recorder.event(set_, NORMAL, "SuccessfulCreate", f"{text} success")

    def _delete(self, set_: StatefulSet, pod: Pod) -> None:
        try:
            self.client.delete(Pod, pod.metadata.namespace, pod.metadata.name, Options(uid=pod.metadata.uid))
        except StatusError as refused:
            if refused.code == 404:
                return
            self._say(set_, "delete", pod, refused)
            raise
        self._say(set_, "delete", pod, None)

    def _mend(self, set_: StatefulSet, pod: Pod) -> None:
        wanted = pod if util.identity_matches(set_, pod) else util.with_identity(set_, pod)
        if not util.storage_matches(set_, pod):
            wanted = util.with_storage(set_, wanted)
            self._create_claims(set_, wanted)
        self._owners(set_, pod)
        if wanted is pod:
            return
        try:
            self.client.update(wanted)
        except StatusError as refused:
            self._say(set_, "update", pod, refused)
            raise
        self._say(set_, "update", pod, None)

    def _owners(self, set_: StatefulSet, pod: Pod) -> None:
        for wanted in util.claims_of(set_, util.ordinal(pod)):
            found = lookup(self.claims, PersistentVolumeClaim, wanted.metadata.namespace, wanted.metadata.name)
            if found is not None and not util.owners_match(set_, pod, found):
                self.client.update(util.with_owners(set_, pod, found))

    def _say(self, set_: StatefulSet, verb: str, pod: Pod, refused: StatusError | None) -> None:
        text = f"{verb} Pod {pod.metadata.name} in StatefulSet {set_.metadata.name}"
        if refused is None:
            self.recorder.event(set_, NORMAL, f"Successful{verb.title()}", f"{text} successful")
        else:
            self.recorder.event(set_, WARNING, f"Failed{verb.title()}", f"{text} failed error: {refused.message}")

    _WRITES: ClassVar[dict[Do, Any]] = {
        Do.CREATE: _create,
        Do.DELETE: _delete,
        Do.CLAIMS: _create_claims,
        Do.MEND: _mend,
        Do.OWNERS: _owners,
    }

    # -- after -------------------------------------------------------------------------------------------------

    def _truncate(
        self, set_: StatefulSet, known: list[ControllerRevision], status: StatefulSetStatus, pods: list[Pod]
    ) -> None:
        limit = util.spec_of(set_).revision_history_limit
        live = [status.current_revision, status.update_revision, *(util.revision_of(p) for p in pods)]
        history.truncate(self.client, known, live, 10 if limit is None else limit)

    def _wake(self, set_: StatefulSet, pods: list[Pod]) -> None:
        """A ready Pod becomes available by time alone."""
        min_ready = util.spec_of(set_).min_ready_seconds or 0
        if not min_ready:
            return
        waits = []
        for pod in pods:
            ready = pod_condition(pod, "Ready")
            if ready is not None and ready.status == "True" and ready.last_transition_time is not None:
                waits.append(ready.last_transition_time + min_ready - self.now)
        coming = [w for w in waits if w > 0]
        if coming:
            self.enqueue_after(min(coming), key_of(set_))


class _Member:
    """Whether a Pod is one of the set's, by labels and name."""

    def __init__(self, set_: StatefulSet) -> None:
        self.set = set_

    def __call__(self, obj: Object) -> bool:
        chosen = selector.matches(util.spec_of(self.set).selector, obj.metadata.labels)
        return chosen and util.is_member(self.set, cast(Pod, obj))


class _Selected:
    """Whether a revision is the set's, by labels."""

    def __init__(self, set_: StatefulSet) -> None:
        self.set = set_

    def __call__(self, obj: Object) -> bool:
        return selector.matches(util.spec_of(self.set).selector, obj.metadata.labels)
