"""Defaults of a Pod's own resources (`spec.resources`), from those of its containers.

Only where they are partly given: huge pages take the containers' limits; requests are the containers' sum, or else the
Pod's limit; a limit for which there is a request is the containers' sum if every container has one.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.api.helpers.resources import aggregate
from kubesim_tui.apiserver.defaults.base import JsonMap

SUPPORTED = ("cpu", "memory")
HUGE = "hugepages-"


def pod_resources(spec: JsonMap) -> None:
    """Fill in spec.resources where it is partly given."""
    own = spec.get("resources")
    if not own or not (own.get("limits") or own.get("requests")):
        return
    _huge_pages(own, _sum(spec, "limits"))
    if own.get("limits"):
        _requests(own, _sum(spec, "requests"))
    if own.get("requests"):
        _limits(own, spec)


def _given(container: JsonMap, field: str) -> Mapping[str, str]:
    return (container.get("resources") or {}).get(field) or {}


def _sum(spec: JsonMap, field: str) -> dict[str, str]:
    total = aggregate(
        [_given(c, field) for c in spec.get("containers") or ()],
        [(_given(c, field), c.get("restartPolicy") == "Always") for c in spec.get("initContainers") or ()],
    )
    return {name: str(amount) for name, amount in total.items()}


def _fill(own: JsonMap, field: str, found: Mapping[str, str]) -> None:
    given = own.get(field) or {}
    added = {name: text for name, text in found.items() if name not in given}
    if added:
        own[field] = {**given, **added}


def _huge_pages(own: JsonMap, limits: Mapping[str, str]) -> None:
    asked = own.get("requests") or {}
    _fill(own, "limits", {n: t for n, t in limits.items() if n.startswith(HUGE) and n not in asked})


def _requests(own: JsonMap, requests: Mapping[str, str]) -> None:
    _fill(own, "requests", {n: t for n, t in requests.items() if n in SUPPORTED})
    _fill(own, "requests", {n: t for n, t in own["limits"].items() if n in SUPPORTED or n.startswith(HUGE)})


def _limits(own: JsonMap, spec: JsonMap) -> None:
    limits, containers = _sum(spec, "limits"), spec.get("containers") or ()
    complete = [n for n in SUPPORTED if n in own["requests"] and all(n in _given(c, "limits") for c in containers)]
    _fill(own, "limits", {n: limits[n] for n in complete if n in limits})
