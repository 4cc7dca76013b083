"""The conditions that a kubelet derives from the states of a Pod's containers (pkg/kubelet/status/generate.go).

`statuses` is None when nothing is known of the containers yet. Times are left to the caller.
"""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api.helpers.conditions import find
from kubesim_tui.api.types import Container, ContainerStatus, PodCondition, PodSpec

UNKNOWN, COMPLETED, NOT_READY = "UnknownContainerStatuses", "PodCompleted", "ContainersNotReady"
NOT_INITIALIZED, GATES_NOT_READY = "ContainersNotInitialized", "ReadinessGatesNotReady"


def is_sidecar(container: Container) -> bool:
    """A restartable init container: it starts before the others and runs beside them."""
    return container.restart_policy == "Always"


def containers_ready(spec: PodSpec, statuses: Sequence[ContainerStatus] | None, phase: str) -> PodCondition:
    """ContainersReady: every container and sidecar is ready."""
    kind = "ContainersReady"
    if statuses is None:
        return PodCondition(type=kind, status="False", reason=UNKNOWN)
    known = {s.name: s for s in statuses}
    wanted = [*(c for c in spec.init_containers if is_sidecar(c)), *spec.containers]
    missing = [c.name for c in wanted if c.name not in known]
    unready = [c.name for c in wanted if c.name in known and not known[c.name].ready]
    if phase == "Succeeded" and not missing:
        return PodCondition(type=kind, status="False", reason=COMPLETED)
    if phase == "Failed" and not missing:
        return PodCondition(type=kind, status="False", reason="PodFailed")
    return _verdict(kind, NOT_READY, missing, "unready", unready)


def _verdict(kind: str, reason: str, missing: list[str], word: str, bad: list[str]) -> PodCondition:
    said = []
    if missing:
        said.append(f"containers with unknown status: [{' '.join(missing)}]")
    if bad:
        said.append(f"containers with {word} status: [{' '.join(bad)}]")
    if said:
        return PodCondition(type=kind, status="False", reason=reason, message=", ".join(said))
    return PodCondition(type=kind, status="True")


def ready(
    spec: PodSpec, conditions: Sequence[PodCondition], statuses: Sequence[ContainerStatus] | None, phase: str
) -> PodCondition:
    """Ready: the containers are, and so say all readiness gates."""
    containers = containers_ready(spec, statuses, phase)
    if containers.status != "True":
        return containers.evolve(type="Ready")
    said = []
    for gate in spec.readiness_gates:
        found = find(conditions, gate.condition_type)
        if found is None:
            said.append(f'corresponding condition of pod readiness gate "{gate.condition_type}" does not exist.')
        elif found.status != "True":
            text = f'the status of pod readiness gate "{gate.condition_type}" is not "True", but {found.status}'
            said.append(text)
    if said:
        return PodCondition(type="Ready", status="False", reason=GATES_NOT_READY, message=", ".join(said))
    return PodCondition(type="Ready", status="True")


def initialized(spec: PodSpec, statuses: Sequence[ContainerStatus] | None, phase: str) -> PodCondition:
    """Initialized: init containers are done and sidecars started; `statuses` are those of all containers together."""
    kind = "Initialized"
    if statuses is None and spec.init_containers:
        return PodCondition(type=kind, status="False", reason=UNKNOWN)
    known = {s.name: s for s in statuses or ()}
    missing = [c.name for c in spec.init_containers if c.name not in known]
    undone = [c.name for c in spec.init_containers if c.name in known and not _done(c, known[c.name])]
    if phase == "Succeeded" and not missing:
        return PodCondition(type=kind, status="True", reason=COMPLETED)
    if (missing or undone) and not _has_begun(spec, known):
        return _verdict(kind, NOT_INITIALIZED, missing, "incomplete", undone)
    return PodCondition(type=kind, status="True")


def _done(container: Container, status: ContainerStatus) -> bool:
    return bool(status.started) if is_sidecar(container) else status.ready


def _has_begun(spec: PodSpec, known: dict[str, ContainerStatus]) -> bool:
    """An app container runs or has run: then initialization is over, whatever the init containers do now."""
    for c in spec.containers:
        state = known[c.name].state if c.name in known else None
        if state is not None and (state.running is not None or state.terminated is not None):
            return True
    return False
