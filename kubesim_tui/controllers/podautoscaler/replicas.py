"""How many replicas one metric asks for. Pure; as upstream's replica calculator.

replicas = ceil(now / target · Pods that count), unless the ratio lies within the tolerance. Pods without a sample, and
(for cpu) Pods that have not been ready for long, are assumed to be such that they dampen: on the way down they use what
they asked for, on the way up nothing. If that turns the direction round, all stays as it is.

Ratios are quotients of integers in binary floating point as upstream's are, so that they round the same way.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from kubesim_tui.api.helpers.conditions import is_pod_ready, pod_condition
from kubesim_tui.api.helpers.resources import is_pod_level, pod_requests
from kubesim_tui.api.quantity import milli
from kubesim_tui.api.types import Pod
from kubesim_tui.controllers.base import Autoscaling

MAX_INT32 = (1 << 31) - 1
NO_PODS = "no pods returned by selector while calculating replica count"
NOT_TARGETED = "did not receive metrics for targeted pods (pods might be unready)"


class MetricError(Exception):
    """A metric that cannot be had, in upstream's words."""


@frozen
class Sample:
    """A metric of one Pod, in thousandths: taken at a time (Unix seconds), over a window (seconds)."""

    value: int
    at: int = 0
    window: int = 0


Samples = Mapping[str, Sample]
"""By the Pod's name."""


@frozen
class Tolerances:
    """How far now / target may be from 1 before anything is done."""

    down: float = 0.1
    up: float = 0.1

    def cover(self, ratio: float) -> bool:
        """Nothing need be done."""
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@frozen
class Groups:
    """The Pods of a target: how many count, and the names of those that do not."""

    ready: int
    unready: tuple[str, ...]
    missing: tuple[str, ...]
    ignored: tuple[str, ...]


@frozen
class Wanted:
    """A proposal: the replicas, and what is reported as current (per cent, thousandths)."""

    replicas: int
    value: int
    utilization: int | None = None


@frozen
class Scope:
    """What a calculation is about: the Pods of the target, how many there shall be now, and the rules."""

    pods: Sequence[Pod]
    replicas: int
    now: int
    tolerances: Tolerances = Tolerances()
    flags: Autoscaling = field(factory=Autoscaling)


def ceil(number: float) -> int:
    """Rounded up, as an int32."""
    return MAX_INT32 if number > MAX_INT32 else math.ceil(number)


# -- which Pods count ------------------------------------------------------------------------------------------------


def group(scope: Scope, samples: Samples, resource: str) -> Groups:
    """Sort the Pods. Readiness matters for cpu only."""
    ready, unready, missing, ignored = 0, [], [], []
    for pod in scope.pods:
        name, phase = pod.metadata.name, pod.status.phase if pod.status is not None else ""
        if pod.metadata.deletion_timestamp is not None or phase == "Failed":
            ignored.append(name)
        elif phase == "Pending":
            unready.append(name)
        elif name not in samples:
            missing.append(name)
        elif resource == "cpu" and _is_unready(pod, samples[name], scope):
            unready.append(name)
        else:
            ready += 1
    return Groups(ready, tuple(unready), tuple(missing), tuple(ignored))


def _is_unready(pod: Pod, sample: Sample, scope: Scope) -> bool:
    condition, start = pod_condition(pod, "Ready"), pod.status.start_time if pod.status is not None else None
    if condition is None or start is None:
        return True
    since = condition.last_transition_time or 0
    if start + scope.flags.cpu_initialization_period > scope.now:
        return condition.status == "False" or sample.at < since + sample.window
    return condition.status == "False" and start + scope.flags.initial_readiness_delay > since


def requests(pods: Iterable[Pod], resource: str, container: str = "") -> dict[str, int]:
    """What each Pod (or one container of it) asks for, in thousandths; MetricError if one asks for nothing."""
    return {pod.metadata.name: _request(pod, resource, container) for pod in pods}


def _request(pod: Pod, resource: str, container: str) -> int:
    spec, name = pod.spec, pod.metadata.name
    if spec is None:
        return 0
    whole = spec.resources.requests if spec.resources is not None else {}
    if not container and any(map(is_pod_level, whole)):
        found = pod_requests(spec, overhead=False).get(resource)
        if found is None:
            raise MetricError(f"missing pod-level request for {resource} in Pod {name}")
        return found.milli_value()
    total = 0
    for c in (*spec.containers, *(c for c in spec.init_containers if c.restart_policy == "Always")):
        if container in ("", c.name):
            text = c.resources.requests.get(resource) if c.resources is not None else None
            if text is None:
                raise MetricError(f"missing request for {resource} in container {c.name} of Pod {name}")
            total += milli(text)
        if container == c.name:
            return total
    if container:
        raise MetricError(f"container {container} not found in Pod {name}")
    return total


