"""Results of probes."""

from kubesim_tui.api.types import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateTerminated,
    ContainerStateWaiting,
    ContainerStatus,
    Probe,
)
from kubesim_tui.kubelet.prober.worker import Kind, Look, PodView, Worker, look, observe
from tests.upstream.adapters import answers

STATES = {
    "running": ContainerState(running=ContainerStateRunning(started_at=0)),
    "waiting": ContainerState(waiting=ContainerStateWaiting()),
    "terminated": ContainerState(terminated=ContainerStateTerminated()),
}


def _worker(given, kind=""):
    probe = Probe(
        success_threshold=given.get("successThreshold"),
        failure_threshold=given.get("failureThreshold"),
        initial_delay_seconds=given.get("initialDelaySeconds"),
    )
    return Worker(Kind((kind or given["probe"]).capitalize()), Container(name="c"), probe, since=0)


def _turn(worker, outcome, now=100, never=False, started=True, state="running", number=1):
    """One turn of the worker; returns what it decided to do."""
    status = ContainerStatus(name="c", state=STATES[state], container_id=f"containerd://{number}")
    decided = look(worker, status, PodView(started, never), now)
    if decided is Look.PROBE:
        observe(worker, outcome)
    return decided


@answers("probes", "probe_sequence")
def sequence(given):
    worker, found = _worker(given), []
    for outcome in given["outcomes"]:
        _turn(worker, outcome, started=given["containerStarted"])
        found.append(worker.result)
    return {"results": found}


@answers("probes", "probe_hold")
def hold(given):
    worker, number, found = _worker(given), 1, []
    for step in given.rows("steps"):
        number += step.get("newContainer", False)
        _turn(worker, step["outcome"], started=worker.kind is not Kind.STARTUP, number=number)
        found.append((worker.result, worker.on_hold))
    return {"results": [result for result, _ in found], "onHold": [held for _, held in found]}


@answers("probes", "liveness_vs_started")
def liveness_vs_started(given):
    worker, found = _worker(given, "liveness"), []
    for step in given.rows("steps"):
        _turn(worker, step["outcome"], started=step["started"])
        found.append(worker.result)
    return {"results": found}


@answers("probes", "probe_container_state")
def container_state(given):
    worker = _worker(given)
    never, started = given.get("restartPolicy") == "Never", worker.kind is not Kind.STARTUP
    decided = _turn(worker, given.get("outcome"), never=never, state=given["state"], started=started)
    return {"result": worker.result, "keepsProbing": decided is not Look.STOP}


@answers("probes", "initial_delay")
def initial_delay(given):
    worker = _worker(given)
    _turn(worker, "Success", now=given["secondsSinceStart"], started=worker.kind is not Kind.STARTUP)
    return {"result": worker.result}
