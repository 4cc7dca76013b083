"""A machine that is shut down in an orderly way."""

from kubesim_tui.api.types import Pod
from kubesim_tui.kubelet.configuration import read
from tests.kubelet.rig import Rig

SLEEPER = {"image": "busybox:1.36", "command": ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"]}
"""It ignores SIGTERM."""
MESSAGE = "Pod was terminated in response to imminent node shutdown."


def rig(period="30s", critical="10s"):
    given = {"shutdownGracePeriod": period, "shutdownGracePeriodCriticalPods": critical}
    return Rig(configuration=read(given))


def held(r, most=60):
    """For how many seconds the kubelet holds the shutdown up."""
    kubelet = r.kubelets["node-a"]
    kubelet.shut_down()
    for second in range(most):
        if not kubelet.holds_shutdown():
            return second
        r.tick()
    return most


def test_without_a_period_nothing_is_held_up():
    r = rig("0s", "0s")
    r.pod()
    r.tick(3)
    assert (held(r), r.status()) == (0, "Running app=Running*")


def test_pods_are_stopped_and_told_why():
    r = rig()
    r.pod()
    r.tick(3)
    assert 1 <= held(r) <= 5
    status = r.get(Pod, "web").status
    assert (status.phase, status.reason, status.message) == ("Failed", "Terminated", MESSAGE)
    target = next(c for c in status.conditions if c.type == "DisruptionTarget")
    assert (target.status, target.reason, target.message) == ("True", "TerminationByKubelet", MESSAGE)


def test_critical_pods_are_stopped_last():
    """The ordinary one ignores SIGTERM and uses up its 20 seconds; then the critical one has its turn."""
    r = rig()
    r.pod("ordinary", **SLEEPER)
    r.pod("critical", priority=2_000_000_000)
    r.tick(3)
    r.kubelets["node-a"].shut_down()
    r.tick(18)
    during = r.status("critical")
    r.tick(12)
    assert during == "Running app=Running*"
    assert [r.get(Pod, n).status.reason for n in ("ordinary", "critical")] == ["Terminated", "Terminated"]


def test_a_pod_gets_no_more_grace_than_its_own():
    r = rig()
    r.pod(terminationGracePeriodSeconds=5, **SLEEPER)
    r.tick(3)
    assert 5 <= held(r) <= 8


def test_the_node_says_so_and_takes_nothing_new():
    r = rig()
    r.pod(**SLEEPER)
    r.tick(3)
    r.kubelets["node-a"].shut_down()
    r.pod("late")
    r.tick(2)
    ready = next(c for c in r.node().status.conditions if c.type == "Ready")
    late = r.get(Pod, "late").status
    assert (ready.status, ready.reason, ready.message) == ("False", "KubeletNotReady", "node is shutting down")
    assert r.said("Shutdown", about="node-a") == ["Shutdown: Shutdown manager detected shutdown event"]
    assert (late.phase, late.reason) == ("Failed", "NodeShutdown")
    assert late.message == "Pod was rejected: Pod was rejected as the node is shutting down."
