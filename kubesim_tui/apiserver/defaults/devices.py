"""Defaults of resource.k8s.io/v1. (A taint without a time gets none: docs/FIDELITY.md.)"""

from __future__ import annotations

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, each, fill_zero, part, some


def _claim_spec(spec: JsonMap) -> None:
    for request in each(some(spec, "devices"), "requests"):
        if request.get("exactly") is not None:
            _request(request["exactly"])
        for choice in each(request, "firstAvailable"):
            _request(choice)


def _request(request: JsonMap) -> None:
    fill_zero(request, allocationMode="ExactCount")
    if request["allocationMode"] == "ExactCount":
        fill_zero(request, count=1)
    _tolerations(request)


def _tolerations(data: JsonMap) -> None:
    for toleration in each(data, "tolerations"):
        fill_zero(toleration, operator="Equal")


def claim(data: JsonMap) -> None:
    """One device a request; tolerations compare values."""
    _claim_spec(part(data, "spec"))
    devices = some(some(some(data, "status"), "allocation"), "devices")
    for result in each(devices, "results"):
        _tolerations(result)


def claim_template(data: JsonMap) -> None:
    """The same, of the claims that are made from it."""
    _claim_spec(part(part(data, "spec"), "spec"))


DEFAULTERS: dict[str, Defaulter] = {
    "resource.v1.ResourceClaim": claim,
    "resource.v1.ResourceClaimTemplate": claim_template,
}
