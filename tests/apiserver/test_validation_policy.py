"""Rules of Leases, RuntimeClasses and role bindings as Kubernetes 1.37 has them, a row a rule."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_update
from tests.apiserver.door import document
from tests.apiserver.rules import changed, created


def lease(**spec):
    data = document("Lease", "coordination.k8s.io/v1", "x", spec=spec)
    data["metadata"]["namespace"] = "default"
    return data


CASES = [
    (
        lease(strategy="Newest"),
        'spec.strategy.strategy: Unsupported value: "Newest": supported values: "OldestEmulationVersion"',
    ),
    (lease(preferredHolder="a"), "spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined"),
    (lease(strategy="OldestEmulationVersion", preferredHolder="a"),),
    (lease(strategy="example.com/mine"),),
    (document("RuntimeClass", "node.k8s.io/v1", "x", handler=""), "handler: Required value"),
]


@pytest.mark.parametrize("data, messages", [(d, list(m)) for d, *m in CASES])
def test_an_object_is_refused_for_these_reasons(data, messages):
    found = validate_create(scheme.for_kind(data["apiVersion"], data["kind"]), data)
    assert messages == [f"{c.field}: {c.message}" for c in found]


def rule(**more):
    return {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], **more}


def gathered(value):
    selector = {"matchExpressions": [{"key": "a", "operator": "In", "values": [value]}]}
    selectors = {"clusterRoleSelectors": [selector]}
    return document("ClusterRole", "rbac.authorization.k8s.io/v1", "x", rules=[], aggregationRule=selectors)


def test_what_types_say_is_told_last():
    data = document("ClusterRole", "rbac.authorization.k8s.io/v1", "x", rules=[rule(verbs=[]), rule(apiGroups=[])])
    assert created(data) == [
        ("rules[1].apiGroups", "Required value: resource rules must supply at least one api group"),
        ("rules[0].verbs", "Required value"),
    ]


def test_subjects_and_the_role_have_names():
    data = binding("") | {"subjects": [{"kind": "Robot"}]}
    assert created(data) == [
        ("subjects[0].kind", 'Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"'),
        ("subjects[0].name", "Required value"),
        ("roleRef.name", "Required value"),
    ]


def test_a_selector_that_cannot_be_made_gathers_nothing():
    at = "aggregationRule.clusterRoleSelectors[0]"
    cannot = (at, "Invalid value: null: invalid label selector.")
    assert [field for field, _ in created(gathered("a "))] == [f"{at}.matchExpressions[0].values[0]", at]
    assert changed(gathered("a "), gathered("a ")) == [cannot]


def binding(role):
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    data = document("ClusterRoleBinding", "rbac.authorization.k8s.io/v1", "x", roleRef=reference)
    data["metadata"]["resourceVersion"] = "1"
    return data


def test_a_binding_keeps_its_role():
    new, old = binding("edit"), binding("view")
    (found,) = validate_update(scheme.for_kind(new["apiVersion"], new["kind"]), new, old)
    shown = '{"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"edit"}'
    assert (found.field, found.message) == ("roleRef", f"Invalid value: {shown}: field is immutable")
