"""What each kind of metric of an autoscaler proposes: a number of replicas, its name in messages, what is reported.

`fetch` reads a metric; a MetricError is data, too. `propose` turns what was read into a proposal, and is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from kubesim_tui.api import labels
from kubesim_tui.api.labels import Selector
from kubesim_tui.api.quantity import from_milli, milli
from kubesim_tui.controllers.podautoscaler import replicas
from kubesim_tui.controllers.podautoscaler.metrics import MetricsClient
from kubesim_tui.controllers.podautoscaler.replicas import MetricError, Scope, Wanted

Data = Mapping[str, Any]


@frozen
class Proposal:
    """What one metric asks for; `reported`: its entry in status.currentMetrics."""

    replicas: int
    name: str
    reported: Data


class Invalid(Exception):
    """A metric of which nothing can be computed: a reason, what is said of it, and how the whole is told of it."""

    def __init__(self, reason: str, message: str, told: str) -> None:
        super().__init__(message)
        self.reason, self.message, self.told = reason, message, told


@frozen
class Target:
    """What metrics are about: the Pods of the scale (`scope`), its status.replicas, its namespace and selector."""

    scope: Scope
    running: int
    namespace: str = ""
    selector: Selector = field(factory=Selector)


def field_of(metric: Data) -> str:
    """The field that bears a metric: containerResource for ContainerResource."""
    kind = str(metric.get("type", ""))
    return kind[:1].lower() + kind[1:]


def fetch(client: MetricsClient, target: Target, metric: Data) -> Any:
    """What the metric is now: samples by Pod, a value, or values. MetricError."""
    kind, source = field_of(metric), metric.get(field_of(metric)) or {}
    if kind in ("resource", "containerResource"):
        return client.resource(target.namespace, target.selector, source["name"], source.get("container", ""))
    named = source.get("metric") or {}
    chosen, name = labels.from_object(named.get("selector") or {}), named.get("name", "")
    if kind == "pods":
        return client.pods(target.namespace, target.selector, name, chosen)
    if kind == "object":
        return client.object(target.namespace, source["describedObject"], name, chosen)
    if kind == "external":
        return client.external(target.namespace, name, chosen)
    return None


def propose(target: Target, metric: Data, found: Any) -> Proposal:
    """A proposal by what was fetched (perhaps a MetricError); Invalid."""
    kind = str(metric.get("type", ""))
    make = _KINDS.get(kind)
    if make is None:
        message = f'unknown metric source type "{kind}"'
        raise Invalid("InvalidMetricSourceType", message, message)
    return make(target, metric[field_of(metric)], found)


def _value(found: Any, prefix: str) -> Any:
    """What was fetched; MetricError with a prefix if that failed."""
    if isinstance(found, MetricError):
        raise MetricError(f"{prefix}: {found}")
    return found


def _amount(value: int) -> str:
    return str(from_milli(value))


# -- processor and memory --------------------------------------------------------------------------------------------


def _resource(target: Target, source: Data, found: Any) -> Proposal:
    try:
        wanted, word = _of_resource(target, source, found, "")
    except MetricError as failed:
        told = f"failed to get {source['name']} resource metric value: {failed}"
        raise Invalid("FailedGetResourceMetric", str(failed), told) from None
    current = _current(wanted)
    name = f"{source['name']} resource{word}"
    return Proposal(
        wanted.replicas, name, {"type": "Resource", "resource": {"name": source["name"], "current": current}}
    )


def _container_resource(target: Target, source: Data, found: Any) -> Proposal:
    container = source["container"]
    try:
        wanted, word = _of_resource(target, source, found, container)
    except MetricError as failed:
        told = f"failed to get {container} container metric value: {failed}"
        raise Invalid("FailedGetContainerResourceMetric", str(failed), told) from None
    shown = {"name": source["name"], "container": container, "current": _current(wanted)}
    name = f"{source['name']} container resource{word}" if word else f"{source['name']} resource"
    return Proposal(wanted.replicas, name, {"type": "ContainerResource", "containerResource": shown})


def _of_resource(target: Target, source: Data, found: Any, container: str) -> tuple[Wanted, str]:
    """What a resource asks for, and what its name is followed by."""
    aim, resource = source.get("target") or {}, source["name"]
    average, share = aim.get("averageValue"), aim.get("averageUtilization")
    what = "utilization" if average is None else "usage"
    try:
        samples = _value(found, f"unable to get metrics for resource {resource}")
        if average is not None:
            return replicas.by_average(target.scope, samples, milli(average), resource), ""
        if share is not None:
            wanted = replicas.by_utilization(target.scope, samples, share, resource, container)
            return wanted, " utilization (percentage of request)"
    except MetricError as failed:
        raise MetricError(f"failed to get {resource} {what}: {failed}") from None
    raise MetricError(
        "invalid resource metric source: neither an average utilization target nor an average value (usage) target "
        "was set"
    )


def _current(wanted: Wanted) -> Data:
    shown: dict[str, Any] = {"averageValue": _amount(wanted.value)}
    if wanted.utilization is not None:
        shown["averageUtilization"] = wanted.utilization
    return shown


# -- any other metric ------------------------------------------------------------------------------------------------


def _pods(target: Target, source: Data, found: Any) -> Proposal:
    metric = source["metric"]
    try:
        samples = _value(found, f"unable to get metric {metric['name']}")
        wanted = replicas.by_average(target.scope, samples, milli(source["target"]["averageValue"]))
    except MetricError as failed:
        raise Invalid("FailedGetPodsMetric", str(failed), f"failed to get pods metric value: {failed}") from None
    shown = {"metric": metric, "current": {"averageValue": _amount(wanted.value)}}
    return Proposal(wanted.replicas, f"pods metric {metric['name']}", {"type": "Pods", "pods": shown})


def _object(target: Target, source: Data, found: Any) -> Proposal:
    metric, about = source["metric"], source["describedObject"]
    try:
        wanted, key = _of_value(
            target,
            source["target"],
            found,
            lambda failed: (
                f"unable to get metric {metric['name']}: {failed} on {about['kind']} {target.namespace}/{about['name']}"
            ),
            "invalid object metric source: neither a value target nor an average value target was set",
        )
    except MetricError as failed:
        told = f"failed to get {metric['name']} object metric: {failed}" if _is_average(source) else str(failed)
        raise Invalid("FailedGetObjectMetric", str(failed), f"failed to get object metric value: {told}") from None
    average = key == "averageValue"
    name = _external_name(metric) if average else f"{about['kind']} metric {metric['name']}"
    shown = {"describedObject": about, "metric": metric, "current": {key: _amount(wanted.value)}}
    return Proposal(wanted.replicas, name, {"type": "Object", "object": shown})


def _external(target: Target, source: Data, found: Any) -> Proposal:
    metric = source["metric"]
    name, series = metric["name"], f"{target.namespace}/{metric['name']}/{shown_selector(metric)}"
    try:
        wanted, key = _of_value(
            target,
            source["target"],
            found,
            lambda failed: f"unable to get external metric {series}: {failed}",
            "invalid external metric source: neither a value target nor an average value target was set",
        )
    except MetricError as failed:
        what = f"{name} external metric" if _is_average(source) else f"external metric {name}"
        told = f"failed to get {name} external metric value: failed to get {what}: {failed}"
        raise Invalid("FailedGetExternalMetric", str(failed), told) from None
    shown = {"metric": metric, "current": {key: _amount(wanted.value)}}
    return Proposal(wanted.replicas, _external_name(metric), {"type": "External", "external": shown})


def _is_average(source: Data) -> bool:
    return (source.get("target") or {}).get("averageValue") is not None


def _of_value(
    target: Target, aim: Data, found: Any, said: Callable[[MetricError], str], nothing: str
) -> tuple[Wanted, str]:
    """What a value asks for as a whole or as a share a Pod, and the key under which it is reported."""
    if isinstance(found, MetricError):
        raise MetricError(said(found))
    value = sum(found) if isinstance(found, list) else found
    if aim.get("averageValue") is not None:
        scope = target.scope
        return replicas.by_share(scope.tolerances, target.running, value, milli(aim["averageValue"])), "averageValue"
    if aim.get("value") is not None:
        return replicas.by_value(target.scope, value, milli(aim["value"])), "value"
    raise MetricError(nothing)


def _external_name(metric: Data) -> str:
    return f"external metric {metric['name']}({shown_selector(metric)})"


def shown_selector(metric: Data) -> str:
    """A LabelSelector as Go prints it with %+v."""
    chosen = metric.get("selector")
    if chosen is None:
        return "nil"
    pairs = "".join(f"{k}: {v}," for k, v in sorted((chosen.get("matchLabels") or {}).items()))
    requirement = "LabelSelectorRequirement"
    rows = "".join(
        f"{requirement}{{Key:{e['key']},Operator:{e['operator']},Values:[{' '.join(e.get('values') or ())}],}},"
        for e in chosen.get("matchExpressions") or ()
    )
    return f"&LabelSelector{{MatchLabels:map[string]string{{{pairs}}},MatchExpressions:[]{requirement}{{{rows}}},}}"


_KINDS: Mapping[str, Callable[[Target, Data, Any], Proposal]] = {
    "Resource": _resource,
    "ContainerResource": _container_resource,
    "Pods": _pods,
    "Object": _object,
    "External": _external,
}
