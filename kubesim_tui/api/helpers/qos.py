"""The quality of service class of a Pod (pkg/apis/core/v1/helper/qos): who is evicted and killed first.

BestEffort: nothing asked for; Guaranteed: every container (or the Pod as a whole) has cpu and memory limits equal to
its requests; else Burstable. Zero amounts count as nothing; resources other than cpu and memory do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubesim_tui.api.quantity import parse
from kubesim_tui.api.types import Container, Pod, PodSpec

GUARANTEED, BURSTABLE, BEST_EFFORT = "Guaranteed", "Burstable", "BestEffort"
COMPUTE = ("cpu", "memory")
Wants = tuple[Mapping[str, str], Mapping[str, str]]
"""(requests, limits) of one container."""


def pod_qos(pod: Pod) -> str:
    """The class of a Pod: what its status says, or else what follows from its spec."""
    stated = pod.status.qos_class if pod.status is not None else ""
    return stated or qos_class(pod.spec or PodSpec())


def qos_class(spec: PodSpec) -> str:
    """The class of a Pod's spec."""
    own = spec.resources
    if own is not None and (own.requests or own.limits):
        return classify([(own.requests, own.limits)])
    return classify([_wants(c) for c in (*spec.containers, *spec.init_containers)])


def qos_of_json(spec: Mapping[str, Any]) -> str:
    """The class of a Pod's spec that is still JSON."""
    own = spec.get("resources") or {}
    found = [own]
    if not own.get("requests") and not own.get("limits"):
        found = [c.get("resources") or {} for kind in ("containers", "initContainers") for c in spec.get(kind) or ()]
    return classify([(r.get("requests") or {}, r.get("limits") or {}) for r in found])


def _wants(container: Container) -> Wants:
    resources = container.resources
    return (resources.requests, resources.limits) if resources is not None else ({}, {})


def classify(wants: Sequence[Wants]) -> str:
    """The class of what the containers, or a Pod as a whole, ask for."""
    requests = _total(r for r, _ in wants)
    limits = _total(limit for _, limit in wants)
    if not requests and not limits:
        return BEST_EFFORT
    complete = all(_positive(limit) == set(COMPUTE) for _, limit in wants)
    return GUARANTEED if complete and requests == limits else BURSTABLE


def _positive(amounts: Mapping[str, str]) -> set[str]:
    return {name for name in COMPUTE if name in amounts and parse(amounts[name]).nano > 0}


def _total(lists: Iterable[Mapping[str, str]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for amounts in lists:
        for name in COMPUTE:
            if name in amounts and parse(amounts[name]).nano > 0:
                total[name] = total.get(name, 0) + parse(amounts[name]).nano
    return total
