"""The scheduler's filters on a copy of what it knows, to ask what would be: cluster-autoscaler's view of a cluster.

Nodes may be added that are not there, Pods put anywhere; nothing of it is written. Scores are not asked for: a Pod
goes to the first node that it fits on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast

from kubesim_tui.api.helpers.conditions import is_pod_terminal
from kubesim_tui.api.types import Node, Pod, PodSpec
from kubesim_tui.scheduler.cache import Cache
from kubesim_tui.scheduler.handle import Handle, Source
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import PodInfo
from kubesim_tui.scheduler.profile import Profile
from kubesim_tui.scheduler.runtime import Cycle, run_filters, run_pre_filter


class Simulation:
    """See the module. `sources` by plural; nodes and pods among them are what it begins with."""

    def __init__(self, profile: Profile, sources: Mapping[str, Source]) -> None:
        self.profile, self.cache = profile, Cache()
        self.handle = Handle(self.cache, sources)
        for node in cast("Iterable[Node]", sources["nodes"].table):
            self.cache.add_node(node)
        for pod in cast("Iterable[Pod]", sources["pods"].table):
            if (pod.spec or PodSpec()).node_name and not is_pod_terminal(pod):
                self.cache.set_pod(pod)

    def add_node(self, node: Node, pods: Iterable[Pod] = ()) -> None:
        """A node more, with Pods."""
        self.cache.add_node(node)
        for pod in pods:
            self.put(pod, node.metadata.name)

    def remove_node(self, name: str) -> None:
        """A node less, with its Pods."""
        found = self.cache.nodes.get(name)
        if found is not None and found.node is not None:
            for uid in list(found.pods):
                self.cache.remove_pod(uid)
            self.cache.remove_node(found.node)

    def pods(self, node: str) -> list[Pod]:
        """The Pods of a node."""
        found = self.cache.nodes.get(node)
        return [info.pod for info in found.pods.values()] if found is not None else []

    def requested(self, node: str) -> tuple[int, int, int, int]:
        """(millicores requested, allocatable, bytes requested, allocatable) of a node."""
        found = self.cache.nodes[node]
        return found.cpu, found.allocatable.cpu, found.memory, found.allocatable.memory

    def refusal(self, pod: Pod, node: str) -> tuple[str, ...] | None:
        """Why a Pod does not fit on a node; None: it does."""
        found = self.handle.node(node)
        if found is None:
            return ("node not found",)
        cycle, allowed, reasons = self._begin(self.cache.register.info(pod))
        return reasons or self._filtered(cycle, allowed, found)

    def place(self, pod: Pod, nodes: Collection[str] | None = None) -> str:
        """Put a Pod on the first node that it fits on, of all or of some; "": there is none."""
        info = self.cache.register.info(pod)
        cycle, allowed, reasons = self._begin(info)
        if reasons:
            return ""
        for node in self.handle.nodes():
            if (nodes is None or node.name in nodes) and self._filtered(cycle, allowed, node) is None:
                self.cache.assume(info, node.name)
                return node.name
        return ""

    def put(self, pod: Pod, node: str) -> None:
        """Put a Pod on a node, fit or not."""
        self.cache.assume(self.cache.register.info(pod), node)

    def take(self, pod: Pod) -> None:
        """Take a Pod from its node."""
        self.cache.remove_pod(pod.metadata.uid)

    def _begin(self, info: PodInfo) -> tuple[Cycle, Collection[str] | None, tuple[str, ...]]:
        """(the cycle, the only nodes that come into question, why none does)."""
        cycle = Cycle(self.profile, self.handle, info)
        pre = run_pre_filter(cycle)
        return cycle, pre.nodes, pre.status.reasons if pre.status is not None else ()

    def _filtered(self, cycle: Cycle, allowed: Collection[str] | None, node: NodeInfo) -> tuple[str, ...] | None:
        if allowed is not None and node.name not in allowed:
            return ("node(s) didn't match Pod's node affinity/selector",)
        status = run_filters(cycle, node)
        return None if status is None else status.reasons
