"""NodeResourcesFit: what a Pod requests must be free; by default emptier nodes score higher (LeastAllocated)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from attrs import frozen

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.helpers.resources import amount
from kubesim_tui.api.types import Node, NodeStatus, Object, Pod, PodSpec
from kubesim_tui.scheduler.events import ClusterEvent
from kubesim_tui.scheduler.framework import CycleState, Plugin, Status, unresolvable, unschedulable
from kubesim_tui.scheduler.handle import Handle
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.plugins import resource_scoring as scoring
from kubesim_tui.scheduler.plugins.resource_scoring import DEFAULT_RESOURCES, Point, Weighted
from kubesim_tui.scheduler.pod_info import PodInfo, Resource


@frozen
class Insufficient:
    """One resource that does not suffice: what the Pod wants, what is used, what there is."""

    resource: str
    reason: str
    requested: int
    used: int
    capacity: int

    @property
    def hopeless(self) -> bool:
        """Even an empty node would not do."""
        return self.requested > self.capacity and self.resource != "pods"


def insufficient(
    wanted: Resource, node: NodeInfo, ignored: tuple[str, ...] = (), ignored_groups: tuple[str, ...] = ()
) -> list[Insufficient]:
    """What is missing: the slots for Pods first, then cpu, memory, ephemeral-storage, and the rest by name."""
    found = []
    if len(node.pods) + 1 > node.allowed_pods:
        found.append(Insufficient("pods", "Too many pods", 1, len(node.pods), node.allowed_pods))
    if wanted.nothing:
        return found
    there = node.allocatable
    asked = [
        ("cpu", wanted.cpu, node.cpu, there.cpu),
        ("memory", wanted.memory, node.memory, there.memory),
        ("ephemeral-storage", wanted.storage, node.storage, there.storage),
    ]
    for name, amount_ in wanted.scalars:
        if not (is_extended(name) and (name in ignored or name.split("/")[0] in ignored_groups)):
            asked.append((name, amount_, node.scalars.get(name, 0), there.amount(name)))
    for name, amount_, used, capacity in asked:
        if amount_ > 0 and amount_ > capacity - used:
            found.append(Insufficient(name, f"Insufficient {name}", amount_, used, capacity))
    return found


def is_extended(name: str) -> bool:
    """An extended resource: a domain of its own, and no quota name (IsExtendedResourceName)."""
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def fits_empty(wanted: Resource, allocatable: Mapping[str, str]) -> bool:
    """Whether a node with nothing on it would do."""
    there = {name: amount(name, text) for name, text in allocatable.items()}
    asked = (("cpu", wanted.cpu), ("memory", wanted.memory), ("ephemeral-storage", wanted.storage), *wanted.scalars)
    return there.get("pods", 0) >= 1 and all(there.get(name, 0) >= a for name, a in asked)


@frozen
class NodeResourcesFit(Plugin):
    """The arguments are NodeResourcesFitArgs; a shape's scores are 0…100 here."""

    strategy: str = scoring.LEAST
    resources: tuple[Weighted, ...] = DEFAULT_RESOURCES
    shape: tuple[Point, ...] = ()
    ignored: tuple[str, ...] = ()
    ignored_groups: tuple[str, ...] = ()
    name: ClassVar[str] = "NodeResourcesFit"
    local_filter: ClassVar[bool] = True
    local_score: ClassVar[bool] = True
    events: ClassVar[tuple[ClusterEvent, ...]] = (
        ClusterEvent.POD_DELETE,
        ClusterEvent.POD_SCALE_DOWN,
        ClusterEvent.NODE_ADD,
        ClusterEvent.NODE_ALLOCATABLE,
        ClusterEvent.SELF_SCALE_DOWN,
    )

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse nodes where something is short; all that is short is named."""
        wanted = pod.facts.requests
        if _fits(wanted, node):
            return None
        found = insufficient(wanted, node, self.ignored, self.ignored_groups)
        if not found:
            return None
        reasons = [i.reason for i in found]
        if any(i.hopeless for i in found):
            return unresolvable(*reasons, plugin=self.name)
        return unschedulable(*reasons, plugin=self.name)

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """By the strategy; containers without requests count as 100m and 200Mi."""
        found = scoring.uses(node, pod.facts.non_zero, self.resources, non_zero=True)
        if self.strategy == scoring.LEAST:
            return scoring.least_allocated(found, self.resources)
        if self.strategy == scoring.MOST:
            return scoring.most_allocated(found, self.resources)
        return scoring.requested_to_capacity(found, self.resources, self.shape)

    def wakes(self, event: ClusterEvent, pod: PodInfo, old: Object | None, new: Object | None, handle: Handle) -> bool:
        """Room has been made, or a node that is large enough has come or grown."""
        wanted = pod.facts.requests
        if isinstance(new, Node):
            there = (new.status or NodeStatus()).allocatable
            if not fits_empty(wanted, there):
                return False
            return not isinstance(old, Node) or _grown((old.status or NodeStatus()).allocatable, there)
        if event is ClusterEvent.POD_DELETE and isinstance(old, Pod):
            return _slot_freed(old, handle) or _shares(wanted, handle.cache.register.facts_of(old).requests)
        return True


def _fits(wanted: Resource, node: NodeInfo) -> bool:
    """The common case at a glance."""
    there = node.allocatable
    return (
        not wanted.scalars
        and len(node.pods) < node.allowed_pods
        and (not wanted.cpu or wanted.cpu <= there.cpu - node.cpu)
        and (not wanted.memory or wanted.memory <= there.memory - node.memory)
        and (not wanted.storage or wanted.storage <= there.storage - node.storage)
    )


def _grown(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return any(amount(n, text) > amount(n, before.get(n, "0")) for n, text in (after or EMPTY).items())


def _slot_freed(gone: Pod, handle: Handle) -> bool:
    """Whether a node was full by the number of its Pods, until this one went."""
    node = handle.node((gone.spec or PodSpec()).node_name)
    return node is None or len(node.pods) + 1 >= node.allowed_pods


def _shares(wanted: Resource, freed: Resource) -> bool:
    """Whether anything that is wanted has been freed."""
    names = dict(freed.scalars)
    return bool(
        (wanted.cpu and freed.cpu)
        or (wanted.memory and freed.memory)
        or (wanted.storage and freed.storage)
        or any(name in names for name, _ in wanted.scalars)
    )
