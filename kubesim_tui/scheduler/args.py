"""The arguments of plugins, read from `pluginConfig` (pkg/scheduler/apis/config and its validation).

Each reader makes the plugin from its JSON arguments and adds to the errors what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from kubesim_tui.api.codec import decode
from kubesim_tui.api.fielderror import FieldError, duplicate, invalid, not_supported, required
from kubesim_tui.api.helpers.node_affinity import preferred_errors, selector_errors
from kubesim_tui.api.types import NodeAffinity, TopologySpreadConstraint
from kubesim_tui.scheduler.framework import Plugin
from kubesim_tui.scheduler.plugins import resource_scoring as scoring
from kubesim_tui.scheduler.plugins.balanced_allocation import BalancedAllocation
from kubesim_tui.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from kubesim_tui.scheduler.plugins.node_affinity import NodeAffinityPlugin
from kubesim_tui.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kubesim_tui.scheduler.plugins.pod_topology_spread import HARD, SOFT, PodTopologySpread
from kubesim_tui.scheduler.plugins.resource_scoring import DEFAULT_RESOURCES, Point, Weighted

Args: TypeAlias = Mapping[str, Any]
Errors: TypeAlias = list[FieldError]
STRATEGIES = (scoring.LEAST, scoring.MOST, scoring.RATIO)
TO_HUNDRED = 100 // scoring.MAX_SHAPE_SCORE


def fit(args: Args, errors: Errors) -> Plugin:
    """NodeResourcesFitArgs."""
    given = args.get("scoringStrategy") or {}
    kind, path = given.get("type", scoring.LEAST), "scoringStrategy"
    if kind not in STRATEGIES:
        errors.append(not_supported(f"{path}.type", kind, STRATEGIES))
    resources = weighted(given.get("resources"), f"{path}.resources", errors)
    points: tuple[Point, ...] = ()
    if kind == scoring.RATIO:
        ratio = given.get("requestedToCapacityRatio") or {}
        points = shape(ratio.get("shape") or (), "requestedToCapacityRatio.shape", errors)
    ignored, groups = args.get("ignoredResources") or (), args.get("ignoredResourceGroups") or ()
    for i, group in enumerate(groups):
        if "/" in group:
            errors.append(invalid(f"ignoredResourceGroups[{i}]", group, "resource group name can't contain '/'"))
    return NodeResourcesFit(kind, resources, points, tuple(ignored), tuple(groups))


def weighted(given: Sequence[Args] | None, path: str, errors: Errors) -> tuple[Weighted, ...]:
    """Resources with weights from 1 to 100."""
    if not given:
        return DEFAULT_RESOURCES
    found = [Weighted(r.get("name", ""), r.get("weight", 1)) for r in given]
    for i, resource in enumerate(found):
        if not 0 < resource.weight <= 100:
            text = f"resource weight of {resource.name} not in valid range (0, 100]"
            errors.append(invalid(f"{path}[{i}].weight", resource.weight, text))
    return tuple(found)


def shape(given: Sequence[Args], path: str, errors: Errors) -> tuple[Point, ...]:
    """Points with growing utilization (0…100) and scores 0…10, which become 0…100."""
    if not given:
        errors.append(required(path, "at least one point must be specified"))
    points = [(p.get("utilization", 0), p.get("score", 0)) for p in given]
    for i in range(1, len(points)):
        if points[i - 1][0] >= points[i][0]:
            text = "values must be sorted in increasing order"
            errors.append(invalid(f"{path}[{i}].utilization", points[i][0], text))
            break
    for i, (utilization, score) in enumerate(points):
        for name, value, most in (("utilization", utilization, 100), ("score", score, scoring.MAX_SHAPE_SCORE)):
            if not 0 <= value <= most:
                errors.append(invalid(f"{path}[{i}].{name}", value, f"not in valid range [0, {most}]"))
    return tuple([(utilization, score * TO_HUNDRED) for utilization, score in points])


def balanced(args: Args, errors: Errors) -> Plugin:
    """NodeResourcesBalancedAllocationArgs: every weight is 1."""
    given = args.get("resources") or ()
    seen: list[str] = []
    for i, resource in enumerate(given):
        if resource.get("name") in seen:
            errors.append(duplicate(f"resources[{i}].name", resource.get("name")))
        seen.append(resource.get("name", ""))
        if resource.get("weight", 1) != 1:
            errors.append(invalid(f"resources[{i}].weight", resource["weight"], "must be 1"))
    return BalancedAllocation(tuple([Weighted(name) for name in seen]) or DEFAULT_RESOURCES)


def node_affinity(args: Args, errors: Errors) -> Plugin:
    """NodeAffinityArgs."""
    added = decode(NodeAffinity, args.get("addedAffinity") or {})
    required_ = added.required_during_scheduling_ignored_during_execution
    if required_ is not None:
        errors += selector_errors(required_, "addedAffinity.requiredDuringSchedulingIgnoredDuringExecution")
    preferred = added.preferred_during_scheduling_ignored_during_execution
    errors += preferred_errors(preferred, "addedAffinity.preferredDuringSchedulingIgnoredDuringExecution")
    return NodeAffinityPlugin(added)


def inter_pod_affinity(args: Args, errors: Errors) -> Plugin:
    """InterPodAffinityArgs."""
    weight = args.get("hardPodAffinityWeight", 1)
    if not 0 <= weight <= 100:
        errors.append(invalid("hardPodAffinityWeight", weight, "not in valid range [0, 100]"))
    return InterPodAffinity(weight, args.get("ignorePreferredTermsOfExistingPods", False))


def spread(args: Args, errors: Errors) -> Plugin:
    """PodTopologySpreadArgs: the system's constraints, or a list of one's own (without selectors)."""
    kind, given = args.get("defaultingType", "System"), args.get("defaultConstraints") or ()
    if kind not in ("System", "List"):
        errors.append(not_supported("defaultingType", kind, ("System", "List")))
    if kind == "System":
        if given:
            errors.append(invalid("defaultingType", kind, "when .defaultConstraints are not empty"))
        return PodTopologySpread()
    for i, constraint in enumerate(given):
        _check_constraint(constraint, f"defaultConstraints[{i}]", errors)
    return PodTopologySpread(tuple([decode(TopologySpreadConstraint, c) for c in given]), system=False)


def _check_constraint(constraint: Args, path: str, errors: Errors) -> None:
    if constraint.get("maxSkew", 0) <= 0:
        errors.append(invalid(f"{path}.maxSkew", constraint.get("maxSkew", 0), "not in valid range (0, inf)"))
    if not constraint.get("topologyKey"):
        errors.append(required(f"{path}.topologyKey", "can not be empty"))
    if constraint.get("whenUnsatisfiable") not in (HARD, SOFT):
        errors.append(not_supported(f"{path}.whenUnsatisfiable", constraint.get("whenUnsatisfiable", ""), (HARD, SOFT)))
    if constraint.get("labelSelector") is not None:
        text = "constraint must not define a selector, as they deduced for each pod"
        errors.append(FieldError(f"{path}.labelSelector", "FieldValueForbidden", f"Forbidden: {text}"))


READERS: Mapping[str, Callable[[Args, Errors], Plugin]] = {
    "NodeResourcesFit": fit,
    "NodeResourcesBalancedAllocation": balanced,
    "NodeAffinity": node_affinity,
    "InterPodAffinity": inter_pod_affinity,
    "PodTopologySpread": spread,
}
"""Plugins that have arguments."""
