"""What is asked of a Node again and again: its taints, and whether its kubelet says that it is ready."""

from __future__ import annotations

from collections.abc import Iterable

from kubesim_tui.api.helpers.conditions import is_true
from kubesim_tui.api.types import Node, NodeSpec, Taint


def taints_of(node: Node) -> tuple[Taint, ...]:
    """Its taints."""
    return node.spec.taints if node.spec is not None else ()


def has_taint(node: Node, key: str) -> bool:
    """Whether it has a taint of this key, whatever its effect."""
    return any(taint.key == key for taint in taints_of(node))


def with_taints(node: Node, taints: Iterable[Taint]) -> Node:
    """The Node with these taints in place of its own."""
    return node.evolve(spec=(node.spec or NodeSpec()).evolve(taints=tuple(taints)))


def without_taint(node: Node, key: str) -> Node:
    """The Node without the taints of this key; itself if it has none."""
    if not has_taint(node, key):
        return node
    return with_taints(node, [taint for taint in taints_of(node) if taint.key != key])


def is_ready(node: Node) -> bool:
    """Whether its condition Ready is True."""
    return node.status is not None and is_true(node.status.conditions, "Ready")
