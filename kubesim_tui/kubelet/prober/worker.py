"""One probe of one container: what it has found, and what the kubelet holds to be so (upstream: prober/worker.go).

An outcome counts only after `successThreshold` or `failureThreshold` equal ones in a row. Liveness and startup stop
probing after a failure (startup after a success too) until the container is replaced. All of it is pure: when to probe,
and whom, is the manager's part.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import define, field, frozen

from kubesim_tui.api.types import Container, ContainerStatus, Probe
from kubesim_tui.kubelet.pod_actions import FAILURE, SUCCESS, UNKNOWN


class Kind(StrEnum):
    """Which probe it is; the value is how events name it."""

    STARTUP = "Startup"
    LIVENESS = "Liveness"
    READINESS = "Readiness"


INITIAL = {Kind.STARTUP: UNKNOWN, Kind.LIVENESS: SUCCESS, Kind.READINESS: FAILURE}


class Look(StrEnum):
    """What a worker is to do now."""

    PROBE = "probe"
    WAIT = "wait"  # nothing to probe; look again when something changes
    DELAY = "delay"  # not before its initial delay is over
    STOP = "stop"  # never again


@define(eq=False)
class Worker:
    """One worker. `since` is the tick from which its periods are counted; results belong to `container_id`."""

    kind: Kind
    container: Container
    probe: Probe
    since: int
    result: str = field(init=False)
    container_id: str = ""
    on_hold: bool = False
    last: str = ""
    run: int = 0
    due: int = -1  # the tick of the next probe, -1: none is planned
    settled: int = -1  # the container's probe_generation for which the result is final
    pending: tuple[int, str, str] | None = None  # a slow probe: (tick of the answer, outcome, output)

    def __attrs_post_init__(self) -> None:
        self.result = INITIAL[self.kind]

    @property
    def period(self) -> int:
        """Ticks from probe to probe."""
        return self.probe.period_seconds or 10

    def next_turn(self, tick: int) -> int:
        """The first tick of its own at or after a tick."""
        return tick + (self.since - tick) % self.period

    def result_of(self, container_id: str) -> str | None:
        """What is held to be so of a container; None if it was not looked at yet."""
        return self.result if self.container_id == container_id and container_id else None


@frozen
class PodView:
    """What a worker has to know besides the container's status."""

    started: bool  # the container has passed its startup probe, or has none
    never_restarts: bool = False
    deleting: bool = False


def look(worker: Worker, status: ContainerStatus | None, pod: PodView, now: int) -> Look:
    """What to do, given the container's status as the kubelet knows it. `now` is in Unix seconds, as startedAt."""
    if status is None or not status.container_id:
        return Look.WAIT
    if worker.container_id != status.container_id:
        _begin(worker, status.container_id)
    if worker.on_hold:
        return Look.WAIT
    state = status.state
    if state is None or state.running is None:
        worker.result = FAILURE
        gone = state is not None and state.terminated is not None and pod.never_restarts
        return Look.STOP if gone else Look.WAIT
    if pod.deleting and worker.kind is not Kind.READINESS:
        worker.result = SUCCESS
        return Look.STOP
    if pod.started is (worker.kind is Kind.STARTUP):
        return Look.WAIT  # only the startup probe runs before the container has started, and not after
    if now - (state.running.started_at or 0) < (worker.probe.initial_delay_seconds or 0):
        return Look.DELAY
    return Look.PROBE


def _begin(worker: Worker, container_id: str) -> None:
    """A new container: start from the initial result. The run of equal outcomes goes on, as it does upstream."""
    worker.container_id = container_id
    worker.result = INITIAL[worker.kind]
    worker.on_hold = False
    worker.settled = -1
    worker.pending = None


def observe(worker: Worker, outcome: str) -> bool:
    """Count an outcome; True if the held result is now another one."""
    if worker.last == outcome:
        worker.run += 1
    else:
        worker.last, worker.run = outcome, 1
    probe = worker.probe
    needed = (probe.failure_threshold or 3) if outcome == FAILURE else (probe.success_threshold or 1)
    if worker.run < needed:
        return False
    changed = worker.result != outcome
    worker.result = outcome
    if worker.kind is Kind.STARTUP or (worker.kind is Kind.LIVENESS and outcome == FAILURE):
        worker.on_hold, worker.run = True, 0
    return changed


def is_settled(worker: Worker) -> bool:
    """Whether more of the same outcomes change nothing and say nothing (a failing probe warns every time)."""
    return worker.on_hold or (worker.result == worker.last == SUCCESS)
