"""What one sync of a StatefulSet does. Pure.

As updateStatefulSet and updateStatefulSetAfterInvariantEstablished in stateful_set_control.go of 1.37 (with the
MaxUnavailableStatefulSet gate on, and its mending for Parallel). In order: living replicas are created and mended,
lowest number first; condemned ones go, highest first; then Pods of another revision are deleted, highest first.
With OrderedReady each step waits until all before it is ready; with Parallel nothing waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attrs import frozen

from kubesim_tui.api.types import PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, StatefulSetStatus
from kubesim_tui.controllers.statefulset import util
from kubesim_tui.controllers.statefulset.util import (
    is_created,
    is_running_and_available,
    is_running_and_ready,
    is_terminating,
    is_unavailable,
    ordinal,
    revision_of,
    spec_of,
)


class Do(StrEnum):
    """Kinds of actions."""

    CREATE = "create"  # the Pod, and before it its claims
    DELETE = "delete"
    CLAIMS = "claims"  # create claims that are missing
    MEND = "mend"  # identity, storage, and owners of the claims
    OWNERS = "owners"  # of the claims


@frozen
class Action:
    """One write."""

    do: Do
    pod: Pod


@frozen
class Revisions:
    """Names and templates of the revision that Pods had and of the one they get."""

    current: str
    update: str
    current_template: PodTemplateSpec
    update_template: PodTemplateSpec


@frozen
class Decision:
    """The writes in order, and the status after them."""

    actions: tuple[Action, ...]
    status: StatefulSetStatus


@frozen
class Places:
    """The Pods in order: living ones by ordinal (those that are missing as they would be), condemned ones downwards."""

    replicas: tuple[Pod, ...]
    condemned: tuple[Pod, ...]
    first_unavailable: Pod | None


Claims = Mapping[str, PersistentVolumeClaim]


def decide(
    set_: StatefulSet,
    revisions: Revisions,
    pods: Sequence[Pod],
    claims: Claims,
    now: int,
    collisions: int | None = None,
) -> Decision:
    """The whole of one sync. `claims`: the set's claims that there are, by name."""
    status = count(set_, revisions, pods, now, collisions)
    if set_.metadata.deletion_timestamp is not None:
        return Decision((), status)
    monotonic = spec_of(set_).pod_management_policy != "Parallel"
    places = arrange(set_, revisions, pods, now)
    actions: list[Action] = []
    if not _living(set_, places, claims, monotonic, now, actions):
        return Decision(tuple(actions), status)
    for pod in places.condemned:
        if not _owned(set_, pod, claims):
            actions.append(Action(Do.OWNERS, pod))
    if not _condemned(set_, places, monotonic, now, actions):
        return Decision(tuple(actions), status)
    strategy = spec_of(set_).update_strategy
    if strategy is not None and strategy.type == "OnDelete":
        return Decision(tuple(actions), status)
    outdated = updates(set_, revisions.update, places.replicas, now)
    actions += [Action(Do.DELETE, pod) for pod in outdated]
    return Decision(tuple(actions), status.evolve(current_replicas=max(0, status.current_replicas - len(outdated))))


def arrange(set_: StatefulSet, revisions: Revisions, pods: Sequence[Pod], now: int) -> Places:
    """The Pods in their places."""
    start, replicas = util.start_of(set_), util.replicas_of(set_)
    known = {ordinal(p): p for p in pods}
    living = tuple(
        [known[n] if n in known else versioned_pod(set_, revisions, n) for n in range(start, start + replicas)]
    )
    condemned = sorted((n for n in known if n >= 0 and not util.in_range(set_, n)), reverse=True)
    gone = tuple([known[n] for n in condemned])
    min_ready = spec_of(set_).min_ready_seconds or 0
    unavailable = [p for p in (*living, *reversed(gone)) if is_unavailable(p, min_ready, now)]
    return Places(living, gone, unavailable[0] if unavailable else None)


def versioned_pod(set_: StatefulSet, revisions: Revisions, number: int) -> Pod:
    """A missing Pod: of the current revision below the partition (or what was never updated), else of the new one."""
    strategy, status = spec_of(set_).update_strategy, set_.status or StatefulSetStatus()
    rolling = strategy.rolling_update if strategy is not None else None
    start = util.start_of(set_)
    is_rolling = strategy is None or strategy.type != "OnDelete"
    if is_rolling and (
        (rolling is None and number < start + status.current_replicas)
        or (rolling is not None and number < start + (rolling.partition or 0))
    ):
        return util.new_pod(set_, revisions.current_template, revisions.current, number)
    return util.new_pod(set_, revisions.update_template, revisions.update, number)


