"""The decision of one sync: from what was read to the size that the target shall have. Pure.

The order is upstream's: nothing if the target is at zero; the bounds if it lies outside; else the most that any metric
asks for, stabilized and limited. A metric that fails forbids going down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from kubesim_tui.api.quantity import parse as parse_quantity
from kubesim_tui.api.times import format_time
from kubesim_tui.api.types import Pod
from kubesim_tui.controllers import generic
from kubesim_tui.controllers.base import WARNING, Autoscaling
from kubesim_tui.controllers.podautoscaler import behavior, proposal
from kubesim_tui.controllers.podautoscaler.behavior import Memory, Past, Request
from kubesim_tui.controllers.podautoscaler.proposal import Invalid, Target
from kubesim_tui.controllers.podautoscaler.replicas import Scope, Tolerances

ABLE, ACTIVE, LIMITED = "AbleToScale", "ScalingActive", "ScalingLimited"
Data = Mapping[str, Any]
Conditions = list[dict[str, Any]]


@frozen
class Observed:
    """What was read: the target's sizes and Pods, and each metric (or why there is none)."""

    wanted: int
    running: int
    pods: Sequence[Pod]
    namespace: str = ""
    metrics: Sequence[Any] = ()
    selector_refused: tuple[str, str, str] | None = None  # (reason, Event, condition)


@frozen
class Decision:
    """What to do: a new size (None: none), why, and what to report."""

    replicas: int | None
    why: str
    conditions: Conditions
    events: tuple[tuple[str, str, str], ...]
    memory: Memory
    desired: int | None  # None: as reported before
    metrics: Sequence[Data] | None = None


@frozen
class Chosen:
    """What the metrics amount to: the size, and which of them asks for it; `failed`: why there is none."""

    replicas: int
    name: str
    reported: tuple[Data, ...] | None
    condition: tuple[str, str, str]  # (status, reason, message) of ScalingActive
    events: tuple[tuple[str, str, str], ...] = ()
    failed: str = ""


@frozen
class Round:
    """One sync of one autoscaler: its spec and conditions, what is remembered, the flags and the time."""

    spec: Data
    conditions: Conditions
    memory: Memory
    flags: Autoscaling
    now: int
    observed: Observed = field(kw_only=True)

    @property
    def least(self) -> int:
        """The fewest replicas."""
        found = self.spec.get("minReplicas")
        return 1 if found is None else int(found)

    def with_condition(self, type_: str, status: str, reason: str, message: str) -> Round:
        """With one condition set."""
        made = generic.condition(self.conditions, type_, status, reason, message, format_time(self.now))
        return evolve(self, conditions=made)


def decide(this: Round) -> Decision:
    """See the module."""
    current = this.observed.wanted
    if not this.memory.recommendations:
        this = evolve(this, memory=evolve(this.memory, recommendations=(Past(current, this.now),)))
    if current == 0 and this.least != 0:
        text = "scaling is disabled since the replica count of the target is zero"
        this = this.with_condition(ACTIVE, "False", "ScalingDisabled", text)
        return Decision(None, "", this.conditions, (), this.memory, current, ())
    most = int(this.spec["maxReplicas"])
    if current > most:
        return _bounded(this, most, "Current number of replicas above Spec.MaxReplicas")
    if current < this.least:
        return _bounded(this, this.least, "Current number of replicas below Spec.MinReplicas")
    return _by_metrics(this)


def _bounded(this: Round, replicas: int, why: str) -> Decision:
    return Decision(replicas, why, this.conditions, (), this.memory, replicas, ())


def _by_metrics(this: Round) -> Decision:
    found, current = choose(this), this.observed.wanted
    this = this.with_condition(ACTIVE, *found.condition)
    if found.failed:
        events = (*found.events, (WARNING, "FailedComputeMetricsReplicas", found.failed))
        return Decision(None, "", this.conditions, events, this.memory, None, found.reported)
    why = ""
    if found.replicas > current:
        why = f"{found.name} above target"
    elif found.replicas < current:
        why = "All metrics below target"
    this, replicas = _normalize(this, found.replicas)
    return Decision(
        replicas if replicas != current else None,
        why,
        this.conditions,
        found.events,
        this.memory,
        replicas,
        found.reported,
    )


