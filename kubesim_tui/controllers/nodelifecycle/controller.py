"""The loop. Keys: ("check", node) is the lease due?, ("node", node) taints and labels, ("pods", node) its Pods are
no longer ready, ("zone", zone) whose turn it is to be tainted NoExecute, ("say", …) an Event.

Upstream looks at all nodes every 5 s. Here a timer is set for the moment at which that look would find the lease too
old: the first multiple of 5 after the last renewal, and the grace period on top (FIDELITY.md).
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.helpers.conditions import pod_condition, with_condition
from kubesim_tui.api.types import Node, NodeSpec, NodeStatus, Object, ObjectReference, Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.controllers.base import NORMAL, WARNING, Controller, Kit, lookup
from kubesim_tui.controllers.nodelifecycle import decide
from kubesim_tui.controllers.nodelifecycle.zones import Zones
from kubesim_tui.kernel.engine import Key

MONITOR = 5
STARTUP_GRACE = 60
"""Seconds that a new node has for its first word."""


def due(last: int, grace: int) -> int:
    """The tick at which the look every 5 s finds that a lease renewed at `last` is too old."""
    seen = -(-last // MONITOR) * MONITOR
    return -(-(seen + grace) // MONITOR) * MONITOR


class NodeLifecycleController(Controller):
    """See the module."""

    account = source = "node-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.heartbeats, self.grace = kit.extras.heartbeats, kit.extras.node_monitor_grace
        self.heartbeats.listen(self)
        self.zones = Zones()
        self._since: dict[str, int] = {}  # silent nodes: the tick of the last renewal that we know of
        self._down = False  # every zone is
        self.nodes, self.pods = self.watch(kit.shared("nodes")), self.watch(kit.shared("pods"))
        self.nodes.on_change(self._node_changed)

    def stop(self) -> None:
        """What we know of zones and leases is memory."""
        super().stop()
        self.zones.clear()
        self._since.clear()
        self._down = False

    # -- events ------------------------------------------------------------------------------------------------

    def heartbeat(self, node: str, beats: bool) -> None:
        """A kubelet starts or stops renewing its lease."""
        if beats:
            self._since.pop(node, None)
        elif self.runs() and self.nodes.get("", node) is not None:
            last = self.heartbeats.last(node, self.engine.clock.tick)
            self._silent(node, last if last is not None else self.engine.clock.tick, self.grace)

    def _silent(self, node: str, last: int, grace: int) -> None:
        self._since[node] = last
        self.engine.at(max(due(last, grace), self.engine.clock.tick), self.phase, self, ("check", node))

    def _node_changed(self, before: Object | None, now: Object | None) -> None:
        old, new = cast("Node | None", before), cast("Node | None", now)
        if new is None:
            assert old is not None
            self._gone(old)
            return
        name = new.metadata.name
        ready = decide.ready_status(new) == "True"
        self.zones.put(name, decide.zone_of(new), ready)
        if old is None:
            self._registered(new)
        elif not ready and decide.ready_status(old) == "True":
            self._say(new, "NodeNotReady", f"Node {name} status is now: NodeNotReady")
            self.enqueue(("pods", name))
        self._look_at_zones()
        self.enqueue(("node", name))

    def _registered(self, node: Node) -> None:
        name = node.metadata.name
        self._say(node, "RegisteredNode", f"Node {name} event: Registered Node {name} in Controller")
        if not self.heartbeats.beats(name):
            never = not decide.ready_status(node)
            self._silent(name, self.engine.clock.tick, STARTUP_GRACE if never else self.grace)

    def _gone(self, node: Node) -> None:
        name = node.metadata.name
        self.zones.drop(name)
        self._since.pop(name, None)
        self._say(node, "RemovingNode", f"Node {name} event: Removing Node {name} from Controller")
        self._look_at_zones()

    def _look_at_zones(self) -> None:
        """When the last zone goes down, or the first comes back, the taints of all that are not ready change."""
        down = self.zones.all_down()
        if down != self._down:
            self._down = down
            for name in self.zones.not_ready():
                self.enqueue(("node", name))

    def _say(self, node: Node, reason: str, message: str) -> None:
        self.enqueue(("say", node.metadata.name, node.metadata.uid, reason, message))

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """See the module for the keys."""
        what, name, *more = cast("tuple[str, ...]", key)
        if what == "say":
            about = ObjectReference(kind="Node", name=name, uid=more[0])
            self.recorder.refer(about, NORMAL, more[1], more[2])
            return
        if what == "zone":
            self._next_of_zone(name)
            return
        node = lookup(self.nodes, Node, "", name)
        if node is None:
            return
        if what == "check":
            self._check(node)
        elif what == "pods":
            self._mark_pods(node)
        else:
            self._taint(node)

    def _check(self, node: Node) -> None:
        name = node.metadata.name
        last = self._since.get(name)
        if last is None or self.heartbeats.beats(name):
            return
        never = not decide.ready_status(node)
        if self.engine.clock.tick < due(last, STARTUP_GRACE if never else self.grace):
            return
        status = node.status or NodeStatus()
        conditions = decide.silent_conditions(status.conditions, self.now)
        if conditions != status.conditions:
            self.client.update_status(node.evolve(status=status.evolve(conditions=conditions)))

    def _mark_pods(self, node: Node) -> None:
        if decide.ready_status(node) == "True":
            return
        for obj in list(self.pods.table.on_node(node.metadata.name)):
            pod = cast(Pod, obj)
            ready = pod_condition(pod, "Ready")
            if ready is None or ready.status != "True" or pod.status is None:
                continue
            conditions = with_condition(
                pod.status.conditions, ready.evolve(status="False", last_transition_time=self.now)
            )
            try:
                self.client.update_status(pod.evolve(status=pod.status.evolve(conditions=conditions)))
            except StatusError as refused:
                if refused.code != 404:
                    raise
                continue
            self.recorder.event(pod, WARNING, "NodeNotReady", "Node is not ready")

    def _taint(self, node: Node) -> None:
        """Taints and labels as they should be; a new NoExecute taint waits for its turn."""
        spec, name = node.spec or NodeSpec(), node.metadata.name
        taints = decide.with_no_schedule(node, self.now)
        key = decide.no_execute_key(node)
        if not key or self._down:
            taints = decide.with_no_execute(taints, "", self.now)
        elif decide.has_no_execute(node):
            taints = decide.with_no_execute(taints, key, self.now)
        else:
            self.zones.wait(name)
            self.enqueue(("zone", self.zones.nodes[name][0]))
        labels = decide.with_beta_labels(node.metadata.labels)
        if taints == spec.taints and labels == node.metadata.labels:
            return
        meta = node.metadata.evolve(labels=FrozenMap(labels))
        self.client.update(node.evolve(metadata=meta, spec=spec.evolve(taints=taints)))

    def _next_of_zone(self, zone: str) -> None:
        if zone not in self.zones.zones:
            return
        name, wait = self.zones.take(zone, self.engine.clock.tick)
        if wait is not None:
            self.enqueue_after(wait, ("zone", zone))
        node = lookup(self.nodes, Node, "", name) if name is not None else None
        if node is None:
            return
        key = decide.no_execute_key(node)
        spec = node.spec or NodeSpec()
        if not key or decide.has_no_execute(node):
            return
        taints = decide.with_no_execute(spec.taints, key, self.now)
        try:
            self.client.update(node.evolve(spec=spec.evolve(taints=taints)))
        except Exception:
            self.zones.wait(node.metadata.name)
            self.zones.zones[zone].next = 0
            raise
