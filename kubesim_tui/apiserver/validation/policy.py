"""HorizontalPodAutoscaler, PodDisruptionBudget, PriorityClass, Lease, RuntimeClass."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.affinity import tolerations
from kubesim_tui.apiserver.validation.conditions import conditions
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.resources import container_requirements, quantity
from kubesim_tui.apiserver.validation.shares import at_most_100_percent, positive_int_or_percent

METRICS = {
    "ContainerResource": "containerResource",
    "External": "external",
    "Object": "object",
    "Pods": "pods",
    "Resource": "resource",
}
NO_TARGET = {
    "pods": "must specify a positive target averageValue",
    "object": "must set either a target value or averageValue",
    "external": "must set either a target value for metric or a per-pod target",
}
"""What is said of a metric that aims at nothing."""
HIGHEST_USER_PRIORITY = 1_000_000_000
SYSTEM_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def scale(r: Report, data: JsonMap) -> None:
    """The scale of a workload (autoscaling/v1)."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    r.not_negative("spec.replicas", number(part(data, "spec"), "replicas"))


# -- HorizontalPodAutoscaler -------------------------------------------------------------------------------------------


def autoscaler(r: Report, data: JsonMap) -> None:
    """A new autoscaler (autoscaling/v2)."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    autoscaler_spec(r, part(data, "spec"))


def autoscaler_spec(r: Report, spec: JsonMap) -> None:
    """Its bounds, target, metrics and behavior."""
    least, most = spec.get("minReplicas"), number(spec, "maxReplicas")
    if least is not None and least < 1:
        r.invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        r.invalid("spec.maxReplicas", most, "must be greater than 0")
    if least is not None and most < least:
        r.invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    _reference(r, part(spec, "scaleTargetRef"), "spec.scaleTargetRef")
    for at, metric in items(spec, "metrics", "spec.metrics"):
        _metric(r, metric, at)
    _behavior(r, spec.get("behavior"))


def _reference(r: Report, reference: JsonMap, path: str) -> None:
    for name in ("kind", "name"):
        value = text(reference, name)
        if not value:
            r.required(f"{path}.{name}")
        else:
            r.syntax(names.is_path_segment_name, f"{path}.{name}", value)
    if reference.get("apiVersion", "").count("/") > 1:
        said = f"unexpected GroupVersion string: {reference['apiVersion']}"
        r.invalid(f"{path}.apiVersion", reference["apiVersion"], said)


def _metric(r: Report, metric: JsonMap, path: str) -> None:
    kind = text(metric, "type")
    if not kind:
        r.required(f"{path}.type", "must specify a metric source type")
    elif kind not in METRICS:
        r.not_supported(f"{path}.type", kind, tuple(METRICS))
    wanted = METRICS.get(kind, "")
    given = [name for name in METRICS.values() if metric.get(name) is not None]
    for name in given:
        _source(r, name, metric[name], f"{path}.{name}")
    if wanted and wanted not in given:
        r.required(f"{path}.{wanted}", "must populate information for the given metric source")
    for name in given if len(given) > 1 else ():
        if name != wanted:
            r.forbidden(f"{path}.{name}", "must populate the given metric source only")


def _source(r: Report, kind: str, source: JsonMap, path: str) -> None:
    target = part(source, "target")
    if kind in ("resource", "containerResource"):
        if not text(source, "name"):
            r.required(f"{path}.name", "must specify a resource name")
        if kind == "containerResource" and not text(source, "container"):
            r.required(f"{path}.container", "must specify a container")
        _target(r, target, f"{path}.target")
        share, value = target.get("averageUtilization"), target.get("averageValue")
        if share is None and value is None:
            said = "must set either a target raw value or a target utilization"
            r.required(f"{path}.target.averageUtilization", said)
        if share is not None and value is not None:
            said = "may not set both a target raw value and a target utilization"
            r.forbidden(f"{path}.target.averageValue", said)
        return
    name = text(part(source, "metric"), "name")
    if name:
        r.syntax(names.is_path_segment_name, f"{path}.metric.name", name)
    else:
        r.required(f"{path}.metric.name", "must specify a metric name")
    r.add(labels.validate_object(part(source, "metric").get("selector"), f"{path}.metric.selector"))
    if kind == "object":
        _reference(r, part(source, "describedObject"), f"{path}.describedObject")
    _target(r, target, f"{path}.target")
    value, average = target.get("value"), target.get("averageValue")
    if average is None and (kind == "pods" or value is None):
        r.required(f"{path}.target.averageValue", NO_TARGET[kind])
    if kind == "external" and value is not None and average is not None:
        said = "may not set both a target value for metric and a per-pod target"
        r.forbidden(f"{path}.target.value", said)


def _target(r: Report, target: JsonMap, path: str) -> None:
    kind = text(target, "type")
    if not kind:
        r.required(f"{path}.type", "must specify a metric target type")
    elif kind not in ("AverageValue", "Utilization", "Value"):
        r.not_supported(f"{path}.type", kind, ("AverageValue", "Utilization", "Value"))
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
    autoscaler_spec(r, part(new, "spec"))


def autoscaler_v1(r: Report, data: JsonMap) -> None:
    """An autoscaler in the form of autoscaling/v1."""
    autoscaler(r, data)
    share = part(data, "spec").get("targetCPUUtilizationPercentage")
    if share is not None and share < 1:
        path = "spec.metrics[0].resource.target.averageUtilization"
        r.invalid(path, share, "must be greater than 0")


def autoscaler_v1_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed autoscaler in the form of autoscaling/v1."""
    meta_update(r, new, old)
    autoscaler_v1(r, new)


