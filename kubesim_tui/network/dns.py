"""Cluster DNS (CoreDNS): names of Services and of the Pods behind headless ones.

`web.shop.svc.cluster.local` is the ClusterIP of Service web in namespace shop; of a headless Service the addresses of
its ready endpoints (all of them with publishNotReadyAddresses), each also under `hostname.web.shop.svc.cluster.local`;
of an ExternalName a CNAME. It hears of changes one tick late. A Pod's resolver tries its search domains in turn
(ndots:5); an answer may be kept for its TTL of 30 s.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from kubesim_tui.api.types import Object, Service
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.informer import Informer
from kubesim_tui.kernel.engine import Engine, Key
from kubesim_tui.kernel.process import Alive
from kubesim_tui.network.slices import SliceIndex

DOMAIN = "cluster.local"
TTL = 30
NDOTS = 5


@frozen
class Answer:
    """What a name resolves to: addresses, or another name (CNAME); neither: the name does not exist."""

    name: str
    addresses: tuple[str, ...] = ()
    alias: str = ""
    service: tuple[str, str] | None = None
    exists: bool = True

    def __deepcopy__(self, _memo: Any) -> Answer:
        return self


def candidates(name: str, namespace: str, ndots: int = NDOTS) -> list[str]:
    """The names that a Pod's resolver asks for, in order (resolv.conf: search <ns>.svc.D svc.D D; options ndots)."""
    if name.endswith("."):
        return [name[:-1]]
    searched = [f"{name}.{s}" for s in (f"{namespace}.svc.{DOMAIN}", f"svc.{DOMAIN}", DOMAIN)]
    return [name, *searched] if name.count(".") >= ndots else [*searched, name]


class CoreDNS(Component):
    """The server: a table of records from Services and EndpointSlices. `version` grows with every change."""

    phase = "network"

    def __init__(self, engine: Engine, client: Client, process: Alive, services: Informer, slices: Informer) -> None:
        super().__init__("coredns", engine, client, process)
        self.records: dict[str, Answer] = {}
        self.version = 0
        self._owned: dict[tuple[str, str], list[str]] = {}
        self._index = SliceIndex()
        self._services = self.watch(services)
        self.watch(slices)
        services.on_change(self.service_changed)
        slices.on_change(self.slice_changed)

    def service_changed(self, before: Object | None, now: Object | None) -> None:
        """A Service came, changed or went."""
        meta = (now or before).metadata  # type: ignore[union-attr]
        self.enqueue((meta.namespace, meta.name))

    def slice_changed(self, before: Object | None, now: Object | None) -> None:
        """Endpoints changed: of interest for headless Services."""
        for key in self._index.note(before, now):
            self.enqueue(key)

    def sync(self, key: Key) -> None:
        """Write the records of one Service anew."""
        assert isinstance(key, tuple)
        service = self._services.get(*key)
        records = {} if service is None else self._records(key, service)
        before = {name: self.records.get(name) for name in self._owned.get(key, ())}
        if records == before:
            return
        for name in self._owned.pop(key, ()):
            self.records.pop(name, None)
        self.records.update(records)
        if records:
            self._owned[key] = sorted(records)
        self.version += 1

    def _records(self, key: tuple[str, str], service: Object) -> dict[str, Answer]:
        assert isinstance(service, Service)
        spec = service.spec
        name = f"{key[1]}.{key[0]}.svc.{DOMAIN}"
        if spec is None:
            return {}
        if spec.type == "ExternalName":
            return {name: Answer(name, alias=spec.external_name.rstrip("."), service=key)}
        if spec.cluster_ip and spec.cluster_ip != "None":
            return {name: Answer(name, (spec.cluster_ip,), service=key)}
        return self._headless(key, name, bool(spec.publish_not_ready_addresses))

    def _headless(self, key: tuple[str, str], name: str, unready: bool) -> dict[str, Answer]:
        addresses: list[str] = []
        records: dict[str, Answer] = {}
        for piece in self._index.of(key):
            for endpoint in piece.endpoints:
                ready = endpoint.conditions is None or endpoint.conditions.ready is not False
                if not (ready or unready) or not endpoint.addresses:
                    continue
                addresses += endpoint.addresses
                if endpoint.hostname:
                    full = f"{endpoint.hostname}.{name}"
                    records[full] = Answer(full, endpoint.addresses, service=key)
        records[name] = Answer(name, tuple(addresses), service=key)
        return records

    def lookup(self, name: str) -> Answer | None:
        """The answer for one full name; None: it is not of this domain (ask the world outside)."""
        found = self.records.get(name)
        if found is not None:
            return found
        if name == DOMAIN or name.endswith("." + DOMAIN):
            return Answer(name, exists=False)
        return None

    def resolve(self, name: str, namespace: str) -> Answer | None:
        """As a Pod's resolver asks: the first of its candidates that exists; None: a name of the world outside."""
        for candidate in candidates(name.lower(), namespace):
            found = self.lookup(candidate)
            if found is None:
                return None
            if found.exists:
                return found
        return Answer(name, exists=False)
