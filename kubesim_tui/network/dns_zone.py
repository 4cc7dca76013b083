"""The zone that a CoreDNS serves (its plugin `kubernetes`): the records of all Services, and what names mean by them.

Everything below cluster.local is answered from the records; what lies outside is not (`lookup` says None). A zone whose
server hears nothing more of the API server stays as it is: `copy`.
"""

from __future__ import annotations

import ipaddress
import string
from collections.abc import Mapping
from typing import TypeVar

from kubesim_tui.network.dns_records import NOTHING, Answer, Key, Records
from kubesim_tui.network.resolver import DOMAIN, is_address

T = TypeVar("T")
TTL = 30
REVERSE, REVERSE_6 = ".in-addr.arpa", ".ip6.arpa"
SCHEMA_VERSION = "1.1.0"
"""Of the DNS specification that the records follow."""


class Zone:
    """The records. `version` grows with every change."""

    __slots__ = ("_copy", "_kept", "names", "pointers", "ports", "version")

    def __init__(self) -> None:
        self.names: dict[str, Answer] = {}
        self.ports: dict[str, tuple[tuple[int, str], ...]] = {}
        self.pointers: dict[str, str] = {}
        self.version = 0
        self._kept: dict[Key, Records] = {}
        self._copy: Zone | None = None

    def copy(self) -> Zone:
        """As it is now. Servers that are cut off share it; nobody writes to it."""
        if self._copy is None or self._copy.version != self.version:
            new = self._copy = Zone()
            new.names, new.ports, new.pointers = dict(self.names), dict(self.ports), dict(self.pointers)
            new.version = self.version
        return self._copy

    def replace(self, key: Key, made: Records) -> None:
        """Write the records of one Service anew."""
        before = self._kept.pop(key, NOTHING)
        if made != NOTHING:
            self._kept[key] = made
        if made == before:
            return
        _replace(self.names, before.names, made.names)
        _replace(self.ports, before.services, made.services)
        _replace(self.pointers, before.pointers, made.pointers)
        self.version += 1

    # -- what it answers ---------------------------------------------------------------------------------------

    def lookup(self, name: str) -> Answer | None:
        """The answer for one full name; None: it is not of this domain (ask the world outside)."""
        found = self.names.get(name)
        if found is not None:
            return found
        if name != DOMAIN and not name.endswith("." + DOMAIN):
            return None
        return self._of_pod(name) or Answer(name, exists=False)

    def _of_pod(self, name: str) -> Answer | None:
        """`10-244-1-5.shop.pod.cluster.local` says its own address (`pods insecure`)."""
        label, *rest = name.removesuffix("." + DOMAIN).split(".")
        address = label.replace("-", ".")
        return Answer(name, (address,)) if len(rest) == 2 and rest[1] == "pod" and is_address(address) else None

    def service(self, name: str) -> tuple[tuple[int, str], ...]:
        """SRV records: (port, name)."""
        return self.ports.get(name.lower().rstrip("."), ())

    def pointer(self, name: str) -> str:
        """A PTR record: whose address `1.0.3.10.in-addr.arpa` is; "" if nobody's."""
        return self.pointers.get(reversed_address(name.lower().rstrip(".")), "")

    def text(self, name: str) -> str:
        """A TXT record: the version of the specification; "" of any other name."""
        return SCHEMA_VERSION if name.lower().rstrip(".") == f"dns-version.{DOMAIN}" else ""


def reversed_address(name: str) -> str:
    """The address of a name below in-addr.arpa or ip6.arpa; "" if it is none."""
    if name.endswith(REVERSE):
        return ".".join(reversed(name.removesuffix(REVERSE).split(".")))
    digits = name.removesuffix(REVERSE_6).split(".")
    if (
        not name.endswith(REVERSE_6)
        or len(digits) != 32
        or not all(d in string.hexdigits and len(d) == 1 for d in digits)
    ):
        return ""
    return str(ipaddress.IPv6Address(int("".join(reversed(digits)), 16)))


def _replace(table: dict[str, T], before: Mapping[str, T], now: Mapping[str, T]) -> None:
    for name in before:
        table.pop(name, None)
    table.update(now)
