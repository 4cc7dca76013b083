"""One CoreDNS: the zone that it knows, seen through its Corefile.

It answers a name by the server block that fits it best: from what it has cached, after rewriting the name, from its own
hosts, from the zone of the cluster, or by asking others. A question that no plugin answers fails (SERVFAIL), and one
that no block is about is refused (REFUSED): unlike NXDOMAIN that says nothing about the name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from attrs import evolve, frozen

from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.dns_zone import TTL, Zone
from kubesim_tui.network.resolver import DOMAIN, Resolver
from kubesim_tui.world.corefile import Corefile, Forward, Kubernetes, Server, below, local, matching

SERVFAIL, REFUSED = "SERVFAIL", "REFUSED"
PUBLIC = "8.8.8.8"
"""Anybody of the world outside."""
MOST_HOPS = 4
"""So many servers ask one another for a name before it is given up."""

Others = Callable[[str, str, int], Answer | None]
"""(address, name, hops so far) → what a server inside the cluster answers; None: nothing, in time."""


class Cached:
    """What the CoreDNSes have cached of the cluster's names: until when, and what."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[int, Answer]] = {}

    def get(self, server: str, name: str, tick: int) -> Answer | None:
        """An answer that is not too old."""
        until, answer = self.kept.get((server, name), (0, None))
        return answer if tick < until else None

    def keep(self, server: str, name: str, answer: Answer, until: int) -> None:
        """Keep one."""
        self.kept[server, name] = (until, answer)

    def turned(self, tick: int) -> bool:
        """Whether something has become too old by now; it is forgotten."""
        over = [key for key, (until, _) in self.kept.items() if until <= tick]
        for key in over:
            del self.kept[key]
        return bool(over)


@frozen(eq=False)
class NameServer:
    """One of them, as it is asked. `identity` is its container's."""

    identity: str
    zone: Zone
    corefile: Corefile
    port: str
    cached: Cached
    tick: int
    others: Others

    def __deepcopy__(self, _memo: Any) -> NameServer:
        return self

    def resolve(self, name: str, resolver: Resolver) -> Answer:
        """As a resolver asks: the first of its candidates that exists; a failure only if none does."""
        failure: Answer | None = None
        for candidate in resolver.candidates(name.lower()):
            found = self.lookup(candidate)
            if found.exists:
                return found
            if found.failure and failure is None:
                failure = found
        return failure or Answer(name, exists=False)

    @property
    def ttl(self) -> int:
        """How long the cluster's own records may be kept (s)."""
        server = self.corefile.server(DOMAIN, self.port)
        return server.kubernetes.ttl if server is not None and server.kubernetes is not None else TTL

    def lookup(self, name: str, hops: int = 0) -> Answer:
        """The answer to one question."""
        server = self.corefile.server(name, self.port)
        if server is None:
            return _failed(name, f"{REFUSED}: no server block of its Corefile is about {name}")
        cache = server.cache
        caches = cache is not None and matching(name, cache.zones) is not None
        known = self.cached.get(self.identity, name, self.tick) if caches else None
        if known is not None:
            return known
        found = self._chain(server, _rewritten(server, name), hops)
        if caches and server.kubernetes is not None and matching(name, server.kubernetes.zones) is not None:
            self._keep(server, server.kubernetes, name, found)
        return found

    def _chain(self, server: Server, name: str, hops: int) -> Answer:
        hosts, cluster = server.hosts, server.kubernetes
        if hosts is not None and matching(name, hosts.zones) is not None:
            if name in hosts.names:
                return Answer(name, (hosts.names[name],))
            if matching(name, hosts.falls) is None:
                return Answer(name, exists=False)
        zone = matching(name, cluster.zones) if cluster is not None else None
        if cluster is not None and zone is not None:
            found = self._of_cluster(cluster, zone, name)
            if found.exists or matching(name, cluster.falls) is None:
                return found
        for forward in server.forwards:
            if below(name, forward.zone) and matching(name, forward.excepts) is None:
                return self._forwarded(forward.to, name, hops)
        missing = "forward" if cluster is not None else "kubernetes"
        return _failed(name, f"{SERVFAIL}: its Corefile has no plugin {missing} that answers for {name}")

    def _of_cluster(self, cluster: Kubernetes, zone: str, name: str) -> Answer:
        own = name if zone == DOMAIN else name.removesuffix(zone) + DOMAIN
        found = self.zone.lookup(own) or Answer(name, exists=False)
        if cluster.pods == "disabled" and own.endswith(f".pod.{DOMAIN}"):
            return Answer(name, exists=False)
        return found if own == name else evolve(found, name=name)

    def _forwarded(self, to: tuple[str, ...], name: str, hops: int) -> Answer:
        """The first of those that are asked who answers; what lies outside the cluster knows the world."""
        for address in to:
            if local(address) or hops >= MOST_HOPS:
                continue
            found = self.others(address, name, hops + 1)
            if found is not None:
                return found
        return _failed(name, f"{SERVFAIL}: {' and '.join(to)}, to which its Corefile forwards, does not answer")

    def _keep(self, server: Server, cluster: Kubernetes, name: str, found: Answer) -> None:
        """Into the cache: for as long as the records live (of a denial: the zone's SOA), within its limits."""
        cache = server.cache
        assert cache is not None
        most, least, never = (
            (cache.success, cache.least_success, cache.not_success)
            if found.exists
            else (cache.denial, cache.least_denial, cache.not_denial)
        )
        if not found.failure and cluster.ttl and matching(name, never) is None:
            self.cached.keep(self.identity, name, found, self.tick + min(most, max(least, cluster.ttl)))


@cache
def plain(port: str) -> Corefile:
    """What a server goes by that has no Corefile: it serves the zone, and asks others for the rest."""
    cluster, others = Kubernetes((DOMAIN,), TTL, "insecure"), (Forward("", (PUBLIC,)),)
    return Corefile("", "", (Server("", port, kubernetes=cluster, forwards=others),))


def _rewritten(server: Server, name: str) -> str:
    for rule in server.rewrites:
        found = rule.apply(name)
        if found is not None:
            name = found
            if rule.stop:
                break
    return name


def _failed(name: str, failure: str) -> Answer:
    return Answer(name, exists=False, failure=failure)
