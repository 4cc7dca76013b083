"""LimitRanger: what a LimitRange says of containers, Pods and claims: defaults first, then the bounds.

A container that leaves out a request or a limit gets the LimitRange's. `min` wants a request, `max` a limit; both
compare both. `maxLimitRequestRatio` wants the two. Of a Pod the aggregate counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from kubesim_tui.api.codec import encode
from kubesim_tui.api.helpers.resources import aggregate
from kubesim_tui.api.quantity import Quantity, parse
from kubesim_tui.api.types import Object, PersistentVolumeClaim
from kubesim_tui.apiserver.admission.plugin import PODS, JsonMap, Plugin, Refused, by_name, spec_of
from kubesim_tui.apiserver.request import Request

ANNOTATION = "kubernetes.io/limit-ranger"
CLAIMS = "persistentvolumeclaims"
CONTAINERS = (("containers", "container"), ("initContainers", "init container"))
Amounts = Mapping[str, Quantity]


class LimitRanger(Plugin):
    """See the module."""

    name: ClassVar[str] = "LimitRanger"
    resources: ClassVar[frozenset[str]] = frozenset({PODS, CLAIMS})

    def _ranges(self, namespace: str) -> list[Object]:
        found = self.etcd.table("limitranges").by_namespace.get(namespace)
        return sorted(found.values(), key=by_name) if found else []

    def admit(self, request: Request, data: JsonMap, old: Object | None) -> None:
        """Fill in what containers of a new Pod leave out."""
        if old is not None or request.resource.group_resource != PODS:
            return
        for found in self._ranges(request.namespace):
            _fill(data, spec_of(found))

    def review(self, request: Request, data: JsonMap, old: Object | None) -> Sequence[str]:
        """The bounds. (A Pod's change is not looked at, a claim's only where the request changes.)"""
        pod = request.resource.group_resource == PODS
        if pod and old is not None:
            return ()
        before = _storage(old) if isinstance(old, PersistentVolumeClaim) else {}
        for found in self._ranges(request.namespace):
            spec = spec_of(found)
            wrong = list(pod_violations(spec, data) if pod else claim_violations(spec, data, before))
            if wrong:
                raise Refused(aggregated(wrong))
        return ()


def aggregated(texts: Sequence[str]) -> str:
    """Several errors as one, each text once: `[a, b]`."""
    different = list(dict.fromkeys(texts))
    return different[0] if len(different) == 1 else f"[{', '.join(different)}]"


# -- defaults ----------------------------------------------------------------------------------------------------


def _fill(data: JsonMap, spec: Mapping[str, Any]) -> None:
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in spec.get("limits") or ():
        if item.get("type") == "Container":
            requests.update(item.get("defaultRequest") or {})
            limits.update(item.get("default") or {})
    notes: list[str] = []
    for field, word in CONTAINERS:
        for container in data["spec"].get(field) or ():
            notes += _fill_container(container, requests, limits, word)
    if notes:
        meta = data["metadata"]
        annotations = dict(meta.get("annotations") or {})
        annotations[ANNOTATION] = "LimitRanger plugin set: " + "; ".join(notes)
        meta["annotations"] = annotations


def _fill_container(
    container: JsonMap, requests: Mapping[str, str], limits: Mapping[str, str], word: str
) -> Iterator[str]:
    resources = container["resources"] = dict(container.get("resources") or {})
    for field, defaults, what in (("requests", requests, "request"), ("limits", limits, "limit")):
        given = resources.get(field) or {}
        added = sorted(name for name in defaults if name not in given)
        if added:
            resources[field] = {**given, **{name: defaults[name] for name in added}}
            yield f"{', '.join(added)} {what} for {word} {container.get('name')}"


# -- bounds ------------------------------------------------------------------------------------------------------


def pod_violations(spec: Mapping[str, Any], pod: JsonMap) -> Iterator[str]:
    """What of a Pod (JSON) is outside a LimitRange's spec."""
    for item in spec.get("limits") or ():
        if item.get("type") == "Container":
            for field, _ in CONTAINERS:
                for container in pod["spec"].get(field) or ():
                    resources = container.get("resources") or {}
                    yield from _bounds(item, _amounts(resources, "requests"), _amounts(resources, "limits"))
        elif item.get("type") == "Pod":
            yield from _bounds(item, pod_total(pod["spec"], "requests"), pod_total(pod["spec"], "limits"))


