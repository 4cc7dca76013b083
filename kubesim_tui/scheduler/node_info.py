"""A node as the scheduler accounts for it: what it has, and what the Pods on it (bound or assumed) take.

Kept incrementally: a Pod comes or goes, a handful of sums change. `generation` grows with every change, so that what
was computed for a node can be kept until then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.helpers.resources import amount
from kubesim_tui.api.types import Node, NodeSpec, NodeStatus, Taint
from kubesim_tui.scheduler.pod_info import Group, PodInfo, Port, Resource, resource_of

ANY_IP = "0.0.0.0"
NO_NODE_SPEC, NO_NODE_STATUS = NodeSpec(), NodeStatus()


class NodeInfo:
    """One node. `node` is None while only Pods are known that say they run there."""

    __slots__ = (
        "affine",
        "allocatable",
        "allowed_pods",
        "averse",
        "claims",
        "cpu",
        "crowd",
        "generation",
        "images",
        "index",
        "memory",
        "name",
        "node",
        "non_zero_cpu",
        "non_zero_memory",
        "pods",
        "ports",
        "scalars",
        "storage",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.node: Node | None = None
        self.generation = 0
        self.index = -1  # its place in the cache's order
        self.allocatable = Resource()
        self.allowed_pods = 0
        self.images: dict[str, int] = {}  # image name → bytes
        self.pods: dict[str, PodInfo] = {}  # by uid, in order of arrival
        self.crowd: dict[Group, int] = {}  # how many Pods of each group
        self.ports: dict[tuple[str, int], dict[str, int]] = {}  # (protocol, port) → host IP → Pods
        self.claims: dict[str, int] = {}  # "namespace/name" of a claim → Pods
        self.affine = 0  # Pods with any affinity terms
        self.averse = 0  # Pods with required anti-affinity
        self.cpu = self.memory = self.storage = 0
        self.non_zero_cpu = self.non_zero_memory = 0
        self.scalars: dict[str, int] = {}

    # -- the node ----------------------------------------------------------------------------------------------

    def set_node(self, node: Node) -> None:
        """The Node object has come or changed."""
        before, self.node = self.node, node
        status = node.status or NO_NODE_STATUS
        old = before.status if before is not None else None
        if old is None or old.allocatable is not status.allocatable:
            amounts = {name: amount(name, text) for name, text in status.allocatable.items()}
            self.allocatable, self.allowed_pods = resource_of(amounts), amounts.get("pods", 0)
        if old is None or old.images is not status.images:
            self.images = {name: image.size_bytes or 0 for image in status.images for name in image.names}

    @property
    def labels(self) -> Mapping[str, str]:
        """The node's labels."""
        return self.node.metadata.labels if self.node is not None else EMPTY

    @property
    def taints(self) -> tuple[Taint, ...]:
        """The node's taints."""
        return (self.node.spec or NO_NODE_SPEC).taints if self.node is not None else ()

    def requested(self, name: str) -> int:
        """What all its Pods request of a resource."""
        if name == "cpu":
            return self.cpu
        if name == "memory":
            return self.memory
        return self.storage if name == "ephemeral-storage" else self.scalars.get(name, 0)

    # -- its Pods ----------------------------------------------------------------------------------------------

    def add(self, info: PodInfo) -> None:
        """A Pod runs here now."""
        self.pods[info.uid] = info
        self._account(info, 1)

    def remove(self, info: PodInfo) -> None:
        """A Pod runs here no more."""
        known = self.pods.pop(info.uid)
        self._account(known, -1)

    def replace(self, info: PodInfo) -> None:
        """A Pod that runs here has changed."""
        known = self.pods[info.uid]
        if known.facts is info.facts and known.group is info.group:
            self.pods[info.uid] = info
            return
        self._account(known, -1)
        self.pods[info.uid] = info
        self._account(info, 1)

    def _account(self, info: PodInfo, sign: int) -> None:
        facts = info.facts
        wanted, assumed = facts.requests, facts.non_zero
        self.cpu += sign * wanted.cpu
        self.memory += sign * wanted.memory
        self.storage += sign * wanted.storage
        self.non_zero_cpu += sign * assumed.cpu
        self.non_zero_memory += sign * assumed.memory
        for name, amount_ in wanted.scalars:
            self.scalars[name] = self.scalars.get(name, 0) + sign * amount_
        if facts.has_affinity:
            self.affine += sign
            self.averse += sign * bool(facts.anti_affinity)
        _count(self.crowd, info.group, sign)
        for port in facts.ports:
            self._port(port, sign)
        for claim in facts.claims:
            _count(self.claims, f"{info.namespace}/{claim}", sign)

    def _port(self, port: Port, sign: int) -> None:
        ip, protocol, number = port
        holders = self.ports.setdefault((protocol, number), {})
        _count(holders, ip, sign)
        if not holders:
            del self.ports[protocol, number]

    def conflicts(self, ports: Iterable[Port]) -> bool:
        """Whether a host port is taken: the same protocol and number on the same address, or on all of them."""
        for ip, protocol, number in ports:
            holders = self.ports.get((protocol, number))
            if holders and (ip == ANY_IP or ip in holders or ANY_IP in holders):
                return True
        return False

    def copy(self) -> NodeInfo:
        """An independent copy for what-if (Snapshot)."""
        new = NodeInfo(self.name)
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(new, name, dict(value) if isinstance(value, dict) else value)
        new.ports = {key: dict(holders) for key, holders in self.ports.items()}
        return new

    def __repr__(self) -> str:
        return f"NodeInfo({self.name}, {len(self.pods)} Pods)"


def _count(counts: dict[Any, int], key: Any, sign: int) -> None:
    left = counts.get(key, 0) + sign
    if left:
        counts[key] = left
    else:
        del counts[key]
