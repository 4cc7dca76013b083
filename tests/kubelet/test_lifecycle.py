"""How Pods come, live and go, second by second."""

from itertools import pairwise

from kubesim_tui.api.types import Pod
from tests.kubelet.rig import Rig

SHELL = {"image": "busybox:1.36"}


def sh(script):
    return {**SHELL, "command": ["sh", "-c", script]}


def container(name, script, **more):
    return {"name": name, "imagePullPolicy": "IfNotPresent", **sh(script), **more}


def test_a_pod_starts():
    """Bound in second 0, its container starts at once; that it runs is seen a second later, and then it is Ready."""
    r = Rig()
    r.pod()
    assert r.history(5) == [(0, "Pending app=ContainerCreating"), (1, "Running app=Running*")]
    assert r.said() == [
        'Pulled: Container image "test/app" already present on machine and can be accessed by the pod',
        "Created: Container created",
        "Started: Container started",
    ]


def test_what_a_running_pod_tells():
    r = Rig()
    r.pod()
    r.tick(2)
    pod = r.get(Pod, "web")
    status, now = pod.status, r.engine.clock.epoch
    assert (status.host_ip, status.pod_ip, status.start_time) == ("192.168.0.11", "10.244.1.2", now)
    assert [(c.type, c.status, c.last_transition_time - now, c.observed_generation) for c in status.conditions] == [
        ("PodReadyToStartContainers", "True", 1, 1),
        ("Initialized", "True", 0, 1),
        ("Ready", "True", 1, 1),
        ("ContainersReady", "True", 1, 1),
        ("PodScheduled", "True", 0, 1),
    ]
    only = status.container_statuses[0]
    assert (only.container_id, only.image) == (f"containerd://{r.container().id}", "test/app")
    assert only.image_id.startswith("docker.io/test/app@sha256:")
    assert status.observed_generation == 1


def test_two_status_writes_bring_a_pod_up():
    """Pending and Running: that is all the API server hears of a Pod without probes."""
    r = Rig()
    r.pod()
    before = r.get(Pod, "web").metadata.resource_version
    r.tick(10)
    writes = [c for c in r.etcd.journal if c.resource == "pods" and c.revision > before]
    assert len(writes) == 2


def test_a_quiet_kubelet_does_nothing():
    """Once all runs there is nothing queued and no timer."""
    r = Rig()
    r.pod()
    r.tick(5)
    assert (r.engine.idle(), r.engine.next_timer()) == (True, None)


def test_crash_loop_back_off():
    """Restarts: at once, then after 10, 20, 40, 80, 160, 300, 300 s; each wait counts from the end of the container."""
    r = Rig()
    r.pod(**sh("exit 1"))
    starts = []
    for tick in range(1300):
        r.tick()
        starts += [tick] * sum(c.started == tick for c in r.containers().values())
    waits = [later - earlier for earlier, later in pairwise(starts)]
    assert waits == [1, 10, 20, 40, 80, 160, 300, 300, 300]


def test_crash_loop_as_the_api_shows_it():
    r = Rig()
    r.pod(**sh("exit 1"))
    uid = r.get(Pod, "web").metadata.uid
    assert r.history(15) == [
        (0, "Pending app=ContainerCreating"),
        (1, "Running app=Error(1)"),
        (2, "Running app=CrashLoopBackOffx1"),
        (12, "Running app=CrashLoopBackOffx2"),
    ]
    waiting = r.get(Pod, "web").status.container_statuses[0].state.waiting
    assert waiting.message == f"back-off 20s restarting failed container=app pod=web_default({uid})"
    assert r.said("BackOff") == [f"BackOff: Back-off restarting failed container app in pod web_default({uid}) x2"]


def test_ten_good_minutes_are_a_new_beginning():
    """A container that ran 10 minutes is restarted at once, and the next wait is 10 s again."""
    r = Rig()
    r.pod(**sh("test -e /data/seen && exit 1; touch /data/seen; sleep 700; exit 1"))
    r.tick(1)
    starts = []
    for tick in range(1, 800):
        r.tick()
        starts += [tick] * sum(c.started == tick for c in r.containers().values())
    assert starts[0] == 700


def test_restart_counts_and_the_last_state():
    r = Rig()
    r.pod(**sh("echo bye; exit 3"))
    r.tick(14)
    status = r.get(Pod, "web").status.container_statuses[0]
    assert (status.restart_count, status.last_state.terminated.exit_code) == (2, 3)
    assert len(r.containers()) == 2  # the newest, and the one before for `logs --previous`


