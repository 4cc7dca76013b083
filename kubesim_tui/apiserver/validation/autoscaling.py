"""HorizontalPodAutoscaler and Scale (pkg/apis/autoscaling/validation)."""

from __future__ import annotations

from kubesim_tui.api import fielderror, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import NEGATIVE, JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.resources import container_resource_name, quantity

METRICS = {
    "Object": "object",
    "External": "external",
    "Pods": "pods",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}
"""The field of each type of metric, in the order in which upstream looks at them."""
NO_TARGET = {
    "pods": "must specify a positive target averageValue",
    "object": "must set either a target value or averageValue",
    "external": "must set either a target value for metric or a per-pod target",
}
"""What is said of a metric that aims at nothing."""
NO_WAY_UP = "must specify at least one Object or External metric to support scaling to zero replicas"
OTHERS = "autoscaling.alpha.kubernetes.io/metrics"


def scale(r: Report, data: JsonMap) -> None:
    """The scale of a workload (autoscaling/v1). Nothing but its replicas counts."""
    r.not_negative("spec.replicas", number(part(data, "spec"), "replicas"))


# -- HorizontalPodAutoscaler -------------------------------------------------------------------------------------------


def autoscaler(r: Report, data: JsonMap) -> None:
    """A new autoscaler (autoscaling/v2)."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    spec = part(data, "spec")
    _bounds(r, spec)
    _target_reference(r, spec)
    _metrics(r, spec)
    _behavior(r, spec.get("behavior"))


def _bounds(r: Report, spec: JsonMap) -> None:
    least, most = spec.get("minReplicas"), number(spec, "maxReplicas")
    if least is not None and least < 0:
        r.declared.append(fielderror.invalid("spec.minReplicas", least, NEGATIVE))
    if most == 0:
        r.declared_required("spec.maxReplicas")
    elif most < 0:
        r.declared.append(fielderror.invalid("spec.maxReplicas", most, "must be greater than or equal to 1"))
    if least is not None and most < least:
        r.invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")


def _target_reference(r: Report, spec: JsonMap, before: JsonMap | None = None) -> None:
    """What is scaled. Its apiVersion is looked at only when it, or the kind, is new."""
    target, path = part(spec, "scaleTargetRef"), "spec.scaleTargetRef"
    _reference(r, target, path)
    was = part(before, "scaleTargetRef") if before is not None else None
    if was is None or any(text(target, name) != text(was, name) for name in ("kind", "apiVersion")):
        _api_version(r, target, path, core=text(target, "kind") == "ReplicationController")


def _reference(r: Report, reference: JsonMap, path: str) -> None:
    for name in ("kind", "name"):
        value = text(reference, name)
        if not value:
            r.required(f"{path}.{name}")
        else:
            r.syntax(names.is_path_segment_name, f"{path}.{name}", value)


def _api_version(r: Report, reference: JsonMap, path: str, *, core: bool) -> None:
    """A group and a version; a version alone where the core group may be meant."""
    version = text(reference, "apiVersion")
    if version.count("/") > 1:
        r.invalid(f"{path}.apiVersion", version, f"unexpected GroupVersion string: {version}")
    elif not core and not version.rpartition("/")[0]:
        r.invalid(f"{path}.apiVersion", version, "apiVersion must specify API group")


def _metrics(r: Report, spec: JsonMap) -> None:
    for at, metric in items(spec, "metrics", "spec.metrics"):
        _metric(r, metric, at)
    kinds = {text(metric, "type") for _, metric in items(spec, "metrics", "")}
    if spec.get("minReplicas") == 0 and not kinds & {"Object", "External"}:
        r.forbidden("spec.metrics", NO_WAY_UP)


def _metric(r: Report, metric: JsonMap, path: str) -> None:
    """One metric: of the sources that are given only the first is looked into."""
    kind, words = text(metric, "type"), tuple(sorted(METRICS))
    if not kind:
        r.required(f"{path}.type", "must specify a metric source type")
    if kind not in METRICS:
        r.not_supported(f"{path}.type", kind, words)
    given = [name for name in METRICS.values() if metric.get(name) is not None]
    for name in given[:1]:
        _source(r, name, metric[name], f"{path}.{name}")
    if kind not in METRICS:
        r.not_supported(f"{path}.type", kind, words)
    elif METRICS[kind] not in given:
        r.required(f"{path}.{METRICS[kind]}", "must populate information for the given metric source")
    for name in given if len(given) > 1 else ():
        if name != METRICS.get(kind):
            r.forbidden(f"{path}.{name}", "must populate the given metric source only")


def _source(r: Report, kind: str, source: JsonMap, path: str) -> None:
    target = part(source, "target")
    if kind in ("resource", "containerResource"):
        _resource(r, kind, source, path)
        _target(r, target, f"{path}.target")
        share, value = target.get("averageUtilization"), target.get("averageValue")
        if share is None and value is None:
            said = "must set either a target raw value or a target utilization"
            r.required(f"{path}.target.averageUtilization", said)
        if share is not None and value is not None:
            said = "may not set both a target raw value and a target utilization"
            r.forbidden(f"{path}.target.averageValue", said)
        return
    if kind == "object":
        _reference(r, part(source, "describedObject"), f"{path}.describedObject")
        _api_version(r, part(source, "describedObject"), f"{path}.describedObject", core=True)
    name = text(part(source, "metric"), "name")
    if name:
        r.syntax(names.is_path_segment_name, f"{path}.metric.name", name)
    else:
        r.required(f"{path}.metric.name", "must specify a metric name")
    _target(r, target, f"{path}.target")
    value, average = target.get("value"), target.get("averageValue")
    if average is None and (kind == "pods" or value is None):
        r.required(f"{path}.target.averageValue", NO_TARGET[kind])
    if kind == "external" and value is not None and average is not None:
        said = "may not set both a target value for metric and a per-pod target"
        r.forbidden(f"{path}.target.value", said)


def _resource(r: Report, kind: str, source: JsonMap, path: str) -> None:
    name, container = text(source, "name"), text(source, "container")
    if not name:
        r.required(f"{path}.name", "must specify a resource name")
    elif kind == "containerResource":
        container_resource_name(r, name, f"{path}.name")
    if kind != "containerResource":
        return
    if not container:
        r.required(f"{path}.container", "must specify a container")
    else:
        r.syntax(names.is_dns1123_label, f"{path}.container", container)


def _target(r: Report, target: JsonMap, path: str) -> None:
    kind = text(target, "type")
    if not kind:
        r.required(f"{path}.type", "must specify a metric target type")
    if kind not in ("AverageValue", "Utilization", "Value"):
        r.invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue")
    for name in ("value", "averageValue"):
        amount = quantity(target[name]) if target.get(name) is not None else None
        if amount is not None and amount.nano <= 0:
            r.invalid(f"{path}.{name}", str(amount), "must be positive")
    share = target.get("averageUtilization")
    if share is not None and share < 1:
        r.invalid(f"{path}.averageUtilization", share, "must be greater than 0")


def _behavior(r: Report, behavior: JsonMap | None) -> None:
    for name in ("scaleUp", "scaleDown"):
        rules = part(behavior or {}, name)
        path = f"spec.behavior.{name}"
        window = rules.get("stabilizationWindowSeconds")
        if window is not None and window < 0:
            r.invalid(f"{path}.stabilizationWindowSeconds", window, "must be greater than or equal to zero")
        if window is not None and window > 3600:
            r.invalid(f"{path}.stabilizationWindowSeconds", window, "must be less than or equal to 3600")
        select = rules.get("selectPolicy")
        if select is not None and select not in ("Disabled", "Max", "Min"):
            r.not_supported(f"{path}.selectPolicy", select, ("Disabled", "Max", "Min"))
        if rules and not rules.get("policies"):
            r.required(f"{path}.policies", "must specify at least one Policy")
        for at, policy in items(rules, "policies", f"{path}.policies"):
            _scaling_policy(r, policy, at)
        tolerance = quantity(rules["tolerance"]) if rules.get("tolerance") is not None else None
        if tolerance is not None and tolerance.nano < 0:
            r.invalid(f"{path}.tolerance", str(tolerance), NEGATIVE)


def _scaling_policy(r: Report, policy: JsonMap, path: str) -> None:
    if text(policy, "type") not in ("Percent", "Pods"):
        r.not_supported(f"{path}.type", text(policy, "type"), ("Percent", "Pods"))
    if number(policy, "value") <= 0:
        r.invalid(f"{path}.value", number(policy, "value"), "must be greater than zero")
    seconds = number(policy, "periodSeconds")
    if seconds <= 0:
        r.invalid(f"{path}.periodSeconds", seconds, "must be greater than zero")
    elif seconds > 1800:
        r.invalid(f"{path}.periodSeconds", seconds, "must be less than or equal to 1800")


def autoscaler_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed autoscaler."""
    meta_update(r, new, old)
    spec = part(new, "spec")
    _bounds(r, spec)
    _target_reference(r, spec, part(old, "spec"))
    _metrics(r, spec)
    _behavior(r, spec.get("behavior"))


