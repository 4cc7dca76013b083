"""Defaults of smaller groups, and what an update may not touch, as Kubernetes 1.37 has them: a row a rule."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.defaults import set_defaults
from tests.apiserver.door import Door, document
from tests.certificates import REQUEST

TEMPLATE = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x:1"}]}}
FAILURES = {"rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}
FLOW, ADMISSION, DEVICES = "flowcontrol.apiserver.k8s.io/v1", "admissionregistration.k8s.io/v1", "resource.k8s.io/v1"
EXACTLY = {"exactly": {"deviceClassName": "gpu", "tolerations": [{"key": "a"}]}}
CHOICE = {"firstAvailable": [{"name": "x", "deviceClassName": "gpu", "allocationMode": "All"}]}
RULES = {"resourceRules": [{"operations": ["CREATE"], "resources": ["pods"]}]}
MATCHING = {"matchPolicy": "Equivalent", "namespaceSelector": {}, "objectSelector": {}}
SCOPED = {"resourceRules": [RULES["resourceRules"][0] | {"scope": "*"}]}
ONE = {"allocationMode": "ExactCount", "count": 1, "tolerations": [{"key": "a", "operator": "Equal"}]}
CHOSEN = {"firstAvailable": [{"name": "x", "deviceClassName": "gpu", "allocationMode": "All"}]}


def devices(*requests):
    return {"devices": {"requests": copy.deepcopy(list(requests))}}


CASES = [
    (document("Job", "batch/v1", "x", spec={"template": TEMPLATE}), "spec.manualSelector", False),
    (
        document("CronJob", "batch/v1", "x", spec={"jobTemplate": {"spec": {"podFailurePolicy": FAILURES}}}),
        "spec.jobTemplate.spec.podFailurePolicy.rules.0.onPodConditions.0.status",
        "True",
    ),
    (document("CSIDriver", "storage.k8s.io/v1", "x"), "spec.preventPodSchedulingIfMissing", False),
    (document("FlowSchema", FLOW, "x"), "spec.matchingPrecedence", 1000),
    (
        document("PriorityLevelConfiguration", FLOW, "x", spec={"exempt": {}}),
        "spec.exempt",
        {"nominalConcurrencyShares": 0, "lendablePercent": 0},
    ),
    (
        document("PriorityLevelConfiguration", FLOW, "x", spec={"limited": {"limitResponse": {"queuing": {}}}}),
        "spec.limited",
        {
            "nominalConcurrencyShares": 30,
            "lendablePercent": 0,
            "limitResponse": {"queuing": {"handSize": 8, "queues": 64, "queueLengthLimit": 50}},
        },
    ),
    (document("MutatingAdmissionPolicy", ADMISSION, "x"), "spec.failurePolicy", "Fail"),
    (
        document("MutatingAdmissionPolicyBinding", ADMISSION, "x", spec={"matchResources": RULES}),
        "spec.matchResources",
        MATCHING | SCOPED,
    ),
    (
        document("ResourceClaim", DEVICES, "x", spec=devices(EXACTLY)),
        "spec.devices.requests.0.exactly",
        EXACTLY["exactly"] | ONE,
    ),
    (
        document("ResourceClaimTemplate", DEVICES, "x", spec={"spec": devices(CHOICE)}),
        "spec.spec.devices.requests.0",
        CHOSEN,
    ),
    (
        document("CustomResourceDefinition", "apiextensions.k8s.io/v1", "x", spec={}),
        "spec.conversion",
        {"strategy": "None"},
    ),
    (
        document("CustomResourceDefinition", "apiextensions.k8s.io/v1", "x", spec={"conversion": {}}),
        "spec.conversion",
        {},
    ),
]


def at(data, path):
    for step in path.split("."):
        data = data[int(step)] if step.isdigit() else data[step]
    return data


@pytest.mark.parametrize("data, path, value", CASES)
def test_what_is_left_out_is_filled_in(data, path, value):
    made = copy.deepcopy(data)
    set_defaults(scheme.for_kind(made["apiVersion"], made["kind"]), made)
    assert value == at(made, path)


def autoscaler(**more):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"maxReplicas": 3, "scaleTargetRef": target, **more}
    return document("HorizontalPodAutoscaler", "autoscaling/v2", "x", spec=spec)


def test_an_autoscalers_generation_counts_the_changes_of_its_spec():
    door = Door()
    assert door.send("create", autoscaler()).metadata.generation == 1
    assert door.send("update", autoscaler(maxReplicas=4)).metadata.generation == 2


def test_what_a_signing_request_asks_for_never_changes():
    asked = {"request": REQUEST, "usages": ["client auth"], "signerName": "example.com/mine"}
    data = document("CertificateSigningRequest", "certificates.k8s.io/v1", "x", spec=asked)
    door = Door()
    door.send("create", data)
    kept = door.send("update", data | {"spec": asked | {"usages": ["server auth"]}})
    assert kept.rest["spec"]["usages"] == ("client auth",)