def test_init_containers_run_one_after_the_other():
    r = Rig()
    init = [container("one", "sleep 2"), container("two", "sleep 3")]
    r.pod(spec={"initContainers": init, "containers": [container("app", "sleep 1000")]})
    assert r.history(12) == [
        (0, "Pending one=PodInitializing two=PodInitializing app=PodInitializing"),
        (1, "Pending one=Running two=PodInitializing app=PodInitializing"),
        (2, "Pending one=Completed(0)* two=PodInitializing app=PodInitializing"),
        (3, "Pending one=Completed(0)* two=Running app=PodInitializing"),
        (5, "Pending one=Completed(0)* two=Completed(0)* app=PodInitializing"),
        (6, "Running one=Completed(0)* two=Completed(0)* app=Running*"),
    ]


def test_a_failing_init_container_is_tried_again():
    r = Rig()
    r.pod(spec={"initContainers": [container("one", "exit 1")], "containers": [container("app", "sleep 1000")]})
    r.tick(5)
    assert r.status() == "Pending one=CrashLoopBackOffx1 app=PodInitializing"


def test_a_failing_init_container_ends_a_pod_that_never_restarts():
    r = Rig()
    spec = {
        "restartPolicy": "Never",
        "initContainers": [container("one", "exit 4")],
        "containers": [container("app", "")],
    }
    r.pod(spec=spec)
    r.tick(5)
    assert r.status() == "Failed one=Error(4) app=PodInitializing"


def test_a_sidecar_runs_beside_the_others_and_ends_after_them():
    """It starts first; when the Pod is deleted it gets its signal when the container that it serves has ended."""
    r = Rig()
    sidecar = container("side", "trap 'exit 0' TERM; sleep 1000 & wait", restartPolicy="Always")
    app = container("app", "trap 'sleep 3; exit 0' TERM; sleep 1000 & wait")
    r.pod(spec={"initContainers": [sidecar], "containers": [app]})
    r.tick(4)
    assert r.status() == "Running side=Running* app=Running*"
    r.delete(Pod, "web")
    app, side = r.container("app"), r.container("side")
    r.tick(1)
    assert (app.stopping, side.stopping) == (True, False)
    r.tick(4)
    assert (app.finished, side.finished, r.list(Pod)) == (7, 7, [])


def test_work_that_is_done():
    """A Pod that does not restart is Succeeded or Failed for good; its address stays in the status."""
    r = Rig()
    r.pod("good", restartPolicy="Never", **sh("sleep 2"))
    r.pod("bad", restartPolicy="OnFailure", **sh("sleep 2; exit 1"))
    r.tick(3)
    assert r.status("good") == "Succeeded app=Completed(0)"
    assert r.status("bad") == "Running app=Error(1)"
    good = r.get(Pod, "good")
    assert (good.status.pod_ip, [c.reason for c in good.status.conditions]) == (
        "10.244.1.2",
        ["", "PodCompleted", "PodCompleted", "PodCompleted", ""],
    )


def test_an_active_deadline():
    r = Rig()
    r.pod(spec={"activeDeadlineSeconds": 5, "containers": [container("app", "trap 'exit 0' TERM; sleep 100 & wait")]})
    assert r.history(9) == [
        (0, "Pending app=ContainerCreating"),
        (1, "Running app=Running*"),
        (5, "Failed(DeadlineExceeded) app=Running*"),
        (6, "Failed(DeadlineExceeded) app=Completed(0)"),
    ]
    assert r.said("DeadlineExceeded") == [
        "DeadlineExceeded: Pod was active on the node longer than the specified deadline"
    ]


def test_a_new_image_restarts_the_container():
    r = Rig(have=("test/app", "test/app:2"))
    r.pod()
    r.tick(3)
    r.patch(Pod, "web", {"spec": {"containers": [{"name": "app", "image": "test/app:2"}]}}, "strategic")
    r.tick(3)
    assert r.status() == "Running app=Running*x1"
    assert r.said("Killing") == ["Killing: Container app definition changed, will be restarted"]


def test_pods_without_room_are_refused():
    r = Rig()
    r.pod("first", resources={"requests": {"cpu": "3"}})
    r.pod("second", resources={"requests": {"cpu": "2"}})
    r.tick(2)
    second = r.get(Pod, "second").status
    assert (second.phase, second.reason, second.message) == (
        "Failed",
        "OutOfcpu",
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
    )
    assert r.said("OutOfcpu", about="second") == [
        "OutOfcpu: Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000"
    ]
