"""A Pod's phase, out of its spec and the states of its containers (upstream: getPhase in kubelet_pods.go).

An init container that has not finished keeps the Pod Pending; one that failed makes it Failed where nothing is
restarted. Sidecars (restartable init containers) count as running, and once stopped not at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from kubesim_tui.api.helpers import restart
from kubesim_tui.api.helpers.pod_conditions import is_sidecar
from kubesim_tui.api.types import Container, ContainerStateTerminated, ContainerStatus, PodSpec

PENDING, RUNNING, SUCCEEDED, FAILED = "Pending", "Running", "Succeeded", "Failed"
TERMINAL = (SUCCEEDED, FAILED)
RESTARTING_ALL = "RestartingAllContainers"
"""Why a container has gone that is started anew together with all others of its Pod."""


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
    init_failed: int = 0  # for good
    unknown: int = 0
    running: int = 0
    waiting: int = 0
    stopped: int = 0
    for_good: int = 0  # of these, those that are not started again
    succeeded: int = 0


def get_phase(spec: PodSpec, statuses: Iterable[ContainerStatus], *, terminal: bool = False) -> str:
    """The phase. `terminal`: the kubelet has decided to stop the Pod for good (never so for a static one)."""
    known = {status.name: status for status in statuses}
    counts = _Counts()
    for container in spec.init_containers:
        if is_sidecar(container):
            _count_sidecar(counts, known.get(container.name))
        else:
            _count_init(counts, container, spec, known.get(container.name))
    for container in spec.containers:
        _count(counts, container, spec, known.get(container.name))
    return _decide(counts, any_regular_container_started(spec, known), terminal)


def _decide(counts: _Counts, started: bool, terminal: bool) -> str:
    if counts.init_failed:
        return FAILED
    if counts.init_pending or (counts.sidecars_pending and not started) or counts.waiting:
        return PENDING
    if counts.unknown:
        return PENDING
    if counts.running:
        return RUNNING
    return _all_stopped(counts, terminal) if counts.stopped else PENDING


def _all_stopped(counts: _Counts, terminal: bool) -> str:
    if not terminal and counts.stopped != counts.for_good:
        return RUNNING  # some are about to be restarted
    return SUCCEEDED if counts.stopped == counts.succeeded else FAILED


def _comes_back(container: Container, spec: PodSpec, ended: ContainerStateTerminated) -> bool:
    return ended.reason == RESTARTING_ALL or restart.restarts(container, spec, ended.exit_code)


def _count_init(counts: _Counts, container: Container, spec: PodSpec, status: ContainerStatus | None) -> None:
    state = status.state if status is not None else None
    if status is None or state is None or state.running is not None:
        counts.init_pending += 1
        return
    ended = state.terminated
    if state.waiting is not None:
        ended = status.last_state.terminated if status.last_state is not None else None
    if ended is None:
        counts.init_pending += 1
    elif ended.exit_code != 0 and not _comes_back(container, spec, ended):
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


def _count(counts: _Counts, container: Container, spec: PodSpec, status: ContainerStatus | None) -> None:
    state = status.state if status is not None else None
    if status is None or state is None:
        counts.unknown += 1
    elif state.running is not None:
        counts.running += 1
    elif state.terminated is not None:
        counts.stopped += 1
        counts.for_good += not _comes_back(container, spec, state.terminated)
        counts.succeeded += state.terminated.exit_code == 0
    elif status.last_state is not None and status.last_state.terminated is not None:
        counts.stopped += 1
        counts.for_good += not _comes_back(container, spec, status.last_state.terminated)
    else:
        counts.waiting += 1
