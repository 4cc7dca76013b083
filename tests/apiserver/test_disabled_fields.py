"""Fields of Pods whose features are off in 1.37 are dropped, wherever a Pod stands."""

import pytest

from kubesim_tui.api.codec import encode_object
from tests.apiserver.door import Door, deployment, document, pod

OFF = {
    "schedulingGroup": {"podGroupName": "g"},
    "evictionResponders": [{"name": "a.b/c"}],
    "volumes": [
        {"name": "v", "emptyDir": {"mode": 511}},
        {"name": "s", "secret": {"secretName": "s", "defaultUser": 5, "items": [{"key": "k", "path": "p", "user": 5}]}},
        {"name": "p", "projected": {"defaultUser": 5, "sources": [{"serviceAccountToken": {"path": "t", "user": 5}}]}},
    ],
    "containers": [
        {
            "name": "c",
            "image": "nginx",
            "lifecycle": {"stopSignal": "SIGINT"},
            "livenessProbe": {"httpGet": {"port": 80, "protocol": "HTTP2"}},
            "readinessProbe": {"grpc": {"port": 80, "mode": "TLS"}},
            "volumeMounts": [{"name": "v", "mountPath": "/v", "bindMountOptions": ["noexec"]}],
        }
    ],
}
NAMES = {
    "schedulingGroup",
    "evictionResponders",
    "mode",
    "defaultUser",
    "user",
    "lifecycle",
    "protocol",
    "bindMountOptions",
}


@pytest.fixture(scope="module")
def door():
    return Door()


def names(value):
    """Every name of a field within a piece of JSON."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


def template(spec):
    return {"metadata": {"labels": {"app": "web"}}, "spec": spec}


@pytest.mark.parametrize(
    "data",
    [
        pod(**OFF),
        document("PodTemplate", "v1", "x", template=template(OFF)),
        document("ReplicationController", "v1", "x", spec={"template": template(OFF)}),
        deployment(template=template(OFF)),
        document("Job", "batch/v1", "x", spec={"template": template({**OFF, "restartPolicy": "Never"})}),
        document("CronJob", "batch/v1", "x", spec={"schedule": "* * * * *", "jobTemplate": {
            "spec": {"template": template({**OFF, "restartPolicy": "Never"})}}}),
    ],
    ids=lambda data: data["kind"],
)  # fmt: skip
def test_what_is_off_is_dropped(door, data):
    assert names(encode_object(door.send("create", data, dry_run=True))) & NAMES == set()


def test_a_hook_beside_a_stop_signal_stays(door):
    hook = {"sleep": {"seconds": 1}}
    data = pod(containers=[{"name": "c", "image": "nginx", "lifecycle": {"stopSignal": "SIGINT", "preStop": hook}}])
    made = encode_object(door.send("create", data, dry_run=True))
    assert made["spec"]["containers"][0]["lifecycle"] == {"preStop": hook}


def test_init_containers_in_annotations_are_dropped(door):
    data = pod()
    data["metadata"]["annotations"] = {"pod.beta.kubernetes.io/init-containers": "[]", "mine": "stays"}
    assert encode_object(door.send("create", data, dry_run=True))["metadata"]["annotations"] == {"mine": "stays"}
