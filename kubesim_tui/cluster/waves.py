"""A wave of upgrades: node after node is drained as kubectl drain does it, rebooted into a new system, and used again.

Whoever runs it respects disruption budgets: an eviction that one forbids is asked for again every 5 s, for ever if it
must be, and no other node is touched meanwhile. A node that comes back is waited for until it is Ready.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

from attrs import define, field

from kubesim_tui.api import types
from kubesim_tui.api.helpers.nodes import is_ready
from kubesim_tui.api.helpers.ownership import controller_of
from kubesim_tui.api.helpers.static_pods import is_mirror
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.etcd import Etcd
from kubesim_tui.apiserver.request import User
from kubesim_tui.cluster.power import Power
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.world.world import World

KERNEL = "6.8.0-85-generic"
"""What the wave brings."""
AGAIN = 5
"""Seconds until a refused eviction is asked for again."""
UPGRADER = User("upgrader", ("system:masters", "system:authenticated"))


class Owner(Protocol):
    """The cluster."""

    engine: Engine
    etcd: Etcd
    world: World
    power: Power

    def client(self, user: User, place: str = "", qps: int = 0, burst: int = 0) -> Client:
        """A client of the API server."""
        ...

    def look(self) -> None:
        """Something about processes, machines or links has changed."""
        ...


@define
class Course:
    """How far a wave has come. `boots`: of the present node, before it was rebooted; -1: it is still being drained."""

    left: list[str]
    boot_seconds: int
    slower_us: int  # the network driver of the new system costs so much more a round trip
    boots: int = -1
    asked: dict[str, int] = field(factory=dict)  # Pod uid → the tick from which on it may be asked for again


class Wave:
    """See the module. There is one at a time. Keys: "on", and the Node that one which was called off gives back."""

    name, order, phase = "wave", 0, "timers"

    def __init__(self, cluster: Owner) -> None:
        self.cluster = cluster
        self.course: Course | None = None
        self._slowed: list[str] = []  # machines whose new system has a slow network driver

    def runs(self) -> bool:
        """There is always somebody."""
        return True

    def begin(self, nodes: Iterable[str], boot_seconds: int, slower_us: int) -> bool:
        """Begin with the first of these nodes; False if there is none, or a wave is under way."""
        left = list(nodes)
        if self.course is not None or not left:
            return False
        self.course = Course(left, boot_seconds, slower_us)
        self.reconcile("on")
        return True

    def end(self) -> bool:
        """It is called off, and the old system comes back with its driver; False if there was none."""
        course, self.course = self.course, None
        for name in self._slowed:
            self.cluster.world.links.slow(name, 0)
        self._slowed.clear()
        if course is not None and course.left:
            self._give_back(course.left[0])
        self.cluster.look()
        return course is not None

    def reconcile(self, key: Key) -> None:
        """One step further, if it can be."""
        course = self.course
        if key != "on":
            self._give_back(str(key))
        elif course is not None:
            self._go_on(course)

    def _give_back(self, node: str) -> None:
        """Let Pods come to it again, as soon as the API server hears that."""
        try:
            self._mark(node, cordoned=False)
        except ApiError:
            self.cluster.engine.at(self.cluster.engine.clock.tick + 1, self.phase, self, node)

    def _go_on(self, course: Course) -> None:
        if course.left:
            with suppress(ApiError):  # the door is closed for now
                self._step(course, course.left[0])
        if course.left:
            self.cluster.engine.at(self.cluster.engine.clock.tick + 1, self.phase, self, "on")

    def _step(self, course: Course, node: str) -> None:
        machine = self.cluster.world.machines.get(node)
        if machine is None:
            course.left.pop(0)
        elif course.boots < 0:
            self._mark(node, cordoned=True)
            if self._drained(course, node):
                course.boots = machine.boots
                machine.kernel = KERNEL
                self.cluster.power.shut_down(node, course.boot_seconds)
        elif machine.boots > course.boots:
            self._use_again(course, node)

    def _use_again(self, course: Course, node: str) -> None:
        """The machine is up: its new system runs, and once the Node is Ready the next one's turn has come."""
        if course.slower_us and node not in self._slowed:
            self._slowed.append(node)
            self.cluster.world.links.slow(node, course.slower_us)
            self.cluster.look()
        if self._ready(node):
            self._mark(node, cordoned=False)
            course.left.pop(0)
            course.boots = -1

    def _drained(self, course: Course, node: str) -> bool:
        """Ask for whatever is still there to be evicted; True if nothing is."""
        pods = [p for p in self.cluster.etcd.table("pods").on_node(node) if isinstance(p, types.Pod) and _may_go(p)]
        now = self.cluster.engine.clock.tick
        for pod in sorted(pods, key=lambda p: (p.metadata.namespace, p.metadata.name)):
            uid = pod.metadata.uid
            if pod.metadata.deletion_timestamp is None and course.asked.get(uid, 0) <= now:
                course.asked[uid] = now + AGAIN
                self._evict(pod)
        return not pods

    def _evict(self, pod: types.Pod) -> None:
        with suppress(StatusError):  # a budget forbids it (429), or it is gone
            self.cluster.client(UPGRADER).evict(pod.metadata.namespace, pod.metadata.name)

    def _mark(self, node: str, *, cordoned: bool) -> None:
        found = self.cluster.etcd.get("nodes", ("", node))
        spec = found.spec if isinstance(found, types.Node) else None
        if found is not None and bool(spec and spec.unschedulable) is not cordoned:
            body = {"spec": {"unschedulable": cordoned or None}}
            self.cluster.client(UPGRADER).patch(types.Node, "", node, body, "strategic")

    def _ready(self, node: str) -> bool:
        found = self.cluster.etcd.get("nodes", ("", node))
        return isinstance(found, types.Node) and is_ready(found)


def _may_go(pod: types.Pod) -> bool:
    """Mirror Pods and those of DaemonSets are left alone (--ignore-daemonsets)."""
    owner = controller_of(pod)
    return not is_mirror(pod) and (owner is None or owner.kind != "DaemonSet")
