"""NetworkPolicies: who may connect to whom. Pure.

A Pod that no policy chooses takes and makes every connection. One that some policy chooses for a direction (its
policyTypes) is closed in it, but for what any rule of any of them lets through: policies only ever add up, there is
none that forbids. A connection needs both ends: the egress of who asks and the ingress of who is asked. What is not let
through vanishes, so that the caller waits until it gives up. As the comments of k8s.io/api/networking/v1 say it; a
machine always reaches the Pods that it runs itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from attrs import field, frozen

from kubesim_tui.api import labels
from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.labels import Selector

INGRESS, EGRESS = "ingress", "egress"
Labels = Mapping[str, str]
Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


@frozen(eq=False)
class Party:
    """One end of a connection. Without `pod` it is a machine (or a Pod in its network), or somebody outside."""

    ip: str
    machine: str = ""
    pod: tuple[str, str] | None = None  # (namespace, name)
    labels: Labels = EMPTY
    namespace_labels: Labels = EMPTY
    ports: Mapping[tuple[str, str], int] = field(factory=dict)  # (name, protocol) → number, of its containers


@frozen
class Denial:
    """Why a connection is not let through: whose policies close which direction."""

    direction: str
    namespace: str
    policies: tuple[str, ...]

    @property
    def subject(self) -> tuple[str, str, str]:
        """The first of them, as the stop of a way."""
        return "NetworkPolicy", self.namespace, self.policies[0]

    def __str__(self) -> str:
        """In a line."""
        return f"no rule of NetworkPolicy {', '.join(self.policies)} lets it {_WAYS[self.direction]}"


_WAYS = {INGRESS: "in", EGRESS: "out"}


@frozen
class Block:
    """An ipBlock."""

    network: Network
    but: tuple[Network, ...] = ()

    def holds(self, address: Address) -> bool:
        """Whether an address is in it."""
        return address in self.network and not any(address in one for one in self.but)


@frozen
class Peer:
    """One entry of `from` or `to`. `namespaces` None: the policy's own; `pods` None: all of these namespaces."""

    block: Block | None = None
    namespaces: Selector | None = None
    pods: Selector | None = None


@frozen
class Port:
    """One entry of `ports`. Without a number every port."""

    protocol: str = "TCP"
    number: int | str | None = None
    end: int | None = None

    def holds(self, number: int, protocol: str, named: Mapping[tuple[str, str], int]) -> bool:
        """Whether it is about this port of a Pod, whose containers' ports have these names."""
        if protocol != self.protocol:
            return False
        first = named.get((self.number, protocol)) if isinstance(self.number, str) else self.number
        if self.number is None:
            return True
        return first is not None and first <= number <= (self.end or first)


@frozen
class Rule:
    """What one rule lets through: no peers are everybody, no ports are all."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[Port, ...] = ()


@frozen
class Policy:
    """A NetworkPolicy. The rules of a direction that it is not about are None."""

    namespace: str
    name: str
    chooses: Selector
    ingress: tuple[Rule, ...] | None = None
    egress: tuple[Rule, ...] | None = None


def read(namespace: str, name: str, spec: Mapping[str, Any]) -> Policy:
    """A policy from its spec, as the API server has defaulted and validated it."""
    types = spec.get("policyTypes") or ("Ingress", *(("Egress",) if spec.get("egress") else ()))
    return Policy(
        namespace,
        name,
        labels.from_object(spec.get("podSelector") or {}),
        _rules(spec.get("ingress"), "from") if "Ingress" in types else None,
        _rules(spec.get("egress"), "to") if "Egress" in types else None,
    )


def _rules(given: Iterable[Mapping[str, Any]] | None, peers: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(tuple(map(_peer, rule.get(peers) or ())), tuple(map(_port, rule.get("ports") or ())))
        for rule in given or ()
    )


def _peer(given: Mapping[str, Any]) -> Peer:
    block = given.get("ipBlock")
    if block:
        but = tuple(ip_network(one, strict=False) for one in block.get("except") or ())
        return Peer(Block(ip_network(block["cidr"], strict=False), but))
    return Peer(None, *(_selector(given, key) for key in ("namespaceSelector", "podSelector")))


def _selector(given: Mapping[str, Any], key: str) -> Selector | None:
    found = given.get(key)
    return None if found is None else labels.from_object(found)


def _port(given: Mapping[str, Any]) -> Port:
    return Port(given.get("protocol") or "TCP", given.get("port"), given.get("endPort"))


@frozen(eq=False)
class Policies:
    """All of a cluster. An address of a block tells Pods apart that are else alike."""

    by_namespace: Mapping[str, tuple[Policy, ...]] = field(factory=dict)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.by_namespace)

    def denies(self, source: Party, target: Party, port: int, protocol: str = "TCP") -> Denial | None:
        """Why `source` may not connect to a port of `target`; None if it may."""
        if source.pod is None and source.machine and source.machine == target.machine:
            return None
        if source.pod is not None and source.pod == target.pod:
            return None  # its own localhost
        return self._closed(EGRESS, source, target, target, port, protocol) or self._closed(
            INGRESS, target, source, target, port, protocol
        )

    def _closed(
        self, direction: str, owner: Party, peer: Party, target: Party, port: int, protocol: str
    ) -> Denial | None:
        """Whether the policies of `owner` in a direction keep `peer` out."""
        if owner.pod is None:
            return None
        names = []
        for policy in self.by_namespace.get(owner.pod[0], ()):
            rules = policy.ingress if direction == INGRESS else policy.egress
            if rules is None or not policy.chooses.matches(owner.labels):
                continue
            for rule in rules:
                if _about_port(rule, target, port, protocol) and _about_peer(rule, policy.namespace, peer):
                    return None
            names.append(policy.name)
        return Denial(direction, owner.pod[0], tuple(names)) if names else None

    def face(self, party: Party) -> object:
        """What of a party the policies can see: two with the same face may connect to the same."""
        if not self.by_namespace:
            return None
        who = (party.pod[0], tuple(sorted(party.labels.items()))) if party.pod is not None else party.machine
        return who, tuple(str(block.network) for block in self._blocks() if _holds(block, party.ip))

    def _blocks(self) -> Iterable[Block]:
        for policies in self.by_namespace.values():
            for policy in policies:
                for rule in (*(policy.ingress or ()), *(policy.egress or ())):
                    yield from (peer.block for peer in rule.peers if peer.block is not None)


def _about_port(rule: Rule, target: Party, port: int, protocol: str) -> bool:
    return not rule.ports or any(one.holds(port, protocol, target.ports) for one in rule.ports)


def _about_peer(rule: Rule, namespace: str, peer: Party) -> bool:
    return not rule.peers or any(_is(one, namespace, peer) for one in rule.peers)


def _is(peer: Peer, namespace: str, party: Party) -> bool:
    if peer.block is not None:
        return _holds(peer.block, party.ip)
    if party.pod is None:
        return False
    if peer.namespaces is None:
        if party.pod[0] != namespace:
            return False
    elif not peer.namespaces.matches(party.namespace_labels):
        return False
    return peer.pods is None or peer.pods.matches(party.labels)


def _holds(block: Block, ip: str) -> bool:
    return bool(ip) and block.holds(ip_address(ip))
