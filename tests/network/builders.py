"""Services, slices and Ingresses in one line each."""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.types import EndpointSlice, Ingress, Service

ON_A = {"nodeName": "a", "zone": "east"}
ON_B = {"nodeName": "b", "zone": "west"}


def service(name: str = "web", *ports: dict[str, Any], **spec: Any) -> Service:
    """web on 10.96.0.1:80, unless told otherwise."""
    body = {"clusterIP": "10.96.0.1", "ports": list(ports) or [{"port": 80, "protocol": "TCP"}]} | spec
    return decode_object(Service, {"metadata": {"name": name, "namespace": "shop"}, "spec": body})


def endpoint(ip: str, ready: bool | None = True, **more: Any) -> dict[str, Any]:
    """`serving` and `terminating` as conditions; else as in the API."""
    states = {k: more.pop(k) for k in ("serving", "terminating") if k in more}
    if ready is not None:
        states["ready"] = ready
    pod = more.pop("pod", "pod-" + ip.rsplit(".", 1)[-1])
    return {"addresses": [ip], "conditions": states, "targetRef": {"kind": "Pod", "name": pod}} | more


def slice_(*endpoints: dict[str, Any], name: str = "web-1", service: str = "web", **ports: int) -> EndpointSlice:
    """Port "" on 8080, unless ports are named."""
    made = [{"name": n, "port": p, "protocol": "TCP"} for n, p in ports.items()] or [{"name": "", "port": 8080}]
    meta = {"name": name, "namespace": "shop", "labels": {"kubernetes.io/service-name": service}}
    data = {"metadata": meta, "addressType": "IPv4", "endpoints": list(endpoints), "ports": made}
    return decode_object(EndpointSlice, data)


def ingress(
    *rules: dict[str, Any], name: str = "web", default: str = "", age: int = 0, namespace: str = "shop", **notes: str
) -> Ingress:
    """`rules` from `rule`; `age`: when it was created; notes: annotations of nginx (rewrite_target="/")."""
    annotations = {f"nginx.ingress.kubernetes.io/{k.replace('_', '-')}": v for k, v in notes.items()}
    spec: dict[str, Any] = {"rules": list(rules)}
    if default:
        spec["defaultBackend"] = {"service": {"name": default, "port": {"number": 80}}}
    meta = {"name": name, "namespace": namespace, "annotations": annotations, "creationTimestamp": _time(age)}
    return decode_object(Ingress, {"metadata": meta, "spec": spec})


def rule(host: str = "", **paths: str) -> dict[str, Any]:
    """rule("shop.example.com", web="Prefix /", api="Exact /api"): Service → kind and path."""
    made = []
    for name, text in paths.items():
        kind, _, path = text.partition(" ")
        made.append({"path": path, "pathType": kind, "backend": {"service": {"name": name, "port": {"number": 80}}}})
    return {"host": host, "http": {"paths": made}} if made else {"host": host}


def _time(age: int) -> str:
    return f"2026-01-01T00:00:{age:02}Z"
