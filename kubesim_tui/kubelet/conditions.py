"""The conditions of a Pod that the kubelet owns, as one tuple (each is derived in api.helpers.pod_conditions)."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.api.helpers import pod_conditions
from kubesim_tui.api.types import ContainerStatus, Pod, PodCondition

READY_TO_START = "PodReadyToStartContainers"
DISRUPTION_TARGET = "DisruptionTarget"
RESIZE_PENDING, RESIZE_IN_PROGRESS = "PodResizePending", "PodResizeInProgress"
RESTARTING_ALL = "AllContainersRestarting"
OWNED = frozenset(
    {
        "PodScheduled",
        READY_TO_START,
        "Initialized",
        "Ready",
        "ContainersReady",
        RESIZE_PENDING,
        RESIZE_IN_PROGRESS,
        RESTARTING_ALL,
    }
)
"""Conditions that only the kubelet writes; it leaves all others as they are."""

_SANDBOX_READY = PodCondition(type=READY_TO_START, status="True")
_NO_SANDBOX = PodCondition(type=READY_TO_START, status="False")
_SCHEDULED = PodCondition(type="PodScheduled", status="True")
_READY = PodCondition(type="Ready", status="True")
_INITIALIZED = PodCondition(type="Initialized", status="True")


def terminated_by_kubelet(message: str, unix: int) -> PodCondition:
    """The DisruptionTarget condition of a Pod that the kubelet itself ends."""
    return PodCondition(
        type=DISRUPTION_TARGET,
        status="True",
        reason="TerminationByKubelet",
        message=message,
        last_transition_time=unix,
    )


def own_conditions(
    pod: Pod,
    sandbox_ready: bool,
    statuses: Sequence[ContainerStatus],
    phase: str,
    foreign: Sequence[PodCondition],
    *,
    was_initialized: bool = False,
) -> tuple[PodCondition, ...]:
    """All conditions of a Pod: the foreign ones, then the kubelet's own (without times and generations).

    A Pod that was initialized once stays so, even if its init containers run again.
    """
    spec = pod.spec
    assert spec is not None
    simple = not spec.init_containers and phase != "Succeeded"
    containers = pod_conditions.containers_ready(spec, statuses, phase)
    if containers.status != "True":
        ready = containers.evolve(type="Ready")
    else:
        ready = pod_conditions.ready(spec, foreign, statuses, phase) if spec.readiness_gates else _READY
    initialized = _INITIALIZED if simple else pod_conditions.initialized(spec, statuses, phase)
    if was_initialized and initialized.status != "True":
        initialized = _INITIALIZED
    return (
        *foreign,
        _SANDBOX_READY if sandbox_ready else _NO_SANDBOX,
        initialized,
        ready,
        containers,
        _SCHEDULED,
    )