def autoscaler_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Counts that are possible."""
    meta_update(r, new, old)
    for at, condition in items(part(new, "status"), "conditions", "status.conditions"):
        r.not_negative(f"{at}.observedGeneration", condition.get("observedGeneration"))
    for name in ("currentReplicas", "desiredReplicas"):
        r.not_negative(f"status.{name}", part(new, "status").get(name))


def autoscaler_v1(r: Report, data: JsonMap) -> None:
    """An autoscaler in the form of autoscaling/v1."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    spec = part(data, "spec")
    _bounds(r, spec)
    _target_reference(r, spec)
    _share(r, data)


def autoscaler_v1_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed autoscaler in the form of autoscaling/v1."""
    meta_update(r, new, old)
    spec = part(new, "spec")
    _bounds(r, spec)
    _target_reference(r, spec, part(old, "spec"))
    _share(r, new)


def _share(r: Report, data: JsonMap) -> None:
    """The share of cpu, which upstream sees as the first metric. (Others are in an annotation.)"""
    spec = part(data, "spec")
    share = spec.get("targetCPUUtilizationPercentage")
    if share is not None and share < 1:
        path = "spec.metrics[0].resource.target.averageUtilization"
        r.invalid(path, share, "must be greater than 0")
    if spec.get("minReplicas") == 0 and OTHERS not in part(part(data, "metadata"), "annotations"):
        r.forbidden("spec.metrics", NO_WAY_UP)