# -- resources as a share of what is requested -----------------------------------------------------------------------


def _utilization(samples: Samples, asked: Mapping[str, int], target: int) -> tuple[float, int, int]:
    """(ratio to the target, per cent, thousandths a Pod)."""
    used = wanted = count = 0
    for name, sample in samples.items():
        if name in asked:
            used, wanted, count = used + sample.value, wanted + asked[name], count + 1
    if not wanted:
        raise MetricError("no metrics returned matched known pods")
    percent = used * 100 // wanted
    return percent / target, percent, used // count


def by_utilization(scope: Scope, samples: Samples, target: int, resource: str, container: str = "") -> Wanted:
    """For a target in per cent of the requests."""
    counted, groups = _counted(scope, samples, resource)
    asked = requests(scope.pods, resource, container)
    ratio, percent, average = _utilization(counted, asked, target)
    missing = {name: Sample(asked[name] * max(100, target) // 100) for name in groups.missing}
    assumed = _assume(counted, groups, ratio, missing)
    again = _utilization(assumed, asked, target)[0] if assumed is not None else ratio
    return Wanted(_replicas(scope, groups, ratio, again, assumed), average, percent)


# -- plain values ----------------------------------------------------------------------------------------------------


def _usage(samples: Samples, target: int) -> tuple[float, int]:
    average = sum(sample.value for sample in samples.values()) // len(samples)
    return average / target, average


def by_average(scope: Scope, samples: Samples, target: int, resource: str = "") -> Wanted:
    """For a target value a Pod (thousandths)."""
    counted, groups = _counted(scope, samples, resource)
    ratio, average = _usage(counted, target)
    assumed = _assume(counted, groups, ratio, dict.fromkeys(groups.missing, Sample(target)))
    again = _usage(assumed, target)[0] if assumed is not None else ratio
    return Wanted(_replicas(scope, groups, ratio, again, assumed), average)


def by_value(scope: Scope, value: int, target: int) -> Wanted:
    """For one value and its target: of an object, or from outside."""
    ratio = value / target
    if not scope.replicas:
        return Wanted(ceil(ratio), value)
    if scope.tolerances.cover(ratio):
        return Wanted(scope.replicas, value)
    if not scope.pods:
        raise MetricError(f"unable to calculate ready pods: {NO_PODS}")
    ready = sum(1 for p in scope.pods if p.status is not None and p.status.phase == "Running" and is_pod_ready(p))
    return Wanted(ceil(ratio * ready), value)


def by_share(tolerances: Tolerances, running: int, value: int, target: int) -> Wanted:
    """For one value that shall be `target` a Pod; `running`: the replicas that there are."""
    wanted = ceil(value / target)
    if not running:
        return Wanted(wanted, 0)
    within = tolerances.cover(value / (float(target) * running))
    return Wanted(running if within else wanted, math.ceil(value / running))


# -- what both have in common ----------------------------------------------------------------------------------------


def _counted(scope: Scope, samples: Samples, resource: str) -> tuple[dict[str, Sample], Groups]:
    """The samples that count; MetricError if there is none."""
    if not scope.pods:
        raise MetricError(NO_PODS)
    groups = group(scope, samples, resource)
    out = {*groups.ignored, *groups.unready}
    counted = {name: sample for name, sample in samples.items() if name not in out}
    if not counted:
        raise MetricError(NOT_TARGETED)
    return counted, groups


def _assume(
    counted: Mapping[str, Sample], groups: Groups, ratio: float, missing_below: Mapping[str, Sample]
) -> dict[str, Sample] | None:
    """With what is assumed of Pods that say nothing yet; None if nothing need be assumed."""
    above_unready = bool(groups.unready) and ratio > 1.0
    if not above_unready and not groups.missing:
        return None
    found = dict(counted)
    if ratio < 1.0:
        found.update(missing_below)
    elif ratio > 1.0:
        found.update(dict.fromkeys(groups.missing, Sample(0)))
    if above_unready:
        found.update(dict.fromkeys(groups.unready, Sample(0)))
    return found


def _replicas(scope: Scope, groups: Groups, ratio: float, again: float, assumed: Samples | None) -> int:
    """By the ratio, or by that with assumptions, if there are any and they do not turn the direction round."""
    if assumed is None:
        return scope.replicas if scope.tolerances.cover(ratio) else ceil(ratio * groups.ready)
    turned = (ratio < 1.0 < again) or (again < 1.0 < ratio)
    if scope.tolerances.cover(again) or turned:
        return scope.replicas
    found = ceil(again * len(assumed))
    backwards = (again < 1.0 and found > scope.replicas) or (again > 1.0 and found < scope.replicas)
    return scope.replicas if backwards else found
