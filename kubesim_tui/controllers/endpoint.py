"""endpoints-controller: the legacy Endpoints object of each Service with a selector, as old clients read it.

As pkg/controller/endpoint. Nothing of ours reads them; EndpointSlices are what counts. A thousand addresses at most:
who is ready goes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from attrs import define, field

from kubesim_tui.api.frozen import FrozenMap, freeze
from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import is_pod_ready
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.api.types import Object, ObjectMeta, Pod, Service, Unstructured
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.apiserver.request import Options
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import WARNING, Kit, key_of, lookup
from kubesim_tui.controllers.endpointslice.endpoints import Ports, address, address_types, belongs, port_key
from kubesim_tui.controllers.endpointslice.following import LAST, FollowsServices
from kubesim_tui.controllers.endpointslice.reconcile import HEADLESS, is_headless
from kubesim_tui.kernel.engine import Key

MOST = 1000
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
MANAGED_BY, CONTROLLER = "endpoints.kubernetes.io/managed-by", "endpoint-controller"
Row = dict[str, Any]
Entry = tuple[str, str, Pod]
"""An address, by which it is sorted, and the Pod's uid; and the Pod."""


@define
class Subset:
    """The addresses behind one set of ports."""

    ports: Ports
    ready: list[Entry] = field(factory=list)
    not_ready: list[Entry] = field(factory=list)


def group(service: Service, pods: Iterable[tuple[Pod, Ports]]) -> list[Subset]:
    """The Pods of a Service (with their ports) in subsets. Pure."""
    spec = service.spec
    assert spec is not None
    family, publish = address_types(service)[0], bool(spec.publish_not_ready_addresses)
    found: dict[object, Subset] = {}
    for pod, ports in pods:
        ip = address(pod, family) if belongs(pod, include_terminating=publish) else ""
        if not ip or (spec.ports and not ports):
            continue
        subset = found.setdefault(port_key(ports), Subset(ports))
        side = subset.ready if publish or is_pod_ready(pod) else subset.not_ready
        side.append((ip, pod.metadata.uid, pod))
    return list(found.values())


def subsets(service: Service, groups: Iterable[Subset]) -> tuple[list[Row], bool]:
    """As JSON, and whether some had to be left out. Pure."""
    ordered = sorted(groups, key=lambda g: tuple((p.name or "", p.port or 0) for p in g.ports))
    left = MOST
    sides: list[list[list[Entry]]] = [[], []]
    for side, all_of in zip(sides, ([g.ready for g in ordered], [g.not_ready for g in ordered]), strict=True):
        for entries in all_of:
            side.append(sorted(entries, key=lambda entry: entry[:2])[:left])
            left -= len(side[-1])
    rows = []
    for one, ready, rest in zip(ordered, *sides, strict=True):
        row: Row = {}
        for key, entries in (("addresses", ready), ("notReadyAddresses", rest)):
            if entries:
                row[key] = [_address(service, ip, pod) for ip, _, pod in entries]
        if row:
            rows.append({**row, **_ports(one.ports)})
    return rows, sum(len(g.ready) + len(g.not_ready) for g in ordered) > MOST


def _ports(ports: Ports) -> Row:
    made = []
    for port in ports:
        row = {"name": port.name or None, "port": port.port, "protocol": port.protocol or "TCP"}
        made.append({k: v for k, v in (*row.items(), ("appProtocol", port.app_protocol)) if v is not None})
    return {"ports": made} if made else {}


def _address(service: Service, ip: str, pod: Pod) -> Row:
    meta, spec = pod.metadata, pod.spec
    row: Row = {"ip": ip}
    if spec is not None and spec.hostname and spec.subdomain == service.metadata.name:
        row["hostname"] = spec.hostname
    if spec is not None and spec.node_name:
        row["nodeName"] = spec.node_name
    row["targetRef"] = {"kind": "Pod", "namespace": meta.namespace, "name": meta.name, "uid": meta.uid}
    return row


def labels_of(service: Service) -> Mapping[str, str]:
    """The Service's labels, and who manages the Endpoints."""
    found = {**service.metadata.labels, MANAGED_BY: CONTROLLER}
    found.pop(HEADLESS, None)
    return FrozenMap({**found, HEADLESS: ""} if is_headless(service) else found)


class EndpointsController(FollowsServices):
    """See the module."""

    account = "endpoint-controller"
    source = "endpoint-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.endpoints = self.watch(kit.shared("endpoints"))
        self.endpoints.on_change(self._endpoints_changed)

    def _endpoints_changed(self, before: Object | None, now: Object | None) -> None:
        """Somebody else changed or deleted some."""
        if before is not None:
            self.enqueue(key_of(now or before), LAST)

    def sync(self, key: Key) -> None:
        """Bring the Endpoints of one Service in line."""
        name = cast(Name, key)
        service, known = lookup(self.services, Service, *name), self.endpoints.get(*name)
        if service is None:
            if known is not None and known.metadata.labels.get(MANAGED_BY) == CONTROLLER:
                self._delete(known)
            return
        if service.spec is None or not service.spec.selector or service.spec.type == "ExternalName":
            return
        if service.metadata.deletion_timestamp is not None:
            return
        rows, cut = subsets(service, group(service, self._pods(service)))
        self._write(service, known, rows, cut=cut)

    def _pods(self, service: Service) -> Iterable[tuple[Pod, Ports]]:
        assert service.spec is not None
        for obj in self.pods.table.in_namespace(service.metadata.namespace):
            if selector.matches_set(service.spec.selector, obj.metadata.labels):
                pod = cast(Pod, obj)
                yield pod, self.ports_of(service, pod)

    def _write(self, service: Service, known: Object | None, rows: list[Row], *, cut: bool) -> None:
        before = known.metadata if known is not None else ObjectMeta()
        annotations = {k: v for k, v in before.annotations.items() if k != OVER_CAPACITY}
        meta = before.evolve(
            name=service.metadata.name,
            namespace=service.metadata.namespace,
            labels=labels_of(service),
            annotations=FrozenMap({**annotations, OVER_CAPACITY: "truncated"} if cut else annotations),
        )
        body = FrozenMap({"subsets": freeze(rows)} if rows else {})
        made = Unstructured(api_version="v1", kind="Endpoints", metadata=meta, rest=body)
        if isinstance(known, Unstructured) and (known.rest, known.metadata) == (made.rest, meta):
            return
        try:
            if known is None:
                self.client.create(made)
            else:
                self.client.update(made)
        except StatusError as refused:
            self._failed(service, refused, new=known is None)

    def _failed(self, service: Service, refused: StatusError, *, new: bool) -> None:
        if any(c.reason == "NamespaceTerminating" for c in refused.details.causes):
            return
        where = f"{service.metadata.namespace}/{service.metadata.name}"
        if new:
            text = f"Failed to create endpoint for service {where}: {refused.message}"
            self.recorder.event(service, WARNING, "FailedToCreateEndpoint", text)
        else:
            text = f"Failed to update endpoint {where}: {refused.message}"
            self.recorder.event(service, WARNING, "FailedToUpdateEndpoint", text)
        raise refused

    def _delete(self, known: Object) -> None:
        meta = known.metadata
        generic.delete(self.client, for_plural("endpoints"), meta.namespace, meta.name, Options(uid=meta.uid))
