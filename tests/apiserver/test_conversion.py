"""HorizontalPodAutoscalers in two versions."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.api.codec import encode_object
from tests.apiserver.door import Door, document
from tests.harness import ADMIN, Request

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
OLD, NEW = (scheme.for_kind(f"autoscaling/{v}", "HorizontalPodAutoscaler") for v in ("v1", "v2"))
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
MEMORY = {"type": "Resource", "resource": {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}}


def autoscaler(version, **spec):
    made = {"scaleTargetRef": TARGET, "maxReplicas": 5, **spec}
    return document("HorizontalPodAutoscaler", f"autoscaling/{version}", "web", spec=made)


def read(door, resource):
    return encode_object(door.server.handle(Request(ADMIN, "get", resource, "default", "web")))


@pytest.fixture
def door():
    return Door()


def test_what_is_written_in_the_old_version_is_read_in_the_new(door):
    door.send("create", autoscaler("v1", targetCPUUtilizationPercentage=50))
    new = read(door, NEW)
    assert (new["apiVersion"], new["spec"]["metrics"], new["spec"]["minReplicas"]) == ("autoscaling/v2", [CPU], 1)
    old = read(door, OLD)
    assert (old["apiVersion"], old["spec"]["targetCPUUtilizationPercentage"]) == ("autoscaling/v1", 50)


def test_without_a_metric_it_is_80_percent_of_cpu(door):
    door.send("create", autoscaler("v1"))
    assert read(door, NEW)["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 80


def test_nothing_is_lost_for_the_old_version(door):
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    made = encode_object(door.send("create", autoscaler("v2", metrics=[CPU, MEMORY], behavior=behavior)))
    old = read(door, OLD)
    assert "metrics" not in old["spec"]
    old["spec"]["maxReplicas"] = 9
    door.send("update", old)
    new = read(door, NEW)
    assert new["spec"] == {**made["spec"], "maxReplicas": 9}
    assert "annotations" not in new["metadata"]


def test_lists_and_patches_speak_the_version_of_the_request(door):
    door.send("create", autoscaler("v1", targetCPUUtilizationPercentage=50))
    found = door.server.handle(Request(ADMIN, "list", OLD, "default"))
    assert [encode_object(h)["apiVersion"] for h in found] == ["autoscaling/v1"]
    body = {"spec": {"targetCPUUtilizationPercentage": 60}}
    door.server.handle(Request(ADMIN, "patch", OLD, "default", "web", body=body, patch_type="merge"))
    assert read(door, NEW)["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 60
