"""Metadata of any kind: what is refused, what the server keeps, and how generations count."""

import copy

import pytest

from kubesim_tui.api.codec import encode_object
from tests.apiserver.door import Door, document


@pytest.fixture(scope="module")
def door():
    return Door()


def config(**meta):
    made = document("ConfigMap", "v1", "x")
    made["metadata"].update(meta)
    return made


def told(refused):
    return [(c.field, c.message) for c in refused.details.causes]


@pytest.mark.parametrize(
    ("meta", "causes"),
    [
        ({"finalizers": ["a b/c"]},
         [("metadata.finalizers", 'Invalid value: "a b/c": prefix part a lowercase RFC 1123 subdomain must consist of '
           "lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
           "(e.g. 'example.com', regex used for validation is "
           "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]),
        ({"finalizers": ["mine"]},
         [("metadata.finalizers[0]",
           'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified')]),
        ({"managedFields": [{"operation": "Guess", "fieldsType": "V0", "manager": "a\tb"}]},
         [("metadata.managedFields[0].operation",
           'Unsupported value: "Guess": supported values: "Apply", "Update"'),
          ("metadata.managedFields[0].fieldsType", 'Invalid value: "V0": must be `FieldsV1`'),
          ("metadata.managedFields[0].manager",
           'Invalid value: "a\\tb": invalid character U+0009 (at position 1)')]),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": n, "uid": n, "controller": True}
                              for n in ("a", "b")]},
         [("metadata.ownerReferences",
           'Invalid value: [{"apiVersion":"v1","kind":"Pod","name":"a","uid":"a","controller":true},'
           '{"apiVersion":"v1","kind":"Pod","name":"b","uid":"b","controller":true}]: Only one reference can have '
           'Controller set to true. Found "true" in references for Pod/a and Pod/b')]),
    ],
)  # fmt: skip
def test_metadata_are_refused(door, meta, causes):
    assert told(door.refusal("create", config(**meta), dry_run=True)) == causes


def test_each_cause_is_told_once_although_metadata_are_asked_twice(door):
    made = copy.deepcopy(door)
    data = encode_object(made.send("create", config()))
    data["metadata"]["labels"] = {"a": "b c"}
    assert [field for field, _ in told(made.refusal("update", data))] == ["metadata.labels"]


def test_an_update_cannot_say_that_an_object_is_being_deleted(door):
    made = copy.deepcopy(door)
    data = encode_object(made.send("create", config()))
    data["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    message = 'Invalid value: "2026-01-01T00:00:00Z": field is immutable'
    assert told(made.refusal("update", data)) == [("metadata.deletionTimestamp", message)]


def test_an_update_says_in_vain_when_an_object_was_created(door):
    made = copy.deepcopy(door)
    data = encode_object(made.send("create", config()))
    other = copy.deepcopy(data)
    other["metadata"]["creationTimestamp"] = "2001-01-01T00:00:00Z"
    assert encode_object(made.send("update", other))["metadata"] == data["metadata"]


def test_an_object_to_be_created_has_no_resource_version(door):
    refused = door.refusal("create", config(resourceVersion="12"))
    assert (refused.code, refused.message) == (500, "resourceVersion should not be set on objects to be created")


@pytest.mark.parametrize("version", ["0", "", "old"])
def test_a_resource_version_that_is_none_is_passed_over(door, version):
    made = copy.deepcopy(door).send("create", config(resourceVersion=version))
    assert made.metadata.name == "x"


def test_a_resource_version_does_not_matter_in_a_dry_run(door):
    assert door.send("create", config(resourceVersion="12"), dry_run=True).metadata.name == "x"


@pytest.mark.parametrize(
    ("data", "change", "generations"),
    [
        (document("CSIDriver", "storage.k8s.io/v1", "x", spec={}),
         lambda d: d["spec"].update(podInfoOnMount=True), (None, 1)),
        (document("PriorityClass", "scheduling.k8s.io/v1", "x", value=1),
         lambda d: d.update(description="new"), (1, 1)),
        (config(), lambda d: d.update(data={"a": "b"}), (None, None)),
    ],
)  # fmt: skip
def test_generations_count_as_each_kind_has_it(door, data, change, generations):
    made = copy.deepcopy(door)
    before = encode_object(made.send("create", data))
    after = copy.deepcopy(before)
    change(after)
    found = encode_object(made.send("update", after))
    assert (before["metadata"].get("generation"), found["metadata"].get("generation")) == generations
