"""What a location of the ingress controller leads to: the endpoints behind a port of a Service. Pure.

As internal/ingress/controller/endpointslices.go: the controller sends to Pods itself, to all that are ready, whatever
the Service's type; hints and traffic policies mean nothing to it. A Service of type ExternalName is its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.api.types import EndpointSlice, Secret, Service, ServicePort
from kubesim_tui.network.ingress_canary import FIRST, BackendKey, Canary
from kubesim_tui.network.ingress_table import Location, Table
from kubesim_tui.network.ingress_tls import Name, Shown
from kubesim_tui.network.ruleset import Target, Targets, endpoints_of


@frozen
class Backend:
    """Who answers. `found`: there is such a Service, and it has such a port."""

    found: bool
    targets: Targets = ()
    address: Target | None = None  # of the Service itself

    def __deepcopy__(self, _memo: Any) -> Backend:
        return self


MISSING = Backend(found=False)


@frozen(eq=False)
class Configuration:
    """All that a controller's nginx works by. Nobody changes one: a new one takes its place."""

    table: Table = field(factory=Table)
    backends: Mapping[BackendKey, Backend] = field(factory=dict)
    certificates: Mapping[str, Shown] = field(factory=dict)
    secrets: Mapping[Name, Secret] = field(factory=dict)  # of those who may come in

    def __deepcopy__(self, _memo: Any) -> Configuration:
        return self

    def match(self, host: str, path: str) -> Location | None:
        """The location of a request, or None (404)."""
        return self.table.match(host, path)

    def backend(self, location: Location) -> Backend:
        """Who is behind a location."""
        return self.backends.get(location.backend, MISSING)

    def asked(self, location: Location) -> BackendKey:
        """Who is asked: what a location leads to, or its fallback while nobody is ready there."""
        instead = location.fallback
        there = self.backend(location).targets or instead is None or not self.backends.get(instead, MISSING).targets
        return location.backend if there or instead is None else instead

    def shown(self, host: str) -> Shown | None:
        """The certificate of a host; None where it has none but that of all."""
        return self.certificates.get(self.table.server(host))

    def turns(self, now: int) -> int:
        """When the next certificate begins or ends to be good (Unix seconds); 0: none does."""
        known = [shown.certificate for shown in self.certificates.values()]
        coming = [bound for one in known for bound in (one.begins, one.ends + 1) if bound > now]
        return min(coming, default=0)

    def canary(self, location: Location) -> Canary | None:
        """Who gets a part of what comes to a location; only somebody who is there."""
        found = self.table.canaries.get(location.backend)
        return found if found is not None and self.backends.get(found.backend, MISSING).targets else None


def backend_of(service: Service | None, slices: Iterable[EndpointSlice], port: int | str) -> Backend:
    """What is behind a port of a Service now."""
    spec = service.spec if service is not None else None
    if spec is None:
        return MISSING
    chosen = next((p for p in spec.ports if port == FIRST or port in (p.port, p.name)), None)
    if spec.type == "ExternalName":
        return Backend(found=True, targets=(Target(spec.external_name, _number(chosen, port)),))
    if chosen is None:
        return MISSING
    ready, _ = endpoints_of(slices, chosen.name)
    address = Target(spec.cluster_ip, chosen.port) if spec.cluster_ip not in ("", "None") else None
    return Backend(found=True, targets=ready, address=address)


def _number(chosen: ServicePort | None, port: int | str) -> int:
    if chosen is not None:
        return chosen.target_port if isinstance(chosen.target_port, int) and chosen.target_port else chosen.port
    return port if isinstance(port, int) and port else 80
