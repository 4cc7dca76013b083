"""node-ipam-controller: each node gets its share of the cluster's Pod addresses, as long as there are any."""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.types import Node, NodeSpec, Object, ObjectReference
from kubesim_tui.controllers.base import NORMAL, Controller, Kit, lookup
from kubesim_tui.kernel.engine import Key


class CidrSet:
    """Equal parts of an IPv4 range, handed out in order and taken back; a freed one is used again after a round."""

    def __init__(self, cidr: str, mask: int) -> None:
        address, _, bits = cidr.partition("/")
        octets = [int(part) for part in address.split(".")]
        self.base = (octets[0] << 24) + (octets[1] << 16) + (octets[2] << 8) + octets[3]
        self.mask, self.count = mask, 1 << max(0, mask - int(bits))
        self.used: dict[int, str] = {}
        self._next = 0

    def text(self, index: int) -> str:
        """The index'th part: `10.244.3.0/24`."""
        n = self.base + (index << (32 - self.mask))
        return f"{n >> 24}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}/{self.mask}"

    def index(self, cidr: str) -> int | None:
        """Which part this is; None if it is none of ours."""
        address, _, bits = cidr.partition("/")
        parts = address.split(".")
        if len(parts) != 4 or bits != str(self.mask):
            return None
        n = (int(parts[0]) << 24) + (int(parts[1]) << 16) + (int(parts[2]) << 8) + int(parts[3])
        index, rest = divmod(n - self.base, 1 << (32 - self.mask))
        return index if rest == 0 and 0 <= index < self.count else None

    def occupy(self, cidr: str, owner: str) -> None:
        """A part that somebody has."""
        index = self.index(cidr)
        if index is not None:
            self.used[index] = owner

    def release(self, cidr: str, owner: str) -> None:
        """He has it no longer."""
        index = self.index(cidr)
        if index is not None and self.used.get(index) == owner:
            del self.used[index]

    def allocate(self, owner: str) -> str | None:
        """The next free part; None if there is none."""
        if len(self.used) >= self.count:
            return None
        index = self._next
        while index in self.used:
            index = (index + 1) % self.count
        self.used[index] = owner
        self._next = (index + 1) % self.count
        return self.text(index)


class NodeIpamController(Controller):
    """See the module."""

    account = "node-controller"
    source = "cidrAllocator"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self._range = (kit.extras.cluster_cidr, kit.extras.node_cidr_mask)
        self.cidrs = CidrSet(*self._range)
        self.nodes = self.watch(kit.shared("nodes"))
        self.nodes.on_change(self._changed)

    def stop(self) -> None:
        """What is used is listed again."""
        super().stop()
        self.cidrs = CidrSet(*self._range)

    def _changed(self, before: Object | None, now: Object | None) -> None:
        node = cast(Node, now or before)
        cidr = node.spec.pod_cidr if node.spec is not None else ""
        if now is None:
            if cidr:
                self.cidrs.release(cidr, node.metadata.name)
        elif cidr:
            self.cidrs.occupy(cidr, node.metadata.name)
        else:
            self.enqueue(node.metadata.name)

    def sync(self, key: Key) -> None:
        """Give a node its range."""
        node = lookup(self.nodes, Node, "", cast(str, key))
        if node is None or (node.spec is not None and node.spec.pod_cidr):
            return
        cidr = self.cidrs.allocate(node.metadata.name)
        if cidr is None:
            about = ObjectReference(kind="Node", name=node.metadata.name, uid=node.metadata.uid)
            text = f"Node {node.metadata.name} status is now: CIDRNotAvailable"
            self.recorder.refer(about, NORMAL, "CIDRNotAvailable", text)
            self.retry(key)
            return
        try:
            self.client.update(node.evolve(spec=(node.spec or NodeSpec()).evolve(pod_cidr=cidr, pod_cidrs=(cidr,))))
        except Exception:
            self.cidrs.release(cidr, node.metadata.name)
            raise
