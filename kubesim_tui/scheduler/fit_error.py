"""Why a Pod fits nowhere, in the words of FailedScheduling (framework.FitError).

`0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. preemption: 0/3 nodes are …`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field, frozen

from kubesim_tui.scheduler.framework import Code, Status

NO_NODES = "no nodes available to schedule pods"
NOTE_LIMIT = 1024
"""An Event's text is cut to this many characters; the condition has the whole message."""


@define(eq=False)
class NodeStatuses:
    """Who refused the Pod, node by node; nodes that were not looked at share one status."""

    by_node: dict[str, Status] = field(factory=dict)
    others: Status = field(factory=lambda: Status(Code.UNRESOLVABLE))

    def get(self, node: str) -> Status:
        """The status of a node."""
        return self.by_node.get(node, self.others)


@frozen(eq=False)
class Diagnosis:
    """What a failed cycle found."""

    all_nodes: int
    nodes: NodeStatuses
    plugins: tuple[str, ...] = ()  # who refused, sorted
    pre_filter: str = ""  # the message, if the Pod was refused before any node was looked at
    post_filter: str = ""

    def __deepcopy__(self, _memo: Any) -> Diagnosis:
        return self

    def message(self) -> str:
        """The text of FailedScheduling."""
        return fit_message(self.all_nodes, self.nodes, self.pre_filter, self.post_filter)


def histogram(all_nodes: int, statuses: NodeStatuses) -> dict[str, int]:
    """How many nodes have each reason."""
    counts: dict[str, int] = {}
    for status in statuses.by_node.values():
        for reason in status.reasons:
            counts[reason] = counts.get(reason, 0) + 1
    absent = all_nodes - len(statuses.by_node)
    for reason in statuses.others.reasons if absent > 0 else ():
        counts[reason] = counts.get(reason, 0) + absent
    return counts


def counted(counts: Mapping[str, int]) -> str:
    """`1 node(s) were unschedulable, 2 Insufficient cpu`: sorted as texts."""
    return ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))


def fit_message(all_nodes: int, statuses: NodeStatuses, pre_filter: str = "", post_filter: str = "") -> str:
    """The whole message."""
    body = pre_filter or counted(histogram(all_nodes, statuses))
    message = f"0/{all_nodes} nodes are available:" + (f" {body}." if body else "")
    return f"{message} {post_filter}" if post_filter else message


def truncated(message: str) -> str:
    """A message as an Event can hold it."""
    return message if len(message) <= NOTE_LIMIT else f"{message[: NOTE_LIMIT - 4]} ..."
