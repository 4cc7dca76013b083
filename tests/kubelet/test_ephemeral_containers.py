"""Ephemeral containers: started when they are added, never again, and of no weight for what the Pod is."""

import pytest

from kubesim_tui.api.types import Pod
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.request import Request
from tests.kubelet.rig import Rig, checkpoint, state

SLEEPER = {"image": "busybox:1.36", "command": ["sh", "-c", "echo here; sleep 5; exit 3"]}
TARGETLESS = 'Pod "web" is invalid: spec.ephemeralContainers[0].targetContainerName: Not found: "nobody"'


def add(rig, pod="web", name="debugger", **fields):
    """What `kubectl debug` sends."""
    made = {"name": name, "image": "busybox:1.36", "imagePullPolicy": "IfNotPresent", **fields}
    body = {"spec": {"ephemeralContainers": [made]}}
    resource = rig.server.resource_for_kind("v1", "Pod")
    user = rig.admin.user
    wanted = {"subresource": "ephemeralcontainers", "body": body, "patch_type": "strategic"}
    return rig.admin.send(Request(user, "patch", resource, "default", pod, **wanted))


def ephemeral(rig, pod="web"):
    """`name=state` of each, with * if ready."""
    statuses = rig.get(Pod, pod).status.ephemeral_container_statuses
    return [f"{s.name}={state(s.state)}{'*' if s.ready else ''}x{s.restart_count}" for s in statuses]


@pytest.fixture
def rig():
    rig = Rig()
    rig.pod("web")
    rig.tick(3)
    return rig


def test_one_that_is_added_runs_beside_the_others_and_is_never_ready(rig):
    add(rig, **SLEEPER)
    rig.tick(2)
    assert (rig.status(), ephemeral(rig)) == ("Running app=Running*", ["debugger=Runningx0"])


def test_it_shares_the_pods_address(rig):
    add(rig, command=["sh", "-c", "wget -qO- http://localhost:8080/; sleep 60"])
    rig.tick(2)
    assert [line.text for line in rig.container("debugger").lines()] == ["hello"]


def test_it_is_not_restarted_though_the_pods_policy_is_always(rig):
    add(rig, **SLEEPER)
    rig.tick(30)
    assert (rig.status(), ephemeral(rig)) == ("Running app=Running*", ["debugger=Error(3)x0"])


def test_a_kubelet_that_has_lost_its_memory_does_not_start_it_again(rig):
    add(rig, **SLEEPER)
    rig.tick(10)
    rig.stop_kubelet()
    rig.tick(2)
    rig.start_kubelet()
    rig.tick(10)
    assert ephemeral(rig) == ["debugger=Error(3)x0"]


def test_after_a_new_sandbox_it_stays_ended(rig):
    add(rig, **SLEEPER)
    rig.tick(2)
    rig.power_off()
    rig.tick(5)
    rig.power_on()
    rig.tick(30)
    assert (rig.status(), ephemeral(rig)) == ("Running app=Running*x1", ["debugger=Unknown(255)x0"])


def test_its_events_name_its_place_in_the_spec(rig):
    add(rig, **SLEEPER)
    rig.tick(3)
    path = "spec.ephemeralContainers{debugger}"
    found = [e for e in rig.etcd.table("events") if e.involved_object.field_path == path]
    assert sorted(e.reason for e in found) == ["Created", "Pulled", "Started"]


def test_an_image_that_is_not_there_shows_as_waiting_and_the_pod_stays_ready(rig):
    add(rig, image="test/nowhere:1", imagePullPolicy="Never")
    rig.tick(20)
    assert rig.status() == "Running app=Running*"
    assert ephemeral(rig) == ["debugger=ErrImageNeverPullx0"]


def test_it_starts_while_the_pod_is_not_initialised_yet():
    rig = Rig()
    waits = {"name": "setup", "image": "busybox:1.36", "command": ["sleep", "60"]}
    app = {"name": "app", "image": "test/app", "imagePullPolicy": "IfNotPresent"}
    rig.pod("web", spec={"initContainers": [waits], "containers": [app]})
    rig.tick(3)
    add(rig, **SLEEPER)
    rig.tick(2)
    assert (rig.status(), ephemeral(rig)) == (
        "Pending setup=Running app=PodInitializing",
        ["debugger=Runningx0"],
    )


def test_it_goes_with_its_pod(rig):
    add(rig, command=["sh", "-c", "trap 'exit 0' TERM; while true; do sleep 1; done"])
    rig.tick(2)
    rig.delete(Pod, "web")
    rig.tick(5)
    assert [c.config.name for c in rig.containers().values()] == []


def test_what_has_ended_does_not_keep_a_pod_alive_whose_work_is_done():
    rig = Rig()
    rig.pod("web", image="busybox:1.36", command=["sleep", "4"], restartPolicy="Never")
    rig.tick(2)
    add(rig, command=["sleep", "600"])
    rig.tick(60)
    assert rig.get(Pod, "web").status.phase == "Succeeded"


def test_a_second_one_is_added_to_the_first(rig):
    add(rig, **SLEEPER)
    add(rig, name="another", command=["sleep", "60"])
    rig.tick(2)
    assert ephemeral(rig) == ["another=Runningx0", "debugger=Runningx0"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"targetContainerName": "nobody"}, 'spec.ephemeralContainers[0].targetContainerName: Not found: "nobody"'),
        (
            {"ports": [{"containerPort": 80}]},
            "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
        ),
        (
            {"livenessProbe": {"exec": {"command": ["true"]}}},
            "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
        ),
        ({"name": "app"}, 'spec.ephemeralContainers[0].name: Duplicate value: "app"'),
    ],
)
def test_what_it_may_not_have(rig, fields, said):
    with pytest.raises(StatusError) as refused:
        add(rig, **fields)
    assert said in refused.value.message


def test_one_that_is_there_cannot_be_changed(rig):
    add(rig, **SLEEPER)
    with pytest.raises(StatusError) as refused:
        add(rig, image="test/app")
    assert 'existing ephemeral containers "debugger" may not be changed' in refused.value.message


def test_a_copy_of_the_cluster_goes_on_alike(rig):
    add(rig, **SLEEPER)
    rig.tick(2)
    other = checkpoint(rig)
    rig.tick(10)
    other.tick(10)
    assert ephemeral(other) == ephemeral(rig)


def test_with_a_target_it_sees_the_targets_processes(rig):
    add(rig, command=["sh", "-c", "ps; sleep 60"], targetContainerName="app")
    rig.tick(2)
    rows = [line.text.split(None, 3) for line in rig.container("debugger").lines()][1:]
    assert [(pid, command) for pid, _, _, command in rows] == [("1", "app"), ("30", "ps")]


def test_without_a_target_it_sees_its_own(rig):
    add(rig, command=["sh", "-c", "ps; sleep 60"])
    rig.tick(2)
    rows = [line.text.split(None, 3) for line in rig.container("debugger").lines()][1:]
    assert [row[0] for row in rows] == ["1"]
