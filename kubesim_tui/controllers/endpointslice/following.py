"""What the controllers of Services share: they work on a Service when it or a Pod of its changes, once a tick."""

from __future__ import annotations

from typing import cast

from kubesim_tui.api.helpers import selector
from kubesim_tui.api.helpers.conditions import is_pod_ready, is_pod_terminal
from kubesim_tui.api.types import Container, Object, Pod, Service
from kubesim_tui.controllers.base import Controller, Kit, key_of
from kubesim_tui.controllers.endpointslice.endpoints import Ports, endpoint_ports

LAST = 10
"""Priority in the phase: after the controllers that make and delete Pods, so that a Service is worked once a tick."""


class FollowsServices(Controller):
    """The base; `sync` gets a Service's (namespace, name)."""

    def __init__(self, name: str, kit: Kit) -> None:
        super().__init__(name, kit)
        self.services, self.pods = self.watch(kit.shared("services")), self.watch(kit.shared("pods"))
        self._last_ports: tuple[Service, tuple[Container, ...], Ports] | None = None
        self.services.on_change(self._service_changed)
        self.pods.on_change(self._pod_changed)

    def _service_changed(self, before: Object | None, now: Object | None) -> None:
        self.enqueue(key_of(cast(Object, now or before)), LAST)

    def _pod_changed(self, before: Object | None, now: Object | None) -> None:
        a, b = cast("Pod | None", before), cast("Pod | None", now)
        if a is not None and b is not None and not matters(a, b):
            return
        pod = cast(Pod, b or a)
        for obj in self.services.table.in_namespace(pod.metadata.namespace):
            spec = cast(Service, obj).spec
            if spec is None or not spec.selector:
                continue
            if selector.matches_set(spec.selector, pod.metadata.labels) or (
                a is not None and a is not pod and selector.matches_set(spec.selector, a.metadata.labels)
            ):
                self.enqueue(key_of(obj), LAST)

    def ports_of(self, service: Service, pod: Pod) -> Ports:
        """The ports on a Pod; Pods of one template share the tuple."""
        spec = pod.spec
        if spec is None:
            return ()
        known = self._last_ports
        if known is None or known[0] is not service or known[1] is not spec.containers:
            known = self._last_ports = (service, spec.containers, endpoint_ports(service, pod))
        return known[2]


def matters(before: Pod, now: Pod) -> bool:
    """Whether a change can change endpoints: address, node, readiness, deletion, end, labels."""
    a, b = before.metadata, now.metadata
    if a is not b and (
        a.deletion_timestamp != b.deletion_timestamp or (a.labels is not b.labels and a.labels != b.labels)
    ):
        return True
    if before.spec is not now.spec and (before.spec and before.spec.node_name) != (now.spec and now.spec.node_name):
        return True
    s, t = before.status, now.status
    if s is t:
        return False
    return (
        s is None
        or t is None
        or s.pod_ip != t.pod_ip
        or s.pod_ips != t.pod_ips
        or is_pod_ready(before) != is_pod_ready(now)
        or is_pod_terminal(before) != is_pod_terminal(now)
    )
