"""What a Pod asks for as a whole must hold what its containers ask for."""

from __future__ import annotations

from kubesim_tui.api.helpers.resources import aggregate
from kubesim_tui.api.quantity import Quantity
from kubesim_tui.apiserver.validation import resources
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, part, text


def pod_resources(r: Report, spec: JsonMap, path: str, claims: frozenset[str]) -> None:
    """`spec.resources`, if there is one."""
    own = spec.get("resources")
    if own is None:
        return
    if text(part(spec, "os"), "name") == "windows":
        r.forbidden(path, "may not be set for a windows pod")
        return
    if own.get("claims") is not None:
        r.forbidden(f"{path}.claims", "claims may not be set for Resources at pod-level")
    resources.requirements(r, own, path, resources.pod_resource_name, claims)
    _holds(r, own, _total(spec, "requests"), f"{path}.requests", "requests")
    huge = {name: amount for name, amount in _total(spec, "limits").items() if resources.is_huge(name)}
    _holds(r, own, huge, f"{path}.limits", "limits")
    _limits(r, spec, path, part(own, "limits"))


def _total(spec: JsonMap, kind: str) -> dict[str, Quantity]:
    def wants(container: JsonMap) -> dict[str, str]:
        amounts = part(part(container, "resources"), kind)
        return {k: str(v) for k, v in amounts.items() if resources.quantity(v) is not None}

    inits = [(wants(c), c.get("restartPolicy") == "Always") for c in spec.get("initContainers") or ()]
    return aggregate([wants(c) for c in spec.get("containers") or ()], inits)


def _holds(r: Report, own: JsonMap, total: dict[str, Quantity], path: str, kind: str) -> None:
    for name, amount in sorted(total.items()):
        given = resources.quantity(part(own, kind).get(name))
        if given is not None and amount.cmp(given) > 0:
            said = f"must be greater than or equal to aggregate container {kind} of {amount}"
            r.invalid(f"{path}[{name}]", str(given), said)


def _limits(r: Report, spec: JsonMap, path: str, limits: JsonMap) -> None:
    """No container has a higher limit than its Pod. (The form of the path is upstream's.)"""
    for at, one in items(spec, "containers", f"{path}.containers"):
        own = part(part(one, "resources"), "limits")
        for name in sorted(own):
            limit, most = resources.quantity(own[name]), resources.quantity(limits.get(name))
            if limit is not None and most is not None and limit.cmp(most) > 0:
                r.invalid(f"{at}[{name}].limits", str(limit), f"must be less than or equal to pod limits of {most}")
