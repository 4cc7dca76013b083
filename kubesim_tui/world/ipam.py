"""Addresses of Pods on one machine: the CNI plug-in's part (upstream: host-local), and what lies in its directory.

Addresses are given out in turn through the whole range, so that one that was freed is not used again soon: rules of
late kube-proxies that still name it lead nowhere rather than to a stranger. An address is held by a file of the
owner's name; a file that outlives its owner holds it all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

STRAY = ""
"""The owner of a file that nobody will ever remove."""


class Exhausted(Exception):
    """All addresses of the range are in use."""


class Ipam:
    """The range of one machine. The first address is the gateway's."""

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

    @property
    def strays(self) -> int:
        """How many addresses are held by nobody who exists."""
        return sum(owner == STRAY for owner in self.used.values())

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

    def settle(self, held: Iterable[tuple[str, str]]) -> None:
        """Who is still there after a start: (address, owner). What others had is given back, but for strays."""
        self.used = {offset: owner for offset, owner in self.used.items() if owner == STRAY}
        for ip, owner in held:
            offset = self._offset(ip)
            if 2 <= offset < self.size + 2:
                self.used[offset] = owner
                self._last = max(self._last, offset)

    def free(self, ip: str) -> None:
        """Give an address back."""
        if ip:
            self.used.pop(self._offset(ip), None)

    def leak(self, leave: int = 0) -> int:
        """Files of nobody take all free addresses but so many; how many they took."""
        free = [offset for offset in range(2, self.size + 2) if offset not in self.used]
        taken = free[: max(0, len(free) - leave)]
        self.used.update(dict.fromkeys(taken, STRAY))
        return len(taken)

    def sweep(self) -> int:
        """Somebody removes the files of nobody; how many there were."""
        strays = self.strays
        self.used = {offset: owner for offset, owner in self.used.items() if owner != STRAY}
        return strays

    def _offset(self, ip: str) -> int:
        return int(IPv4Address(ip)) - int(self._network.network_address)
