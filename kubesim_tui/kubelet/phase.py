"""A Pod's phase, out of its spec and the states of its containers (upstream: getPhase in kubelet_pods.go).

An init container that has not finished keeps the Pod Pending; one that failed makes it Failed where nothing is
restarted. Sidecars (restartable init containers) count as running, and once stopped not at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import ContainerStatus, PodSpec

PENDING, RUNNING, SUCCEEDED, FAILED = "Pending", "Running", "Succeeded", "Failed"
TERMINAL = (SUCCEEDED, FAILED)


def any_regular_container_started(spec: PodSpec, known: dict[str, ContainerStatus]) -> bool:
    """Whether an app container runs or has run: then restarting sidecars do not make the Pod Pending again."""
    found = (known.get(container.name) for container in spec.containers)
    return any(
        s is not None and s.state is not None and (s.state.running is not None or s.state.terminated is not None)
        for s in found
    )


@define
class _Counts:
    """How many containers are in which state."""

    init_pending: int = 0
    sidecars_pending: int = 0
    init_failed: int = 0
    unknown: int = 0
    running: int = 0
    waiting: int = 0
    stopped: int = 0
    succeeded: int = 0


def get_phase(spec: PodSpec, statuses: Iterable[ContainerStatus], *, terminal: bool = False) -> str:
    """The phase. `terminal`: the kubelet has decided to stop the Pod for good (never so for a static one)."""
    known = {status.name: status for status in statuses}
    counts = _Counts()
    for container in spec.init_containers:
        if is_sidecar(container):
            _count_sidecar(counts, known.get(container.name))
        else:
            _count_init(counts, known.get(container.name))
    for container in spec.containers:
        _count(counts, known.get(container.name))
    return _decide(spec, counts, any_regular_container_started(spec, known), terminal)


def _decide(spec: PodSpec, counts: _Counts, started: bool, terminal: bool) -> str:
    if counts.init_failed and spec.restart_policy == "Never":
        return FAILED
    if counts.init_pending or (counts.sidecars_pending and not started) or counts.waiting:
        return PENDING
    if counts.unknown:
        return PENDING
    if counts.running:
        return RUNNING
    return _all_stopped(spec, counts, terminal) if counts.stopped else PENDING


def _all_stopped(spec: PodSpec, counts: _Counts, terminal: bool) -> str:
    well = counts.stopped == counts.succeeded
    if terminal:
        return SUCCEEDED if well else FAILED
    if spec.restart_policy in ("Always", ""):
        return RUNNING  # all are about to be restarted
    if well:
        return SUCCEEDED
    return FAILED if spec.restart_policy == "Never" else RUNNING


def _count_init(counts: _Counts, status: ContainerStatus | None) -> None:
    state = status.state if status is not None else None
    if status is None or state is None or state.running is not None:
        counts.init_pending += 1
        return
    ended = state.terminated
    if state.waiting is not None:
        ended = status.last_state.terminated if status.last_state is not None else None
    if ended is None:
        counts.init_pending += 1
    elif ended.exit_code != 0:
        counts.init_failed += 1


def _count_sidecar(counts: _Counts, status: ContainerStatus | None) -> None:
    state = status.state if status is not None else None
    if status is None:
        counts.unknown += 1
    elif state is None:
        counts.sidecars_pending += 1
        counts.unknown += 1
    elif state.running is not None:
        counts.running += 1
        counts.sidecars_pending += not status.started
    elif state.waiting is not None and (status.last_state is None or status.last_state.terminated is None):
        counts.sidecars_pending += 1
        counts.waiting += 1


def _count(counts: _Counts, status: ContainerStatus | None) -> None:
    state = status.state if status is not None else None
    if status is None or state is None:
        counts.unknown += 1
    elif state.running is not None:
        counts.running += 1
    elif state.terminated is not None:
        counts.stopped += 1
        counts.succeeded += state.terminated.exit_code == 0
    elif status.last_state is not None and status.last_state.terminated is not None:
        counts.stopped += 1
    else:
        counts.waiting += 1
