"""PodDisruptionBudget, PriorityClass, Lease, RuntimeClass."""

from __future__ import annotations

from kubesim_tui.api import labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.affinity import tolerations
from kubesim_tui.apiserver.validation.conditions import conditions
from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.resources import container_requirements
from kubesim_tui.apiserver.validation.shares import at_most_100_percent, positive_int_or_percent

HIGHEST_USER_PRIORITY = 1_000_000_000
SYSTEM_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


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
    strategy = spec.get("strategy")
    if strategy is not None:
        _lease_strategy(r, strategy)
    if spec.get("preferredHolder") and not strategy:
        r.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined")


def _lease_strategy(r: Report, strategy: str) -> None:
    """Kubernetes' own, or one with a domain. (Upstream says `strategy` twice in the path.)"""
    path = "spec.strategy.strategy"
    if "/" in strategy:
        r.syntax(names.is_qualified_name, path, strategy)
    elif strategy != "OldestEmulationVersion":
        r.not_supported(path, strategy, ("OldestEmulationVersion",))


def lease_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed Lease."""
    meta_update(r, new, old)
    lease(r, new)


def runtime_class(r: Report, data: JsonMap) -> None:
    """A handler's name, what it costs, and where it is."""
    metadata.object_meta(r, part(data, "metadata"), names.is_dns1123_subdomain, namespaced=False)
    if text(data, "handler"):
        r.syntax(names.is_dns1123_label, "handler", data["handler"])
    else:
        r.required("handler")
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
