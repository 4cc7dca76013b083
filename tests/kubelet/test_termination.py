"""How Pods end: preStop, the stop signal, the grace, SIGKILL, and the deletion in the API; second by second."""

import pytest

from kubesim_tui.api.types import Pod
from tests.kubelet.rig import Rig


def trap(seconds):
    """A shell that takes its time when it is told to stop."""
    return {"image": "busybox:1.36", "command": ["sh", "-c", f"trap 'sleep {seconds}; exit 0' TERM; sleep 1000 & wait"]}


STUBBORN = {"image": "busybox:1.36", "command": ["sleep", "1000"]}


def run(r, **of):
    """A Pod that runs; it is then deleted in second 5."""
    r.pod(**of)
    r.tick(5)
    container = r.container()
    r.delete(Pod, "web")
    return container


def end(r, container, most=80):
    """(second of the stop signal, second of its end, exit code, second in which the Pod is gone from the API)."""
    signalled = gone = None
    for _ in range(most):
        now = r.engine.clock.tick
        r.tick()
        if signalled is None and container.stopping:
            signalled = now
        if gone is None and not r.list(Pod):
            gone = now
            break
    return signalled, container.finished, container.exit_code, gone


def test_a_quick_end():
    """The signal in the second of the deletion; a second after its end the Pod is gone."""
    r = Rig()
    assert end(r, run(r)) == (5, 5, 0, 6)


def test_an_orderly_end_takes_its_time():
    r = Rig()
    assert end(r, run(r, **trap(4))) == (5, 9, 0, 10)


def test_the_grace_ends_with_sigkill():
    """30 s are the default."""
    r = Rig()
    assert end(r, run(r, **STUBBORN)) == (5, 35, 137, 36)


def test_a_shorter_grace():
    r = Rig()
    assert end(r, run(r, terminationGracePeriodSeconds=3, **STUBBORN)) == (5, 8, 137, 9)


@pytest.mark.parametrize(
    "hook", [{"sleep": {"seconds": 4}}, {"exec": {"command": ["sh", "-c", "sleep 4"]}}], ids=["sleep", "exec"]
)
def test_pre_stop_comes_first(hook):
    """Until the hook is over the container answers as before; its time is part of the grace."""
    r = Rig()
    container = run(r, terminationGracePeriodSeconds=10, lifecycle={"preStop": hook}, **STUBBORN)
    assert end(r, container) == (9, 15, 137, 16)


def test_a_pre_stop_that_is_too_long():
    """It is given up at the end of the grace; two seconds are left for the signal."""
    r = Rig()
    hook = {"preStop": {"exec": {"command": ["sleep", "60"]}}}
    container = run(r, terminationGracePeriodSeconds=10, lifecycle=hook, **STUBBORN)
    assert end(r, container) == (15, 17, 137, 18)


def test_a_pre_stop_that_fails_is_told():
    r = Rig()
    container = run(r, lifecycle={"preStop": {"exec": {"command": ["sh", "-c", "exit 3"]}}})
    assert end(r, container)[0] == 5
    assert r.said("Killing", "FailedPreStopHook") == [
        "Killing: Stopping container app",
        "FailedPreStopHook: PreStopHook failed",
    ]


def test_it_answers_until_the_signal():
    """With preStop sleep 3 the container serves the traffic of seconds 5, 6, 7; from 8 on it refuses."""
    r = Rig()
    container = run(r, lifecycle={"preStop": {"sleep": {"seconds": 3}}})
    answers = []
    for _ in range(4):
        r.tick()
        answers.append(not container.plan(8080).refused)
    assert answers == [True, True, True, False]


def test_a_second_deletion_may_shorten_the_grace():
    r = Rig()
    container = run(r, **STUBBORN)
    r.tick(3)
    r.delete(Pod, "web", grace=4)
    assert end(r, container)[1:] == (12, 137, 13)


def test_a_forced_deletion():
    """The API forgets the Pod at once; its kubelet stops the container all the same."""
    r = Rig()
    r.pod(**trap(60))
    r.tick(5)
    container = r.container()
    r.delete(Pod, "web", grace=0)
    assert r.list(Pod) == []
    r.tick(35)
    assert (container.finished, container.exit_code, r.containers()) == (35, 137, {})


def test_the_name_may_be_used_again():
    """A new Pod of the same name waits until the old one is gone from the node, and has another address."""
    r = Rig()
    r.pod(**STUBBORN)
    r.tick(3)
    r.delete(Pod, "web", grace=0)
    r.pod()
    r.tick(20)
    assert (len(r.containers()), r.status()) == (1, "Pending")
    r.tick(20)
    assert (r.status(), r.get(Pod, "web").status.pod_ip) == ("Running app=Running*", "10.244.1.3")


def test_the_status_of_a_pod_that_has_ended():
    """The last status is written before the Pod goes: a finalizer keeps it to be seen."""
    r = Rig()
    r.pod(metadata={"finalizers": ["example.com/keep"]})
    r.tick(3)
    r.delete(Pod, "web")
    r.tick(4)
    assert r.status() == "Terminating Succeeded app=Completed(0)"


def test_a_pod_is_deleted_while_its_image_is_pulled():
    r = Rig(have=())
    r.world.registries["docker.io"] = slow = r.world.machines["node-a"].runtime.store.registry("docker.io")
    slow.speed_bytes_s = 1 << 20
    r.pod()
    r.tick(3)
    r.delete(Pod, "web")
    r.tick(2)
    assert (r.list(Pod), r.containers()) == ([], {})


def test_everything_is_cleaned_up():
    """Nothing of a Pod is left on the machine: no sandbox, no volume, no address, no memory of it."""
    r = Rig()
    r.pod(volumes=[{"name": "d", "emptyDir": {}}], volumeMounts=[{"name": "d", "mountPath": "/data"}])
    r.tick(3)
    uid = r.get(Pod, "web").metadata.uid
    r.delete(Pod, "web")
    r.tick(3)
    machine, parts = r.world.machines["node-a"], r.kubelets["node-a"].parts
    assert (machine.runtime.sandboxes, machine.runtime.containers, machine.volumes) == ({}, {}, {})
    assert (parts.workers, parts.host.ipam.used, [said for said in parts.recorder._spam if uid in said]) == ({}, {}, [])


def test_post_start_holds_the_pod_back():
    """The container runs, but the Pod is not Running until the hook is over."""
    r = Rig()
    r.pod(lifecycle={"postStart": {"sleep": {"seconds": 4}}})
    assert r.history(8) == [(0, "Pending app=ContainerCreating"), (5, "Running app=Running*")]


def test_a_post_start_that_fails():
    """The container is killed and tried again."""
    r = Rig()
    r.pod(lifecycle={"postStart": {"exec": {"command": ["sh", "-c", "echo no; exit 1"]}}})
    uid = r.get(Pod, "web").metadata.uid
    r.tick(2)
    waiting = r.get(Pod, "web").status.container_statuses[0].state.waiting
    assert waiting.reason == "PostStartHookError"
    where = f'Exec lifecycle hook ([sh -c echo no; exit 1]) for Container "app" in Pod "web_default({uid})" failed'
    assert waiting.message == (
        f"{where} - error: command 'sh -c echo no; exit 1' exited with 1: no\n, message: \"no\n\""
    )
    assert r.said("FailedPostStartHook", "Killing") == [
        "FailedPostStartHook: PostStartHook failed x2",  # in second 0, and in 1 when it was tried again
        "Killing: FailedPostStartHook x2",
    ]
