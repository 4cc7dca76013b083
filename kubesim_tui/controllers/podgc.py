"""pod-garbage-collector-controller: Pods that nobody else removes.

Those of nodes that are gone (after 40 s of doubt), those being deleted that never had a node, those that cannot end
since their node is out of service, and finished ones beyond the threshold. Upstream looks every 20 s; here a look is
set, at a multiple of 20, only when there is something to see.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from kubesim_tui.api.codec import encode
from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.types import Node, Object, Pod, PodCondition
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers.base import Controller, Kit, lookup
from kubesim_tui.controllers.nodelifecycle.decide import ready_status
from kubesim_tui.kernel.engine import Key

PERIOD, QUARANTINE = 20, 40
OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


def oldest_finished(pods: Sequence[Pod], threshold: int) -> list[Pod]:
    """The finished Pods beyond the threshold: evicted ones first, then the oldest. Pure."""
    finished = [p for p in pods if is_pod_terminal(p)]
    return sorted(finished, key=_age)[: max(0, len(finished) - threshold)]


def _age(pod: Pod) -> tuple[bool, int, str]:
    evicted = pod.status is not None and pod.status.reason == "Evicted"
    return not evicted, pod.metadata.creation_timestamp or 0, pod.metadata.name


def is_out_of_service(node: Node) -> bool:
    """Somebody has said that the machine is off for good."""
    return node.spec is not None and any(t.key == OUT_OF_SERVICE for t in node.spec.taints)


class PodGarbageCollector(Controller):
    """See the module. Keys: ("node", name), ("doubt", name), ("pod", namespace, name), ("finished",)."""

    account = source = "pod-garbage-collector"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.threshold = kit.extras.terminated_pod_threshold
        self.nodes, self.pods = self.watch(kit.shared("nodes")), self.watch(kit.shared("pods"))
        self._finished = 0
        self._doubted: dict[str, None] = {}
        self.nodes.on_change(self._node_changed)
        self.pods.on_change(self._pod_changed)

    def stop(self) -> None:
        """Counts are memory."""
        super().stop()
        self._finished = 0
        self._doubted.clear()

    def _next_look(self, key: Key) -> None:
        tick = self.engine.clock.tick
        self.engine.at((tick // PERIOD + 1) * PERIOD, self.phase, self, key)

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        obj = cast(Node, now or before)
        if now is None or is_out_of_service(obj):
            self._next_look(("node", obj.metadata.name))

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        old, pod = cast("Pod | None", before), cast("Pod | None", now)
        was, is_ = old is not None and is_pod_terminal(old), pod is not None and is_pod_terminal(pod)
        if was != is_:
            self._finished += 1 if is_ else -1
            if is_ and self._finished > self.threshold:
                self._next_look(("finished",))
        if pod is None or pod.spec is None:
            return
        node = pod.spec.node_name
        if not node:
            if pod.metadata.deletion_timestamp is not None:
                self._next_look(("pod", pod.metadata.namespace, pod.metadata.name))
        elif node not in self._doubted and (old is None or old.spec is not pod.spec):
            if self.nodes.get("", node) is None:
                self._doubted[node] = None
                self._next_look(("node", node))
        elif pod.metadata.deletion_timestamp is not None:
            found = lookup(self.nodes, Node, "", node)
            if found is not None and is_out_of_service(found):
                self._next_look(("node", node))

    def sync(self, key: Key) -> None:
        """One look."""
        what, *names = cast("tuple[str, ...]", key)
        if what == "finished":
            for pod in oldest_finished([cast(Pod, p) for p in self.pods.table], self.threshold):
                self._delete(pod)
        elif what == "pod":
            pod = cast(Pod, lookup(self.pods, Pod, names[0], names[1]))
            if pod is not None and pod.spec is not None and not pod.spec.node_name:
                self._delete(pod)
        elif what == "node":
            self._node(names[0])
        else:
            self._doubted.pop(names[0], None)
            if self.nodes.get("", names[0]) is None:
                for obj in list(self.pods.table.on_node(names[0])):
                    self._fail(cast(Pod, obj), "PodGC: node no longer exists")

    def _node(self, name: str) -> None:
        node = lookup(self.nodes, Node, "", name)
        if node is None:
            self._doubted[name] = None
            self.enqueue_after(QUARANTINE, ("doubt", name))
        elif is_out_of_service(node) and ready_status(node) != "True":
            for obj in list(self.pods.table.on_node(name)):
                if obj.metadata.deletion_timestamp is not None:
                    self._fail(cast(Pod, obj), f"PodGC: node {name} is out-of-service")

    def _fail(self, pod: Pod, message: str) -> None:
        """Set the Pod's phase to Failed, with the reason, and delete it."""
        if not is_pod_terminal(pod):
            condition = PodCondition(
                type="DisruptionTarget",
                status="True",
                reason="DeletionByPodGC",
                message=message,
                last_transition_time=self.now,
            )
            body = {"status": {"phase": "Failed", "conditions": [encode(condition)]}}
            meta = pod.metadata
            self.client.patch(Pod, meta.namespace, meta.name, body, "strategic", "status")
        self._delete(pod)

    def _delete(self, pod: Pod) -> None:
        meta = pod.metadata
        try:
            self.client.delete(Pod, meta.namespace, meta.name, Options(grace=0, uid=meta.uid))
        except StatusError as refused:
            if refused.code not in (404, 409):
                raise
