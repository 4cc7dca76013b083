"""The rows of Services, endpoints, Ingresses and network policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubesim_tui.apiserver.table.model import (
    NONE,
    UNKNOWN,
    UNSET,
    Cell,
    Data,
    Kind,
    age,
    at,
    clipped,
    columns,
    labels,
    name,
    selector,
    spec,
)

BALANCER_WIDTH, MOST = 16, 3


def balancer(ingress: Iterable[Data] | None, wide: bool) -> str:
    """The addresses of a load balancer, sorted; clipped unless wide."""
    text = ",".join(sorted({i.get("ip") or i.get("hostname") or "" for i in ingress or ()} - {""}))
    return text if wide or len(text) <= BALANCER_WIDTH else text[: BALANCER_WIDTH - 3] + "..."


def external_ip(o: Data, wide: bool) -> str:
    """The EXTERNAL-IP of a Service."""
    kind, own = spec(o).get("type", ""), list(spec(o).get("externalIPs") or ())
    if kind in ("ClusterIP", "NodePort"):
        return ",".join(own) or NONE
    if kind == "LoadBalancer":
        given = balancer(at(o, "status", "loadBalancer", "ingress"), wide)
        return ",".join([given] * bool(given) + own) or "<pending>"
    return spec(o).get("externalName", "") if kind == "ExternalName" else UNKNOWN


def ports(found: Iterable[Data] | None) -> str:
    """`80:30080/TCP,443/TCP`."""
    texts = []
    for p in found or ():
        node = f":{p['nodePort']}" if p.get("nodePort") else ""
        texts.append(f"{p.get('port')}{node}/{p.get('protocol', 'TCP')}")
    return ",".join(texts) or NONE


def _service(o: Data, now: int, wide: bool) -> list[Cell]:
    own = spec(o).get("clusterIPs") or [spec(o).get("clusterIP") or NONE]
    row: list[Cell] = [
        name(o),
        spec(o).get("type", ""),
        own[0],
        external_ip(o, wide),
        ports(spec(o).get("ports")),
        age(o, now),
    ]
    return [*row, labels(spec(o).get("selector"))] if wide else row


def host_port(ip: str, port: Any) -> str:
    """`10.0.0.1:80`, `[fd00::1]:80`."""
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def endpoints_text(o: Data) -> str:
    """The addresses of an Endpoints object: three, then how many more."""
    found = []
    for subset in o.get("subsets") or ():
        addresses = [a.get("ip", "") for a in subset.get("addresses") or ()]
        if not subset.get("ports"):
            found += addresses
        for port in subset.get("ports") or ():
            found += [host_port(a, port.get("port")) for a in addresses]
    return clipped(found, MOST) if o.get("subsets") else NONE


def _endpoints(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), endpoints_text(o), age(o, now)]


def _endpoint_slice(o: Data, now: int, _wide: bool) -> list[Cell]:
    numbers = [str(p.get("port", p.get("name", "*"))) for p in o.get("ports") or ()]
    addresses = [a for e in o.get("endpoints") or () for a in e.get("addresses") or ()]
    return [
        name(o),
        o.get("addressType", ""),
        clipped(numbers, MOST, UNSET),
        clipped(addresses, MOST, UNSET),
        age(o, now),
    ]


def hosts(rules: Iterable[Data] | None) -> str:
    """The HOSTS of an Ingress."""
    rules = list(rules or ())
    found: list[str] = []
    for at_rule, rule in enumerate(rules):
        if len(found) == MOST:
            return f"{','.join(found)} + {len(rules) - MOST} more..." if at_rule < len(rules) else ",".join(found)
        if rule.get("host"):
            found.append(rule["host"])
    return ",".join(found) or "*"


def _ingress(o: Data, now: int, wide: bool) -> list[Cell]:
    return [
        name(o),
        spec(o).get("ingressClassName") or NONE,
        hosts(spec(o).get("rules")),
        balancer(at(o, "status", "loadBalancer", "ingress"), wide),
        "80, 443" if spec(o).get("tls") else "80",
        age(o, now),
    ]


def _ingress_class(o: Data, now: int, _wide: bool) -> list[Cell]:
    found, text = spec(o).get("parameters"), NONE
    if found:
        group = f".{found['apiGroup']}" if found.get("apiGroup") is not None else ""
        text = f"{found.get('kind', '')}{group}/{found.get('name', '')}"
    return [name(o), spec(o).get("controller", ""), text, age(o, now)]


def _network_policy(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), selector(spec(o).get("podSelector")), age(o, now)]


def _cidr(o: Data, now: int, _wide: bool) -> list[Cell]:
    return [name(o), ",".join(spec(o).get("cidrs") or ()), age(o, now)]


def _ip_address(o: Data, _now: int, _wide: bool) -> list[Cell]:
    ref = spec(o).get("parentRef")
    if ref is None:
        return [name(o), NONE]
    group = f".{ref['group']}" if ref.get("group") else ""
    namespace = f"/{ref['namespace']}" if ref.get("namespace") else ""
    return [name(o), f"{ref.get('resource', '')}{group}".lower() + f"{namespace}/{ref.get('name', '')}"]


KINDS = {
    "core.v1.Service": Kind(
        columns("Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", wide=("Selector",)), _service
    ),
    "core.v1.Endpoints": Kind(columns("Name", "Endpoints", "Age"), _endpoints),
    "discovery.v1.EndpointSlice": Kind(columns("Name", "AddressType", "Ports", "Endpoints", "Age"), _endpoint_slice),
    "networking.v1.Ingress": Kind(columns("Name", "Class", "Hosts", "Address", "Ports", "Age"), _ingress),
    "networking.v1.IngressClass": Kind(columns("Name", "Controller", "Parameters", "Age"), _ingress_class),
    "networking.v1.ServiceCIDR": Kind(columns("Name", "CIDRs", "Age"), _cidr),
    "networking.v1.IPAddress": Kind(columns("Name", "ParentRef"), _ip_address),
    "networking.v1.NetworkPolicy": Kind(columns("Name", "Pod-Selector", "Age"), _network_policy),
}
