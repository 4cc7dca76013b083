"""What Kubernetes does otherwise since the stories were recorded with 1.20, each with its source.

Functions bring both sides to one form; nothing else may differ.
"""

from __future__ import annotations

import re
from typing import Any

Row = dict[str, Any]

NEWER_CONDITIONS = {
    # PodDisruptionBudget: DisruptionAllowed since 1.21 (pkg/controller/disruption/disruption.go, updatePdbStatus)
    ("PodDisruptionBudget", "DisruptionAllowed"),
    # Job: before Complete and Failed since 1.31 (KEP-3998, pkg/controller/job/job_controller.go)
    ("Job", "SuccessCriteriaMet"),
    ("Job", "FailureTarget"),
}
"""(kind, type) of conditions that 1.20 did not have."""

NEWER_COUNTS = {
    # StatefulSet: availableReplicas since 1.22 (KEP-2599)
    ("StatefulSet", "availableReplicas"),
    # Deployment, ReplicaSet: terminatingReplicas since 1.33 (KEP-3973)
    ("Deployment", "terminatingReplicas"),
    ("ReplicaSet", "terminatingReplicas"),
    # Job: ready since 1.24 (KEP-2879), terminating since 1.28 (KEP-3939)
    ("Job", "ready"),
    ("Job", "terminating"),
}
"""(kind, count) of counts that 1.20 did not have."""

RENAMED = (
    # plugins/nodeaffinity: "/selector" since 1.21
    (r"didn't match Pod's node affinity$", "didn't match Pod's node affinity/selector"),
    # plugins/tainttoleration: since 1.23; without naming the taint since 1.34
    (r"had taint (\{.*\}), that the pod didn't tolerate", r"had untolerated taint \1"),
    (r"had untolerated taint\(s\)", "had untolerated taint"),
    (r"had untolerated taint \{.*\}", "had untolerated taint"),
    # plugins/interpodaffinity: one sentence each since 1.21
    (r"didn't match pod affinity/anti-affinity rules, node\(s\) didn't match", "didn't match"),
)
"""Texts of the scheduler's filters."""


def event_message(row: Row) -> str:
    """The message of an Event, without what has changed."""
    text = str(row["message"]).removeprefix("(combined from similar events): ")
    if row["reason"] == "ScalingReplicaSet":  # "from A to B" since 1.26 (pkg/controller/deployment/sync.go)
        return re.sub(r" from \d+ to (\d+)", r" to \1", text)
    if row["reason"] == "FailedScheduling":
        return unschedulable(text)
    if row["reason"] == "Scheduled":  # the node is left to chance
        return re.sub(r" to [\w.-]+$", " to a node", text)
    return text


def unschedulable(text: str) -> str:
    """The reasons why nodes do not do: sorted, in today's words, without the sentence about preemption (since 1.24).

    A reason that a PreFilter plugin gives is told once since 1.23, not once a node.
    """
    head, _, tail = text.partition(": ")
    tail = re.split(r"\.? *(?:no new claims to deallocate, )?preemption:", tail)[0].rstrip(". ")
    parts = []
    for part in re.split(r", (?=\d+ )", tail):
        for old, new in RENAMED:
            part = re.sub(old, new, part)
        parts.append(re.sub(r"^\d+ (?=pod has unbound)", "", part))
    return f"{head}: {', '.join(sorted(parts))}"


def condition(row: Row) -> Row | None:
    """A condition without what has changed; None if it is new."""
    if (row["kind"], row["type"]) in NEWER_CONDITIONS:
        return None
    found = {k: row.get(k) or "" for k in ("kind", "name", "type", "status", "reason", "message")}
    if row["kind"] == "Job" and row["type"] == "Complete":
        # reason and message since 1.31 (KEP-3998)
        found |= {"reason": "", "message": ""}
    return found


def counts(kind: str, status: Row, *, lost_pods: bool) -> Row:
    """The counts of a status. `lost_pods`: somebody deleted Pods of a Job; they count as failed since 1.26
    (tracking with finalizers, KEP-2307)."""
    names = COUNTS - {name for of, name in NEWER_COUNTS if of == kind}
    found = {k: v for k, v in status.items() if k in names and v}
    if kind == "Job" and lost_pods:
        found.pop("failed", None)
    if isinstance(status.get("phase"), str):
        found["phase"] = status["phase"]
    return found


def series(rows: list[Row]) -> set[tuple[str, str]]:
    """(object, reason) of what the scheduler said more than once: a series of the events API keeps the note of its
    first (client-go/tools/events: the note is no part of the key), so that a later reason may not be seen in theirs."""
    said = (r for r in rows if r["reason"] == "FailedScheduling" and r["count"] > 1)
    return {(r["object"], r["reason"]) for r in said}


def longer(trace: Row) -> int:
    """Seconds by which ours needs more: a Job makes up for a lost Pod after its back-off, since that has failed."""
    kinds = {step["apply"]["kind"] for step in trace["steps"] if "apply" in step}
    return 10 if "Job" in kinds else 0


COUNTS = {
    *("replicas", "readyReplicas", "updatedReplicas", "availableReplicas", "unavailableReplicas", "currentReplicas"),
    *("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled"),
    *("numberAvailable", "numberUnavailable", "numberMisscheduled", "active", "succeeded", "failed"),
    *("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"),
}
