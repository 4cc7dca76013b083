"""Which Pods a ResourceQuota with scopes is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kubesim_tui.api.helpers.qos import qos_class
from kubesim_tui.api.types import Object, Pod, PodSpec

Json = Mapping[str, Any]


def scopes(spec: Json) -> list[Json]:
    """The scopes of a quota's spec, all in the form of scopeSelector.matchExpressions."""
    found: list[Json] = [{"scopeName": name, "operator": "Exists"} for name in spec.get("scopes") or ()]
    return found + list((spec.get("scopeSelector") or {}).get("matchExpressions") or ())


def in_scopes(spec: Json, obj: Object) -> bool:
    """Whether an object is in all scopes of a quota. Only Pods have scopes."""
    wanted = scopes(spec)
    if not wanted:
        return True
    return isinstance(obj, Pod) and obj.spec is not None and all(in_scope(s, obj.spec) for s in wanted)


def is_terminating(spec: PodSpec) -> bool:
    """A Pod with a deadline."""
    return spec.active_deadline_seconds is not None and spec.active_deadline_seconds >= 0


def in_scope(scope: Json, spec: PodSpec) -> bool:
    """Whether a Pod is in one scope."""
    name = scope.get("scopeName")
    if name in ("Terminating", "NotTerminating"):
        return is_terminating(spec) is (name == "Terminating")
    if name in ("BestEffort", "NotBestEffort"):
        return (qos_class(spec) == "BestEffort") is (name == "BestEffort")
    if name == "PriorityClass":
        return _by_class(scope, spec.priority_class_name)
    return name == "CrossNamespacePodAffinity" and any(_crosses(term) for term in _terms(spec))


def _by_class(scope: Json, name: str) -> bool:
    operator, values = scope.get("operator"), tuple(scope.get("values") or ())
    if operator == "In":
        return bool(name) and name in values
    if operator == "NotIn":
        return not name or name not in values
    return bool(name) == (operator == "Exists")


def _terms(spec: PodSpec) -> Iterator[Any]:
    affinity = spec.affinity
    for part in (affinity.pod_affinity, affinity.pod_anti_affinity) if affinity is not None else ():
        if part is not None:
            yield from part.required_during_scheduling_ignored_during_execution
            for weighted in part.preferred_during_scheduling_ignored_during_execution:
                yield weighted.pod_affinity_term


def _crosses(term: Any) -> bool:
    return term is not None and bool(term.namespaces or term.namespace_selector is not None)
