"""The loop: a Service or a Pod changed; once a tick, after all other controllers, its slices follow.

The endpoint that was made of a Pod is remembered with the Pod (objects are frozen: the same Pod gives the same
endpoint), so that a sync of a Service with 10,000 Pods compares identities and writes only what changed.
"""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.types import Endpoint, EndpointSlice, Node, Object, Pod, Service
from kubesim_tui.apiserver.errors import ApiError, StatusError
from kubesim_tui.apiserver.etcd import Name
from kubesim_tui.controllers.base import WARNING, Kit, lookup
from kubesim_tui.controllers.endpointslice.endpoints import (
    Ports,
    address,
    address_types,
    belongs,
    pod_to_endpoint,
    port_key,
)
from kubesim_tui.controllers.endpointslice.following import LAST, FollowsServices
from kubesim_tui.controllers.endpointslice.hints import with_hints
from kubesim_tui.controllers.endpointslice.reconcile import CONTROLLER, MANAGED_BY, Changes, Wanted, reconcile
from kubesim_tui.kernel.engine import Key

Made = tuple[Pod, Endpoint | None, Ports]


class EndpointSliceController(FollowsServices):
    """Keeps the slices of Services that have a selector; others' slices are left alone."""

    account = "endpointslice-controller"
    source = "endpoint-slice-controller"

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.slices, self.nodes = self.watch(kit.shared("endpointslices")), self.watch(kit.shared("nodes"))
        self._made: dict[Name, tuple[Service, dict[tuple[str, str], Made]]] = {}  # Service → (Pod uid, family) → …
        self.slices.on_change(self._slice_changed)

    # -- events ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """What was made is memory, too."""
        super().stop()
        self._made.clear()

    def _slice_changed(self, before: Object | None, now: Object | None) -> None:
        """Somebody else changed or deleted one of ours."""
        obj = cast(Object, now or before)
        service = obj.metadata.labels.get("kubernetes.io/service-name", "")
        if service and obj.metadata.labels.get(MANAGED_BY) == CONTROLLER and (now is None or before is not None):
            self.enqueue((obj.metadata.namespace, service), LAST)

    # -- the loop ----------------------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Bring the slices of one Service in line."""
        name = cast(Name, key)
        service = lookup(self.services, Service, *name)
        if service is None or service.spec is None or not service.spec.selector or service.spec.type == "ExternalName":
            self._made.pop(name, None)
            return
        if service.metadata.deletion_timestamp is not None:
            return
        mine = [
            cast(EndpointSlice, s)
            for s in self.slices.table.owned_by(service.metadata.uid)
            if s.metadata.labels.get(MANAGED_BY) == CONTROLLER and s.metadata.deletion_timestamp is None
        ]
        families = address_types(service)
        homeless = False
        made = self._memory(name, service)
        for family in families:
            wanted, missing = self._wanted(service, family, made)
            homeless = homeless or missing
            existing = [s for s in mine if s.address_type == family]
            self._write(service, reconcile(service, existing, wanted, family))
        self._write(service, Changes(delete=tuple([s for s in mine if s.address_type not in families])))
        if homeless:
            raise ApiError("a Pod's node does not exist")

    def _memory(self, name: Name, service: Service) -> dict[tuple[str, str], Made]:
        known = self._made.get(name)
        if known is None or known[0].spec != service.spec or known[0].metadata.uid != service.metadata.uid:
            known = self._made[name] = (service, {})
        return known[1]

    def _wanted(self, service: Service, family: str, made: dict[tuple[str, str], Made]) -> tuple[list[Wanted], bool]:
        """The endpoints by ports; whether a Pod was left out since its node does not exist."""
        assert service.spec is not None
        groups: dict[object, Wanted] = {}
        last: tuple[Ports | None, Wanted | None] = (None, None)
        chosen, missing = service.spec.selector, False
        for obj in self.pods.table.in_namespace(service.metadata.namespace):
            if not selector.matches_set(chosen, obj.metadata.labels):
                continue
            pod = cast(Pod, obj)
            place = (pod.metadata.uid, family)
            known = made.get(place)
            if known is None or known[0] is not pod:
                known = self._endpoint(service, pod, family, known)
                if known is None:
                    missing = True
                    continue
                made[place] = known
            _, endpoint, ports = known
            if endpoint is None:
                continue
            group = last[1] if ports is last[0] else None
            if group is None:
                group = groups.setdefault(port_key(ports), Wanted(ports))
                last = (ports, group)
            group.endpoints[pod.metadata.uid] = endpoint
        if len(made) > 2 * len(self.pods.table) + 16:
            made.clear()
        return list(groups.values()), missing

    def _endpoint(self, service: Service, pod: Pod, family: str, known: Made | None) -> Made | None:
        """What a Pod is to a Service; None if its node does not exist."""
        assert service.spec is not None
        if not belongs(pod) or not address(pod, family):
            return pod, None, ()
        node_name = pod.spec.node_name if pod.spec is not None else ""
        node = lookup(self.nodes, Node, "", node_name)
        if node is None and node_name and not service.spec.publish_not_ready_addresses:
            return None
        endpoint = with_hints(service.spec.traffic_distribution, pod_to_endpoint(pod, node, service, family))
        if known is not None and known[0].spec is pod.spec:
            same = known[1] if known[1] is not None and known[1] == endpoint else endpoint
            return pod, same, known[2] or self.ports_of(service, pod)
        return pod, endpoint, self.ports_of(service, pod)

    def _write(self, service: Service, changes: Changes) -> None:
        try:
            for made in changes.create:
                self.client.create(made)
            for changed in changes.update:
                self.client.update(changed)
            for gone in changes.delete:
                self._delete(gone)
        except StatusError as refused:
            if not any(c.reason == "NamespaceTerminating" for c in refused.details.causes):
                text = (
                    f"Error updating Endpoint Slices for Service {service.metadata.namespace}/"
                    f"{service.metadata.name}: {refused.message}"
                )
                self.recorder.event(service, WARNING, "FailedToUpdateEndpointSlices", text)
                raise

    def _delete(self, gone: EndpointSlice) -> None:
        try:
            self.client.delete(EndpointSlice, gone.metadata.namespace, gone.metadata.name)
        except StatusError as refused:
            if refused.code != 404:
                raise
