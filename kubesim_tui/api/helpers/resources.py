"""What a whole Pod asks for and is limited to (k8s.io/component-helpers/resource).

Per resource: the sum of the app containers and sidecars, or the peak while init containers run one after the other
(each with the sidecars started before it), whichever is more; plus the overhead; what the Pod asks for as a whole
(`spec.resources`) overrides cpu, memory and huge pages.

Amounts are exact quantities; the functions named `…_amounts` give integers: millicores of cpu, whole units (bytes,
counts) of everything else, rounded up. A Pod's spec does not change: callers that ask often keep the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubesim_tui.api.frozen import EMPTY
from kubesim_tui.api.quantity import Quantity, milli, parse, value
from kubesim_tui.api.types import Container, PodSpec

Amounts = dict[str, Quantity]
Init = tuple[Mapping[str, str], bool]
"""What an init container asks for, and whether it is a sidecar."""


def amount(name: str, text: str) -> int:
    """The integer of one resource: millicores of cpu, whole units of anything else."""
    return milli(text) if name == "cpu" else value(text)


def is_pod_level(name: str) -> bool:
    """Whether a Pod as a whole can ask for this resource."""
    return name in ("cpu", "memory") or name.startswith("hugepages-")


def aggregate(containers: Iterable[Mapping[str, str]], inits: Iterable[Init]) -> Amounts:
    """The sum of the containers or the peak of the initialization, per resource."""
    total: Amounts = {}
    for wanted in containers:
        _add(total, wanted)
    sidecars: Amounts = {}
    peak: Amounts = {}
    for wanted, sidecar in inits:
        if sidecar:
            _add(total, wanted)
            _add(sidecars, wanted)
            _raise_to(peak, sidecars)
        else:
            now = dict(sidecars)
            _add(now, wanted)
            _raise_to(peak, now)
    _raise_to(total, peak)
    return total


def _add(total: Amounts, wanted: Mapping[str, str]) -> None:
    for name, text in wanted.items():
        more = parse(text)
        total[name] = total[name].add(more) if name in total else more


def _raise_to(total: Amounts, other: Amounts) -> None:
    for name, quantity in other.items():
        if name not in total or quantity.cmp(total[name]) > 0:
            total[name] = quantity


def pod_requests(
    spec: PodSpec,
    *,
    overhead: bool = True,
    pod_level: bool = True,
    missing: Mapping[str, str] = EMPTY,
) -> Amounts:
    """What a Pod requests. `missing` is assumed for what a container does not request (scheduler's scoring)."""
    total = aggregate(
        [_requests(c, missing) for c in spec.containers],
        [(_requests(c, missing), c.restart_policy == "Always") for c in spec.init_containers],
    )
    if pod_level and spec.resources is not None:
        _override(total, spec.resources.requests)
    if overhead and spec.overhead:
        _add(total, spec.overhead)
    return total


def pod_limits(spec: PodSpec, *, overhead: bool = True, pod_level: bool = True) -> Amounts:
    """What a Pod is limited to; overhead counts only where there is a limit."""
    total = aggregate(
        [_limits(c) for c in spec.containers],
        [(_limits(c), c.restart_policy == "Always") for c in spec.init_containers],
    )
    if pod_level and spec.resources is not None:
        _override(total, spec.resources.limits)
    if overhead:
        _add(total, {name: text for name, text in spec.overhead.items() if name in total})
    return total


def _requests(container: Container, missing: Mapping[str, str]) -> Mapping[str, str]:
    found = container.resources.requests if container.resources is not None else EMPTY
    return {**missing, **found} if missing else found


def _limits(container: Container) -> Mapping[str, str]:
    return container.resources.limits if container.resources is not None else EMPTY


def _override(total: Amounts, wanted: Mapping[str, str]) -> None:
    for name, text in wanted.items():
        if is_pod_level(name):
            total[name] = parse(text)


def as_amounts(quantities: Amounts) -> dict[str, int]:
    """Quantities as integers: millicores of cpu, whole units of anything else."""
    return {n: q.milli_value() if n == "cpu" else q.value() for n, q in quantities.items()}


def request_amounts(spec: PodSpec, *, missing: Mapping[str, str] = EMPTY) -> dict[str, int]:
    """What a Pod requests, as integers."""
    return as_amounts(pod_requests(spec, missing=missing))
