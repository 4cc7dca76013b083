"""Probes of real containers, second by second."""

from kubesim_tui.api.types import Pod
from tests.kubelet.rig import Rig

EXEC = {"exec": {"command": ["cat", "/tmp/healthy"]}}
HTTP = {"httpGet": {"path": "/healthz", "port": 8080}}


def write(r, path, text="ok"):
    """Write a file in the container, as `kubectl exec` would between ticks."""
    r.container().files().write(path, text)


def remove(r, path):
    r.container().files().remove(path)


def probing(r):
    """How many probes are planned."""
    workers = [p for w in r.kubelets["node-a"].parts.workers.values() for p in w.probes or ()]
    return sum(p.due >= 0 for p in workers)


def test_readiness_follows_at_the_next_turn():
    """Turns are every 5 s from second 0. Ready at the first success, not ready after 3 failures in a row."""
    r = Rig()
    r.pod(readinessProbe={**HTTP, "periodSeconds": 5})
    assert r.history(3) == [(0, "Pending app=ContainerCreating"), (1, "Running app=Running")]
    write(r, "/tmp/healthy")  # in second 3
    assert r.history(6) == [(3, "Running app=Running"), (5, "Running app=Running*")]
    r.tick(3)
    remove(r, "/tmp/healthy")  # in second 12: fails at 15, 20, 25
    assert r.history(20) == [(12, "Running app=Running*"), (25, "Running app=Running")]


def test_a_failure_is_told_each_time():
    r = Rig()
    r.pod(readinessProbe={**HTTP, "periodSeconds": 5})
    r.tick(11)
    assert r.said("Unhealthy") == ["Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500 x3"]


def test_a_steady_probe_costs_nothing():
    """While the answer cannot change there is no timer; when it may, the probe comes at its next turn."""
    r = Rig()
    r.pod(readinessProbe={**HTTP, "periodSeconds": 5}, livenessProbe={**HTTP, "periodSeconds": 7})
    r.tick(1)
    write(r, "/tmp/healthy")
    r.tick(20)
    assert (r.status(), probing(r), r.engine.next_timer()) == ("Running app=Running*", 0, None)
    remove(r, "/tmp/healthy")  # in second 21
    r.tick(1)
    assert probing(r) == 2


def test_a_success_threshold():
    """Not ready until three successes in a row: at 1 (with the start), 4 and 8."""
    r = Rig()
    r.pod(readinessProbe={"tcpSocket": {"port": 8080}, "periodSeconds": 4, "successThreshold": 3})
    assert r.history(12)[-1] == (8, "Running app=Running*")


def test_an_initial_delay():
    """The container runs from second 0; the first turn after 7 s is at 10."""
    r = Rig()
    r.pod(readinessProbe={"tcpSocket": {"port": 8080}, "periodSeconds": 5, "initialDelaySeconds": 7})
    assert r.history(12)[-1] == (10, "Running app=Running*")


def test_liveness_kills_and_restarts():
    """Failures at 10, 20 and 30: killed in second 30 with the Pod's grace, restarted as soon as it has stopped."""
    r = Rig()
    r.pod(livenessProbe=HTTP)
    assert r.history(40) == [
        (0, "Pending app=ContainerCreating"),
        (1, "Running app=Running*"),
        (31, "Running app=Running*x1"),
    ]
    assert r.said("Unhealthy", "Killing") == [
        "Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 500 x3",
        "Killing: Container app failed liveness probe, will be restarted",
    ]
    ended = r.get(Pod, "web").status.container_statuses[0].last_state.terminated
    assert (ended.exit_code, ended.reason) == (0, "Completed")


