"""kubectl describe service."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.kubectl.describe.endpoints import addresses
from kubesim_tui.kubectl.describe.writer import NONE, UNSET, Data, Writer, flat, meta


def describe(w: Writer, o: Data) -> None:
    """One Service."""
    spec, status = o.get("spec") or {}, o.get("status") or {}
    slices = w.list("endpointslices", meta(o).get("namespace", ""), f"kubernetes.io/service-name={meta(o).get('name')}")
    w.name(o)
    w.about(o)
    w(0, f"Selector:\t{flat(spec.get('selector'))}")
    w(0, f"Type:\t{spec.get('type', '')}")
    if spec.get("ipFamilyPolicy"):
        w(0, f"IP Family Policy:\t{spec['ipFamilyPolicy']}")
    w(0, f"IP Families:\t{','.join(spec.get('ipFamilies') or ()) or NONE}")
    w(0, f"IP:\t{spec.get('clusterIP', '')}")
    w(0, f"IPs:\t{','.join(spec.get('clusterIPs') or ()) or NONE}")
    _outside(w, spec, status)
    for port in spec.get("ports") or ():
        _port(w, port, slices)
    w(0, f"Session Affinity:\t{spec.get('sessionAffinity', '')}")
    for title, key in (
        ("External Traffic Policy", "externalTrafficPolicy"),
        ("Internal Traffic Policy", "internalTrafficPolicy"),
        ("HealthCheck NodePort", "healthCheckNodePort"),
    ):
        if spec.get(key):
            w(0, f"{title}:\t{spec[key]}")
    if spec.get("loadBalancerSourceRanges"):
        w(0, f"LoadBalancer Source Ranges:\t{','.join(spec['loadBalancerSourceRanges'])}")
    if spec.get("trafficDistribution"):
        w(0, f"Traffic Distribution:\t{spec['trafficDistribution']}")
    w.events(o)


def _outside(w: Writer, spec: Data, status: Data) -> None:
    if spec.get("externalIPs"):
        w(0, f"External IPs:\t{','.join(spec['externalIPs'])}")
    for title, key in (("Desired LoadBalancer IP", "loadBalancerIP"), ("External Name", "externalName")):
        if spec.get(key):
            w(0, f"{title}:\t{spec[key]}")
    texts = []
    for i in (status.get("loadBalancer") or {}).get("ingress") or ():
        mode = f" ({i['ipMode']})" if i.get("ipMode") else ""
        texts.append(f"{i['ip']}{mode}" if i.get("ip") else i.get("hostname", ""))
    if texts:
        w(0, f"LoadBalancer Ingress:\t{', '.join(texts)}")


def _port(w: Writer, port: Data, slices: Sequence[Data]) -> None:
    name, protocol = port.get("name") or UNSET, port.get("protocol", "")
    w(0, f"Port:\t{name}\t{port.get('port', 0)}/{protocol}")
    w(0, f"TargetPort:\t{port.get('targetPort', 0)}/{protocol}")
    if port.get("appProtocol"):
        w(0, f"AppProtocol:\t{port['appProtocol']}")
    if port.get("nodePort"):
        w(0, f"NodePort:\t{name}\t{port['nodePort']}/{protocol}")
    w(0, f"Endpoints:\t{addresses(slices, port.get('name') or '')}")
