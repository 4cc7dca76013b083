"""taint-eviction-controller: Pods leave a node with a NoExecute taint, at once or when their toleration runs out.

As pkg/controller/tainteviction. An eviction that is due stands; a later and longer toleration does not put it off.
The due times are memory: a restarted manager begins to count anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from attrs import frozen

from kubesim_tui.api.helpers.conditions import find, with_condition
from kubesim_tui.api.helpers.tolerations import tolerates
from kubesim_tui.api.types import Node, Object, Pod, PodCondition, PodStatus, Taint, Toleration
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers.base import NORMAL, Controller, Kit, key_of, lookup
from kubesim_tui.kernel.engine import Key

REASON = "TaintManagerEviction"


def no_execute(node: Node | None) -> tuple[Taint, ...]:
    """A node's NoExecute taints."""
    taints = node.spec.taints if node is not None and node.spec is not None else ()
    return tuple([t for t in taints if t.effect == "NoExecute"])


def min_toleration(tolerations: Iterable[Toleration]) -> int | None:
    """Seconds that the used tolerations bear: the least of them; None if none is limited, 0 without any."""
    used = list(tolerations)
    limits = [max(0, t.toleration_seconds) for t in used if t.toleration_seconds is not None]
    if not used:
        return 0
    return min(limits) if limits else None


def seconds_left(tolerations: Sequence[Toleration], taints: Iterable[Taint]) -> int | None:
    """Seconds until a Pod must go: 0 at once, None never. Of each taint the first toleration that covers it counts."""
    used = []
    for taint in taints:
        found = next((t for t in tolerations if tolerates(t, taint)), None)
        if found is None:
            return 0
        used.append(found)
    return min_toleration(used)


def _place(pod: Pod) -> tuple[str, tuple[Toleration, ...]]:
    return (pod.spec.node_name, pod.spec.tolerations) if pod.spec is not None else ("", ())


@frozen
class Due:
    """An eviction to come, in ticks."""

    since: int
    at: int
    uid: str


class TaintEvictionController(Controller):
    """See the module. Keys: ("node", name), ("pod", namespace, name), ("evict", namespace, name), ("said", …)."""

    account = source = "taint-eviction-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.nodes, self.pods = self.watch(kit.shared("nodes")), self.watch(kit.shared("pods"))
        self._due: dict[Name, Due] = {}
        self.nodes.on_change(self._node_changed)
        self.pods.on_change(self._pod_changed)

    def stop(self) -> None:
        """Due times are memory."""
        super().stop()
        self._due.clear()

    # -- events ------------------------------------------------------------------------------------------------

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = no_execute(cast("Node | None", before)), no_execute(cast("Node | None", now))
        if old != new and now is not None:
            self.enqueue(("node", now.metadata.name))

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        old, pod = cast("Pod | None", before), cast("Pod | None", now)
        if pod is None:
            if before is not None:
                self._due.pop(key_of(before), None)
            return
        if old is not None and old.spec is pod.spec:
            return
        if old is not None and _place(old) == _place(pod):
            return
        if key_of(pod) in self._due or self._taints_of(pod):
            self.enqueue(("pod", *key_of(pod)))

    def _taints_of(self, pod: Pod) -> tuple[Taint, ...]:
        node_name = pod.spec.node_name if pod.spec is not None else ""
        return no_execute(lookup(self.nodes, Node, "", node_name)) if node_name else ()

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Set or cancel due times, and evict."""
        what, *names = cast("tuple[str, ...]", key)
        if what == "node":
            for obj in list(self.pods.table.on_node(names[0])):
                self._look(cast(Pod, obj))
            return
        pod = lookup(self.pods, Pod, names[0], names[1])
        if pod is None:
            self._due.pop((names[0], names[1]), None)
        elif what == "pod":
            self._look(pod)
        else:
            self._evict(pod)

    def _look(self, pod: Pod) -> None:
        key, tick = key_of(pod), self.engine.clock.tick
        taints = self._taints_of(pod)
        if not taints:
            self._cancel(pod)
            return
        left = seconds_left(pod.spec.tolerations if pod.spec is not None else (), taints)
        known = self._due.get(key)
        if left is None:
            self._cancel(pod)
            return
        if left == 0:
            if known is not None and known.at > tick:
                self._cancel(pod)
            self._set(pod, Due(tick, tick, pod.metadata.uid))
            return
        if known is not None and known.uid == pod.metadata.uid:
            if known.since < tick:
                return
            self._cancel(pod)
        self._set(pod, Due(tick, tick + left, pod.metadata.uid))

    def _set(self, pod: Pod, due: Due) -> None:
        self._due[key_of(pod)] = due
        self.engine.at(due.at, self.phase, self, ("evict", *key_of(pod)))

    def _cancel(self, pod: Pod) -> None:
        if self._due.pop(key_of(pod), None) is not None:
            meta = pod.metadata
            self.recorder.event(pod, NORMAL, REASON, f"Cancelling deletion of Pod {meta.namespace}/{meta.name}")

    def _evict(self, pod: Pod) -> None:
        key = key_of(pod)
        due = self._due.get(key)
        if due is None or due.uid != pod.metadata.uid or due.at > self.engine.clock.tick:
            return
        if pod.metadata.deletion_timestamp is not None:
            del self._due[key]
            return
        self._mark(pod)
        try:
            self.client.delete(Pod, *key, Options(uid=pod.metadata.uid))
        except StatusError as refused:
            if refused.code != 404:
                raise
        text = f"Marking for deletion Pod {key[0]}/{key[1]}"
        self.recorder.event(pod, NORMAL, REASON, text)
        self._due.pop(key, None)

    def _mark(self, pod: Pod) -> None:
        """Say in the Pod's status why it goes."""
        status = pod.status or PodStatus()
        known = find(status.conditions, "DisruptionTarget")
        if known is not None and known.status == "True":
            return
        condition = PodCondition(
            type="DisruptionTarget",
            status="True",
            reason="DeletionByTaintManager",
            message="Taint manager: deleting due to NoExecute taint",
            last_transition_time=self.now,
        )
        changed = status.evolve(conditions=with_condition(status.conditions, condition))
        self.client.update_status(pod.evolve(status=changed))
