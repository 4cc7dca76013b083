"""The status of the workloads of apps/v1 and of a ReplicationController (pkg/apis/apps/validation)."""

from __future__ import annotations

from kubesim_tui.apiserver.validation.core import meta_update
from kubesim_tui.apiserver.validation.report import JsonMap, Report, number, part

OVER_REPLICAS = "cannot be greater than status.replicas"
DEPLOYMENT = (
    *("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
    *("unavailableReplicas", "terminatingReplicas", "collisionCount"),
)
REPLICAS = (
    *("replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"),
    "terminatingReplicas",
)
STATEFUL = (
    *("replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"),
    *("observedGeneration", "collisionCount"),
)
DAEMON = (
    *("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration"),
    *("updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount"),
)


def _counts(r: Report, status: JsonMap, names: tuple[str, ...]) -> None:
    for name in names:
        r.not_negative(f"status.{name}", status.get(name))


def _at_most(r: Report, status: JsonMap, name: str, other: str, said: str) -> None:
    if number(status, name) > number(status, other):
        r.invalid(f"status.{name}", number(status, name), said)


def _collision_count(r: Report, new: JsonMap, old: JsonMap) -> None:
    status, before = part(new, "status"), part(old, "status")
    if before.get("collisionCount") is not None and number(status, "collisionCount") < before["collisionCount"]:
        r.invalid("status.collisionCount", number(status, "collisionCount"), "cannot be decremented")


def deployment(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Counts that are possible."""
    meta_update(r, new, old)
    status = part(new, "status")
    _counts(r, status, DEPLOYMENT)
    for name in ("updatedReplicas", "readyReplicas", "availableReplicas"):
        _at_most(r, status, name, "replicas", OVER_REPLICAS)
    _at_most(r, status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas")
    _collision_count(r, new, old)


def replicas(r: Report, new: JsonMap, old: JsonMap) -> None:
    """The status of a ReplicaSet or ReplicationController."""
    meta_update(r, new, old)
    status = part(new, "status")
    _counts(r, status, REPLICAS)
    for name in ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"):
        _at_most(r, status, name, "replicas", OVER_REPLICAS)
    _at_most(r, status, "availableReplicas", "readyReplicas", "cannot be greater than readyReplicas")


def stateful_set(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Counts that are possible. (Here the metadata come second.)"""
    status = part(new, "status")
    _counts(r, status, STATEFUL)
    for name in ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"):
        _at_most(r, status, name, "replicas", OVER_REPLICAS)
    _at_most(r, status, "availableReplicas", "readyReplicas", "cannot be greater than status.readyReplicas")
    meta_update(r, new, old)
    _collision_count(r, new, old)


def daemon_set(r: Report, new: JsonMap, old: JsonMap) -> None:
    """Counts that are possible."""
    meta_update(r, new, old)
    _counts(r, part(new, "status"), DAEMON)
    _collision_count(r, new, old)
