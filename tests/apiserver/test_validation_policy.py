"""Rules of Leases, RuntimeClasses and role bindings as Kubernetes 1.37 has them, a row a rule."""

import pytest

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_update
from tests.apiserver.door import document


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
