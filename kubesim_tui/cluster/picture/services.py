"""Services with what is behind them, and the routes of Ingresses that lead to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kubesim_tui.api import types
from kubesim_tui.cluster.picture.look import Look, ref
from kubesim_tui.cluster.view import QueueView, Ref, RouteView, ServiceView

SERVICE_NAME = "kubernetes.io/service-name"
Flow = tuple[int, int, int, tuple[int, ...]]
"""(requests a second, per mille well, p95 in µs, per mille well in the ticks before)."""
QUIET: Flow = (0, -1, 0, ())


def service_views(
    look: Look, flows: Mapping[tuple[str, str], Flow], queues: Mapping[tuple[str, str], tuple[QueueView, ...]]
) -> tuple[ServiceView, ...]:
    """All Services. By namespace and name: what went through each in the last tick, and its queues of messages."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for piece in look.etcd.table("endpointslices.discovery.k8s.io"):
        if isinstance(piece, types.EndpointSlice) and SERVICE_NAME in piece.metadata.labels:
            key = (piece.metadata.namespace, piece.metadata.labels[SERVICE_NAME])
            ready, total = counts.get(key, (0, 0))
            good = sum(1 for e in piece.endpoints if e.conditions is None or e.conditions.ready is not False)
            counts[key] = (ready + good, total + len(piece.endpoints))
    return tuple(_view(look, s, counts, flows, queues) for s in look.all("services") if isinstance(s, types.Service))


def _view(
    look: Look,
    service: types.Service,
    counts: Mapping[tuple[str, str], tuple[int, int]],
    flows: Mapping[tuple[str, str], Flow],
    queues: Mapping[tuple[str, str], tuple[QueueView, ...]],
) -> ServiceView:
    spec, meta = service.spec or types.ServiceSpec(), service.metadata
    key = (meta.namespace, meta.name)
    pods = look.selected(meta.namespace, spec.selector)
    owners = tuple(dict.fromkeys(p.owner or p.ref for p in pods))
    flow = flows.get(key, QUIET)
    kind = "Headless" if spec.cluster_ip == "None" else spec.type
    return ServiceView(
        ref(service),
        kind,
        spec.cluster_ip,
        _ports(spec),
        _external(service),
        *counts.get(key, (0, 0)),
        pods,
        owners,
        *flow[:3],
        ok_history=flow[3],
        queues=queues.get(key, ()),
    )


def _ports(spec: types.ServiceSpec) -> str:
    parts = []
    for port in spec.ports:
        same = port.target_port in (None, port.port)
        parts.append(str(port.port) if same else f"{port.port}→{port.target_port}")
    return ",".join(parts)


def _external(service: types.Service) -> str:
    spec = service.spec or types.ServiceSpec()
    if spec.type == "ExternalName":
        return spec.external_name
    if spec.type == "LoadBalancer":
        balancer = service.status.load_balancer if service.status else None
        given = [i.ip or i.hostname for i in (balancer.ingress if balancer else ())]
        return given[0] if given else "<pending>"
    if spec.type == "NodePort":
        return ",".join(f":{p.node_port}" for p in spec.ports if p.node_port)
    return ""


# -- routes --------------------------------------------------------------------------------------------------------


def route_views(look: Look, services: tuple[ServiceView, ...], *, controller: bool) -> tuple[RouteView, ...]:
    """Every path of every Ingress; a default backend as `/` of any host. `controller`: whether one runs."""
    known = {s.ref: s for s in services}
    return tuple(
        _route(look, obj, host, path, known, controller)
        for obj in look.all("ingresses.networking.k8s.io")
        if isinstance(obj, types.Ingress)
        for host, path in _paths(obj)
    )


def _paths(obj: types.Ingress) -> Iterator[tuple[str, types.HTTPIngressPath]]:
    if obj.spec is None:
        return
    for rule in obj.spec.rules:
        for path in rule.http.paths if rule.http else ():
            yield rule.host, path
    if obj.spec.default_backend is not None:
        yield "", types.HTTPIngressPath(path="/", backend=obj.spec.default_backend)


def _route(
    look: Look,
    obj: types.Ingress,
    host: str,
    path: types.HTTPIngressPath,
    known: Mapping[Ref, ServiceView],
    controller: bool,
) -> RouteView:
    backend = path.backend.service if path.backend else None
    service = Ref("Service", obj.metadata.namespace, backend.name if backend else "")
    port = (backend.port.number or backend.port.name) if backend and backend.port else ""
    problem = "" if controller else "no controller"
    problem = problem or _problem(look, service, port, known.get(service))
    return RouteView(ref(obj), host, path.path or "/", path.path_type or "", service, str(port), problem)


def _problem(look: Look, service: Ref, port: int | str, seen: ServiceView | None) -> str:
    """What an ingress controller would say."""
    if seen is None:
        return "service not found"
    found = look.etcd.get("services", (service.namespace, service.name))
    spec = found.spec if isinstance(found, types.Service) else None
    if spec is not None and spec.type == "ExternalName":
        return ""
    if spec is not None and all(port not in (p.port, p.name) for p in spec.ports):
        return "no such port"
    return "" if seen.ready else "no endpoints"
