"""Cluster IPs and node ports: who has which, and the next free one.

What is taken is what the Services in etcd say: the allocators watch them and remember. A free address is drawn as
upstream does: at random from the upper part of the range, the lower being left to those who ask for an address of
their own. The draw belongs to the Service's name, so that one Service more does not move the others.
"""

from __future__ import annotations

from ipaddress import IPv4Network, ip_address

from kubesim_tui.api.types import Service
from kubesim_tui.apiserver.etcd import DELETED, Change, Etcd, Name
from kubesim_tui.kernel.chance import Stream

CLUSTER_RANGE = "10.96.0.0/12"
FIRST_NODE_PORT, LAST_NODE_PORT = 30000, 32767
STATIC_ADDRESSES, STATIC_PORTS = 256, 86
"""The lower bands that are not drawn from: min(max(16, size/16), 256) addresses, min(max(16, size/32), 128) ports."""

PORT_RANGE = f"provided port is not in the valid range. The range of valid ports is {FIRST_NODE_PORT}-{LAST_NODE_PORT}"
PORT_TAKEN = "provided port is already allocated"
IP_TAKEN = "provided IP is already allocated"


class AllocationError(Exception):
    """What was asked for cannot be had; the text is upstream's."""


class Allocators:
    """The cluster IPs and node ports of all Services."""

    def __init__(self, etcd: Etcd, seed: str) -> None:
        network = IPv4Network(CLUSTER_RANGE)
        self._base, self._size = int(network.network_address), network.num_addresses
        self._seed = seed
        self._addresses: dict[str, Name] = {}
        self._ports: dict[int, Name] = {}
        self._held: dict[Name, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        for key, obj in etcd.table("services").objects.items():
            self._hold(key, obj)
        etcd.subscribe("services", self)

    def deliver(self, change: Change) -> None:
        """A Service has been written: it holds what its new state says."""
        self._release(change.key)
        if change.type != DELETED:
            self._hold(change.key, change.object)

    def _hold(self, key: Name, obj: object) -> None:
        assert isinstance(obj, Service)
        if obj.spec is None:
            return
        addresses = tuple(ip for ip in obj.spec.cluster_ips or (obj.spec.cluster_ip,) if ip and ip != "None")
        ports = [p.node_port for p in obj.spec.ports if p.node_port]
        if obj.spec.health_check_node_port:
            ports.append(obj.spec.health_check_node_port)
        self._held[key] = (addresses, tuple(ports))
        self._addresses.update(dict.fromkeys(addresses, key))
        self._ports.update(dict.fromkeys(ports, key))

    def _release(self, key: Name) -> None:
        addresses, ports = self._held.pop(key, ((), ()))
        for ip in addresses:
            self._addresses.pop(ip, None)
        for port in ports:
            self._ports.pop(port, None)

    def claim_address(self, address: str, owner: Name) -> None:
        """Check that a Service may have an address. AllocationError if not."""
        number = int(ip_address(address)) - self._base
        if not 0 < number < self._size - 1:
            text = f"the provided IP ({address}) is not in the valid range. The range of valid IPs is {CLUSTER_RANGE}"
            raise AllocationError(text)
        if self._addresses.get(address, owner) != owner:
            raise AllocationError(IP_TAKEN)

    def next_address(self, owner: Name) -> str:
        """A free address for a Service. AllocationError when the range is used up."""
        dynamic = self._size - 1 - STATIC_ADDRESSES
        start = self._draw("cluster-ips", owner).below(dynamic)
        for i in range(dynamic):
            found = str(ip_address(self._base + STATIC_ADDRESSES + (start + i) % dynamic))
            if found not in self._addresses:
                return found
        raise AllocationError("range is full")

    def claim_port(self, port: int, owner: Name, taken: set[int]) -> None:
        """Check that a Service may have a node port; `taken`: what it has just been given. AllocationError if not."""
        if not FIRST_NODE_PORT <= port <= LAST_NODE_PORT:
            raise AllocationError(PORT_RANGE)
        if port in taken or self._ports.get(port, owner) != owner:
            raise AllocationError(PORT_TAKEN)

    def next_port(self, owner: Name, taken: set[int]) -> int:
        """A free node port for a Service. AllocationError when the range is used up."""
        first = FIRST_NODE_PORT + STATIC_PORTS
        dynamic = LAST_NODE_PORT + 1 - first
        start = self._draw("node-ports", owner).below(dynamic)
        for i in range(dynamic):
            found = first + (start + i) % dynamic
            if found not in self._ports and found not in taken:
                return found
        for found in range(FIRST_NODE_PORT, first):
            if found not in self._ports and found not in taken:
                return found
        raise AllocationError("range is full")

    def _draw(self, what: str, owner: Name) -> Stream:
        return Stream.seeded(f"{self._seed}/apiserver/{what}/{owner[0]}/{owner[1]}")