def _living(set_: StatefulSet, places: Places, claims: Claims, monotonic: bool, now: int, out: list[Action]) -> bool:
    """Create and mend; False if the sync ends here."""
    min_ready = spec_of(set_).min_ready_seconds or 0
    for pod in places.replicas:
        phase = pod.status.phase if pod.status is not None else ""
        if phase in ("Failed", "Succeeded"):
            if not is_terminating(pod):
                out.append(Action(Do.DELETE, pod))
            if monotonic:
                return False
            continue
        if not is_created(pod):
            if not _stale(set_, pod, claims):
                out.append(Action(Do.CREATE, pod))
            if monotonic:
                return False
            continue
        if phase == "Pending" and _missing(set_, pod, claims):
            out.append(Action(Do.CLAIMS, pod))
        if monotonic and (is_terminating(pod) or not is_running_and_available(pod, min_ready, now)):
            return False
        if not (util.identity_matches(set_, pod) and util.storage_matches(set_, pod) and _owned(set_, pod, claims)):
            out.append(Action(Do.MEND, pod))
    return True


def _missing(set_: StatefulSet, pod: Pod, claims: Claims) -> bool:
    return any(c.metadata.name not in claims for c in util.claims_of(set_, ordinal(pod)))


def _stale(set_: StatefulSet, pod: Pod, claims: Claims) -> bool:
    """A claim of the Pod's predecessor is still about to be deleted with it: the new Pod must wait."""
    policy = spec_of(set_).persistent_volume_claim_retention_policy
    if policy is None or policy.when_scaled != "Delete":
        return False
    found = [claims[c.metadata.name] for c in util.claims_of(set_, ordinal(pod)) if c.metadata.name in claims]
    meta = pod.metadata
    return any(util.is_stale(c.metadata.owner_references, "Pod", meta.name, meta.uid) for c in found)


def _owned(set_: StatefulSet, pod: Pod, claims: Claims) -> bool:
    found = [claims[c.metadata.name] for c in util.claims_of(set_, ordinal(pod)) if c.metadata.name in claims]
    return all(util.owners_match(set_, pod, c) for c in found)


def _condemned(set_: StatefulSet, places: Places, monotonic: bool, now: int, out: list[Action]) -> bool:
    """Scale down, highest number first; False if the sync ends here."""
    min_ready = spec_of(set_).min_ready_seconds or 0
    for pod in places.condemned:
        if is_terminating(pod):
            if monotonic:
                return False
            continue
        ready = is_running_and_ready(pod) and is_running_and_available(pod, min_ready, now)
        if monotonic and not ready and pod is not places.first_unavailable:
            return False
        out.append(Action(Do.DELETE, pod))
        if monotonic:
            return False
    return True


def updates(set_: StatefulSet, revision: str, replicas: Sequence[Pod], now: int) -> list[Pod]:
    """The Pods of another revision to delete now: never more than maxUnavailable not available."""
    strategy = spec_of(set_).update_strategy
    rolling = strategy.rolling_update if strategy is not None else None
    least = (rolling.partition or 0) if rolling is not None else 0
    most = util.max_unavailable(rolling.max_unavailable if rolling is not None else None, util.replicas_of(set_))
    min_ready = spec_of(set_).min_ready_seconds or 0
    unavailable = sum([is_unavailable(p, min_ready, now) for p in replicas])
    outdated = [p for p in reversed(replicas[least:]) if revision_of(p) != revision and not is_terminating(p)]
    room = max(0, most - unavailable)
    if spec_of(set_).pod_management_policy != "Parallel":
        return outdated[:room]
    broken = [p for p in outdated if not is_running_and_available(p, min_ready, now)]
    sound = [p for p in outdated if is_running_and_available(p, min_ready, now)]
    return [*[p for p in broken if is_created(p)], *sound[:room]]


def count(
    set_: StatefulSet, revisions: Revisions, pods: Sequence[Pod], now: int, collisions: int | None
) -> StatefulSetStatus:
    """The status: how many Pods there are, ready, available, and of which revision."""
    min_ready = spec_of(set_).min_ready_seconds or 0
    created = [p for p in pods if is_created(p)]
    staying = [p for p in created if not is_terminating(p)]
    ready = [p for p in pods if is_running_and_ready(p)]
    known = set_.status or StatefulSetStatus()
    return known.evolve(
        observed_generation=set_.metadata.generation or 0,
        current_revision=revisions.current,
        update_revision=revisions.update,
        collision_count=collisions or 0,
        replicas=len(created),
        ready_replicas=len(ready),
        available_replicas=sum([is_running_and_available(p, min_ready, now) for p in ready]),
        current_replicas=sum([revision_of(p) == revisions.current for p in staying]),
        updated_replicas=sum([revision_of(p) == revisions.update for p in staying]),
    )


def completed(set_: StatefulSet, status: StatefulSetStatus) -> StatefulSetStatus:
    """When all Pods are of the new revision and ready, it becomes the current one."""
    strategy = spec_of(set_).update_strategy
    if strategy is not None and strategy.type == "OnDelete":
        return status
    if status.updated_replicas == status.replicas == status.ready_replicas:
        return status.evolve(current_replicas=status.updated_replicas, current_revision=status.update_revision)
    return status
