"""kubectl describe ingress and ingressclass."""

from __future__ import annotations

from kubesim_tui.api.codec import encode_object
from kubesim_tui.api.scheme import for_plural
from kubesim_tui.apiserver.errors import ApiError
from kubesim_tui.apiserver.table.network import balancer
from kubesim_tui.kubectl.describe.endpoints import addresses
from kubesim_tui.kubectl.describe.writer import NONE, Data, Writer, at, meta


def describe(w: Writer, o: Data) -> None:
    """One Ingress."""
    spec, namespace = o.get("spec") or {}, meta(o).get("namespace", "")
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.labels("Labels", meta(o).get("labels"))
    w(0, f"Namespace:\t{namespace}")
    w(0, f"Address:\t{balancer(at(o, 'status', 'loadBalancer', 'ingress'), True)}")
    w(0, f"Ingress Class:\t{spec.get('ingressClassName') or NONE}")
    default = _backend(w, namespace, spec["defaultBackend"]) if spec.get("defaultBackend") else "<default>"
    w(0, f"Default backend:\t{default}")
    if spec.get("tls"):
        w(0, "TLS:")
        for t in spec["tls"]:
            hosts = ",".join(t.get("hosts") or ())
            w(1, f"{t['secretName']} terminates {hosts}" if t.get("secretName") else f"SNI routes {hosts}")
    w(0, "Rules:")
    w(0, "  Host\tPath\tBackends")
    w(1, "----\t----\t--------")
    rules = [r for r in spec.get("rules") or () if r.get("http") is not None]
    for rule in rules:
        w(1, f"{rule.get('host') or '*'}\t")
        for path in rule["http"].get("paths") or ():
            w(2, f"\t{path.get('path', '')} \t{_backend(w, namespace, path.get('backend') or {})}")
    if not rules:
        w(1, f"*\t*\t{default}")
    w.annotations(meta(o).get("annotations"))
    w.events(o)


def _backend(w: Writer, namespace: str, backend: Data) -> str:
    """`web:80 (10.244.0.5:8080)`."""
    service = backend.get("service")
    if service is None:
        found = backend.get("resource") or {}
        group = found.get("apiGroup") or NONE
        return f"APIGroup: {group}, Kind: {found.get('kind', '')}, Name: {found.get('name', '')}"
    port = service.get("port") or {}
    text = f"{service.get('name', '')}:{port.get('number') or port.get('name', '')}"
    try:
        slices = w.list("endpointslices", namespace, f"kubernetes.io/service-name={service.get('name', '')}")
        ports = at(
            encode_object(w.env.get(for_plural("services"), namespace, service.get("name", ""))), "spec", "ports"
        )
    except ApiError as failure:
        return f"{text} (<error: {failure}>)"
    name = ""
    for p in ports or ():
        if (port.get("number") and port["number"] == p.get("port")) or (
            port.get("name") and port["name"] == p.get("name")
        ):
            name = p.get("name") or ""
    return f"{text} ({addresses(slices, name)})"


def describe_class(w: Writer, o: Data) -> None:
    """One IngressClass."""
    spec = o.get("spec") or {}
    w(0, f"Name:\t{meta(o).get('name', '')}")
    w.about(o)
    w(0, f"Controller:\t{spec.get('controller', '')}")
    if found := spec.get("parameters"):
        w(0, "Parameters:")
        for title, key in (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")):
            if found.get(key) is not None:
                w(1, f"{title}:\t{found[key]}")
    w.events(o)
