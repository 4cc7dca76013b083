"""Defaults of autoscaling, RBAC and scheduling."""

from __future__ import annotations

from typing import Any

from kubesim_tui.apiserver.defaults.base import Defaulter, JsonMap, each, fill, fill_zero, part

RBAC = "rbac.authorization.k8s.io"


def _scale_up() -> JsonMap:
    pods = {"type": "Pods", "value": 4, "periodSeconds": 15}
    percent = {"type": "Percent", "value": 100, "periodSeconds": 15}
    return {"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": [pods, percent]}


def _scale_down() -> JsonMap:
    return {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}


def autoscaler(data: JsonMap) -> None:
    """At least one replica, 80 % CPU; a behavior that is given in part is filled up."""
    spec = part(data, "spec")
    fill(spec, minReplicas=1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behavior = spec.get("behavior")
    if behavior is not None:
        _rules(behavior, "scaleUp", _scale_up())
        _rules(behavior, "scaleDown", _scale_down())


def _rules(behavior: JsonMap, name: str, defaults: dict[str, Any]) -> None:
    rules = part(behavior, name)
    fill(rules, **defaults)


def autoscaler_v1(data: JsonMap) -> None:
    """At least one replica, 80 % CPU."""
    fill(part(data, "spec"), minReplicas=1, targetCPUUtilizationPercentage=80)


def binding(data: JsonMap) -> None:
    """References name their API group."""
    fill_zero(part(data, "roleRef"), apiGroup=RBAC)
    for subject in each(data, "subjects"):
        if subject.get("kind") in ("User", "Group"):
            fill_zero(subject, apiGroup=RBAC)


def priority_class(data: JsonMap) -> None:
    """Its Pods preempt."""
    fill(data, preemptionPolicy="PreemptLowerPriority")


DEFAULTERS: dict[str, Defaulter] = {
    "autoscaling.v1.HorizontalPodAutoscaler": autoscaler_v1,
    "autoscaling.v2.HorizontalPodAutoscaler": autoscaler,
    "rbac.v1.RoleBinding": binding,
    "rbac.v1.ClusterRoleBinding": binding,
    "scheduling.v1.PriorityClass": priority_class,
}
