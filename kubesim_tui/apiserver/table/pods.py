"""The rows of Pods, from typed objects: they are listed by the thousand.

STATUS is the first of: a deleted Pod's Terminating, what the containers say (the last one that says something, seen
from the end), what the init containers say while they run, the Pod's own reason, its phase. Source:
pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from kubesim_tui.api import duration, types
from kubesim_tui.apiserver.table.model import NONE, UNKNOWN, Cell, Row, columns

COLUMNS = columns(
    "Name",
    "Ready",
    "Status",
    "Restarts",
    "Age",
    wide=("IP", "Node", "Nominated Node", "Readiness Gates"),
)
NO_STATUS, NO_SPEC = types.PodStatus(), types.PodSpec()
FINISHED = {
    "Succeeded": (("Succeeded", "The pod has completed successfully."),),
    "Failed": (("Failed", "The pod failed."),),
}


@frozen
class Summary:
    """READY, STATUS and RESTARTS of a Pod."""

    ready: int
    containers: int
    status: str
    restarts: int
    restarted: int | None  # when it last was, if known

    def restarts_text(self, now: int) -> str:
        """`3 (10s ago)`."""
        if not self.restarts or self.restarted is None:
            return str(self.restarts)
        return f"{self.restarts} ({duration.human_seconds(now - self.restarted)} ago)"


def row(pod: types.Pod, now: int, wide: bool) -> Row:
    """The row of one Pod."""
    meta, found = pod.metadata, summary(pod)
    created = meta.creation_timestamp
    cells: list[Cell] = [
        meta.name,
        f"{found.ready}/{found.containers}",
        found.status,
        found.restarts_text(now),
        duration.human_seconds(now - created) if created is not None else UNKNOWN,
    ]
    if wide:
        cells += _wide(pod)
    return Row(tuple(cells), pod, FINISHED.get(pod.status.phase, ()) if pod.status else ())


def _wide(pod: types.Pod) -> list[Cell]:
    spec, status = pod.spec or NO_SPEC, pod.status or NO_STATUS
    ip = status.pod_ips[0].ip if status.pod_ips else status.pod_ip
    gates = NONE
    if spec.readiness_gates:
        met = {c.type for c in reversed(status.conditions) if c.status == "True"}
        done = sum(g.condition_type in met for g in spec.readiness_gates)
        gates = f"{done}/{len(spec.readiness_gates)}"
    return [ip or NONE, spec.node_name or NONE, status.nominated_node_name or NONE, gates]


def summary(pod: types.Pod) -> Summary:
    """What a Pod's status amounts to."""
    spec, status = pod.spec or NO_SPEC, pod.status or NO_STATUS
    reason = status.reason or status.phase
    for condition in status.conditions:
        if condition.type == "PodScheduled" and condition.reason == "SchedulingGated":
            reason = "SchedulingGated"
    total, ready, restarts, sidecar_restarts, starting = len(spec.containers), 0, 0, 0, ""
    restarted: int | None = None
    sidecar_restarted: int | None = None
    if spec.init_containers or status.init_container_statuses:
        sidecars = {c.name for c in spec.init_containers if c.restart_policy == "Always"}
        total += sum(c.restart_policy == "Always" for c in spec.init_containers)
        ready, starting = _init(status.init_container_statuses, sidecars, len(spec.init_containers))
        seen = _until(status.init_container_statuses, sidecars, bool(starting))
        restarts, restarted = _restarts(seen)
        sidecar_restarts, sidecar_restarted = _restarts(s for s in seen if s.name in sidecars)
    reason = starting or reason
    if not starting or any(c.type == "Initialized" and c.status == "True" for c in status.conditions):
        own, last = _restarts(status.container_statuses)
        restarts, restarted = sidecar_restarts + own, _later(sidecar_restarted, last)
        reason, up = _main(status, reason)
        ready += up
    return Summary(ready, total, _deleted(pod, reason), restarts, restarted)


def _later(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else max(a, b)


def _restarts(statuses: Iterable[types.ContainerStatus]) -> tuple[int, int | None]:
    """How often containers were restarted, and when last."""
    count = 0
    last: int | None = None
    for s in statuses:
        count += s.restart_count
        if s.last_state is not None and s.last_state.terminated is not None:
            last = _later(last, s.last_state.terminated.finished_at)
    return count, last


def _blocks(s: types.ContainerStatus, sidecars: set[str]) -> bool:
    """Whether an init container is not through (or, a sidecar, not started)."""
    if s.state is not None and s.state.terminated is not None and s.state.terminated.exit_code == 0:
        return False
    return not (s.name in sidecars and s.started)


def _until(
    statuses: tuple[types.ContainerStatus, ...], sidecars: set[str], starting: bool
) -> tuple[types.ContainerStatus, ...]:
    """The init containers up to the one that is not through; all of them when none is left."""
    if starting:
        for i, s in enumerate(statuses):
            if _blocks(s, sidecars):
                return statuses[: i + 1]
    return statuses


def _init(statuses: tuple[types.ContainerStatus, ...], sidecars: set[str], total: int) -> tuple[int, str]:
    """(sidecars ready, what STATUS says while initialising or "")."""
    ready = 0
    for i, s in enumerate(statuses):
        if _blocks(s, sidecars):
            return ready, _init_text(s, i, total)
        if s.name in sidecars and s.started and s.ready:
            ready += 1
    return ready, ""


def _init_text(s: types.ContainerStatus, at: int, total: int) -> str:
    state = s.state
    if state is not None and state.terminated is not None:
        return "Init:" + _terminated(state.terminated)
    if state is not None and state.waiting is not None and state.waiting.reason not in ("", "PodInitializing"):
        return f"Init:{state.waiting.reason}"
    return f"Init:{at}/{total}"


def _terminated(t: types.ContainerStateTerminated) -> str:
    return t.reason or (f"Signal:{t.signal}" if t.signal else f"ExitCode:{t.exit_code}")


def _main(status: types.PodStatus, reason: str) -> tuple[str, int]:
    """(STATUS as the containers give it, how many are ready)."""
    running, failed = False, ""
    up = 0
    for s in reversed(status.container_statuses):
        state = s.state
        if state is None:
            continue
        if state.waiting is not None and state.waiting.reason:
            reason = state.waiting.reason
        elif state.terminated is not None:
            reason = _terminated(state.terminated)
            failed = reason if state.terminated.exit_code else failed
        elif s.ready and state.running is not None:
            running = True
            up += 1
    if reason == "Completed":
        if running and any(c.type == "Ready" and c.status == "True" for c in status.conditions):
            reason = "Running"
        else:
            reason = failed or ("NotReady" if running else reason)
    return reason, up


def _deleted(pod: types.Pod, reason: str) -> str:
    if pod.metadata.deletion_timestamp is None:
        return reason
    status = pod.status or NO_STATUS
    if status.reason == "NodeLost":
        return "Unknown"
    return reason if status.phase in ("Succeeded", "Failed") else "Terminating"
