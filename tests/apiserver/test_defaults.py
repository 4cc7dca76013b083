"""Defaults: what the server fills in where a manifest is silent, by upstream's table and in its own cases."""

import copy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.defaults import set_defaults, set_status_defaults
from tests.apiserver.door import Door, deployment, document, pod, service
from tests.server import answers

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
LABELLED = {"selector": {"matchLabels": {"a": "b"}}, "template": TEMPLATE}
PROBE = {"httpGet": {"port": 80}}
SOURCES = {
    "SecretVolumeSource": {"secret": {"secretName": "s"}},
    "ConfigMapVolumeSource": {"configMap": {"name": "c"}},
    "ProjectedVolumeSource": {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
}
PROBED = {"name": "c", "image": "x", "livenessProbe": PROBE}

SILENT = {
    "Deployment": document("Deployment", "apps/v1", "x", spec=LABELLED),
    "DaemonSet": document("DaemonSet", "apps/v1", "x", spec=LABELLED),
    "StatefulSet": document("StatefulSet", "apps/v1", "x", spec=LABELLED),
    "ReplicaSet": document("ReplicaSet", "apps/v1", "x", spec=LABELLED),
    "Job": document("Job", "batch/v1", "x", spec={"template": TEMPLATE}),
    "CronJob": document("CronJob", "batch/v1", "x", spec={"jobTemplate": {"spec": {"template": TEMPLATE}}}),
    "Service": service(),
    "PersistentVolume": document("PersistentVolume", "v1", "x", spec={}),
    "HorizontalPodAutoscaler": document("HorizontalPodAutoscaler", "autoscaling/v2", "x", spec={}),
    "Secret": document("Secret", "v1", "x"),
    "Pod": pod(),
    "PodSpec": pod(),
}
"""A manifest of each kind that leaves everything out."""
PART = {
    "Container": ("spec.containers[0]", pod()),
    "PodSpec": ("spec", pod()),
    "Probe": ("spec.containers[0].livenessProbe", pod(containers=[PROBED])),
    "HTTPGetAction": ("spec.containers[0].livenessProbe.httpGet", pod(containers=[PROBED])),
    **{k: (f"spec.volumes[0].{next(iter(v))}", pod(volumes=[{"name": "v", **v}])) for k, v in SOURCES.items()},
    "ServiceAccountTokenProjection": (
        "spec.volumes[0].projected.sources[0].serviceAccountToken",
        pod(volumes=[{"name": "v", **SOURCES["ProjectedVolumeSource"]}]),
    ),
}
"""Where a part lies in a manifest, and the manifest."""


def filled(data):
    """A manifest with its defaults."""
    made = copy.deepcopy(data)
    set_defaults(scheme.for_kind(made["apiVersion"], made["kind"]), made)
    return made


def at(data, path):
    """The value at a path; None if there is none."""
    for step in re.findall(r"[^.\[\]]+", path.replace("[*]", "[0]")):
        if data is None:
            return None
        data = data[int(step)] if step.isdigit() else data.get(step)
    return data


def test_images_without_a_tag_or_with_latest_are_always_pulled():
    images = {"nginx": "Always", "nginx:latest": "Always", "nginx:1": "IfNotPresent", "a:5000/b": "Always"}
    images |= {"nginx@sha256:" + "0" * 64: "IfNotPresent"}
    found = {
        i: at(filled(pod(containers=[{"name": "c", "image": i}])), "spec.containers[0].imagePullPolicy") for i in images
    }
    assert found == images


def test_requests_follow_limits_resource_by_resource():
    resources = {"limits": {"cpu": "1000m", "memory": "1Gi"}, "requests": {"memory": "0.5Gi"}}
    made = filled(pod(containers=[{"name": "c", "image": "x", "resources": resources}]))
    assert at(made, "spec.containers[0].resources.requests") == {"cpu": "1000m", "memory": "0.5Gi"}


def test_a_pods_own_resources_are_completed_from_its_containers():
    containers = [{"name": n, "image": "x", "resources": {"requests": {"cpu": "100m"}}} for n in "ab"]
    made = filled(pod(containers=containers, resources={"limits": {"cpu": "1", "memory": "1Gi"}}))
    assert at(made, "spec.resources.requests") == {"cpu": "200m", "memory": "1Gi"}
    untouched = filled(pod(containers=containers))
    assert "resources" not in untouched["spec"]


def test_a_session_by_client_ip_lasts_three_hours_and_balancers_get_node_ports():
    sticky = filled(service(sessionAffinity="ClientIP"))
    assert at(sticky, "spec.sessionAffinityConfig.clientIP.timeoutSeconds") == 10800
    assert at(filled(service(type="LoadBalancer")), "spec.allocateLoadBalancerNodePorts") is True


def test_a_volume_without_a_source_is_an_empty_directory():
    assert at(filled(pod(volumes=[{"name": "v"}])), "spec.volumes[0].emptyDir") == {}


def test_a_limit_ranges_default_is_its_maximum_and_its_request_its_limit():
    item = {"type": "Container", "max": {"cpu": "2"}, "min": {"memory": "1Mi"}}
    made = filled(document("LimitRange", "v1", "x", spec={"limits": [item]}))["spec"]["limits"][0]
    assert (made["default"], made["defaultRequest"]) == ({"cpu": "2"}, {"cpu": "2", "memory": "1Mi"})


def test_a_secrets_texts_are_encoded_into_its_data():
    made = filled(document("Secret", "v1", "x", stringData={"user": "admin"}, data={"old": "eA=="}))
    assert (made["data"], made["type"]) == ({"old": "eA==", "user": "YWRtaW4="}, "Opaque")
    assert "stringData" not in made


def test_quantities_are_stored_as_the_server_writes_them():
    resources = {"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": 0.5, "memory": "1e3"}}
    made = Door().send("create", pod(containers=[{"name": "c", "image": "x", "resources": resources}]))
    found = made.spec.containers[0].resources
    assert dict(found.limits) == {"cpu": "1", "memory": "1Gi"}
    assert dict(found.requests) == {"cpu": "500m", "memory": "1e3"}


