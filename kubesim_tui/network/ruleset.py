"""What kube-proxy programs into a machine: for each address and port of a Service, the endpoints behind it.

Pure: `rules_of(service, slices)` says which rules one Service amounts to; a `Ruleset` holds those of all. Which
endpoints count follows upstream (pkg/proxy/topology.go): the ready ones, near ones alone if all bear hints that say so;
if none is ready, those still serving while they terminate. A policy `Local` asks the same of the machine's own
endpoints alone: traffic to a machine without any is dropped, while a Service without any at all refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from kubesim_tui.api.frozen import Json
from kubesim_tui.api.types import Endpoint, EndpointSlice, Service, ServicePort

AFFINITY_SECONDS = 10_800


@frozen
class Target:
    """One endpoint of a rule."""

    ip: str
    port: int
    node: str = ""  # "" if it is not a Pod of this cluster
    zone: str = ""
    pod: str = ""  # name of the Pod, "" if it is none
    for_zones: tuple[str, ...] = ()  # hints: whose traffic it should get
    for_nodes: tuple[str, ...] = ()

    def __deepcopy__(self, _memo: Any) -> Target:
        return self


Targets = tuple[Target, ...]


@frozen(eq=False)
class Rule:
    """What happens to packets for one port of one Service."""

    namespace: str
    name: str
    port: int
    port_name: str
    protocol: str
    ready: Targets
    leaving: Targets = ()  # serving while they terminate
    internal_local: bool = False
    external_local: bool = False
    affinity_seconds: int = 0  # ClientIP session affinity, 0: none
    hinted: str = ""  # "node" or "zone": all that are ready say whose traffic they should get

    def __deepcopy__(self, _memo: Any) -> Rule:
        return self

    @property
    def targets(self) -> Targets:
        """Those that count, all over the cluster."""
        return self.ready or self.leaving

    @property
    def by_node(self) -> bool:
        """Whether traffic from inside may mean other endpoints on each node of a zone."""
        return self.internal_local or self.hinted == "node"

    def internal(self, node: str, zone: str = "") -> Targets:
        """Targets for traffic from inside that meets this rule on a node."""
        return self._local(node) if self.internal_local else self._near(node, zone)

    def external(self, node: str, zone: str = "") -> Targets:
        """Targets for traffic from outside that came in at a node."""
        return self._local(node) if self.external_local else self._near(node, zone)

    def _local(self, node: str) -> Targets:
        own = tuple(t for t in self.ready if t.node == node)
        return own or tuple(t for t in self.leaving if t.node == node)

    def _near(self, node: str, zone: str) -> Targets:
        near: Targets = ()
        if self.hinted == "node":
            near = tuple(t for t in self.ready if node in t.for_nodes)
        if not near and self.hinted:
            near = tuple(t for t in self.ready if zone in t.for_zones)
        return near or self.targets


Address = tuple[str, int, str]
"""(IP, port, protocol)."""


class Ruleset:
    """The rules of a machine. `version` grows with every change."""

    __slots__ = ("_copy", "_owned", "addresses", "by_name", "health_ports", "node_ports", "size", "version")

    def __init__(self) -> None:
        self.by_name: dict[tuple[str, str], tuple[Rule, ...]] = {}  # also of headless Services, which have no address
        self.addresses: dict[Address, Rule] = {}
        self.node_ports: dict[tuple[int, str], Rule] = {}
        self.health_ports: dict[int, tuple[str, str]] = {}  # healthCheckNodePort → the Service
        self._owned: dict[tuple[str, str], tuple[list[Address], list[tuple[int, str]]]] = {}
        self._copy: Ruleset | None = None
        self.version = 0
        self.size = 0  # ports of Services and endpoints of each

    def copy(self) -> Ruleset:
        """As it is now: what machines keep whose kube-proxy hears nothing more. They share it; nobody writes to it."""
        if self._copy is None or self._copy.version != self.version:
            new = self._copy = Ruleset()
            new.addresses, new.node_ports = dict(self.addresses), dict(self.node_ports)
            new.health_ports = dict(self.health_ports)
            new.by_name, new.version = dict(self.by_name), self.version
        return self._copy

    def replace(self, key: tuple[str, str], service: Service | None, slices: Iterable[EndpointSlice]) -> None:
        """Program what a Service amounts to now (None: it is gone)."""
        addresses, ports = self._owned.pop(key, ([], []))
        for address in addresses:
            self.addresses.pop(address, None)
        for port in ports:
            self.node_ports.pop(port, None)
        self.health_ports = {port: owner for port, owner in self.health_ports.items() if owner != key}
        self.size -= _size(self.by_name.pop(key, ()))
        self.version += 1
        if service is None or service.spec is None or service.spec.type == "ExternalName":
            return
        made = rules_of(service, list(slices))
        self.by_name[key] = tuple(rule for rule, _ in made)
        self.size += _size(self.by_name[key])
        if service.spec.cluster_ip in ("None", ""):
            return
        if service.spec.health_check_node_port:
            self.health_ports[service.spec.health_check_node_port] = key
        owned: tuple[list[Address], list[tuple[int, str]]] = ([], [])
        for rule, node_port in made:
            for ip in _ips(service):
                self.addresses[ip, rule.port, rule.protocol] = rule
                owned[0].append((ip, rule.port, rule.protocol))
            if node_port:
                self.node_ports[node_port, rule.protocol] = rule
                owned[1].append((node_port, rule.protocol))
        self._owned[key] = owned


def _size(rules: tuple[Rule, ...]) -> int:
    return sum(1 + len(rule.targets) for rule in rules)


def _ips(service: Service) -> list[str]:
    spec = service.spec
    assert spec is not None
    found = [ip for ip in (spec.cluster_ips or (spec.cluster_ip,)) if ip and ip != "None"]
    balancer = service.status.load_balancer if service.status else None
    return found + list(spec.external_ips) + [i.ip for i in (balancer.ingress if balancer else ()) if i.ip]


def rules_of(service: Service, slices: list[EndpointSlice]) -> list[tuple[Rule, int]]:
    """(rule, node port or 0) for each port of a Service."""
    spec = service.spec
    if spec is None:
        return []
    return [(_rule(service, port, slices), port.node_port or 0) for port in spec.ports]


def _rule(service: Service, port: ServicePort, slices: list[EndpointSlice]) -> Rule:
    spec = service.spec
    assert spec is not None
    affinity = 0
    if spec.session_affinity == "ClientIP":
        config = spec.session_affinity_config
        affinity = (config.client_ip.timeout_seconds if config and config.client_ip else None) or AFFINITY_SECONDS
    ready, leaving = endpoints_of(slices, port.name)
    return Rule(
        service.metadata.namespace,
        service.metadata.name,
        port.port,
        port.name,
        port.protocol or "TCP",
        ready,
        leaving,
        spec.internal_traffic_policy == "Local",
        spec.external_traffic_policy == "Local",
        affinity,
        _hinted(ready),
    )


def _hinted(ready: Targets) -> str:
    if ready and all(t.for_nodes for t in ready):
        return "node"
    return "zone" if ready and all(t.for_zones for t in ready) else ""


def endpoints_of(slices: Iterable[EndpointSlice], port_name: str) -> tuple[Targets, Targets]:
    """(ready, serving while they terminate) for one named port, in the order of the slices, each address once."""
    ready: dict[tuple[str, int], Target] = {}
    leaving: dict[tuple[str, int], Target] = {}
    for piece in slices:
        for port in piece.ports:
            if (port.name or "") != port_name or port.port is None:
                continue
            for endpoint in piece.endpoints:
                kept = _kept(endpoint, ready, leaving)
                if kept is not None and endpoint.addresses:
                    target = _target(endpoint, port.port)
                    kept.setdefault((target.ip, target.port), target)
    return tuple(ready.values()), tuple(t for at, t in leaving.items() if at not in ready)


Found = dict[tuple[str, int], Target]


def _kept(endpoint: Endpoint, ready: Found, leaving: Found) -> Found | None:
    """Where an endpoint belongs; a condition that is not given counts as well (API reference of EndpointConditions)."""
    conditions = endpoint.conditions
    if conditions is None or conditions.ready is not False:
        return ready
    return leaving if conditions.serving is not False and conditions.terminating else None


def _target(endpoint: Endpoint, port: int) -> Target:
    ref = endpoint.target_ref
    hints = endpoint.rest.get("hints")
    return Target(
        endpoint.addresses[0],
        port,
        endpoint.node_name or "",
        endpoint.zone or "",
        ref.name if ref is not None and ref.kind == "Pod" else "",
        _names(hints, "forZones"),
        _names(hints, "forNodes"),
    )


def _names(hints: Json, key: str) -> tuple[str, ...]:
    return tuple(hint["name"] for hint in (hints or {}).get(key, ()))
