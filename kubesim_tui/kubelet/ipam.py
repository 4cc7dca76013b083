"""Addresses of Pods on one node: the CNI plug-in's part (upstream: host-local).

Addresses are given out in turn through the whole range, so that one that was freed is not used again soon: rules of
late kube-proxies that still name it lead nowhere rather than to a stranger.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network


class Exhausted(Exception):
    """All addresses of the range are in use."""


class Ipam:
    """The range of one node. The first address is the bridge's."""

    __slots__ = ("_last", "_network", "used")

    def __init__(self, cidr: str) -> None:
        self._network = IPv4Network(cidr)
        self._last = 1
        self.used: dict[int, str] = {}  # offset → who has it

    @property
    def cidr(self) -> str:
        """The range."""
        return str(self._network)

    @property
    def size(self) -> int:
        """How many Pods may have an address at a time."""
        return max(0, int(self._network.num_addresses) - 3)

    def allocate(self, owner: str) -> str:
        """The next free address. Raises Exhausted."""
        size = self.size
        for step in range(1, size + 1):
            offset = 2 + (self._last - 1 + step - 1) % size
            if offset not in self.used:
                self._last = offset
                self.used[offset] = owner
                return str(IPv4Address(int(self._network.network_address) + offset))
        raise Exhausted(f"no IP addresses available in range set: {self._network[1]}-{self._network[-2]}")

    def take(self, ip: str, owner: str) -> None:
        """Note an address that is in use already (a Pod that ran before the kubelet was restarted)."""
        offset = int(IPv4Address(ip)) - int(self._network.network_address)
        if 2 <= offset < self.size + 2:
            self.used[offset] = owner
            self._last = max(self._last, offset)

    def free(self, ip: str) -> None:
        """Give an address back."""
        if ip:
            self.used.pop(int(IPv4Address(ip)) - int(self._network.network_address), None)