def test_liveness_of_a_stubborn_container():
    """It ignores SIGTERM: killed with 137 when the probe's own grace is over, while nothing else is done to the Pod."""
    r = Rig()
    probe = {**EXEC, "periodSeconds": 2, "failureThreshold": 1, "terminationGracePeriodSeconds": 7}
    r.pod(image="busybox:1.36", command=["sleep", "1000"], livenessProbe=probe)
    r.tick(11)
    status = r.get(Pod, "web").status.container_statuses[0]
    ended, epoch = status.last_state.terminated, r.engine.clock.epoch
    assert (ended.exit_code, ended.reason, ended.finished_at - epoch) == (137, "Error", 9)
    assert r.said("Unhealthy")[0].startswith(
        "Unhealthy: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory"
    )


def test_startup_comes_before_the_others():
    """Liveness would kill at 3 s; it does not look before the startup probe has succeeded (at 12)."""
    r = Rig()
    liveness = {**HTTP, "periodSeconds": 1, "failureThreshold": 3}
    r.pod(startupProbe={**HTTP, "periodSeconds": 4, "failureThreshold": 10}, livenessProbe=liveness)
    r.tick(9)
    assert (r.status(), r.get(Pod, "web").status.container_statuses[0].started) == ("Running app=Running", False)
    write(r, "/tmp/healthy")
    assert r.history(10) == [(9, "Running app=Running"), (12, "Running app=Running*")]


def test_a_failed_startup_restarts():
    r = Rig()
    r.pod(startupProbe={**HTTP, "periodSeconds": 3, "failureThreshold": 2})
    r.tick(8)
    assert r.said("Killing") == ["Killing: Container app failed startup probe, will be restarted"]


def test_words_of_refusals():
    """What each kind of probe says when nobody answers. A time-out is an answer that comes later."""
    r = Rig()
    r.pod("http", readinessProbe={"httpGet": {"path": "/x", "port": 81}})
    r.pod("tcp", readinessProbe={"tcpSocket": {"port": 81}})
    r.pod("grpc", readinessProbe={"grpc": {"port": 81}})
    r.pod("named", readinessProbe={"tcpSocket": {"port": "nope"}})
    r.pod("slow", readinessProbe={"exec": {"command": ["sleep", "5"]}}, image="busybox:1.36", command=["sleep", "99"])
    r.tick(2)
    ip = "10.244.1"
    said = {name: r.said("Unhealthy", about=name) for name in ("http", "tcp", "grpc", "named")}
    failed = "Unhealthy: Readiness probe failed:"
    nope = "couldn't find port: nope for container app"
    assert said == {
        "http": [f'{failed} Get "http://{ip}.2:81/x": dial tcp {ip}.2:81: connect: connection refused'],
        "tcp": [f"{failed} dial tcp {ip}.3:81: connect: connection refused"],
        "grpc": [],
        "named": [f"Unhealthy: Readiness probe errored and resulted in unknown state: {nope}"],
    }
    r.tick(2)
    assert r.said("Unhealthy", about="grpc") == [
        f'Unhealthy: Readiness probe failed: timeout: failed to connect service "{ip}.4:81" within 1s: '
        "context deadline exceeded"
    ]
    assert r.said("Unhealthy", about="slow") == [
        'Unhealthy: Readiness probe failed: command timed out: "sleep 5" timed out after 1s'
    ]


def test_readiness_gates():
    """Ready only when the condition that a gate names is True, whoever sets it."""
    r = Rig()
    app = {"name": "app", "image": "test/app", "imagePullPolicy": "IfNotPresent"}
    r.pod(spec={"readinessGates": [{"conditionType": "example.com/lb"}], "containers": [app]})
    r.tick(3)
    pod = r.get(Pod, "web")
    ready = next(c for c in pod.status.conditions if c.type == "Ready")
    assert (ready.status, ready.reason) == ("False", "ReadinessGatesNotReady")
    gate = ready.evolve(type="example.com/lb", status="True", reason="", message="")
    r.admin.update_status(pod.evolve(status=pod.status.evolve(conditions=(*pod.status.conditions, gate))))
    r.tick(1)
    conditions = {c.type: c.status for c in r.get(Pod, "web").status.conditions}
    assert (conditions["Ready"], conditions["example.com/lb"]) == ("True", "True")