# -- the metrics -----------------------------------------------------------------------------------------------------


def tolerances(spec: Data, usual: float) -> Tolerances:
    """Of the autoscaler's own behavior, or of the flag."""

    def one(direction: str) -> float:
        own = ((spec.get("behavior") or {}).get(direction) or {}).get("tolerance")
        return usual if own is None else float(parse_quantity(str(own)).as_fraction())

    return Tolerances(one("scaleDown"), one("scaleUp"))


def choose(this: Round) -> Chosen:
    """The most that any metric asks for."""
    observed, flags = this.observed, this.flags
    if observed.selector_refused is not None:
        reason, told, shown = observed.selector_refused
        return Chosen(0, "", None, ("False", reason, shown), ((WARNING, reason, told),), told)
    scope = Scope(observed.pods, observed.wanted, this.now, tolerances(this.spec, flags.tolerance), flags)
    target = Target(scope, observed.running, observed.namespace)
    metrics = this.spec.get("metrics") or ()
    best, name, reported, refused = 0, "", [], []
    for metric, found in zip(metrics, observed.metrics, strict=True):
        try:
            made = proposal.propose(target, metric, found)
        except Invalid as invalid:
            refused.append(invalid)
            reported.append({"type": ""})
            continue
        reported.append(dict(made.reported))
        if best == 0 or made.replicas > best:
            best, name = made.replicas, made.name
    events = tuple((WARNING, r.reason, r.message) for r in refused)
    if refused and (len(refused) >= len(metrics) or best < observed.wanted):
        text = f"the HPA was unable to compute the replica count: {refused[0].message}"
        failed = f"invalid metrics ({len(refused)} invalid out of {len(metrics)}), first error is: {refused[0].told}"
        return Chosen(0, "", tuple(reported), ("False", refused[0].reason, text), events, failed)
    text = f"the HPA was able to successfully calculate a replica count from {name}"
    return Chosen(best, name, tuple(reported), ("True", "ValidMetricFound", text), events)


# -- within the rules ------------------------------------------------------------------------------------------------


def _normalize(this: Round, desired: int) -> tuple[Round, int]:
    """The desired size stabilized and limited, and the conditions that say so."""
    rules = this.spec.get("behavior")
    up, down = _rules(rules, "scaleUp", this.flags), _rules(rules, "scaleDown", this.flags)
    most = int(this.spec["maxReplicas"])
    request = Request(this.observed.wanted, desired, this.least, most, this.now, up, down)
    kept, window = this.memory.recommendations, this.flags.downscale_stabilization
    if rules is None:
        stable, kept = behavior.stabilize_down(request, kept, window)
        able = behavior.DOWN_STABILIZED
    else:
        stable, kept = behavior.stabilize(request, kept)
        able = behavior.UP_STABILIZED if desired >= request.current else behavior.DOWN_STABILIZED
    if stable == desired:
        able = ("ReadyForNewScale", "recommended size matches current size")
    this = evolve(this, memory=evolve(this.memory, recommendations=kept))
    this = this.with_condition(ABLE, "True", *able)
    request = evolve(request, desired=stable)
    found, why = behavior.limit_plainly(request) if rules is None else behavior.limit(request, this.memory)
    return this.with_condition(LIMITED, "False" if found == stable else "True", *why), found


def _rules(rules: Data | None, direction: str, flags: Autoscaling) -> Data:
    """One direction's rules; the window of going down is the flag's if it is not given."""
    found = dict((rules or {}).get(direction) or {})
    if direction == "scaleDown" and found.get("stabilizationWindowSeconds") is None:
        found["stabilizationWindowSeconds"] = flags.downscale_stabilization
    return found
