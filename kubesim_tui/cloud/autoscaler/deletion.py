"""How a node goes: it is marked, five seconds later emptied, then its machine is given back. As scaledown/actuation.

Evictions that a budget forbids are tried again every ten seconds for two minutes; Pods have ten minutes to end. When
anything fails the mark is taken away and the node stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, cast

from attrs import define, field

from kubesim_tui.api.helpers.budgets import Budget
from kubesim_tui.api.helpers.nodes import taints_of, with_taints, without_taint
from kubesim_tui.api.helpers.static_pods import is_mirror
from kubesim_tui.api.types import Node, Pod, PodSpec, Taint
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.apiserver.record import NORMAL, WARNING, Recorder
from kubesim_tui.cloud.autoscaler.groups import Groups
from kubesim_tui.cloud.autoscaler.options import Options
from kubesim_tui.cloud.autoscaler.pods import is_daemon
from kubesim_tui.cloud.autoscaler.scale_down import Removable, pods_to_move
from kubesim_tui.cloud.service import TO_BE_DELETED
from kubesim_tui.world.balancer import CloudError

RETRY, POLL, HEADROOM = 10, 5, 30


class Log(Protocol):
    """What is said of the whole."""

    def __call__(self, kind: str, reason: str, message: str) -> None:
        """An Event of the status."""
        ...


@define(eq=False)
class Deletion:
    """A node that is going. Times are ticks."""

    group: str
    drain: bool
    begun: bool = False
    waiting: dict[tuple[str, str], None] = field(factory=dict)  # Pods not evicted yet
    leaving: dict[tuple[str, str], None] = field(factory=dict)  # evicted, still there
    until: int = 0


class Failed(Exception):
    """A node cannot go, after all."""


@define(eq=False)
class Deletions:
    """See the module. `again(name, seconds)` has `step` called once more."""

    client: Client
    recorder: Recorder
    cloud: Groups
    pods: Informer
    nodes: Informer
    budgets: Callable[[], Sequence[Budget]]
    again: Callable[[str, int], None]
    log: Log
    options: Options
    under_way: dict[str, Deletion] = field(factory=dict)
    last_deleted: int = -3600
    last_failed: int = -3600

    @property
    def _tick(self) -> int:
        return self.client.server.etcd.clock.tick

    def of(self, group: str) -> int:
        """How many nodes of a group are going."""
        return sum(one.group == group for one in self.under_way.values())

    def begin(self, empty: Sequence[Removable], full: Sequence[Removable], group_of: Callable[[str], str]) -> bool:
        """Let nodes go, as many at once as is allowed; True if any does."""
        places = self.options.parallel_deletions - len(self.under_way)
        chosen = list(empty[: max(0, places)])
        drains = self.options.parallel_drains - sum(one.drain for one in self.under_way.values())
        chosen += full[: max(0, min(places - len(chosen), drains))]
        for one in chosen:
            self._mark(one, group_of(one.node.metadata.name))
        return bool(chosen)

    def _mark(self, one: Removable, group: str) -> None:
        node, name = one.node, one.node.metadata.name
        now = self.client.server.etcd.clock.now
        taint = Taint(key=TO_BE_DELETED, value=str(now), effect="NoSchedule")
        self.client.update(with_taints(node, (*taints_of(node), taint)))
        self.recorder.event(node, NORMAL, "ScaleDown", "marked the node as toBeDeleted/unschedulable")
        if one.pods:
            names = ", ".join(f"{p.metadata.namespace}/{p.metadata.name}" for p in one.pods)
            self.log(NORMAL, "ScaleDown", f"Scale-down: removing node {name}, pods to reschedule: {names}")
        else:
            self.log(NORMAL, "ScaleDownEmpty", f'Scale-down: removing empty node "{name}"')
        self.under_way[name] = Deletion(group, bool(one.pods))
        self.last_deleted = self._tick
        self.again(name, self.options.node_delete_delay_after_taint)

    def step(self, name: str) -> None:
        """Go on with a node."""
        one = self.under_way.get(name)
        node = cast("Node | None", self.nodes.get("", name))
        if one is None or node is None:
            self.under_way.pop(name, None)
            return
        try:
            wait = self._empty(name, one)
            if wait:
                self.again(name, wait)
                return
            self._delete(name, one)
        except Failed as why:
            self._fail(node, one, str(why))
            return
        del self.under_way[name]
        self.recorder.event(node, NORMAL, "ScaleDown", "nodes removed by cluster autoscaler")
        if one.drain:
            self.log(NORMAL, "ScaleDown", f"Scale-down: node {name} removed with drain")
        else:
            self.log(NORMAL, "ScaleDownEmpty", f"Scale-down: empty node {name} removed")

    def _empty(self, name: str, one: Deletion) -> int:
        """Get rid of a node's Pods; in how many seconds to go on, 0: it is empty."""
        if not one.begun:
            self._evict_all(name, one)
        if one.waiting:
            self._evict(one)
            if one.waiting:
                if self._tick >= one.until:
                    raise Failed(f"Failed to drain node /{name}, due to following errors: [{self._stuck(one)}]")
                return RETRY
            one.until = self._tick + self.options.max_graceful_termination + HEADROOM
        one.leaving = {key: None for key in one.leaving if self._is_there(key, name)}
        if one.leaving and self._tick >= one.until:
            raise Failed(f"Failed to drain node /{name}: pods remaining after timeout")
        return POLL if one.leaving else 0

    def _evict_all(self, name: str, one: Deletion) -> None:
        here = [cast(Pod, obj) for obj in self.pods.table.on_node(name)]
        budgets = self.budgets()
        moving = pods_to_move(here, budgets, [10_000] * len(budgets), self.client.server.etcd.clock.now)
        if isinstance(moving, str):
            raise Failed(f'GetPodsToMove for "{name}" returned error: {moving}')
        if moving and not one.drain:
            raise Failed(f'failed to delete empty node "{name}", new pods scheduled')
        one.begun, one.until = True, self._tick + self.options.max_pod_eviction_time
        one.waiting = {(pod.metadata.namespace, pod.metadata.name): None for pod in moving}
        for pod in moving:
            self.recorder.event(pod, NORMAL, "ScaleDown", "deleting pod for node scale down")
        for pod in here if one.drain else ():
            if is_daemon(pod) and not is_mirror(pod):
                self.recorder.event(pod, NORMAL, "ScaleDown", "deleting pod for node scale down")
                self._evict_one((pod.metadata.namespace, pod.metadata.name))

    def _evict(self, one: Deletion) -> None:
        for key in list(one.waiting):
            if self._evict_one(key):
                del one.waiting[key]
                one.leaving[key] = None

    def _evict_one(self, key: tuple[str, str]) -> bool:
        """True if it will go."""
        try:
            self.client.evict(*key)
        except StatusError as refused:
            return refused.code == 404
        except ApiError:
            return False
        return True

    def _is_there(self, key: tuple[str, str], node: str) -> bool:
        pod = cast("Pod | None", self.pods.get(*key))
        return pod is not None and (pod.spec or PodSpec()).node_name == node

    def _stuck(self, one: Deletion) -> str:
        return " ".join(
            f"failed to evict pod {namespace}/{name} within allowed timeout" for namespace, name in one.waiting
        )

    def _delete(self, name: str, one: Deletion) -> None:
        try:
            self.cloud.delete(one.group, [name])
        except CloudError as wrong:
            raise Failed(f"failed to delete {name}: {wrong}") from wrong

    def _fail(self, node: Node, one: Deletion, why: str) -> None:
        del self.under_way[node.metadata.name]
        self.last_failed = self._tick
        what = "drain and delete node" if one.drain else "delete empty node"
        self.recorder.event(node, WARNING, "ScaleDownFailed", f"failed to {what}: {why}")
        for namespace, name in one.waiting:
            pod = self.pods.get(namespace, name)
            if pod is not None:
                self.recorder.event(pod, WARNING, "ScaleDownFailed", "failed to delete pod for ScaleDown")
        self.clean(node)

    def clean(self, node: Node) -> None:
        """Take the mark away."""
        clean = without_taint(node, TO_BE_DELETED)
        if clean is not node:
            self.client.update(clean)
