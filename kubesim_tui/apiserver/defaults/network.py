"""Defaults of networking.k8s.io/v1 and discovery.k8s.io/v1."""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, each, fill, fill_zero, part


def network_policy(data: JsonMap) -> None:
    """It rules over what it names: always ingress, egress only if it has such rules."""
    spec = part(data, "spec")
    for direction in ("ingress", "egress"):
        for rule in each(spec, direction):
            for port in each(rule, "ports"):
                fill(port, protocol="TCP")
    fill_zero(spec, policyTypes=["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])


def ingress_class(data: JsonMap) -> None:
    """Parameters are cluster-scoped unless they say otherwise."""
    parameters = part(data, "spec").get("parameters")
    if parameters is not None:
        fill(parameters, scope="Cluster")


def endpoint_slice(data: JsonMap) -> None:
    """Ports are unnamed and TCP."""
    for port in each(data, "ports"):
        fill(port, name="", protocol="TCP")


DEFAULTERS: dict[str, Defaulter] = {
    "networking.v1.NetworkPolicy": network_policy,
    "networking.v1.IngressClass": ingress_class,
    "discovery.v1.EndpointSlice": endpoint_slice,
}
