"""What cluster-autoscaler tells of itself: the ConfigMap cluster-autoscaler-status, in the form that it has since 1.30.

Upstream writes it with every round; here it is written when something else than the time of the round has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from attrs import frozen

from kubesim_tui.cloud.autoscaler.groups import Failure

NAME, NAMESPACE = "cluster-autoscaler-status", "kube-system"
UPDATED = "cluster-autoscaler.kubernetes.io/last-updated"


@frozen
class Counts:
    """The nodes of a group, or of the whole cluster."""

    registered: int = 0
    ready: int = 0
    not_started: int = 0
    being_deleted: int = 0
    unready: int = 0
    unregistered: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            self.registered + other.registered,
            self.ready + other.ready,
            self.not_started + other.not_started,
            self.being_deleted + other.being_deleted,
            self.unready + other.unready,
            self.unregistered + other.unregistered,
        )

    def told(self) -> dict[str, Any]:
        """As the ConfigMap has it."""
        return {
            "registered": {
                "total": self.registered,
                "ready": self.ready,
                "notStarted": self.not_started,
                "beingDeleted": self.being_deleted,
                "unready": {"total": self.unready, "resourceUnready": 0},
            },
            "longUnregistered": 0,
            "unregistered": self.unregistered,
        }


@frozen
class GroupState:
    """One group."""

    name: str
    counts: Counts
    target: int
    smallest: int
    largest: int
    growing: bool
    failure: Failure | None  # why it is left alone
    candidates: int  # nodes that are not needed


def states(groups: tuple[GroupState, ...]) -> dict[str, str]:
    """The words whose change has a time: by the path of the condition."""
    total = sum(group.candidates for group in groups)
    growing = any(group.growing for group in groups)
    found = {
        "health": "Healthy",
        "scaleUp": "InProgress" if growing else "NoActivity",
        "scaleDown": "CandidatesPresent" if total else "NoCandidates",
    }
    for group in groups:
        up = "Backoff" if group.failure is not None else "InProgress" if group.growing else "NoActivity"
        found[f"{group.name}/health"] = "Healthy"
        found[f"{group.name}/scaleUp"] = up
        found[f"{group.name}/scaleDown"] = "CandidatesPresent" if group.candidates else "NoCandidates"
    return found


def text(groups: tuple[GroupState, ...], others: Counts, since: Mapping[str, str], now: str, today: str) -> str:
    """The status. `others`: nodes of no group; `since`: when each condition became what it is; times as texts."""
    said, counts = states(groups), others
    for group in groups:
        counts = counts.plus(group.counts)

    def condition(path: str, **more: Any) -> dict[str, Any]:
        return {"status": said[path], **more, "lastProbeTime": now, "lastTransitionTime": since[path]}

    candidates = sum(group.candidates for group in groups)
    told = {
        "time": today,
        "autoscalerStatus": "Running",
        "clusterWide": {
            "health": condition("health", nodeCounts=counts.told()),
            "scaleUp": condition("scaleUp"),
            "scaleDown": condition("scaleDown", **({"candidates": candidates} if candidates else {})),
        },
        "nodeGroups": [_group(group, condition) for group in groups],
    }
    return yaml.safe_dump(told, sort_keys=False, width=10_000)


def _group(group: GroupState, condition: Any) -> dict[str, Any]:
    health = {
        "nodeCounts": group.counts.told(),
        "cloudProviderTarget": group.target,
        "minSize": group.smallest,
        "maxSize": group.largest,
    }
    rest = group.failure
    info = {"backoffInfo": {"errorCode": rest.code, "errorMessage": rest.message}} if rest is not None else {}
    candidates = {"candidates": group.candidates} if group.candidates else {}
    return {
        "name": group.name,
        "health": condition(f"{group.name}/health", **health),
        "scaleUp": condition(f"{group.name}/scaleUp", **info),
        "scaleDown": condition(f"{group.name}/scaleDown", **candidates),
    }
