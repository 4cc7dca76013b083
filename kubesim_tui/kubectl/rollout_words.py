"""What `kubectl rollout status` says of a workload, from its generation, spec and status.

Source: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go.
"""

from __future__ import annotations

from typing import Any

Data = dict[str, Any]
Words = tuple[str, bool]
"""(message, whether the rollout is over)."""


class RolloutFailed(Exception):
    """A rollout that will not come to its end."""


def status(o: Data, revision: int = 0) -> Words:
    """The words for a Deployment, DaemonSet or StatefulSet. RolloutFailed if it has failed, or cannot be followed."""
    return {"Deployment": _deployment, "DaemonSet": _daemon_set, "StatefulSet": _stateful_set}[o["kind"]](o, revision)


def _parts(o: Data) -> tuple[str, Data, Data, bool]:
    """(name, spec, status, whether the controller has seen the newest spec)."""
    meta, state = o.get("metadata") or {}, o.get("status") or {}
    seen = (meta.get("generation") or 0) <= (state.get("observedGeneration") or 0)
    return meta.get("name", ""), o.get("spec") or {}, state, seen


def _deployment(o: Data, revision: int) -> Words:
    name, spec, state, seen = _parts(o)
    if revision:
        notes = (o.get("metadata") or {}).get("annotations") or {}
        running = int(notes.get("deployment.kubernetes.io/revision") or 0)
        if running != revision:
            raise RolloutFailed(f"desired revision ({revision}) is different from the running revision ({running})")
    if not seen:
        return "Waiting for deployment spec update to be observed...", False
    for c in state.get("conditions") or ():
        if c.get("type") == "Progressing" and c.get("reason") == "ProgressDeadlineExceeded":
            raise RolloutFailed(f'deployment "{name}" exceeded its progress deadline')
    wanted, total = spec.get("replicas"), state.get("replicas") or 0
    updated, available = state.get("updatedReplicas") or 0, state.get("availableReplicas") or 0
    waiting = f'Waiting for deployment "{name}" rollout to finish:'
    if wanted is not None and updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated...", False
    if total > updated:
        return f"{waiting} {total - updated} old replicas are pending termination...", False
    if available < updated:
        return f"{waiting} {available} of {updated} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _daemon_set(o: Data, _revision: int) -> Words:
    name, spec, state, seen = _parts(o)
    if (spec.get("updateStrategy") or {}).get("type", "RollingUpdate") != "RollingUpdate":
        raise RolloutFailed("rollout status is only available for RollingUpdate strategy type")
    if not seen:
        return "Waiting for daemon set spec update to be observed...", False
    updated, wanted = state.get("updatedNumberScheduled") or 0, state.get("desiredNumberScheduled") or 0
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    if updated < wanted:
        return f"{waiting} {updated} out of {wanted} new pods have been updated...", False
    available = state.get("numberAvailable") or 0
    if available < wanted:
        return f"{waiting} {available} of {wanted} updated pods are available...", False
    return f'daemon set "{name}" successfully rolled out', True


def _stateful_set(o: Data, _revision: int) -> Words:
    _, spec, state, seen = _parts(o)
    strategy = spec.get("updateStrategy") or {}
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        raise RolloutFailed("rollout status is only available for RollingUpdate strategy type")
    if not state.get("observedGeneration") or not seen:
        return "Waiting for statefulset spec update to be observed...", False
    wanted, ready, updated = spec.get("replicas"), state.get("readyReplicas") or 0, state.get("updatedReplicas") or 0
    if wanted is not None and ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready...", False
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    if wanted is not None and partition:
        if updated < wanted - partition:
            numbers = f"{updated} out of {wanted - partition} new pods have been updated..."
            return f"Waiting for partitioned roll out to finish: {numbers}", False
        return f"partitioned roll out complete: {updated} new pods have been updated...", True
    if state.get("updateRevision") != state.get("currentRevision"):
        revision = state.get("updateRevision", "")
        return f"waiting for statefulset rolling update to complete {updated} pods at revision {revision}...", False
    current = state.get("currentReplicas") or 0
    return f"statefulset rolling update complete {current} pods at revision {state.get('currentRevision', '')}...", True
