"""Results of probes, by upstream's tables."""

import pytest

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
from tests.kubelet.upstream import cases

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


@pytest.mark.parametrize(("name", "given", "want"), cases("probes", "probe_sequence"))
def test_thresholds(name, given, want):
    """A result changes only after enough equal outcomes in a row."""
    w, found = worker(given), []
    for outcome in given["outcomes"]:
        probe(w, outcome, started=given["containerStarted"])
        found.append(w.result)
    assert found == want["results"]


@pytest.mark.parametrize(("name", "given", "want"), cases("probes", "probe_hold"))
def test_hold(name, given, want):
    """After its verdict a startup or liveness probe waits for a new container."""
    w, number, found = worker(given), 1, []
    for step in given["steps"]:
        number += step.get("newContainer", False)
        probe(w, step["outcome"], started=False, number=number)
        found.append((w.result, w.on_hold))
    assert found == list(zip(want["results"], want["onHold"], strict=True))


@pytest.mark.parametrize(("name", "given", "want"), cases("probes", "liveness_vs_started"))
def test_liveness_waits_for_the_start(name, given, want):
    """Before the startup probe has succeeded, liveness is not looked at."""
    w, found = worker(given), []
    for step in given["steps"]:
        probe(w, step["outcome"], started=step["started"])
        found.append(w.result)
    assert found == want["results"]


@pytest.mark.parametrize(("name", "given", "want"), cases("probes", "probe_container_state"))
def test_container_state(name, given, want):
    """A container that does not run fails its probes; a worker ends when it will never run again."""
    w = worker(given)
    started = given["probe"] != "startup"
    decided = probe(
        w, given.get("outcome"), never=given.get("restartPolicy") == "Never", state=given["state"], started=started
    )
    assert (w.result, decided is not Look.STOP) == (want["result"], want["keepsProbing"])


@pytest.mark.parametrize(("name", "given", "want"), cases("probes", "initial_delay"))
def test_initial_delay(name, given, want):
    """During the initial delay the first result holds."""
    w = worker(given)
    decided = probe(w, "Success", now=given["secondsSinceStart"], started=given["probe"] != "startup")
    assert (w.result, decided) == (want["result"], Look.DELAY)


def test_turns():
    """Probes come at the creation of the worker and every period after it."""
    w = Worker(Kind.READINESS, Container(name="c"), Probe(period_seconds=5), since=3)
    assert [w.next_turn(t) for t in (3, 4, 7, 8, 9)] == [3, 8, 8, 8, 13]
