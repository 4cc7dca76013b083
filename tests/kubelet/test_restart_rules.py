"""Restart rules of single containers, and rules that start all containers of a Pod anew."""

import pytest

from kubesim_tui.api.types import Pod
from tests.kubelet.rig import Rig
from tests.kubelet.test_lifecycle import container


def rule(*codes, action="Restart", operator="In"):
    return {"action": action, "exitCodes": {"operator": operator, "values": list(codes)}}


def ended(code, policy="Never", own=None, rules=(), ticks=6):
    """A Pod whose one container ends with a code after a second; how it is, and how often it was restarted."""
    r = Rig()
    more = {"restartPolicy": own} if own else {}
    more |= {"restartPolicyRules": list(rules)} if rules else {}
    one = container("app", f"sleep 1; exit {code}", **more)
    r.pod(spec={"containers": [one], "restartPolicy": policy})
    r.tick(ticks)
    status = r.get(Pod, "web").status
    return status.phase, status.container_statuses[0].restart_count


@pytest.mark.parametrize(
    ("code", "policy", "own", "rules", "phase", "again"),
    [
        (1, "Never", "Always", (), "Running", True),
        (0, "Never", "OnFailure", (), "Succeeded", False),
        (1, "Never", "OnFailure", (), "Running", True),
        (1, "Always", "Never", (), "Failed", False),
        (0, "Always", "Never", (), "Succeeded", False),
        (42, "Never", "Never", (rule(42),), "Running", True),
        (1, "Never", "Never", (rule(42),), "Failed", False),
        (1, "Never", "Never", (rule(42, operator="NotIn"),), "Running", True),
        (42, "Never", "Never", (rule(42, operator="NotIn"),), "Failed", False),
        (7, "Never", "Never", (rule(42), rule(7)), "Running", True),
    ],
)
def test_rules_come_before_a_containers_policy_and_that_before_the_pods(code, policy, own, rules, phase, again):
    found, restarts = ended(code, policy, own, rules)
    assert (found, restarts > 0) == (phase, again)


def test_a_container_that_is_not_restarted_leaves_the_others_running():
    r = Rig()
    once = container("once", "sleep 1; exit 3", restartPolicy="Never")
    r.pod(spec={"containers": [container("app", "sleep 1000"), once]})
    r.tick(30)
    assert r.status() == "Running app=Running* once=Error(3)"


def test_an_init_container_is_tried_again_by_its_own_rules():
    r = Rig()
    first = container("first", "sleep 1; exit 42", restartPolicy="Never", restartPolicyRules=[rule(42)])
    r.pod(spec={"initContainers": [first], "containers": [container("app", "sleep 9")], "restartPolicy": "Never"})
    r.tick(20)
    assert r.status() == "Pending first=CrashLoopBackOffx2 app=PodInitializing"


@pytest.mark.parametrize(("own", "more"), [("Never", ""), ("Always", ", will be restarted")])
def test_what_is_said_of_a_failed_probe_follows_the_containers_own_policy(own, more):
    r = Rig()
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
    app = container("app", "sleep 1000", livenessProbe=probe, restartPolicy=own)
    r.pod(spec={"containers": [app, container("other", "sleep 1000")], "terminationGracePeriodSeconds": 1})
    r.tick(5)
    said = [text.removesuffix(" x2") for text in r.said()]
    assert f"Killing: Container app failed liveness probe{more}" in said


def all_anew():
    """A worker that ends with 88 after three seconds, and with that starts its init container and neighbour anew."""
    r = Rig()
    rules = [rule(88, action="RestartAllContainers")]
    worker = container("worker", "sleep 3; exit 88", restartPolicy="Never", restartPolicyRules=rules)
    spec = {
        "initContainers": [container("prepare", "echo ready")],
        "containers": [container("app", "sleep 1000"), worker],
        "restartPolicy": "Never",
    }
    r.pod(spec=spec)
    return r


def counts(r):
    status = r.get(Pod, "web").status
    return {s.name: s.restart_count for s in (*status.init_container_statuses, *status.container_statuses)}


def marks(r):
    return [(c.status, c.reason) for c in r.get(Pod, "web").status.conditions if c.type == "AllContainersRestarting"]


def until(r, wanted, ticks=30):
    for _ in range(ticks):
        if wanted():
            return
        r.tick()
    raise AssertionError("it never came so")


def test_a_rule_starts_all_containers_anew_in_the_same_sandbox():
    r = all_anew()
    r.tick(3)
    before = r.get(Pod, "web").status
    assert counts(r) == {"prepare": 0, "app": 0, "worker": 0}
    until(r, lambda: counts(r)["prepare"] == 1)
    until(r, lambda: r.status() == "Running prepare=Completed(0)*x1 app=Running*x1 worker=Running*x1")
    after = r.get(Pod, "web").status
    assert counts(r) == {"prepare": 1, "app": 1, "worker": 1}
    assert after.pod_ip == before.pod_ip
    assert marks(r) == [("False", "")]
    last = {s.name: s.last_state.terminated.reason for s in after.container_statuses}
    assert last == {"app": "RestartingAllContainers", "worker": "RestartingAllContainers"}


def test_while_all_go_the_pod_says_so_and_keeps_running():
    r = all_anew()
    until(r, lambda: marks(r) == [("True", "RestartAllContainersStarted")])
    seen = set()
    for _ in range(12):
        r.tick()
        status = r.get(Pod, "web").status
        seen.add(status.phase)
        assert all(c.status == "True" for c in status.conditions if c.type == "Initialized")
    assert seen == {"Running"}
    assert "Killing: killing x2" in r.said()


def test_all_are_started_anew_each_time_without_a_back_off():
    r = all_anew()
    r.tick(40)
    assert counts(r)["worker"] >= 3
    assert len(set(counts(r).values())) == 1


def test_a_pod_whose_rules_cannot_restart_all_has_no_such_condition():
    r = Rig()
    r.pod()
    r.tick(3)
    assert marks(r) == []
