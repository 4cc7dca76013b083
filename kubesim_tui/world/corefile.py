"""What a Corefile makes of a CoreDNS: which zones it serves on which ports, and by which of its plugins.

Of a question the longest zone that fits decides; its plugins are gone through in an order that is CoreDNS' own, however
they are written: `rewrite`, `hosts`, `kubernetes`, `forward`. `cache` stands before them, `health`, `ready` and
`prometheus` open ports of their own, `loop` ends a server that asks itself, `reload` looks for another Corefile now and
then. What the other plugins do is not followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

DNS_PORT = "53"
LONGEST_TTL, USUAL_TTL = 3600, 5


@frozen
class Kubernetes:
    """The names of the cluster. `falls`: zones in which the next plugin is asked for what is not there."""

    zones: tuple[str, ...]
    ttl: int = USUAL_TTL
    pods: str = "disabled"
    falls: tuple[str, ...] = ()


@frozen
class Hosts:
    """Names with their addresses, as in /etc/hosts."""

    zones: tuple[str, ...]
    names: Mapping[str, str]
    falls: tuple[str, ...] = ()


@frozen
class Forward:
    """Below `zone`, and not below the exceptions, others are asked: /etc/resolv.conf, or addresses."""

    zone: str
    to: tuple[str, ...]
    excepts: tuple[str, ...] = ()


@frozen
class Cache:
    """How long answers are kept, and that a name does not exist (seconds); not of names below the exceptions."""

    zones: tuple[str, ...]
    success: int = LONGEST_TTL
    denial: int = LONGEST_TTL // 2
    least_success: int = USUAL_TTL
    least_denial: int = USUAL_TTL
    not_success: tuple[str, ...] = ()
    not_denial: tuple[str, ...] = ()


@frozen
class Rewrite:
    """Another name is looked up in the place of one. `stop`: no further rule is looked at."""

    kind: str
    old: str
    new: str
    stop: bool = True

    def apply(self, name: str) -> str | None:
        """The other name; None if this is not about it."""
        old, new = self.old, self.new
        if self.kind == "exact":
            return new if name == old else None
        if self.kind == "prefix":
            return new + name.removeprefix(old) if name.startswith(old) else None
        if self.kind == "suffix":
            return name.removesuffix(old) + new if name.endswith(old) else None
        return name.replace(old, new) if old in name else None


@frozen
class Server:
    """What answers for a zone ("" is the root) on a port."""

    zone: str
    port: str
    plugins: frozenset[str] = frozenset()
    kubernetes: Kubernetes | None = None
    hosts: Hosts | None = None
    forwards: tuple[Forward, ...] = ()
    cache: Cache | None = None
    rewrites: tuple[Rewrite, ...] = ()


@frozen(eq=False)
class Corefile:
    """All of it. `ports` are its side doors: health, ready, metrics. `reload_us`: (period, jitter), if it looks."""

    text: str
    checksum: str
    servers: tuple[Server, ...]
    ports: tuple[tuple[str, str], ...] = ()
    reload_us: tuple[int, int] | None = None

    def __deepcopy__(self, _memo: Any) -> Corefile:
        return self

    def server(self, name: str, port: str = DNS_PORT) -> Server | None:
        """Whose zone fits a name best."""
        fit = [one for one in self.servers if one.port == port and below(name, one.zone)]
        return max(fit, key=lambda one: len(one.zone), default=None)

    @property
    def loops(self) -> Server | None:
        """The server that finds out that it asks itself."""
        for one in self.servers:
            asks_itself = any(local(to) for forward in one.forwards for to in forward.to)
            if "loop" in one.plugins and asks_itself:
                return one
        return None


def below(name: str, zone: str) -> bool:
    """Whether a name is in a zone."""
    return not zone or name == zone or name.endswith(f".{zone}")


def matching(name: str, zones: Sequence[str]) -> str | None:
    """The longest of some zones in which a name is."""
    return max((zone for zone in zones if below(name, zone)), key=len, default=None)


def local(address: str) -> bool:
    """Whether a server's own machine is meant."""
    return address.startswith(("127.", "[::1]", "::1", "localhost"))
