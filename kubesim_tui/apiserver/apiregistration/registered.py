"""The group versions that the API server answers for itself, and in which order clients prefer them.

Priorities are those of cmd/kube-apiserver/app/aggregator.go and pkg/controlplane/apiserver/aggregator.go. The group of
APIServices themselves is not registered, upstream neither.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.api.times import format_time
from kubesim_tui.apiserver.registry.context import Context

JsonMap = dict[str, Any]
AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged"
PRIORITIES: dict[tuple[str, str], tuple[int, int]] = {
    ("", "v1"): (18000, 1),
    ("apps", "v1"): (17800, 15),
    ("events.k8s.io", "v1"): (17750, 15),
    ("authentication.k8s.io", "v1"): (17700, 15),
    ("authorization.k8s.io", "v1"): (17600, 15),
    ("autoscaling", "v1"): (17500, 15),
    ("autoscaling", "v2"): (17500, 30),
    ("batch", "v1"): (17400, 15),
    ("certificates.k8s.io", "v1"): (17300, 15),
    ("networking.k8s.io", "v1"): (17200, 15),
    ("policy", "v1"): (17100, 15),
    ("rbac.authorization.k8s.io", "v1"): (17000, 15),
    ("storage.k8s.io", "v1"): (16800, 15),
    ("apiextensions.k8s.io", "v1"): (16700, 15),
    ("admissionregistration.k8s.io", "v1"): (16700, 15),
    ("scheduling.k8s.io", "v1"): (16600, 15),
    ("coordination.k8s.io", "v1"): (16500, 15),
    ("node.k8s.io", "v1"): (16300, 15),
    ("discovery.k8s.io", "v1"): (16200, 15),
    ("resource.k8s.io", "v1"): (16200, 21),
    ("flowcontrol.apiserver.k8s.io", "v1"): (16100, 21),
}
CUSTOM = (1000, 100)
"""Of custom kinds."""


def objects() -> list[JsonMap]:
    """The APIServices of a new cluster."""
    return [api_service(*named, priorities, "onstart") for named, priorities in PRIORITIES.items()]


def api_service(group: str, version: str, priorities: tuple[int, int], automanaged: str) -> JsonMap:
    """One that the API server registers for itself."""
    spec: JsonMap = {"version": version, "groupPriorityMinimum": priorities[0], "versionPriority": priorities[1]}
    if group:
        spec["group"] = group
    meta = {"name": f"{version}.{group}", "labels": {AUTOMANAGED: automanaged}}
    return {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": meta, "spec": spec}


def prepare(data: JsonMap, old: JsonMap | None, context: Context) -> None:
    """What is served here is available from the start; a status does not change by an update of the spec."""
    data.pop("status", None)
    if old is not None:
        if old.get("status"):
            data["status"] = old["status"]
    elif not (data.get("spec") or {}).get("service"):
        condition = {
            "type": "Available",
            "status": "True",
            "reason": "Local",
            "message": "Local APIServices are always available",
            "lastTransitionTime": format_time(context.etcd.clock.now),
        }
        data["status"] = {"conditions": [condition]}
