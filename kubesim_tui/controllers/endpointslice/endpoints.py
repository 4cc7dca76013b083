"""From a Pod to an endpoint: whether it belongs, under which address, in which condition, and behind which ports. Pure.

As k8s.io/endpointslice utils.go and util/controller_utils.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api.helpers.conditions import is_pod_ready, is_pod_terminal
from kubesim_tui.api.types import (
    Container,
    Endpoint,
    EndpointConditions,
    EndpointSlicePort,
    Node,
    ObjectReference,
    Pod,
    Service,
    ServicePort,
)

ZONE = "topology.kubernetes.io/zone"
Ports = tuple[EndpointSlicePort, ...]
_CONDITIONS = {
    (r, s, t): EndpointConditions(ready=r, serving=s, terminating=t)
    for r in (True, False)
    for s in (True, False)
    for t in (True, False)
}


def belongs(pod: Pod, *, include_terminating: bool = True) -> bool:
    """Whether a Pod is among a Service's endpoints: it has an address and has not finished."""
    status = pod.status
    if status is None or is_pod_terminal(pod) or not (status.pod_ip or status.pod_ips):
        return False
    return include_terminating or pod.metadata.deletion_timestamp is None


def address(pod: Pod, address_type: str) -> str:
    """The Pod's address of a family (IPv4, IPv6); "" if it has none."""
    status = pod.status
    if status is None:
        return ""
    for ip in [p.ip for p in status.pod_ips] or [status.pod_ip]:
        if ip and (":" in ip) == (address_type == "IPv6"):
            return ip
    return ""


def pod_to_endpoint(pod: Pod, node: Node | None, service: Service, address_type: str) -> Endpoint:
    """The endpoint of a Pod that belongs."""
    meta, spec = pod.metadata, pod.spec
    serving, terminating = is_pod_ready(pod), meta.deletion_timestamp is not None
    publish = service.spec is not None and bool(service.spec.publish_not_ready_addresses)
    ready = publish or (serving and not terminating)
    named = (
        spec is not None
        and bool(spec.hostname)
        and spec.subdomain == service.metadata.name
        and meta.namespace == service.metadata.namespace
    )
    return Endpoint(
        addresses=(address(pod, address_type),),
        conditions=_CONDITIONS[ready, serving, terminating],
        hostname=spec.hostname if named and spec is not None else None,
        node_name=(spec.node_name or None) if spec is not None else None,
        target_ref=ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid),
        zone=node.metadata.labels.get(ZONE) if node is not None else None,
    )


def find_port(pod: Pod, port: ServicePort) -> int | None:
    """The number of a target port; None if a named one is not found on the Pod."""
    target = port.target_port
    if isinstance(target, int):
        return target
    if not target:
        return port.port
    spec = pod.spec
    if spec is None:
        return None
    sidecars = [c for c in spec.init_containers if c.restart_policy == "Always"]
    return _named(spec.containers, target, port.protocol) or _named(sidecars, target, port.protocol)


def _named(containers: Iterable[Container], name: str, protocol: str) -> int | None:
    for container in containers:
        for port in container.ports:
            if port.name == name and (port.protocol or "TCP") == (protocol or "TCP"):
                return port.container_port
    return None


def endpoint_ports(service: Service, pod: Pod) -> Ports:
    """A Service's ports as they are on a Pod; what is not found there is left out."""
    made = []
    for port in service.spec.ports if service.spec is not None else ():
        number = find_port(pod, port)
        if number is not None:
            made.append(
                EndpointSlicePort(name=port.name, port=number, protocol=port.protocol, app_protocol=port.app_protocol)
            )
    return tuple(made)


def port_key(ports: Ports) -> tuple[tuple[str, str, int, str], ...]:
    """What two lists of ports have in common if they mean the same."""
    return tuple(sorted((p.name or "", p.protocol or "", p.port or 0, p.app_protocol or "") for p in ports))


def address_types(service: Service) -> tuple[str, ...]:
    """IPv4 and IPv6, as the Service wants its slices."""
    spec = service.spec
    if spec is None:
        return ("IPv4",)
    if spec.ip_families:
        return tuple(spec.ip_families)
    if spec.cluster_ip and spec.cluster_ip != "None":
        return ("IPv6",) if ":" in spec.cluster_ip else ("IPv4",)
    return ("IPv4", "IPv6") if spec.cluster_ip == "None" and not spec.selector else ("IPv4",)
