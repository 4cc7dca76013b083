"""What kube-proxy programs into a machine: for each address and port of a Service, the endpoints behind it.

Pure: `rules_of(service, slices)` says which rules one Service amounts to; a `Ruleset` holds those of all. Which
endpoints count follows upstream: the ready ones; if there are none, those still serving while they terminate. With a
policy `Local` only those of the machine's own node (external traffic to a machine without any is dropped).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from kubesim_tui.api.types import EndpointSlice, Service, ServicePort


@frozen
class Target:
    """One endpoint of a rule."""

    ip: str
    port: int
    node: str  # "" if it is not a Pod of this cluster
    zone: str
    pod: str  # name of the Pod, "" if it is none

    def __deepcopy__(self, _memo: Any) -> Target:
        return self


@frozen(eq=False)
class Rule:
    """What happens to packets for one port of one Service."""

    namespace: str
    name: str
    port: int
    port_name: str
    protocol: str
    targets: tuple[Target, ...]
    internal_local: bool = False
    external_local: bool = False
    affinity_seconds: int = 0  # ClientIP session affinity, 0: none

    def __deepcopy__(self, _memo: Any) -> Rule:
        return self

    def internal(self, node: str) -> tuple[Target, ...]:
        """Targets for traffic from inside that meets this rule on a node."""
        return self._of(node) if self.internal_local else self.targets

    def external(self, node: str) -> tuple[Target, ...]:
        """Targets for traffic from outside that came in at a node."""
        return self._of(node) if self.external_local else self.targets

    def _of(self, node: str) -> tuple[Target, ...]:
        return tuple(t for t in self.targets if t.node == node)


Address = tuple[str, int, str]
"""(IP, port, protocol)."""


class Ruleset:
    """The rules of a machine. `version` grows with every change."""

    __slots__ = ("_owned", "addresses", "by_name", "node_ports", "version")

    def __init__(self) -> None:
        self.by_name: dict[tuple[str, str], tuple[Rule, ...]] = {}  # also of headless Services, which have no address
        self.addresses: dict[Address, Rule] = {}
        self.node_ports: dict[tuple[int, str], Rule] = {}
        self._owned: dict[tuple[str, str], tuple[list[Address], list[tuple[int, str]]]] = {}
        self.version = 0

    def copy(self) -> Ruleset:
        """As it is now: what a machine keeps whose kube-proxy hears nothing more."""
        new = Ruleset()
        new.addresses, new.node_ports = dict(self.addresses), dict(self.node_ports)
        new._owned, new.by_name, new.version = dict(self._owned), dict(self.by_name), self.version
        return new

    def replace(self, key: tuple[str, str], service: Service | None, slices: Iterable[EndpointSlice]) -> None:
        """Program what a Service amounts to now (None: it is gone)."""
        addresses, ports = self._owned.pop(key, ([], []))
        for address in addresses:
            self.addresses.pop(address, None)
        for port in ports:
            self.node_ports.pop(port, None)
        self.by_name.pop(key, None)
        self.version += 1
        if service is None or service.spec is None or service.spec.type == "ExternalName":
            return
        made = rules_of(service, list(slices))
        self.by_name[key] = tuple(rule for rule, _ in made)
        if service.spec.cluster_ip in ("None", ""):
            return
        owned: tuple[list[Address], list[tuple[int, str]]] = ([], [])
        for rule, node_port in made:
            for ip in _ips(service):
                self.addresses[ip, rule.port, rule.protocol] = rule
                owned[0].append((ip, rule.port, rule.protocol))
            if node_port:
                self.node_ports[node_port, rule.protocol] = rule
                owned[1].append((node_port, rule.protocol))
        self._owned[key] = owned


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
        affinity = (config.client_ip.timeout_seconds if config and config.client_ip else None) or 10800
    return Rule(
        service.metadata.namespace,
        service.metadata.name,
        port.port,
        port.name,
        port.protocol or "TCP",
        targets_of(slices, port.name),
        spec.internal_traffic_policy == "Local",
        spec.external_traffic_policy == "Local",
        affinity,
    )


def targets_of(slices: Iterable[EndpointSlice], port_name: str) -> tuple[Target, ...]:
    """The endpoints that count for one named port, in the order of slices and endpoints, each address once."""
    ready: dict[tuple[str, int], Target] = {}
    serving: dict[tuple[str, int], Target] = {}
    for piece in slices:
        for port in piece.ports:
            if (port.name or "") != port_name or port.port is None:
                continue
            for endpoint in piece.endpoints:
                conditions = endpoint.conditions
                is_ready = conditions is None or conditions.ready is not False
                is_serving = conditions is not None and bool(conditions.serving)
                if not (is_ready or is_serving) or not endpoint.addresses:
                    continue
                ref = endpoint.target_ref
                target = Target(
                    endpoint.addresses[0],
                    port.port,
                    endpoint.node_name or "",
                    endpoint.zone or "",
                    ref.name if ref is not None and ref.kind == "Pod" else "",
                )
                (ready if is_ready else serving).setdefault((target.ip, target.port), target)
    return tuple((ready or serving).values())
