"""LimitRange and ResourceQuota: bounds of single objects, and of a namespace as a whole."""

from __future__ import annotations

from kubesim_tui.api import names
from kubesim_tui.api.quantity import Quantity
from kubesim_tui.apiserver.validation import resources
from kubesim_tui.apiserver.validation.core import meta_update, subdomain
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text

# -- LimitRange --------------------------------------------------------------------------------------------------------

LISTS = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
LIMIT_TYPES = ("Container", "PersistentVolumeClaim", "Pod")


def limit_range(r: Report, data: JsonMap) -> None:
    """Names of resources, and min ≤ defaultRequest ≤ default ≤ max."""
    subdomain(r, data)
    seen: set[str] = set()
    for at, item in items(part(data, "spec"), "limits", "spec.limits"):
        kind = text(item, "type")
        wrong = names.is_qualified_name(kind)
        for message in wrong:
            r.invalid(f"{at}.type", kind, message)
        if not wrong and "/" not in kind and kind not in LIMIT_TYPES:
            r.invalid(f"{at}.type", kind, "must be a standard limit type or fully qualified")
        if kind in seen:
            r.duplicate(f"{at}.type", kind)
        seen.add(kind)
        _limit_item(r, item, at, kind)


def _limit_item(r: Report, item: JsonMap, path: str, kind: str) -> None:
    rule = resources.container_resource_name if kind in ("Pod", "Container") else resources.resource_name
    found: dict[str, dict[str, Quantity]] = {}
    for name in LISTS:
        given = part(item, name)
        if kind == "Pod" and name in ("default", "defaultRequest"):
            if given:
                r.forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'")
            continue
        for resource in sorted(given):
            rule(r, resource, f"{path}.{name}[{resource}]")
            amount = resources.quantity(given[resource])
            if amount is not None:
                found.setdefault(resource, {})[name] = amount
    if kind == "PersistentVolumeClaim" and not {"min", "max"} & set(found.get("storage", {})):
        said = "either minimum or maximum storage value is required, but neither was provided"
        r.required(f"{path}.limits", said)
    for resource in sorted(found):
        _limit_order(r, resource, found[resource], path)
        _same_if_not_overcommitted(r, resource, found[resource], path)


ORDER = (
    ("min", "max", "min", "min value {0} is greater than max value {1}"),
    ("min", "defaultRequest", "defaultRequest", "min value {0} is greater than default request value {1}"),
    ("defaultRequest", "max", "defaultRequest", "default request value {0} is greater than max value {1}"),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "default request value {0} is greater than default limit value {1}",
    ),
    ("min", "default", "default", "min value {0} is greater than default value {1}"),
    ("default", "max", "default", "default value {0} is greater than max value {1}"),
)
"""(smaller, larger, the field that is blamed, what is said)."""


def _limit_order(r: Report, resource: str, found: dict[str, Quantity], path: str) -> None:
    for low, high, blamed, said in ORDER:
        if low in found and high in found and found[low].cmp(found[high]) > 0:
            value = found["max"] if (low, high) == ("default", "max") else found[low]
            shown = value if blamed in (low, "default") else found[blamed]
            r.invalid(f"{path}.{blamed}[{resource}]", str(shown), said.format(found[low], found[high]))
    ratio = found.get("maxLimitRequestRatio")
    if ratio is not None and ratio.nano < 10**9:
        r.invalid(f"{path}.maxLimitRequestRatio[{resource}]", str(ratio), f"ratio {ratio} is less than 1")
    if ratio is not None and "min" in found and "max" in found and found["min"].nano:
        most = found["max"].nano / found["min"].nano
        if ratio.nano / 10**9 > most:
            said = f"ratio {ratio} is greater than max/min = {most:.6f}"
            r.invalid(f"{path}.maxLimitRequestRatio[{resource}]", str(ratio), said)


def _same_if_not_overcommitted(r: Report, resource: str, found: dict[str, Quantity], path: str) -> None:
    """A resource that is not lent out twice is requested as far as it is limited."""
    limit, request = found.get("default"), found.get("defaultRequest")
    if limit is None or request is None or resources.may_overcommit(resource) or not limit.cmp(request):
        return
    said = f"default value {limit} must equal to defaultRequest value {request} in {resource}"
    r.invalid(f"{path}.defaultRequest[{resource}]", str(request), said)


