"""Strict decoding: what a client's JSON may hold, and what is said when it holds something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.errors import StatusError
from kubesim_tui.apiserver.validation import strict
from tests.apiserver.door import Door, deployment, document, pod, service
from tests.harness import ADMIN, Request

DEPLOYMENT = scheme.for_kind("apps/v1", "Deployment")
HEAD = 'Deployment in version "v1" cannot be handled as a Deployment: '


def told(data, level="Strict", duplicates=(), resource=DEPLOYMENT):
    """The refusal's text, or the warnings."""
    try:
        return strict.check(resource, data, level, duplicates)
    except StatusError as refused:
        return refused.message


def test_a_refusal_is_a_bad_request_of_the_first_station():
    with pytest.raises(StatusError) as refused:
        strict.check(DEPLOYMENT, deployment(foo=1), "Strict")
    found = refused.value
    assert (found.code, found.reason, found.station) == (400, "BadRequest", "decoding")


def test_unknown_fields_are_named_with_their_paths():
    data = deployment(foo=1)
    data["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    fields = 'unknown field "spec.template.spec.containers[0].imagee", unknown field "spec.foo"'
    assert told(data) == f"{HEAD}strict decoding error: {fields}"


def test_a_refusal_knows_every_place_though_it_tells_the_first_wrong_type_only():
    data = deployment(replicas="3", paused=1)
    data["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": "http"}]
    with pytest.raises(StatusError) as refused:
        strict.check(DEPLOYMENT, data, "Strict")
    places = ["spec.template.spec.containers[0].ports[0].containerPort", "spec.replicas", "spec.paused"]
    assert refused.value.fields == places
    assert refused.value.message.endswith(
        "ContainerPort.spec.template.spec.containers.ports.containerPort of type int32"
    )
    assert refused.value.details.causes == ()


def test_a_quantity_that_cannot_be_read_is_told_before_other_wrong_types():
    data = pod()
    data["spec"]["hostNetwork"] = "yes"
    data["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "much"}}
    said = told(dict(sorted(data.items())), resource=scheme.for_kind("v1", "Pod"))
    assert said.partition("as a Pod: ")[2].startswith("quantities must match the regular expression")


def test_a_client_may_want_to_be_warned_or_not_even_that():
    warned, ignored = deployment(foo=1), deployment(foo=1)
    assert told(warned, "Warn") == ['unknown field "spec.foo"']
    assert told(ignored, "Ignore") == []
    assert "foo" not in warned["spec"]
    assert "foo" not in ignored["spec"]


def test_duplicates_that_the_reader_found_are_named_first():
    text = 'duplicate field "spec.replicas", unknown field "spec.foo"'
    assert told(deployment(foo=1), duplicates=["spec.replicas"]) == f"{HEAD}strict decoding error: {text}"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"replicas": "three"}, "string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"replicas": 1.5}, "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"replicas": 3000000000}, "number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"replicas": True}, "bool into Go struct field DeploymentSpec.spec.replicas of type int32"),
        ({"paused": "yes"}, "string into Go struct field DeploymentSpec.spec.paused of type bool"),
        (
            {"strategy": "Recreate"},
            "string into Go struct field DeploymentSpec.spec.strategy of type v1.DeploymentStrategy",
        ),
        ({"template": []}, "array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec"),
        (
            {"selector": {"matchLabels": {"app": 1}}},
            "number into Go struct field LabelSelector.spec.selector.matchLabels of type string",
        ),
        (
            {"template": {"spec": {"containers": {}}}},
            "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        ),
        (
            {"template": {"spec": {"containers": [{"env": [{"name": "A", "value": 1}]}]}}},
            "number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string",
        ),
    ],
)
def test_a_wrong_type_is_said_as_go_says_it(spec, why):
    assert told(deployment(**spec)) == f"{HEAD}json: cannot unmarshal {why}"


def test_other_values_have_errors_of_their_own():
    secret, container = scheme.for_kind("v1", "Secret"), {"name": "c", "resources": {"limits": {"cpu": "1x"}}}
    bad = told(document("Secret", "v1", "s", data={"a": "%%"}), resource=secret)
    assert bad == 'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0'
    quantity = told(pod(containers=[container]), resource=scheme.for_kind("v1", "Pod"))
    assert quantity.endswith(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )


def test_an_object_must_be_what_the_request_is_about():
    pods = scheme.for_kind("v1", "Pod")
    other = told(service(), resource=pods)
    assert other == (
        "the object provided is unrecognized (must be of type Pod): couldn't match /v1, Kind=Service with /v1, Kind=Pod"
    )
    version = told({**deployment(), "apiVersion": "apps/v1beta1"})
    assert version == ("the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)")
    assert told({"apiVersion": "v1", "metadata": {}}, resource=pods).startswith("Object 'Kind' is missing in '{")


def test_null_is_as_good_as_nothing():
    data = deployment(replicas=None)
    data["spec"]["template"]["spec"]["containers"][0]["args"] = [None, "x"]
    assert told(data) == []
    assert "replicas" not in data["spec"]
    assert data["spec"]["template"]["spec"]["containers"][0]["args"] == ["", "x"]


def test_names_and_namespaces_must_be_those_of_the_url():
    door = Door()
    door.send("create", document("ConfigMap", "v1", "a"))
    other = door.refusal("update", document("ConfigMap", "v1", "b"), name="a")
    assert other.message == "the name of the object (b) does not match the name on the URL (a)"
    door.namespace("x")
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "x"}}
    resource = door._resource(data)
    with pytest.raises(StatusError, match="the namespace of the provided object does not match the namespace sent"):
        door.server.decoded(door_request(resource), data, None)


def door_request(resource):
    return Request(ADMIN, "create", resource, "default", "a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["replicas", "selector", "template", "strategy", "paused", "metadata", "spec", "containers"])


@given(
    st.dictionaries(FIELDS, JSON | st.dictionaries(FIELDS, JSON, max_size=3), max_size=4),
    st.sampled_from(["spec", "metadata"]),
)
def test_whatever_is_sent_is_taken_or_refused_and_nothing_breaks(value, where):
    data = deployment()
    data[where] = value
    assert isinstance(told(data), list | str)


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"additionalProperties": "yes"}, "boolean or JSON schema expected"),
        (
            {"items": {"type": []}},
            "json: cannot unmarshal array into Go struct field JSONSchemaProps.type of type string",
        ),
        ({"properties": {"a": {"items": [1]}}}, "number where a JSON schema is expected"),
    ],
)
def test_a_schema_is_read_also_where_it_stands_instead_of_something_else(schema, why):
    kind = scheme.for_kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    versions = [{"name": "v1", "schema": {"openAPIV3Schema": schema}}]
    data = document(kind.kind, kind.api_version, "a.example.com", spec={"versions": versions})
    assert told(data, resource=kind).partition("as a CustomResourceDefinition: ")[2] == why
