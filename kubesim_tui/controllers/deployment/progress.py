"""A Deployment's status and its conditions: Available, Progressing, ReplicaFailure. Pure.

As sync.go, progress.go and util upstream; reasons and messages to the letter.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api.helpers.conditions import find, without_condition
from kubesim_tui.api.types import Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet
from kubesim_tui.controllers.deployment.util import (
    NO_LIMIT,
    actual_count,
    available_count,
    max_unavailable,
    ready_count,
    spec_count,
    status_of,
    terminating_count,
    wanted,
)

PROGRESSING, AVAILABLE, FAILURE = "Progressing", "Available", "ReplicaFailure"
NEW_RS_AVAILABLE, UPDATED, TIMED_OUT = "NewReplicaSetAvailable", "ReplicaSetUpdated", "ProgressDeadlineExceeded"
CREATED, FOUND, FAILED_CREATE = "NewReplicaSetCreated", "FoundNewReplicaSet", "ReplicaSetCreateError"
PAUSED, RESUMED = "DeploymentPaused", "DeploymentResumed"


def deadline(d: Deployment) -> int | None:
    """progressDeadlineSeconds; None if there is none."""
    seconds = d.spec.progress_deadline_seconds if d.spec is not None else None
    return None if seconds is None or seconds == NO_LIMIT else seconds


def status_of_deployment(d: Deployment) -> DeploymentStatus:
    """Its status, empty if it has none yet."""
    return d.status or DeploymentStatus()


def condition(type_: str, status: str, reason: str, message: str, now: int) -> DeploymentCondition:
    """A condition that is new now."""
    return DeploymentCondition(
        type=type_, status=status, reason=reason, message=message, last_transition_time=now, last_update_time=now
    )


def set_condition(status: DeploymentStatus, new: DeploymentCondition) -> DeploymentStatus:
    """Replace a condition (it goes to the end); the same status and reason are left as they stand."""
    known = find(status.conditions, new.type)
    if known is not None and known.status == new.status and known.reason == new.reason:
        return status
    if known is not None and known.status == new.status:
        new = new.evolve(last_transition_time=known.last_transition_time)
    return status.evolve(conditions=(*without_condition(status.conditions, new.type), new))


def calculate_status(
    d: Deployment, all_rss: Sequence[ReplicaSet], new: ReplicaSet | None, now: int
) -> DeploymentStatus:
    """The sums over the ReplicaSets, and whether enough Pods are available."""
    available = available_count(all_rss)
    status = status_of_deployment(d).evolve(
        observed_generation=d.metadata.generation or 0,
        replicas=actual_count(all_rss),
        updated_replicas=status_of(new).replicas if new is not None else 0,
        ready_replicas=ready_count(all_rss),
        available_replicas=available,
        unavailable_replicas=max(0, spec_count(all_rss) - available),
        terminating_replicas=terminating_count(all_rss),
    )
    if available >= wanted(d) - max_unavailable(d):
        text = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        text = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    return set_condition(status, condition(AVAILABLE, *text, now))


def is_complete(d: Deployment, status: DeploymentStatus) -> bool:
    """All Pods are of the new template, none is left of the old, and all are available."""
    return status.updated_replicas == status.replicas == status.available_replicas == wanted(
        d
    ) and status.observed_generation >= (d.metadata.generation or 0)


def is_progressing(d: Deployment, new: DeploymentStatus) -> bool:
    """More new Pods, fewer old ones, or more ready or available ones than in the status so far."""
    old = status_of_deployment(d)
    return (
        new.updated_replicas > old.updated_replicas
        or new.replicas - new.updated_replicas < old.replicas - old.updated_replicas
        or new.ready_replicas > old.ready_replicas
        or new.available_replicas > old.available_replicas
    )


def is_timed_out(d: Deployment, new: DeploymentStatus, now: int) -> bool:
    """No progress for longer than the deadline (a finished rollout cannot time out)."""
    limit, known = deadline(d), find(new.conditions, PROGRESSING)
    if limit is None or known is None or known.reason == NEW_RS_AVAILABLE:
        return False
    return known.reason == TIMED_OUT or (known.last_update_time or 0) + limit < now


def rollout_status(d: Deployment, all_rss: Sequence[ReplicaSet], new: ReplicaSet | None, now: int) -> DeploymentStatus:
    """The whole new status in a rollout."""
    status = calculate_status(d, all_rss, new, now)
    if deadline(d) is None:
        status = status.evolve(conditions=without_condition(status.conditions, PROGRESSING))
    else:
        status = _progress(d, status, new, now)
    failures = replica_failures(all_rss, new)
    if failures:
        return set_condition(status, failures[0])
    return status.evolve(conditions=without_condition(status.conditions, FAILURE))


def _progress(d: Deployment, status: DeploymentStatus, new: ReplicaSet | None, now: int) -> DeploymentStatus:
    current = find(status_of_deployment(d).conditions, PROGRESSING)
    if status.replicas == status.updated_replicas and current is not None and current.reason == NEW_RS_AVAILABLE:
        return status
    what = f'ReplicaSet "{new.metadata.name}"' if new is not None else f'Deployment "{d.metadata.name}"'
    if is_complete(d, status):
        done = condition(PROGRESSING, "True", NEW_RS_AVAILABLE, f"{what} has successfully progressed.", now)
        return set_condition(status, done)
    if is_progressing(d, status):
        going = condition(PROGRESSING, "True", UPDATED, f"{what} is progressing.", now)
        if current is not None and current.status == "True":
            going = going.evolve(last_transition_time=current.last_transition_time)
        return status.evolve(conditions=(*without_condition(status.conditions, PROGRESSING), going))
    if is_timed_out(d, status, now):
        late = condition(PROGRESSING, "False", TIMED_OUT, f"{what} has timed out progressing.", now)
        return set_condition(status, late)
    return status


def replica_failures(all_rss: Sequence[ReplicaSet], new: ReplicaSet | None) -> list[DeploymentCondition]:
    """What the ReplicaSets say of failed Pods; the new one's word first."""
    for group in ([new] if new is not None else [], all_rss):
        found = [c for rs in group for c in status_of(rs).conditions if c.type == FAILURE]
        if found:
            return [
                DeploymentCondition(
                    type=c.type,
                    status=c.status,
                    reason=c.reason,
                    message=c.message,
                    last_transition_time=c.last_transition_time,
                    last_update_time=c.last_transition_time,
                )
                for c in found
            ]
    return []


def requeue_after(d: Deployment, status: DeploymentStatus, now: int) -> int | None:
    """Seconds until the deadline must be looked at; None if it need not."""
    limit, current = deadline(d), find(status_of_deployment(d).conditions, PROGRESSING)
    if limit is None or current is None or is_complete(d, status) or current.reason == TIMED_OUT:
        return None
    return max(0, (current.last_update_time or 0) + limit - now)


def paused_condition(d: Deployment, now: int) -> DeploymentStatus | None:
    """The status with Progressing set to paused or resumed; None if nothing is to be said."""
    status = status_of_deployment(d)
    if deadline(d) is None or d.spec is None:
        return None
    current = find(status.conditions, PROGRESSING)
    if current is not None and current.reason == TIMED_OUT:
        return None
    said = current is not None and current.reason == PAUSED
    if bool(d.spec.paused) == said:
        return None
    reason, text = (RESUMED, "Deployment is resumed") if said else (PAUSED, "Deployment is paused")
    return set_condition(status, condition(PROGRESSING, "Unknown", reason, text, now))
