"""The records that one Service gives to cluster DNS, as the DNS specification of Kubernetes says. Pure.

`web.shop.svc.cluster.local` is the ClusterIP of Service web in namespace shop; of a headless Service the addresses of
its ready endpoints, each also under `hostname.web.shop.svc.cluster.local`; of an ExternalName a CNAME. Named ports have
SRV records, addresses PTR records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.api.types import Endpoint, EndpointSlice, Service
from kubesim_tui.network.resolver import DOMAIN

Key = tuple[str, str]


@frozen
class Answer:
    """What a name resolves to: addresses, or another name (CNAME); neither: the name does not exist.

    `failure`: why a server could not say whether it does (SERVFAIL, REFUSED).
    """

    name: str
    addresses: tuple[str, ...] = ()
    alias: str = ""
    service: Key | None = None
    exists: bool = True
    failure: str = ""

    def __deepcopy__(self, _memo: Any) -> Answer:
        return self


@frozen
class Records:
    """Of one Service: names, SRV (port, target) and the names of addresses."""

    names: Mapping[str, Answer] = field(factory=dict)
    services: Mapping[str, tuple[tuple[int, str], ...]] = field(factory=dict)
    pointers: Mapping[str, str] = field(factory=dict)

    def __deepcopy__(self, _memo: Any) -> Records:
        return self


NOTHING = Records()


def records_of(service: Service, slices: Iterable[EndpointSlice]) -> Records:
    """All records of a Service."""
    spec, meta = service.spec, service.metadata
    if spec is None:
        return NOTHING
    key = (meta.namespace, meta.name)
    name = f"{meta.name}.{meta.namespace}.svc.{DOMAIN}"
    if spec.type == "ExternalName":
        return Records({name: Answer(name, alias=spec.external_name.rstrip("."), service=key)})
    if not spec.cluster_ip or spec.cluster_ip == "None":
        return _headless(key, name, slices)
    ports = {
        f"_{port.name}._{(port.protocol or 'TCP').lower()}.{name}": ((port.port, name),)
        for port in spec.ports
        if port.name
    }
    addresses = spec.cluster_ips or (spec.cluster_ip,)
    return Records({name: Answer(name, addresses, service=key)}, ports, dict.fromkeys(addresses, name))


def _headless(key: Key, name: str, slices: Iterable[EndpointSlice]) -> Records:
    """Without any ready endpoint the name does not exist."""
    names: dict[str, list[str]] = {}
    ports: dict[str, list[tuple[int, str]]] = {}
    pointers: dict[str, str] = {}
    for piece in slices:
        for endpoint in piece.endpoints:
            if not endpoint.addresses or (endpoint.conditions is not None and endpoint.conditions.ready is False):
                continue
            full = f"{_label(endpoint)}.{name}"
            for address in endpoint.addresses:
                _add(names, name, address)
                _add(names, full, address)
                pointers[address] = full
            for port in piece.ports:
                if port.name and port.port is not None:
                    _add(ports, f"_{port.name}._{(port.protocol or 'TCP').lower()}.{name}", (port.port, full))
    answers = {one: Answer(one, tuple(addresses), service=key) for one, addresses in names.items()}
    return Records(answers, {one: tuple(found) for one, found in ports.items()}, pointers)


def _label(endpoint: Endpoint) -> str:
    """An endpoint's own name: its hostname, else its address with dashes."""
    return endpoint.hostname or endpoint.addresses[0].replace(".", "-").replace(":", "-")


def _add(found: dict[str, list[Any]], name: str, value: Any) -> None:
    values = found.setdefault(name, [])
    if value not in values:
        values.append(value)
