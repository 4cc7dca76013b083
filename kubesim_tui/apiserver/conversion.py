"""Kinds that are served in two versions: stored in one, converted for who asks for the other.

HorizontalPodAutoscaler is stored as autoscaling/v2. autoscaling/v1 knows only a share of cpu: what it has no field for
goes into annotations, as upstream does it, so that nothing is lost on the way and back. Custom kinds with several
versions keep theirs in one, too; nothing but the apiVersion is changed for another.
"""

from __future__ import annotations

import json
from typing import Any

from kubesim_tui.api.codec import decode_object, encode_object
from kubesim_tui.api.scheme import Resource
from kubesim_tui.api.types import Object
from kubesim_tui.apiserver.apiextensions import objects
from kubesim_tui.apiserver.apiextensions.resource import CustomResource

JsonMap = dict[str, Any]
OLD, STORED = "autoscaling.v1.HorizontalPodAutoscaler", "autoscaling/v2"
METRICS = "autoscaling.alpha.kubernetes.io/metrics"
CURRENT = "autoscaling.alpha.kubernetes.io/current-metrics"
BEHAVIOR = "autoscaling.alpha.kubernetes.io/behavior"
CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
USUAL_SHARE = 80
"""Percent of cpu when an autoscaler names no metric."""


def to_storage(resource: Resource, data: JsonMap) -> JsonMap:
    """The JSON of an object as it is stored."""
    if isinstance(resource, CustomResource):
        return {**data, "apiVersion": resource.stored}
    return _to_v2(data) if resource.definition == OLD else data


def to_version(resource: Resource, data: JsonMap) -> JsonMap:
    """The JSON of a stored object in the version of a resource."""
    if isinstance(resource, CustomResource):
        return _custom(resource, data)
    return _to_v1(data) if resource.definition == OLD else data


def converts(resource: Resource) -> bool:
    """Whether answers for a resource can differ from what is stored."""
    if isinstance(resource, CustomResource):
        return resource.stored != resource.api_version or resource.has_defaults
    return resource.definition == OLD


def _custom(resource: CustomResource, data: JsonMap) -> JsonMap:
    """Versions of a custom kind differ in their apiVersion alone (strategy None), and in what their schemas fill in."""
    found = {**data, "apiVersion": resource.api_version}
    if resource.has_defaults:
        objects.set_defaults(resource, found)
    return found


def answer(resource: Resource, found: Any) -> Any:
    """An answer (an object, or a list of them) in the version of a resource; other answers as they are."""
    if isinstance(found, list):
        return [answer(resource, obj) for obj in found]
    if not isinstance(found, Object):
        return found
    return decode_object(resource.cls, to_version(resource, encode_object(found)))


def _utilization(share: int) -> JsonMap:
    target = {"type": "Utilization", "averageUtilization": share}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _share(metric: JsonMap, part: str) -> int | None:
    """The percent of cpu that a metric is about, or None if it is about something else."""
    resource = metric.get("resource") or {}
    share = (resource.get(part) or {}).get("averageUtilization")
    return int(share) if metric.get("type") == "Resource" and resource.get("name") == "cpu" and share else None


def _moved(annotations: JsonMap, name: str) -> Any:
    """What an annotation keeps, and the annotation taken away."""
    text = annotations.pop(name, None)
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _to_v2(data: JsonMap) -> JsonMap:
    annotations = dict(data["metadata"].get("annotations") or {})
    spec, status = dict(data.get("spec") or {}), dict(data.get("status") or {})
    metrics = _moved(annotations, METRICS) or []
    share = spec.pop("targetCPUUtilizationPercentage", None)
    if share is not None or not metrics:
        metrics = [_utilization(share or USUAL_SHARE), *metrics]
    spec["metrics"] = metrics
    if (behavior := _moved(annotations, BEHAVIOR)) is not None:
        spec["behavior"] = behavior
    current = _moved(annotations, CURRENT) or []
    used = status.pop("currentCPUUtilizationPercentage", None)
    if used is not None:
        current = [_current(used), *current]
    if current:
        status["currentMetrics"] = current
    if (conditions := _moved(annotations, CONDITIONS)) is not None:
        status["conditions"] = conditions
    return _made(data, STORED, annotations, spec, status)


def _current(share: int) -> JsonMap:
    found = {"averageUtilization": share, "averageValue": "0"}
    return {"type": "Resource", "resource": {"name": "cpu", "current": found}}


def _to_v1(data: JsonMap) -> JsonMap:
    annotations = dict(data["metadata"].get("annotations") or {})
    spec, status = dict(data.get("spec") or {}), dict(data.get("status") or {})
    share, rest = _first_share(spec.pop("metrics", None) or [], "target")
    used, others = _first_share(status.pop("currentMetrics", None) or [], "current")
    if share is not None:
        spec["targetCPUUtilizationPercentage"] = share
    if used is not None:
        status["currentCPUUtilizationPercentage"] = used
    rows = ((METRICS, rest), (CURRENT, others), (BEHAVIOR, spec.pop("behavior", None)))
    for name, value in (*rows, (CONDITIONS, status.pop("conditions", None))):
        if value:
            annotations[name] = json.dumps(value, separators=(",", ":"))
    return _made(data, "autoscaling/v1", annotations, spec, status)


def _first_share(metrics: list[JsonMap], part: str) -> tuple[int | None, list[JsonMap]]:
    """The share of cpu of the first metric that has one, and the other metrics."""
    for i, metric in enumerate(metrics):
        share = _share(metric, part)
        if share is not None:
            return share, metrics[:i] + metrics[i + 1 :]
    return None, metrics


def _made(data: JsonMap, version: str, annotations: JsonMap, spec: JsonMap, status: JsonMap) -> JsonMap:
    meta = {k: v for k, v in data["metadata"].items() if k != "annotations"}
    if annotations:
        meta["annotations"] = annotations
    found = {**data, "apiVersion": version, "metadata": meta, "spec": spec}
    if status:
        found["status"] = status
    return found
