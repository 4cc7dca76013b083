"""How a Pod looks a name up: /etc/hosts, then the servers and the search path of its /etc/resolv.conf."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from attrs import frozen

DOMAIN = "cluster.local"
CLUSTER_DNS = "10.96.0.10"
NDOTS = 5


@frozen
class Resolver:
    """What /etc/resolv.conf says."""

    servers: tuple[str, ...] = (CLUSTER_DNS,)
    search: tuple[str, ...] = ()
    ndots: int = 1

    def __deepcopy__(self, _memo: Any) -> Resolver:
        return self

    def candidates(self, name: str) -> list[str]:
        """The names that are asked for, in order: one with fewer dots than ndots goes through the search path first."""
        if name.endswith("."):
            return [name[:-1]]
        searched = [f"{name}.{domain}" for domain in self.search]
        return [name, *searched] if name.count(".") >= self.ndots else [*searched, name]


@lru_cache(maxsize=256)
def of_namespace(namespace: str) -> Resolver:
    """That of a Pod with dnsPolicy ClusterFirst: search <ns>.svc.D svc.D D; options ndots:5."""
    return Resolver((CLUSTER_DNS,), (f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN), NDOTS)


@lru_cache(maxsize=256)
def parse(text: str) -> Resolver:
    """What a resolv.conf amounts to."""
    servers: list[str] = []
    search: tuple[str, ...] = ()
    ndots = 1
    for words in (line.split() for line in text.splitlines()):
        match words:
            case ["nameserver", server, *_]:
                servers.append(server)
            case ["search", *domains]:
                search = tuple(domains)
            case ["options", *options]:
                given = [o.partition(":")[2] for o in options if o.startswith("ndots:")]
                ndots = int(given[-1]) if given and given[-1].isdecimal() else ndots
    return Resolver(tuple(servers), search, ndots)


@lru_cache(maxsize=256)
def hosts(text: str) -> Mapping[str, str]:
    """What an /etc/hosts says: name → address; the first line wins."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        for name in words[1:]:
            found.setdefault(name, words[0])
    return found


def is_address(name: str) -> bool:
    """Whether it is an IPv4 address: nobody looks that up."""
    parts = name.split(".")
    return len(parts) == 4 and all(p.isdecimal() and int(p) < 256 for p in parts)
