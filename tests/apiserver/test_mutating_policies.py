"""MutatingAdmissionPolicies change what is written, wherever they are bound."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kubesim_tui.api.codec import encode_object
from kubesim_tui.apiserver.errors import StatusError
from tests.apiserver.custom import CustomDoor, definition, widget
from tests.apiserver.door import Door, deployment, document, pod

API = "admissionregistration.k8s.io/v1"
PODS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
DEPLOYMENTS = {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["deployments"]}
DENIED = "policy 'p' with binding 'p' denied request"


def configuration(expression):
    return {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}


def json_patch(expression):
    return {"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}


def policy(*mutations, name="p", rules=(PODS,), **spec):
    made = {"matchConstraints": {"resourceRules": list(rules)}, "mutations": list(mutations)}
    made |= {"reinvocationPolicy": "Never", **spec}
    return document("MutatingAdmissionPolicy", API, name, spec=made)


def binding(name="p", **spec):
    return document("MutatingAdmissionPolicyBinding", API, name, spec={"policyName": name, **spec})


def door(*policies):
    made = Door()
    for one in policies:
        made.send("create", one, namespace="")
        made.send("create", binding(one["metadata"]["name"]), namespace="")
    return made


def created(made, data):
    return encode_object(made.send("create", data))


def test_a_configuration_is_merged_as_an_apply_would():
    sidecar = 'Object.spec.initContainers{name: "proxy", image: "envoy", restartPolicy: "Always"}'
    made = door(policy(configuration(f"Object{{spec: Object.spec{{initContainers: [{sidecar}]}}}}")))
    first = {"name": "first", "image": "busybox"}
    found = created(made, pod(initContainers=[first]))
    assert [(c["name"], c.get("restartPolicy")) for c in found["spec"]["initContainers"]] == [
        ("first", None),
        ("proxy", "Always"),
    ]
    assert found["spec"]["containers"][0]["name"] == "c"


def test_what_is_given_twice_is_merged_by_its_key():
    change = 'Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", image: "nginx:1.27"}]}}'
    found = created(door(policy(configuration(change))), pod())
    assert [(c["name"], c["image"]) for c in found["spec"]["containers"]] == [("c", "nginx:1.27")]


def test_maps_and_conditions_and_variables():
    change = 'Object{metadata: Object.metadata{labels: {"team": variables.team}}}'
    variables = [{"name": "team", "expression": "object.metadata.?labels[?'team'].orValue('nobody')"}]
    conditions = [{"name": "not-q", "expression": "object.metadata.name != 'q'"}]
    made = door(policy(configuration(change), variables=variables, matchConditions=conditions))
    assert created(made, pod("p"))["metadata"]["labels"] == {"team": "nobody"}
    assert "labels" not in created(made, pod("q"))["metadata"]


def test_patches_are_json():
    labels = '{"a/b": string(size(object.spec.containers))}'
    patch = (
        f'[JSONPatch{{op: "add", path: "/metadata/labels", value: {labels}}}, '
        'JSONPatch{op: "replace", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b"), value: "x"}]'
    )
    assert created(door(policy(json_patch(patch))), pod())["metadata"]["labels"] == {"a/b": "x"}


def test_a_test_that_fails_changes_nothing():
    patch = (
        '[JSONPatch{op: "test", path: "/spec/restartPolicy", value: "Never"}, '
        'JSONPatch{op: "add", path: "/metadata/labels", value: {"a": "b"}}]'
    )
    assert "labels" not in created(door(policy(json_patch(patch))), pod())["metadata"]


def test_what_is_changed_is_validated_and_defaulted():
    made = door(policy(configuration("Object{spec: Object.spec{replicas: -1}}"), rules=[DEPLOYMENTS]))
    refused = made.refusal("create", deployment())
    assert "spec.replicas: Invalid value: -1" in refused.message
    mounted = 'Object.spec.volumes{name: "tmp", emptyDir: Object.spec.volumes.emptyDir{}}'
    found = created(door(policy(configuration(f"Object{{spec: Object.spec{{volumes: [{mounted}]}}}}"))), pod())
    assert {"name": "tmp", "emptyDir": {}} in found["spec"]["volumes"]


def test_policies_see_what_those_before_them_have_changed():
    one = policy(configuration('Object{metadata: Object.metadata{labels: {"a": "1"}}}'), name="a")
    two = policy(
        json_patch('[JSONPatch{op: "add", path: "/metadata/labels/b", value: object.metadata.labels.a + "2"}]'),
        name="b",
    )
    assert created(door(one, two), pod())["metadata"]["labels"] == {"a": "1", "b": "12"}


def test_who_wants_to_be_asked_again_is():
    count = "object.metadata.?annotations[?'n'].orValue('')"
    add = configuration(f'Object{{metadata: Object.metadata{{annotations: {{"n": {count} + "x"}}}}}}')
    later = configuration('Object{metadata: Object.metadata{labels: {"b": "2"}}}')
    again = policy(add, name="a", reinvocationPolicy="IfNeeded")
    assert created(door(again, policy(later, name="b")), pod())["metadata"]["annotations"] == {"n": "xx"}
    once = policy(add, name="a")
    assert created(door(once, policy(later, name="b")), pod())["metadata"]["annotations"] == {"n": "x"}


@pytest.mark.parametrize(
    ("mutation", "said"),
    [
        (
            configuration("Object{spec: Object.spec{restartPolicy: object.spec.gone}}"),
            "expression 'Object{spec: Object.spec{restartPolicy: object.spec.gone}}' resulted in error: "
            "no such key: gone",
        ),
        (configuration("{'a': 1}"), "unsupported return type from ApplyConfiguration expression: map"),
        (
            configuration("Object{spec: Object.metadata{}}"),
            'type mismatch: unexpected type name "Object.metadata", expected "Object.spec", '
            "which matches field name path from root Object type",
        ),
        (
            configuration('Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", args: ["x"]}]}}'),
            "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: "
            ".spec.containers[0].args",
        ),
        (json_patch("[1]"), "type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch"),
    ],
)
def test_mutations_that_fail_refuse(mutation, said):
    refused = door(policy(mutation)).refusal("create", pod())
    assert (refused.code, refused.reason, refused.message) == (403, "Invalid", f"{DENIED}: {said}")
    door(policy(mutation, failurePolicy="Ignore")).send("create", pod())


def test_custom_kinds_are_changed_too():
    rule = {"apiGroups": ["example.com"], "apiVersions": ["*"], "operations": ["*"], "resources": ["widgets"]}
    change = 'Object{metadata: Object.metadata{labels: {"a": "b"}}}'
    made = CustomDoor(definition())
    for obj in (policy(configuration(change), rules=[rule]), binding()):
        made.send("create", obj, namespace="")
    assert created(made, widget())["metadata"]["labels"] == {"a": "b"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "c", "nginx"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "a", "image"]), inner, max_size=2)
    ),
    max_leaves=4,
)
PATHS = st.sampled_from(
    (
        *("", "/", "/metadata", "/metadata/name", "/metadata/uid", "/metadata/labels", "/spec", "/spec/containers"),
        *(
            "/spec/containers/0",
            "/spec/containers/-",
            "/spec/containers/0/name",
            "/kind",
            "/apiVersion",
            "/status",
            "/~2",
        ),
    )
)


def literal(value):
    """A JSON value as an expression."""
    return f"dyn({json.dumps(value)})" if not isinstance(value, list | dict) else nested(value)


def nested(value):
    if isinstance(value, list):
        return f"dyn([{', '.join(literal(v) for v in value)}])"
    return f"dyn({{{', '.join(f'{json.dumps(k)}: {literal(v)}' for k, v in value.items())}}})"


@pytest.fixture(scope="module")
def open_door():
    return Door()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["add", "remove", "replace", "test"]), PATHS, VALUES), min_size=1, max_size=3)
)
def test_whatever_a_policy_patches_is_written_whole_or_refused(open_door, operations):
    made = copy.deepcopy(open_door)
    patches = [f'JSONPatch{{op: "{op}", path: "{path}", value: {literal(v)}}}' for op, path, v in operations]
    for obj in (policy(json_patch(f"[{', '.join(patches)}]")), binding()):
        made.send("create", obj, namespace="")
    try:
        found = created(made, pod())
    except StatusError:
        return
    assert (found["kind"], found["metadata"]["namespace"], bool(found["metadata"]["uid"])) == ("Pod", "default", True)
