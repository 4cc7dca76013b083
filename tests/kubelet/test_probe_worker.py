"""Results of probes, by upstream's tables."""

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

STATES = {
    "running": ContainerState(running=ContainerStateRunning(started_at=0)),
    "waiting": ContainerState(waiting=ContainerStateWaiting()),
    "terminated": ContainerState(terminated=ContainerStateTerminated()),
}


def worker(given):
    probe = Probe(
        success_threshold=given.get("successThreshold"),
        failure_threshold=given.get("failureThreshold"),
        initial_delay_seconds=given.get("initialDelaySeconds"),
    )
    return Worker(Kind(given.get("probe", "liveness").capitalize()), Container(name="c"), probe, since=0)


def probe(w, outcome, now=100, never=False, started=True, state="running", number=1):
    """One turn of the worker; returns what it decided to do."""
    status = ContainerStatus(name="c", state=STATES[state], container_id=f"containerd://{number}")
    decided = look(w, status, PodView(started, never), now)
    if decided is Look.PROBE:
        observe(w, outcome)
    return decided


def test_turns():
    """Probes come at the creation of the worker and every period after it."""
    w = Worker(Kind.READINESS, Container(name="c"), Probe(period_seconds=5), since=3)
    assert [w.next_turn(t) for t in (3, 4, 7, 8, 9)] == [3, 8, 8, 8, 13]
