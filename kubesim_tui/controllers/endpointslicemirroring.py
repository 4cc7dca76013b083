"""endpointslice-mirroring-controller: Endpoints that somebody wrote by hand become slices.

That is how a Service without a selector leads to a database outside. As pkg/controller/endpointslicemirroring: Services
with a selector, and Endpoints that say so (`endpointslice.kubernetes.io/skip-mirror`), are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from kubesim_tui.api.codec import decode
from kubesim_tui.api.frozen import FrozenMap
from kubesim_tui.api.helpers.ownership import controller_ref
from kubesim_tui.api.types import (
    Endpoint,
    EndpointConditions,
    EndpointSlice,
    EndpointSlicePort,
    Object,
    ObjectMeta,
    ObjectReference,
    Service,
    Unstructured,
)
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers import endpoint
from kubesim_tui.controllers.base import Controller, Kit, lookup
from kubesim_tui.controllers.endpointslice.reconcile import MANAGED_BY, SERVICE_NAME
from kubesim_tui.kernel.engine import Key

MIRRORS = "endpointslicemirroring-controller.k8s.io"
SKIP, LEADER = "endpointslice.kubernetes.io/skip-mirror", "control-plane.alpha.kubernetes.io/leader"
MOST = 1000
"""Of one subset (--mirroring-max-endpoints-per-subset)."""
NOT_MIRRORED = frozenset(
    {"kubectl.kubernetes.io/last-applied-configuration", "endpoints.kubernetes.io/last-change-trigger-time"}
)
Row = Mapping[str, Any]


def is_mirrored(endpoints: Object) -> bool:
    """Whether it asks for slices. Pure."""
    meta = endpoints.metadata
    return meta.labels.get(SKIP) != "true" and LEADER not in meta.annotations


def slices(endpoints: Unstructured) -> list[EndpointSlice]:
    """What an Endpoints object amounts to: one slice a subset and family, without names. Pure."""
    meta = endpoints.metadata
    labels = {k: v for k, v in meta.labels.items() if not k.startswith("endpoints.kubernetes.io/")}
    labels |= {SERVICE_NAME: meta.name, MANAGED_BY: MIRRORS}
    head = ObjectMeta(
        generate_name=f"{meta.name}-",
        namespace=meta.namespace,
        labels=FrozenMap(labels),
        annotations=FrozenMap({k: v for k, v in meta.annotations.items() if k not in NOT_MIRRORED}),
        owner_references=(controller_ref(endpoints),),
    )
    made = []
    for subset in endpoints.rest.get("subsets") or ():
        ports = tuple(_port(p) for p in subset.get("ports") or ())
        for family, colon in (("IPv4", False), ("IPv6", True)):
            found = [e for e in _endpoints(subset) if (":" in e.addresses[0]) is colon][:MOST]
            if found:
                made.append(EndpointSlice(address_type=family, metadata=head, ports=ports, endpoints=tuple(found)))
    return made


def _port(row: Row) -> EndpointSlicePort:
    return EndpointSlicePort(
        name=row.get("name") or "",
        port=row.get("port"),
        protocol=row.get("protocol") or "TCP",
        app_protocol=row.get("appProtocol"),
    )


def _endpoints(subset: Row) -> list[Endpoint]:
    return [
        Endpoint(
            addresses=(row["ip"],),
            conditions=EndpointConditions(ready=ready, serving=ready, terminating=False),
            hostname=row.get("hostname"),
            node_name=row.get("nodeName"),
            target_ref=decode(ObjectReference, row["targetRef"]) if row.get("targetRef") else None,
        )
        for ready, key in ((True, "addresses"), (False, "notReadyAddresses"))
        for row in subset.get(key) or ()
    ]


class EndpointSliceMirroringController(Controller):
    """See the module."""

    account = "endpointslicemirroring-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.endpoints = self.watch(kit.shared("endpoints"))
        self.services, self.slices = self.watch(kit.shared("services")), self.watch(kit.shared("endpointslices"))
        self.endpoints.on_change(self._endpoints_changed)
        self.services.on_change(self._service_changed)
        self.slices.on_change(self._slice_changed)

    def _endpoints_changed(self, before: Object | None, now: Object | None) -> None:
        """What the endpoints-controller writes has slices already."""
        obj = now or before
        if obj is not None and obj.metadata.labels.get(endpoint.MANAGED_BY) != endpoint.CONTROLLER:
            self.enqueue_changed(before, now)

    def _service_changed(self, before: Object | None, now: Object | None) -> None:
        """Of Services only those count that somebody has written Endpoints for."""
        obj = cast(Object, now or before)
        if self.endpoints.get(obj.metadata.namespace, obj.metadata.name) is not None:
            self.enqueue_changed(before, now)

    def _slice_changed(self, before: Object | None, now: Object | None) -> None:
        """Somebody else changed or deleted one of ours."""
        obj = cast(Object, now or before)
        if before is not None and obj.metadata.labels.get(MANAGED_BY) == MIRRORS:
            self.enqueue((obj.metadata.namespace, obj.metadata.labels.get(SERVICE_NAME, "")))

    def sync(self, key: Key) -> None:
        """Bring the slices of one Endpoints object in line."""
        namespace, name = cast(Name, key)
        found, service = self.endpoints.get(namespace, name), lookup(self.services, Service, namespace, name)
        wanted: list[EndpointSlice] = []
        bare = service is not None and service.spec is not None and not service.spec.selector
        if bare and isinstance(found, Unstructured) and is_mirrored(found):
            wanted = slices(found)
        existing = [
            cast(EndpointSlice, s)
            for s in self.slices.table.in_namespace(namespace)
            if s.metadata.labels.get(MANAGED_BY) == MIRRORS and s.metadata.labels.get(SERVICE_NAME) == name
        ]
        self._write(sorted(existing, key=lambda s: s.metadata.name), wanted)

    def _write(self, existing: list[EndpointSlice], wanted: list[EndpointSlice]) -> None:
        """Slices of the same ports and family are kept; what remains is made or deleted."""
        for one in wanted:
            same = next((s for s in existing if (s.address_type, s.ports) == (one.address_type, one.ports)), None)
            if same is None:
                self.client.create(one)
                continue
            existing.remove(same)
            meta = same.metadata.evolve(labels=one.metadata.labels, annotations=one.metadata.annotations)
            if (same.endpoints, same.metadata) != (one.endpoints, meta):
                self.client.update(same.evolve(endpoints=one.endpoints, metadata=meta))
        for old in existing:
            try:
                self.client.delete(EndpointSlice, old.metadata.namespace, old.metadata.name)
            except StatusError as refused:
                if refused.code != 404:
                    raise
