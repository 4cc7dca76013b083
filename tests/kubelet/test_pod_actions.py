"""What a kubelet decides to do for a Pod (upstream's TestComputePodActions, restated)."""

import pytest

from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.types import Pod
from kubesim_tui.kubelet.pod_actions import Observed, compute_pod_actions
from kubesim_tui.kubelet.runtime_status import PodStatus, State, Status


def pod(restart="Always", inits=(), sidecars=(), containers=("a", "b"), deleted=False, **container):
    init = [
        {"name": n, "image": "i", **({"restartPolicy": "Always"} if n in sidecars else {}), **container} for n in inits
    ]
    meta = {"name": "p", "uid": "u", **({"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleted else {})}
    spec = {
        "restartPolicy": restart,
        "initContainers": init,
        "containers": [{"name": n, "image": "i", **container} for n in containers],
    }
    return decode_object(Pod, {"metadata": meta, "spec": spec})


def running(name, image="i"):
    return Status(f"id-{name}", name, State.RUNNING, image=image)


def exited(name, code=0):
    return Status(f"id-{name}", name, State.EXITED, exit_code=code)


def decide(pod, *containers, sandbox=True, liveness=None, startup=None):
    status = PodStatus("s", sandbox, 0, "10.0.0.1", containers) if sandbox is not None else PodStatus()
    return compute_pod_actions(pod, Observed(status, liveness or {}, startup or {}))


def test_a_new_pod_gets_a_sandbox_and_all_containers():
    found = decide(pod(), sandbox=None)
    assert (found.create_sandbox, found.attempt, found.to_start, found.init_to_start) == (True, 0, [0, 1], [])


def test_a_new_pod_with_init_containers_starts_the_first():
    found = decide(pod(inits=("x", "y")), sandbox=None)
    assert (found.create_sandbox, found.to_start, found.init_to_start) == (True, [], [0])


def test_a_running_pod_is_left_alone():
    assert decide(pod(), running("a"), running("b")).nothing


@pytest.mark.parametrize(
    "policy, code, starts",
    [("Always", 0, [0]), ("Always", 1, [0]), ("OnFailure", 0, []), ("OnFailure", 1, [0]), ("Never", 1, [])],
)
def test_restart_policy(policy, code, starts):
    assert decide(pod(policy), exited("a", code), running("b")).to_start == starts


@pytest.mark.parametrize("policy, kills", [("Never", True), ("OnFailure", True), ("Always", False)])
def test_a_pod_that_is_done_is_killed(policy, kills):
    assert decide(pod(policy), exited("a"), exited("b")).kill_pod is kills


def test_nothing_is_restarted_in_a_deleted_pod():
    assert decide(pod(deleted=True), exited("a", 1), running("b")).to_start == []


@pytest.mark.parametrize("probe, words", [("liveness", "liveness"), ("startup", "startup")])
def test_a_failed_probe_kills_and_restarts(probe, words):
    found = decide(pod(), running("a"), running("b"), **{probe: {"id-a": "Failure"}})
    assert ([k.message for k in found.to_kill], found.to_start) == (
        [f"Container a failed {words} probe, will be restarted"],
        [0],
    )


def test_a_failed_probe_under_never_only_kills():
    found = decide(pod("Never"), running("a"), running("b"), liveness={"id-a": "Failure"})
    assert ([k.message for k in found.to_kill], found.to_start, found.kill_pod) == (
        ["Container a failed liveness probe"],
        [],
        False,
    )


def test_a_new_image_restarts_under_any_policy():
    found = decide(pod("Never"), running("a", image="old"), running("b"))
    assert ([k.message for k in found.to_kill], found.to_start) == (
        ["Container a definition changed, will be restarted"],
        [0],
    )


def test_a_dead_sandbox_starts_everything_anew():
    """After a reboot all is dead: kill what may be left, make a new sandbox, begin with the init containers."""
    found = decide(pod(inits=("x",)), exited("a", 137), exited("b", 137), exited("x"), sandbox=False)
    assert (found.kill_pod, found.create_sandbox, found.attempt, found.init_to_start) == (True, True, 1, [0])


def test_a_dead_sandbox_of_a_pod_that_never_restarts():
    found = decide(pod("Never"), exited("a", 137), exited("b", 137), sandbox=False)
    assert (found.kill_pod, found.create_sandbox) == (True, False)


def test_a_dead_sandbox_under_on_failure_starts_what_has_not_succeeded():
    found = decide(pod("OnFailure"), exited("a", 0), exited("b", 1), sandbox=False)
    assert (found.create_sandbox, found.to_start) == (True, [1])


@pytest.mark.parametrize(
    "containers, next_",
    [
        ((), [0]),
        ((running("x"),), []),
        ((exited("x", 0),), [1]),
        ((exited("x", 1),), [0]),
        ((exited("y", 0), exited("x", 0)), [2]),
    ],
)
def test_init_containers_come_one_after_the_other(containers, next_):
    found = decide(pod(inits=("x", "y", "z")), *containers)
    assert (found.init_to_start, found.to_start) == (next_, [])


def test_after_the_last_init_container_come_the_others():
    assert decide(pod(inits=("x",)), exited("x", 0)).to_start == [0, 1]


def test_a_failed_init_container_ends_a_pod_that_never_restarts():
    found = decide(pod("Never", inits=("x", "y")), exited("x", 1))
    assert (found.kill_pod, found.init_to_start, found.to_start) == (True, [], [])


def test_a_sidecar_that_runs_lets_the_next_begin():
    """x is a sidecar: y may start beside it, then the containers."""
    p = pod(inits=("x", "y"), sidecars=("x",))
    assert decide(p, running("x")).init_to_start == [1]
    assert decide(p, exited("y", 0), running("x")).to_start == [0, 1]


def test_a_dead_sidecar_is_restarted_beside_running_containers():
    found = decide(pod("Never", inits=("x",), sidecars=("x",)), running("a"), running("b"), exited("x", 1))
    assert (found.init_to_start, found.to_start, found.kill_pod) == ([0], [], False)


def test_a_sidecar_does_not_keep_a_finished_pod_alive():
    found = decide(pod("Never", inits=("x",), sidecars=("x",)), exited("a"), exited("b"), running("x"))
    assert (found.kill_pod, found.init_to_start) == (True, [])


def test_a_sidecar_is_initialised_when_its_startup_probe_succeeded():
    p = pod(inits=("x",), sidecars=("x",), startupProbe={"exec": {"command": ["true"]}})
    assert decide(p, running("x"), startup={"id-x": "Unknown"}).nothing
    assert decide(p, running("x"), startup={"id-x": "Success"}).to_start == [0, 1]
    failed = decide(p, running("x"), startup={"id-x": "Failure"})
    assert ([k.message for k in failed.to_kill], failed.init_to_start) == (
        ["Init container x failed startup probe"],
        [0],
    )
