"""PodDisruptionBudget, PriorityClass, Lease, RuntimeClass."""

from __future__ import annotations

from kubesim_tui.api import fielderror, labels, names
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.affinity import tolerations
from kubesim_tui.apiserver.validation.conditions import conditions
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, part, text
from kubesim_tui.apiserver.validation.resources import container_requirements
from kubesim_tui.apiserver.validation.shares import at_most_100_percent, positive_int_or_percent

HIGHEST_USER_PRIORITY = 1_000_000_000
SYSTEM_PRIORITIES = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


def disruption_budget(r: Report, data: JsonMap) -> None:
    """minAvailable or maxUnavailable, and whom it protects. (Its metadata are looked at when all else is right.)"""
    _budget_spec(r, part(data, "spec"))
    if not r.errors:
        metadata.object_meta(r, part(data, "metadata"), metadata.any_name, namespaced=True)


def _budget_spec(r: Report, spec: JsonMap, *, any_value: bool = False) -> None:
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        r.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set")
    for name in ("minAvailable", "maxUnavailable"):
        positive_int_or_percent(r, spec.get(name), f"spec.{name}")
        at_most_100_percent(r, spec.get(name), f"spec.{name}")
    r.add(labels.validate_object(spec.get("selector"), "spec.selector", any_value=any_value))
    policy = spec.get("unhealthyPodEvictionPolicy")
    if policy is not None and policy not in ("AlwaysAllow", "IfHealthyBudget"):
        r.not_supported("spec.unhealthyPodEvictionPolicy", policy, ("AlwaysAllow", "IfHealthyBudget"))


def disruption_budget_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed budget. A selector that was wrong before may stay."""
    meta_update(r, new, old)
    wrong = bool(labels.validate_object(part(old, "spec").get("selector"), ""))
    _budget_spec(r, part(new, "spec"), any_value=wrong)


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
        if why := _no_system_class(name, value, default=bool(data.get("globalDefault"))):
            said = "priority class names with 'system-' prefix are reserved for system use only. error: "
            r.forbidden("metadata.name", said + why)
    elif value > HIGHEST_USER_PRIORITY:
        said = f"maximum allowed value of a user defined priority is {HIGHEST_USER_PRIORITY}"
        r.forbidden("value", said)
    if data.get("preemptionPolicy") is not None:
        r.one_of("preemptionPolicy", data["preemptionPolicy"], ("PreemptLowerPriority", "Never"))


def _no_system_class(name: str, value: int, *, default: bool) -> str:
    """Why a class is none of the system's own, "" if it is."""
    if name not in SYSTEM_PRIORITIES:
        return f"{name} is not a known system priority class"
    if value != SYSTEM_PRIORITIES[name]:
        return f"value of {name} PriorityClass must be {SYSTEM_PRIORITIES[name]}"
    return f"globalDefault of {name} PriorityClass must be false" if default else ""


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
    subdomain(r, data, namespaced=False)
    handler = text(data, "handler")
    if not handler:
        r.declared_required("handler")
    r.declared += [fielderror.invalid("handler", handler, said) for said in _wrong_handler(handler)]
    _runtime(r, data)


def _wrong_handler(handler: str) -> list[str]:
    return names.is_dns1123_label(handler) if handler else []


def _runtime(r: Report, data: JsonMap) -> None:
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
    subdomain(r, new, namespaced=False)
    for said in _wrong_handler(text(new, "handler")):
        r.invalid("handler", new["handler"], said)
    _runtime(r, new)
    r.declared_immutable("handler", new.get("handler"), old.get("handler"))
    if not text(new, "handler"):
        r.declared_required("handler")
