"""Rules of autoscaling as Kubernetes 1.37 has them, a row a rule (pkg/apis/autoscaling/validation)."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status, validate_update
from tests.apiserver.door import document

TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
AIM = {"type": "Utilization", "averageUtilization": 80}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": AIM}}
QUEUE = {
    "type": "External",
    "external": {"metric": {"name": "queue"}, "target": {"type": "AverageValue", "averageValue": "1"}},
}
NO_GROUP = "apiVersion must specify API group"
NO_WAY_UP = "must specify at least one Object or External metric to support scaling to zero replicas"
KINDS = '"ContainerResource", "External", "Object", "Pods", "Resource"'


def autoscaler(target=None, version="v2", **spec):
    given = {"maxReplicas": 3, "scaleTargetRef": TARGET | (target or {}), **spec}
    if version == "v2":
        given.setdefault("metrics", [CPU])
    data = document("HorizontalPodAutoscaler", f"autoscaling/{version}", "x", spec=copy.deepcopy(given))
    data["metadata"] |= {"namespace": "default", "resourceVersion": "1"}
    return data


def container(**source):
    return autoscaler(
        metrics=[{"type": "ContainerResource", "containerResource": {"name": "cpu", "target": AIM, **source}}]
    )


def aim(**target):
    return autoscaler(metrics=[{"type": "Resource", "resource": {"name": "cpu", "target": target}}])


def told(causes):
    return [f"{c.field}: {c.message}" for c in causes]


def of(data):
    return scheme.for_kind(data["apiVersion"], data["kind"])


AT = "spec.metrics[0]"
REFUSED = [
    (autoscaler(maxReplicas=0), "spec.maxReplicas: Required value"),
    (autoscaler(maxReplicas=-1), "spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1"),
    (
        autoscaler(minReplicas=4),
        "spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`",
    ),
    (autoscaler(minReplicas=-1), "spec.minReplicas: Invalid value: -1: must be greater than or equal to 0"),
    (autoscaler(minReplicas=0), f"spec.metrics: Forbidden: {NO_WAY_UP}"),
    (autoscaler(version="v1", minReplicas=0), f"spec.metrics: Forbidden: {NO_WAY_UP}"),
    (autoscaler({"apiVersion": ""}), f'spec.scaleTargetRef.apiVersion: Invalid value: "": {NO_GROUP}'),
    (autoscaler({"apiVersion": "v1"}), f'spec.scaleTargetRef.apiVersion: Invalid value: "v1": {NO_GROUP}'),
    (
        autoscaler({"apiVersion": "a/b/c"}),
        'spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    ),
    (
        autoscaler(metrics=[{"type": "Magic"}]),
        f'{AT}.type: Unsupported value: "Magic": supported values: {KINDS}',
        f'{AT}.type: Unsupported value: "Magic": supported values: {KINDS}',
    ),
    (
        autoscaler(metrics=[CPU | {"pods": {}}]),
        f"{AT}.pods.metric.name: Required value: must specify a metric name",
        f"{AT}.pods.target.type: Required value: must specify a metric target type",
        f'{AT}.pods.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
        f"{AT}.pods.target.averageValue: Required value: must specify a positive target averageValue",
        f"{AT}.pods: Forbidden: must populate the given metric source only",
    ),
    (
        aim(type="Some", averageUtilization=1),
        f'{AT}.resource.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue',
    ),
    (container(), f"{AT}.containerResource.container: Required value: must specify a container"),
    (
        container(container="a.b"),
        f'{AT}.containerResource.container: Invalid value: "a.b": must not contain dots',
    ),
    (
        autoscaler(behavior={"scaleUp": {"policies": [], "tolerance": "-1"}}),
        "spec.behavior.scaleUp.policies: Required value: must specify at least one Policy",
        'spec.behavior.scaleUp.tolerance: Invalid value: "-1": must be greater than or equal to 0',
    ),
]
ACCEPTED = {
    "down to nothing, by an external metric": autoscaler(minReplicas=0, metrics=[CPU, QUEUE]),
    "a controller of the core group": autoscaler({"kind": "ReplicationController", "apiVersion": "v1"}),
}


@pytest.mark.parametrize("data, messages", [pytest.param(d, list(m), id=m[0][:70]) for d, *m in REFUSED])
def test_a_new_autoscaler_is_refused(data, messages):
    assert messages == told(validate_create(of(data), data))


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_a_new_autoscaler_is_accepted(data):
    assert not validate_create(of(data), data)


def test_a_target_without_a_group_is_looked_at_again_only_when_it_changes():
    old = autoscaler({"apiVersion": ""})
    assert not validate_update(of(old), autoscaler({"apiVersion": ""}, maxReplicas=5), old)
    changed = autoscaler({"apiVersion": "", "kind": "StatefulSet"})
    wanted = [f'spec.scaleTargetRef.apiVersion: Invalid value: "": {NO_GROUP}']
    assert wanted == told(validate_update(of(old), changed, old))


def test_the_status_of_an_autoscaler_has_no_negative_counts():
    old = autoscaler()
    new = old | {"status": {"currentReplicas": -1, "desiredReplicas": -1, "conditions": [{"observedGeneration": -1}]}}
    said = "Invalid value: -1: must be greater than or equal to 0"
    paths = ("status.conditions[0].observedGeneration", "status.currentReplicas", "status.desiredReplicas")
    assert [f"{path}: {said}" for path in paths] == told(validate_status(of(new), new, old))
