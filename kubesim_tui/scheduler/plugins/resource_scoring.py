"""Scoring by resources: how full a node would be (pkg/scheduler/framework/plugins/noderesources).

Per resource a score 0…100, then their weighted mean in whole numbers. A resource that the node does not have, or an
extended one that the Pod does not ask for, does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from kubesim_tui.scheduler.framework import MAX_NODE_SCORE
from kubesim_tui.scheduler.node_info import NodeInfo
from kubesim_tui.scheduler.pod_info import Resource

LEAST, MOST, RATIO = "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"
MAX_SHAPE_SCORE = 10
Use = tuple[int, int]
"""(requested with the Pod, allocatable) of one resource."""
Point = tuple[int, int]
"""(utilization in per cent, score) of a shape."""


@frozen
class Weighted:
    """A resource and its weight."""

    name: str
    weight: int = 1


DEFAULT_RESOURCES = (Weighted("cpu"), Weighted("memory"))


def usage(node: NodeInfo, name: str, wanted: int, *, non_zero: bool) -> Use:
    """What would be requested of a resource and what there is; (0, 0) if it does not count."""
    if name == "cpu":
        return (node.non_zero_cpu if non_zero else node.cpu) + wanted, node.allocatable.cpu
    if name == "memory":
        return (node.non_zero_memory if non_zero else node.memory) + wanted, node.allocatable.memory
    if name == "ephemeral-storage":
        return node.storage + wanted, node.allocatable.storage
    if not wanted:
        return 0, 0
    return node.scalars.get(name, 0) + wanted, node.allocatable.amount(name)


def uses(node: NodeInfo, wanted: Resource, resources: Sequence[Weighted], *, non_zero: bool) -> list[Use]:
    """The use of each resource."""
    return [usage(node, r.name, wanted.amount(r.name), non_zero=non_zero) for r in resources]


def least_requested(requested: int, capacity: int) -> int:
    """What would be left, in per cent; 0 if it does not fit."""
    return (capacity - requested) * MAX_NODE_SCORE // capacity if capacity > 0 and requested <= capacity else 0


def most_requested(requested: int, capacity: int) -> int:
    """What would be taken, in per cent."""
    return min(requested, capacity) * MAX_NODE_SCORE // capacity if capacity else 0


def least_allocated(found: Sequence[Use], resources: Sequence[Weighted]) -> int:
    """The weighted mean of what would be left."""
    return _mean(found, resources, least_requested)


def most_allocated(found: Sequence[Use], resources: Sequence[Weighted]) -> int:
    """The weighted mean of what would be taken."""
    return _mean(found, resources, most_requested)


def _mean(found: Sequence[Use], resources: Sequence[Weighted], score: Callable[[int, int], int]) -> int:
    total = weights = 0
    for (requested, capacity), resource in zip(found, resources, strict=True):
        if capacity:
            total += score(requested, capacity) * resource.weight
            weights += resource.weight
    return total // weights if weights else 0


def broken_linear(shape: Sequence[Point], at: int) -> int:
    """The value of a function given by points, linear between them in whole numbers, flat outside."""
    for i, (x, y) in enumerate(shape):
        if at <= x:
            if not i:
                return y
            x0, y0 = shape[i - 1]
            return y0 + truncated((y - y0) * (at - x0), x - x0)
    return shape[-1][1]


def truncated(a: int, b: int) -> int:
    """a ÷ b towards zero, as Go divides. b > 0."""
    return a // b if a >= 0 else -(-a // b)


def requested_to_capacity(found: Sequence[Use], resources: Sequence[Weighted], shape: Sequence[Point]) -> int:
    """The weighted mean of the shape's values, of those resources whose value is above 0, rounded."""
    total = weights = 0
    for (requested, capacity), resource in zip(found, resources, strict=True):
        if not capacity:
            continue
        use = 100 if requested > capacity else requested * 100 // capacity
        score = broken_linear(shape, use)
        if score > 0:
            total += score * resource.weight
            weights += resource.weight
    return (2 * total + weights) // (2 * weights) if weights else 0
