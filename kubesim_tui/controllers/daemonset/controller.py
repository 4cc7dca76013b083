"""The loop: revision, Pods by node, what must be, the step of an update, history, status."""

from __future__ import annotations

from typing import Any, cast

from kubesim_tui.api.frozen import merged
from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import pod_condition
from kubesim_tui.api.types import ControllerRevision, Node, Object, Pod, PodSpec, PodTemplateSpec
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers import generic, history
from kubesim_tui.controllers.adoption import claim
from kubesim_tui.controllers.base import NORMAL, WARNING, Kit, key_of, lookup
from kubesim_tui.controllers.daemonset import decide
from kubesim_tui.controllers.daemonset.decide import Plan
from kubesim_tui.controllers.daemonset.pods import DaemonSet, by_node, daemon_spec, for_node, should_run
from kubesim_tui.controllers.pod_control import pod_from_template, slow_start
from kubesim_tui.controllers.pod_owner import PodOwner
from kubesim_tui.kernel.engine import Key

BURST = 250
FIRST_BACKOFF, MOST_BACKOFF = 1, 900
Backoff = tuple[int, int]
"""(seconds, tick of the last deletion) of finished Pods on a node."""


class DaemonSetController(PodOwner):
    """Keeps the Pods of every DaemonSet."""

    account = "daemon-set-controller"
    source = "daemonset-controller"
    owner_kind = "DaemonSet"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.sets, self.pods = self.watch(kit.shared("daemonsets")), self.watch(kit.shared("pods"))
        self.nodes = self.watch(kit.shared("nodes"))
        self.revisions = self.watch(kit.shared("controllerrevisions"))
        self._read: dict[Name, DaemonSet] = {}
        self._backoff: dict[tuple[str, str], Backoff] = {}
        self.sets.on_change(self._set_changed)
        self.pods.on_change(self.pod_changed)
        self.nodes.on_change(self._node_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """All this is memory."""
        super().stop()
        self._read.clear()
        self._backoff.clear()

    def _set_changed(self, before: Object | None, now: Object | None) -> None:
        obj = cast(Object, now or before)
        if now is None:
            self._read.pop(key_of(obj), None)
            self.expected.forget(key_of(obj))
        self.enqueue(key_of(obj))

    def offer(self, orphan: Object) -> None:
        """By the selector."""
        for obj in self.sets.table.in_namespace(orphan.metadata.namespace):
            if selector.matches(self._ds(obj).selector, orphan.metadata.labels):
                self.enqueue(key_of(obj))

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = cast("Node | None", before), cast("Node | None", now)
        for obj in self.sets.table:
            spec = self._spec(self._ds(obj))
            if old is None or new is None or should_run(spec, old) != should_run(spec, new):
                self.enqueue(key_of(obj))

    def _ds(self, obj: Object) -> DaemonSet:
        """The object read, remembered as long as it is the same; its template stays the same while its spec does."""
        key = key_of(obj)
        known = self._read.get(key)
        if known is None or known.object is not obj:
            made = DaemonSet.of(obj)
            if known is not None and known.spec == made.spec:
                made = DaemonSet(
                    obj,
                    known.selector,
                    known.template,
                    known.min_ready,
                    known.on_delete,
                    known.max_surge,
                    known.max_unavailable,
                    known.history_limit,
                    known.spec,
                )
            known = self._read[key] = made
        return known

    def _spec(self, ds: DaemonSet) -> PodSpec:
        return daemon_spec(ds.template.spec or PodSpec())

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One sync of one set."""
        obj = lookup(self.sets, Object, *cast(Name, key))
        if obj is None:
            self.expected.forget(key)
            return
        ds = self._ds(obj)
        if selector.is_everything(ds.selector):
            text = "This daemon set is selecting all pods. A non-empty selector is required."
            self.recorder.event(obj, WARNING, "SelectingAll", text)
            return
        if obj.metadata.deletion_timestamp is not None:
            return
        chooses = _Chooses(ds)
        known = history.by_number(claim(self.client, obj, self.revisions.table, chooses))
        update, known, collisions = self._revision(ds, known)
        hash_ = update.metadata.labels.get(history.HASH, "")
        spec, nodes = self._spec(ds), self._sorted_nodes()
        refused = self._work(ds, spec, nodes, hash_) if self.expected.satisfied(key, self.engine.clock.tick) else None
        pods = self._pods(ds)
        here = by_node(pods)
        self._report(ds, decide.status(ds, spec, nodes, here, hash_, self.now), collisions)
        if refused is not None:
            raise refused
        live = [update.metadata.name, *(r.metadata.name for r in known if self._used(r, pods))]
        history.truncate(self.client, known, live, ds.history_limit)
        self._wake(ds, pods)

    def _sorted_nodes(self) -> list[Node]:
        return sorted((cast(Node, n) for n in self.nodes.table), key=_by_name)

    def _pods(self, ds: DaemonSet) -> list[Pod]:
        return claim(self.client, ds.object, self.pods.table, _Chooses(ds))

    def _used(self, revision: ControllerRevision, pods: list[Pod]) -> bool:
        hash_ = revision.metadata.labels.get(history.HASH)
        return any(p.metadata.labels.get(history.REVISION_HASH) == hash_ for p in pods)

    def _revision(
        self, ds: DaemonSet, known: list[ControllerRevision]
    ) -> tuple[ControllerRevision, list[ControllerRevision], int]:
        collisions = generic.plain(ds.object, "status").get("collisionCount") or 0
        labels = history.label_map(ds.template)
        wanted = history.new_revision(ds.object, ds.template, labels, history.next_number(known), collisions or None)
        equal = history.equal_to(known, wanted)
        if equal and equal[-1] is known[-1]:
            return equal[-1], known, collisions
        if equal:
            update = self.client.update(equal[-1].evolve(revision=wanted.revision))
            return update, history.by_number([*(r for r in known if r is not equal[-1]), update]), collisions
        made = history.create(self.client, wanted)
        while made is None:
            collisions += 1
            wanted = history.new_revision(ds.object, ds.template, labels, wanted.revision or 1, collisions)
            made = history.create(self.client, wanted)
        return made, [*known, made], collisions

    def _work(self, ds: DaemonSet, spec: PodSpec, nodes: list[Node], hash_: str) -> StatusError | None:
        plan = decide.manage(ds, spec, nodes, by_node(self._pods(ds)), hash_, self.now)
        refused = self._carry_out(ds, spec, hash_, plan)
        if refused is not None or ds.on_delete:
            return refused
        if not self.expected.satisfied(key_of(ds.object), self.engine.clock.tick):
            return None
        step = decide.update(ds, spec, nodes, by_node(self._pods(ds)), hash_, self.now)
        return self._carry_out(ds, spec, hash_, step)

    def _carry_out(self, ds: DaemonSet, spec: PodSpec, hash_: str, plan: Plan) -> StatusError | None:
        template = self._template(ds, hash_)
        nodes = iter(plan.create[:BURST])
        refused = slow_start(len(plan.create[:BURST]), _Creation(self, ds, template, spec, nodes))
        for pod in [*plan.delete, *[p for p in plan.finished if self._may_kill(ds, p)]][:BURST]:
            key = key_of(ds.object)
            self.expected.deletion(key, pod.metadata.uid, self.engine.clock.tick)
            try:
                self.control.delete(pod, ds.object)
            except Exception as error:
                self.expected.saw_deletion(key, pod.metadata.uid)
                if not isinstance(error, StatusError):
                    raise
                if error.code != 404:
                    refused = refused or error
        return refused

    def _may_kill(self, ds: DaemonSet, pod: Pod) -> bool:
        """A finished Pod is replaced, each time on the same node twice as late."""
        node = pod.spec.node_name if pod.spec is not None else ""
        place = (ds.object.metadata.uid, node)
        seconds, at = self._backoff.get(place, (0, 0))
        tick = self.engine.clock.tick
        if seconds and tick - at > 2 * MOST_BACKOFF:
            seconds = 0
        if seconds and tick < at + seconds:
            self.enqueue_after(at + seconds - tick, key_of(ds.object))
            return False
        self._backoff[place] = (min(MOST_BACKOFF, 2 * seconds or FIRST_BACKOFF), tick)
        phase = pod.status.phase if pod.status is not None else ""
        word, reason, type_ = (
            ("succeeded", "SucceededDaemonPod", NORMAL)
            if phase == "Succeeded"
            else ("failed", "FailedDaemonPod", WARNING)
        )
        meta = pod.metadata
        text = f"Found {word} daemon pod {meta.namespace}/{meta.name} on node {node}, will try to "
        text += "delete it" if phase == "Succeeded" else "kill it"
        self.recorder.event(ds.object, type_, reason, text)
        return True

    def _template(self, ds: DaemonSet, hash_: str) -> PodTemplateSpec:
        meta = ds.template.metadata
        assert meta is not None
        return ds.template.evolve(metadata=meta.evolve(labels=merged(meta.labels, {history.REVISION_HASH: hash_})))

    def _report(self, ds: DaemonSet, counts: dict[str, Any], collisions: int) -> None:
        if collisions:
            counts["collisionCount"] = collisions
        known = generic.plain(ds.object, "status")
        if known.get("conditions"):
            counts["conditions"] = known["conditions"]
        if counts != known:
            self.client.update_status(generic.with_part(ds.object, "status", counts))

    def _wake(self, ds: DaemonSet, pods: list[Pod]) -> None:
        """A ready Pod becomes available by time alone."""
        if not ds.min_ready:
            return
        ready = [c for p in pods if (c := pod_condition(p, "Ready")) is not None and c.status == "True"]
        waits = [c.last_transition_time + ds.min_ready - self.now for c in ready if c.last_transition_time is not None]
        coming = [w for w in waits if w > 0]
        if coming:
            self.enqueue_after(min(coming), key_of(ds.object))


def _by_name(node: Node) -> str:
    return node.metadata.name


class _Chooses:
    """The set's selector as a function."""

    def __init__(self, ds: DaemonSet) -> None:
        self.selector = ds.selector

    def __call__(self, obj: Object) -> bool:
        return selector.matches(self.selector, obj.metadata.labels)


class _Creation:
    """Create the Pod of the next node."""

    def __init__(
        self, controller: DaemonSetController, ds: DaemonSet, template: PodTemplateSpec, spec: PodSpec, nodes: Any
    ) -> None:
        self.controller, self.ds, self.nodes = controller, ds, nodes
        self.pod = pod_from_template(template.evolve(spec=spec), ds.object)
        self.spec = spec

    def __call__(self) -> None:
        controller, key = self.controller, key_of(self.ds.object)
        pod = self.pod.evolve(spec=for_node(self.spec, next(self.nodes)))
        controller.expected.creations(key, 1, controller.engine.clock.tick)
        try:
            controller.control.create(pod, self.ds.object)
        except Exception:
            controller.expected.saw_creation(key)
            raise