# -- PodDisruptionBudget, PriorityClass --------------------------------------------------------------------------------


def disruption_budget(r: Report, data: JsonMap) -> None:
    """minAvailable or maxUnavailable, and whom it protects."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    spec = part(data, "spec")
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        r.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")
    for name in ("minAvailable", "maxUnavailable"):
        positive_int_or_percent(r, spec.get(name), f"spec.{name}")
        at_most_100_percent(r, spec.get(name), f"spec.{name}")
    r.add(labels.validate_object(spec.get("selector"), "spec.selector"))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in ("AlwaysAllow", "IfHealthyBudget"):
        r.not_supported("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))


def disruption_budget_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed budget."""
    meta_update(r, new, old)
    disruption_budget(r, new)


def disruption_budget_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Its figures are no less than nothing."""
    meta_update(r, new, old)
    status = part(new, "status")
    conditions(r, status.get("conditions") or [], "status.conditions")
    for name in ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"):
        r.not_negative(f"status.{name}", status.get(name))


def priority_class(r: Report, data: JsonMap) -> None:
    """Names that begin with system- and values above a billion are the system's own."""
    meta = part(data, "metadata")
    metadata.object_meta(r, meta, names.is_dns1123_subdomain, namespaced=False)
    name, value = text(meta, "name"), number(data, "value")
    if name.startswith("system-"):
        if SYSTEM_PRIORITIES.get(name) != value:
            said = "priority class names with 'system-' prefix are reserved for system use only. error: "
            known = name in SYSTEM_PRIORITIES
            why = f"value of {name} PriorityClass must be {SYSTEM_PRIORITIES[name]}" if known else ""
            r.forbidden("metadata.name", said + (why or f"{name} is not a known system priority class"))
    elif value > HIGHEST_USER_PRIORITY:
        said = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        r.forbidden("value", said)
    if data.get("preemptionPolicy") is not None:
        r.one_of("preemptionPolicy", data["preemptionPolicy"], ("PreemptLowerPriority", "Never"))


def priority_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class keeps its value."""
    meta_update(r, new, old)
    if number(new, "value") != number(old, "value"):
        r.forbidden("value", "may not be changed in an update.")
    r.immutable("preemptionPolicy", new.get("preemptionPolicy"), old.get("preemptionPolicy"))


def lease(r: Report, data: JsonMap) -> None:
    """Durations above zero."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=True)
    spec = part(data, "spec")
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        r.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    r.not_negative("spec.leaseTransitions", spec.get("leaseTransitions"))


def lease_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed Lease."""
    meta_update(r, new, old)
    lease(r, new)


def runtime_class(r: Report, data: JsonMap) -> None:
    """A handler's name, what it costs, and where it is."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    r.syntax(names.is_dns1123_label, "handler", text(data, "handler"))
    if data.get("overhead") is not None:
        container_requirements(r, {"limits": part(data["overhead"], "podFixed")}, "overhead")
    scheduling = part(data, "scheduling")
    r.add(labels.validate(part(scheduling, "nodeSelector"), "scheduling.nodeSelector"))
    tolerations(r, scheduling, "scheduling.tolerations")
    seen: list[tuple[str, ...]] = []
    for at, one in items(scheduling, "tolerations", "scheduling.tolerations"):
        key = tuple(text(one, name) for name in ("key", "operator", "value", "effect"))
        if key in seen:
            r.duplicate(at, one)
        seen.append(key)


def runtime_class_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A class keeps its handler."""
    meta_update(r, new, old)
    r.immutable("handler", new.get("handler"), old.get("handler"))