def test_null_counts_as_left_out():
    data = deployment(replicas=None, strategy=None)
    assert Door().send("create", data).spec.replicas == 1


@pytest.mark.parametrize("data", [*SILENT.values(), *(data for _, data in PART.values())])
def test_defaults_are_filled_in_once(data):
    assert filled(filled(data)) == filled(data)


WORDS = {
    "strategy": st.sampled_from([{"type": "Recreate"}, {"rollingUpdate": {"maxSurge": 1}}]),
    "replicas": st.integers(0, 5),
    "revisionHistoryLimit": st.integers(0, 5),
    "progressDeadlineSeconds": st.integers(1, 900),
}


@given(st.fixed_dictionaries({}, optional=WORDS))
def test_what_is_given_is_never_overwritten(spec):
    made = filled(deployment(**copy.deepcopy(spec)))["spec"]
    assert {k: _given_part(made[k], v) for k, v in spec.items()} == spec


def _given_part(made, given):
    return {k: _given_part(made[k], v) for k, v in given.items()} if isinstance(given, dict) else made


@pytest.mark.parametrize(
    "given, wanted",
    [
        ({"podIP": "10.0.0.1"}, {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}),
        ({"podIPs": [{"ip": "10.0.0.1"}]}, {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]}),
        (
            {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.2"}]},
            {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
        ),
        ({}, {}),
    ],
)
def test_one_address_of_a_pod_stands_for_its_list_and_counts_where_they_differ(given, wanted):
    data = {"status": given}
    set_status_defaults(scheme.for_kind("v1", "Pod"), data)
    assert data["status"] == wanted


@pytest.mark.parametrize("row", answers.rows())
@answers.needed
def test_defaults_of_real_manifests_are_filled_in_once(row):
    if row["accepted"]:
        made = filled(answers.document(row))
        assert filled(made) == made