def pod_total(spec: JsonMap, field: str) -> Amounts:
    """What a Pod's JSON spec requests, or is limited to, without overhead."""
    total = aggregate(
        [_given(c, field) for c in spec.get("containers") or ()],
        [(_given(c, field), c.get("restartPolicy") == "Always") for c in spec.get("initContainers") or ()],
    )
    for name, text in _given(spec, field).items():
        if name in ("cpu", "memory"):
            total[name] = parse(text)
    return total


def _given(owner: JsonMap, field: str) -> Mapping[str, str]:
    return (owner.get("resources") or {}).get(field) or {}


def claim_violations(spec: Mapping[str, Any], claim: JsonMap, before: Amounts) -> Iterator[str]:
    """What of a claim (JSON) is outside a LimitRange's spec; a request that stays as it was is not looked at."""
    requests = _amounts(claim["spec"].get("resources") or {}, "requests")
    for item in spec.get("limits") or ():
        if item.get("type") != "PersistentVolumeClaim":
            continue
        for bound, check in (("min", _least), ("max", _most_request)):
            for name, limit in _bound(item, bound):
                if name not in before or name not in requests or requests[name].cmp(before[name]):
                    yield from check(item["type"], name, limit, requests, {})


def _storage(claim: PersistentVolumeClaim) -> Amounts:
    if claim.spec is None or claim.spec.resources is None:
        return {}
    return _amounts(encode(claim.spec.resources), "requests")


def _amounts(resources: Mapping[str, Any], field: str) -> Amounts:
    return {name: parse(text) for name, text in (resources.get(field) or {}).items()}


def _bound(item: Mapping[str, Any], field: str) -> list[tuple[str, Quantity]]:
    return sorted((name, parse(text)) for name, text in (item.get(field) or {}).items()) if item.get(field) else []


def _bounds(item: Mapping[str, Any], requests: Amounts, limits: Amounts) -> Iterator[str]:
    for field, check in (("min", _least), ("max", _most), ("maxLimitRequestRatio", _ratio)):
        for name, bound in _bound(item, field):
            yield from check(item["type"], name, bound, requests, limits)


def _least(kind: str, name: str, bound: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    said = f"minimum {name} usage per {kind} is {bound}"
    if name not in requests:
        yield f"{said}.  No request is specified"
    elif bound.cmp(requests[name]) > 0:
        yield f"{said}, but request is {requests[name]}"
    elif name in limits and bound.cmp(limits[name]) > 0:
        yield f"{said}, but limit is {limits[name]}"


def _most(kind: str, name: str, bound: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    said = f"maximum {name} usage per {kind} is {bound}"
    if name not in limits:
        yield f"{said}.  No limit is specified"
    elif limits[name].cmp(bound) > 0:
        yield f"{said}, but limit is {limits[name]}"
    elif name in requests and requests[name].cmp(bound) > 0:
        yield f"{said}, but request is {requests[name]}"


def _most_request(kind: str, name: str, bound: Quantity, requests: Amounts, _limits: Amounts) -> Iterator[str]:
    said = f"maximum {name} usage per {kind} is {bound}"
    if name not in requests:
        yield f"{said}.  No request is specified"
    elif requests[name].cmp(bound) > 0:
        yield f"{said}, but request is {requests[name]}"


def _ratio(kind: str, name: str, bound: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    said = f"{name} max limit to request ratio per {kind} is {bound}"
    if name not in requests or requests[name].is_zero():
        yield f"{said}, but no request is specified or request is 0"
    elif name not in limits or limits[name].is_zero():
        yield f"{said}, but no limit is specified or limit is 0"
    else:
        limit, request = limits[name].as_fraction(), requests[name].as_fraction()
        if limit > request * bound.as_fraction():
            yield f"{said}, but provided ratio is {_decimals(limit / request)}"


def _decimals(ratio: Any) -> str:
    """Six decimals, rounded half to even."""
    millionths = round(ratio * 1_000_000)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"