def limit_range_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A changed LimitRange."""
    meta_update(r, new, old)
    limit_range(r, new)


# -- ResourceQuota -----------------------------------------------------------------------------------------------------

SCOPES = ("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity")
SCOPES_MORE = ("VolumeAttributesClass",)
POD_COMPUTE = ("pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
CONFLICTS = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))


def resource_quota(r: Report, data: JsonMap) -> None:
    """Names, amounts and scopes."""
    subdomain(r, data)
    _quota_spec(r, part(data, "spec"))
    _quota_status(r, data)


def _quota_spec(r: Report, spec: JsonMap) -> None:
    hard = part(spec, "hard")
    _amounts(r, hard, "spec.hard")
    scopes = spec.get("scopes") or []
    for scope in scopes:
        if scope not in SCOPES and scope not in SCOPES_MORE:
            r.invalid("spec.scopes", scopes, "unsupported scope")
        _scope_fits(r, scope, hard, "spec.scopes", scopes)
    _conflicts(r, set(scopes), "spec.scopes", scopes)
    _scope_selector(r, spec, hard)


def _amounts(r: Report, amounts: JsonMap, path: str) -> None:
    for name in sorted(amounts):
        resources.quota_resource_name(r, name, f"{path}[{name}]")
        resources.resource_quantity(r, name, amounts[name], f"{path}[{name}]")


def _quota_status(r: Report, data: JsonMap) -> None:
    for name in ("hard", "used"):
        _amounts(r, part(part(data, "status"), name), f"status.{name}")


def _conflicts(r: Report, found: set[str], path: str, shown: list[str]) -> None:
    for pair in CONFLICTS:
        if found.issuperset(pair):
            r.invalid(path, shown or None, "conflicting scopes")


def _scope_fits(r: Report, scope: str, hard: JsonMap, path: str, shown: object) -> None:
    for name in sorted(hard):
        fits = name == "pods" if scope == "BestEffort" else name in POD_COMPUTE
        if scope == "VolumeAttributesClass":
            fits = name in ("persistentvolumeclaims", "requests.storage")
        if name in resources.QUOTA and not fits and scope in (*SCOPES, *SCOPES_MORE):
            r.invalid(path, shown, "unsupported scope applied to resource")


def _scope_selector(r: Report, spec: JsonMap, hard: JsonMap) -> None:
    selector = spec.get("scopeSelector")
    path = "spec.scopeSelector.matchExpressions"
    for requirement in part(spec, "scopeSelector").get("matchExpressions") or ():
        scope, operator = text(requirement, "scopeName"), text(requirement, "operator")
        values = requirement.get("values") or []
        if scope not in SCOPES and scope not in SCOPES_MORE:
            r.invalid(f"{path}.scopeName", scope, "unsupported scope")
        _scope_fits(r, scope, hard, path, selector)
        if scope in SCOPES and scope != "PriorityClass" and operator != "Exists":
            said = (
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating,"
                " ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or"
                " ResourceQuotaScopeCrossNamespacePodAffinity"
            )
            r.invalid(f"{path}.operator", operator, said)
        if operator in ("In", "NotIn"):
            if not values:
                said = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                r.required(f"{path}.values", said)
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                said = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                r.invalid(f"{path}.values", values, said)
        else:
            r.invalid(f"{path}.operator", operator, "not a valid selector operator")
    found = {text(one, "scopeName") for one in part(spec, "scopeSelector").get("matchExpressions") or ()}
    _conflicts(r, found, path, spec.get("scopes") or [])


def resource_quota_status(r: Report, new: JsonMap, old: JsonMap) -> None:
    """What is limited and used, as the controller has counted it."""
    meta_update(r, new, old)
    _quota_status(r, new)


def resource_quota_update(r: Report, new: JsonMap, old: JsonMap) -> None:
    """A quota keeps its scopes."""
    meta_update(r, new, old)
    _quota_spec(r, part(new, "spec"))
    now, was = part(new, "spec").get("scopes") or [], part(old, "spec").get("scopes") or []
    if set(now) != set(was):
        r.invalid("spec.scopes", now, "field is immutable")
