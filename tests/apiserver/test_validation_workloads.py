"""Rules of apps/v1 as Kubernetes 1.37 has them, a row a rule (pkg/apis/apps/validation)."""

import copy

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.defaults import set_defaults
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status, validate_update
from tests.apiserver.door import document

TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}
IMMUTABLE = "field is immutable"


def workload(kind, template=None, **spec):
    """A workload that is right, but for what is given."""
    given = {"selector": {"matchLabels": {"a": "b"}}, "template": copy.deepcopy(template or TEMPLATE), **spec}
    data = document(kind, "apps/v1", "x", spec=given)
    data["metadata"] |= {"namespace": "default", "resourceVersion": "1"}
    set_defaults(of(data), data)
    return data


def of(data):
    return scheme.for_kind(data["apiVersion"], data["kind"])


def revision(**rest):
    return document("ControllerRevision", "apps/v1", "x", revision=1, **rest) | {
        "metadata": {"name": "x", "namespace": "default", "resourceVersion": "1"}
    }


def told(causes):
    return [f"{c.field}: {c.message}" for c in causes]


def pod_with(**spec):
    return {"metadata": TEMPLATE["metadata"], "spec": TEMPLATE["spec"] | spec}


REFUSED = [
    (
        workload("Deployment", strategy={"type": "Rolling"}),
        'spec.strategy: Unsupported value: {"Type":"Rolling","RollingUpdate":null}: '
        'supported values: "Recreate", "RollingUpdate"',
    ),
    (
        workload("DaemonSet", updateStrategy={"type": "All", "rollingUpdate": {"maxSurge": 1}}),
        'spec.updateStrategy: Unsupported value: {"Type":"All","RollingUpdate":{"MaxUnavailable":0,"MaxSurge":1}}: '
        'supported values: "RollingUpdate", "OnDelete"',
    ),
    (
        workload("StatefulSet", updateStrategy={"type": "Recreate"}),
        'spec.updateStrategy: Invalid value: {"Type":"Recreate","RollingUpdate":null}: '
        "must be 'RollingUpdate' or 'OnDelete'",
    ),
    (
        workload("StatefulSet", updateStrategy={"type": "OnDelete", "rollingUpdate": {"partition": 1}}),
        'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: '
        "only allowed for updateStrategy 'RollingUpdate'",
    ),
    (
        workload("StatefulSet", serviceName="a.b"),
        'spec.serviceName: Invalid value: "a.b": must not contain dots',
    ),
    (
        workload("StatefulSet", volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": {}}]),
        "spec.volumeClaimTemplates[0].spec.accessModes: Required value: at least 1 access mode is required",
        "spec.volumeClaimTemplates[0].spec.resources[storage]: Required value",
    ),
    (
        workload("StatefulSet", template=pod_with(containers=[])),
        "spec.template.spec.containers: Required value",
    ),
    (revision(), "data: Required value: data is mandatory"),
    (revision(data=[1]), "data: Required value: data must be a valid JSON object"),
]
MOUNTED = pod_with(containers=[{"name": "c", "image": "x:1", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}])
ACCEPTED = {
    "a mount of a claim template": workload("StatefulSet", template=MOUNTED, volumeClaimTemplates=[CLAIM]),
    "a host name that the controller will replace": workload("StatefulSet", template=pod_with(hostname="Not A Label")),
    "any number of kept revisions": workload("StatefulSet", revisionHistoryLimit=-1),
}


@pytest.mark.parametrize("data, messages", [pytest.param(d, list(m), id=m[0][:60]) for d, *m in REFUSED])
def test_a_new_workload_is_refused(data, messages):
    assert messages == told(validate_create(of(data), copy.deepcopy(data)))


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_a_new_workload_is_accepted(data):
    assert told(validate_create(of(data), copy.deepcopy(data))) == []


@pytest.mark.parametrize(
    "field, change, shown",
    [
        ("serviceName", {"serviceName": "other"}, '"other"'),
        ("podManagementPolicy", {"podManagementPolicy": "Parallel"}, '"Parallel"'),
    ],
)
def test_some_fields_of_a_stateful_set_never_change(field, change, shown):
    old, new = workload("StatefulSet"), workload("StatefulSet", **change)
    assert [f"spec.{field}: Invalid value: {shown}: {IMMUTABLE}"] == told(validate_update(of(new), new, old))


def test_a_template_that_was_wrong_before_does_not_hinder_a_change_of_a_stateful_set():
    wrong = pod_with(containers=[])
    old, new = workload("StatefulSet", template=wrong), workload("StatefulSet", template=wrong, replicas=3)
    assert told(validate_update(of(new), new, old)) == []


def test_a_template_that_was_right_may_not_become_wrong():
    old, new = workload("StatefulSet"), workload("StatefulSet", template=pod_with(containers=[]))
    assert told(validate_update(of(new), new, old)) == ["spec.template.spec.containers: Required value"]


def test_a_revision_keeps_its_data():
    old, new = revision(data={"a": 1}), revision(data={"a": 2})
    assert [f'data: Invalid value: {{"a":2}}: {IMMUTABLE}'] == told(validate_update(of(new), new, old))


@pytest.mark.parametrize(
    "kind, name",
    [
        *(("Deployment", name) for name in ("unavailableReplicas", "terminatingReplicas")),
        ("ReplicaSet", "terminatingReplicas"),
        *(("DaemonSet", name) for name in ("currentNumberScheduled", "numberMisscheduled", "numberReady")),
        *(("DaemonSet", name) for name in ("desiredNumberScheduled", "updatedNumberScheduled")),
        *(("DaemonSet", name) for name in ("numberAvailable", "numberUnavailable", "observedGeneration")),
    ],
)
def test_a_count_is_not_negative(kind, name):
    old = workload(kind)
    new = old | {"status": {name: -1}}
    wanted = [f"status.{name}: Invalid value: -1: must be greater than or equal to 0"]
    assert wanted == told(validate_status(of(new), new, old | {"status": {}}))


def test_the_collisions_of_a_daemon_set_are_never_fewer():
    data = workload("DaemonSet")
    new, old = data | {"status": {"collisionCount": 1}}, data | {"status": {"collisionCount": 2}}
    wanted = ["status.collisionCount: Invalid value: 1: cannot be decremented"]
    assert wanted == told(validate_status(of(new), new, old))
