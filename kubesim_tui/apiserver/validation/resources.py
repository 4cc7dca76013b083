"""Names and amounts of resources: of containers, Pods, quotas and limit ranges."""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.api import names
from kubesim_tui.api.quantity import Quantity, QuantityError, from_json
from kubesim_tui.apiserver.validation.report import NEGATIVE, NOT_POSITIVE, JsonMap, Report, items, part, text

NameRule = Callable[[Report, str, str], None]
HUGE = "hugepages-"
CONTAINER = frozenset({"cpu", "memory", "ephemeral-storage"})
COUNTED = ("pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps")
COUNTED_MORE = ("persistentvolumeclaims", "services.nodeports", "services.loadbalancers")
QUOTA = frozenset(
    {*CONTAINER, *COUNTED, *COUNTED_MORE, "requests.cpu", "requests.memory", "requests.storage"}
    | {"requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage"}
)
INTEGERS = frozenset({*COUNTED, *COUNTED_MORE})
STANDARD = frozenset({*QUOTA, "storage"})


def quantity(value: object) -> Quantity | None:
    """A quantity, or None if the text is not one (strict decoding has said so)."""
    try:
        return from_json(value)  # type: ignore[arg-type]
    except (QuantityError, AttributeError, TypeError):
        return None


def is_huge(name: str) -> bool:
    """Huge pages of some size."""
    return name.startswith(HUGE)


def is_native(name: str) -> bool:
    """A resource of Kubernetes' own."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """A resource of somebody else: counted in whole numbers."""
    if is_native(name) or name.startswith("requests."):
        return False
    return not names.is_qualified_name(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """Whether requests may be less than limits."""
    return is_native(name) and not is_huge(name)


def resource_name(r: Report, name: str, path: str) -> None:
    """A standard resource, or a qualified name."""
    wrong = names.is_qualified_name(name)
    for message in wrong:
        r.invalid(path, name, message)
    if not wrong and "/" not in name and name not in STANDARD and not is_huge(name) and not _huge_quota(name):
        r.invalid(path, name, "must be a standard resource type or fully qualified")


def _huge_quota(name: str) -> bool:
    return name.startswith(f"requests.{HUGE}")


def container_resource_name(r: Report, name: str, path: str) -> None:
    """A resource that a container can ask for."""
    resource_name(r, name, path)
    if "/" not in name:
        if name not in CONTAINER and not is_huge(name):
            r.invalid(path, name, "must be a standard resource for containers")
    elif not is_native(name) and not is_extended(name):
        r.invalid(path, name, "doesn't follow extended resource name standard")


def pod_resource_name(r: Report, name: str, path: str) -> None:
    """A resource that a Pod as a whole can ask for."""
    before = len(r.errors)
    resource_name(r, name, path)
    if len(r.errors) == before and name not in ("cpu", "memory") and not is_huge(name):
        r.not_supported(path, name, ("cpu", HUGE, "memory"))


def quota_resource_name(r: Report, name: str, path: str) -> None:
    """A resource that a quota can limit."""
    resource_name(r, name, path)
    if "/" not in name and name not in QUOTA and not is_huge(name) and not _huge_quota(name):
        r.invalid(path, name, "must be a standard resource for quota")


def resource_quantity(r: Report, name: str, value: object, path: str) -> None:
    """Not negative; whole where things are counted."""
    amount = quantity(value)
    if amount is None:
        return
    if amount.nano < 0:
        r.invalid(path, str(amount), NEGATIVE)
    if (name in INTEGERS or is_extended(name)) and amount.milli_value() % 1000:
        r.invalid(path, str(amount), "must be an integer")


def positive_quantity(r: Report, value: object, path: str) -> bool:
    """Above zero; False if not."""
    amount = quantity(value)
    if amount is None or amount.nano > 0:
        return True
    r.invalid(path, str(amount), NOT_POSITIVE)
    return False


def basic_quantity(r: Report, value: object, path: str) -> None:
    """Not below zero, and shown as a number if it is."""
    amount = quantity(value)
    if amount is not None and amount.value() < 0:
        r.invalid(path, amount.value(), "must be a valid resource quantity")


def container_requirements(r: Report, data: JsonMap, path: str, claims: frozenset[str] = frozenset()) -> None:
    """What a container asks for and is limited to."""
    requirements(r, data, path, container_resource_name, claims)


def requirements(r: Report, data: JsonMap, path: str, name_rule: NameRule, claims: frozenset[str]) -> None:
    """Names, amounts, requests within limits, huge pages with cpu or memory."""
    limits, requests = part(data, "limits"), part(data, "requests")
    for name in sorted(limits):
        _entry(r, name, limits[name], f"{path}.limits[{name}]", name_rule)
    for name in sorted(requests):
        _entry(r, name, requests[name], f"{path}.requests[{name}]", name_rule)
        _within(r, name, requests[name], limits, path)
    found = {*limits, *requests}
    if any(is_huge(n) for n in found) and not found & {"cpu", "memory"}:
        r.forbidden(path, "HugePages require cpu or memory")
    _claims(r, data, f"{path}.claims", claims)


def _entry(r: Report, name: str, value: object, path: str, name_rule: NameRule) -> None:
    name_rule(r, name, path)
    resource_quantity(r, name, value, path)
    amount = quantity(value)
    size = quantity(name[len(HUGE) :]) if is_huge(name) else None
    if amount is not None and size is not None and size.nano > 0 and amount.nano % size.nano:
        r.invalid(path, str(amount), f"{amount} is not positive integer multiple of {name}")


def _within(r: Report, name: str, value: object, limits: JsonMap, path: str) -> None:
    amount, limit = quantity(value), quantity(limits[name]) if name in limits else None
    if amount is None:
        return
    if limit is None:
        if name not in limits and not may_overcommit(name):
            r.required(f"{path}.limits", "Limit must be set for non overcommitable resources")
    elif amount.nano != limit.nano and not may_overcommit(name):
        r.invalid(f"{path}.requests", str(amount), f"must be equal to {name} limit of {limit}")
    elif amount.nano > limit.nano:
        r.invalid(f"{path}.requests", str(amount), f"must be less than or equal to {name} limit of {limit}")


def _claims(r: Report, data: JsonMap, path: str, known: frozenset[str]) -> None:
    seen: set[str] = set()
    for at, claim in items(data, "claims", path):
        name = text(claim, "name")
        if not name:
            r.required(at)
            continue
        _claim_once(r, name, text(claim, "request"), at, seen)
        if name not in known:
            rest = f": {', '.join(sorted(known))}" if known else " which is empty"
            r.not_found(at, name, f"must be one of the names in pod.spec.resourceClaims{rest}")


def _claim_once(r: Report, name: str, request: str, path: str, seen: set[str]) -> None:
    """A claim as a whole, or some of its requests, each once."""
    if name in seen:
        r.duplicate(path, name)
        return
    if request:
        r.syntax(names.is_dns1123_label, f"{path}.request", request)
        if f"{name}/{request}" in seen:
            r.duplicate(path, f"{name}/{request}")
    for key in seen if not request else ():
        if key.startswith(f"{name}/"):
            r.duplicate(path, name)
    seen.add(f"{name}/{request}" if request else name)
