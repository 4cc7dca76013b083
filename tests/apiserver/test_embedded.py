"""Whole objects within custom ones are checked as objects are."""

import pytest

from tests.apiserver.custom import CustomDoor, definition, version, widget

OBJECT = {"type": "object", "x-kubernetes-embedded-resource": True, "x-kubernetes-preserve-unknown-fields": True}
SPEC = {
    "type": "object",
    "properties": {
        "size": {"type": "string"},
        "template": OBJECT,
        "more": {"type": "array", "items": OBJECT},
        "byName": {"type": "object", "additionalProperties": OBJECT},
    },
}
GOOD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"app": "web"}}}


@pytest.fixture(scope="module")
def door():
    return CustomDoor(definition(versions=[version(spec=SPEC)]))


def test_a_complete_object_needs_no_name(door):
    made = door.send("create", widget("good", template=GOOD, more=[GOOD], byName={"a": GOOD}))
    assert made.metadata.name == "good"


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({"apiVersion": None}, ".apiVersion: Required value"),
        ({"kind": ""}, ".kind: Required value"),
        ({"apiVersion": "a/b/c"}, '.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'),
        ({"kind": "No Kind"}, '.kind: Invalid value: "No Kind": may have mixed case, but should otherwise match: '),
        ({"metadata": {"name": "a/b"}}, ".metadata.name: Invalid value: \"a/b\": may not contain '/'"),
        ({"metadata": {"labels": {"-": "x"}}}, '.metadata.labels: Invalid value: "-": '),
        (
            {"metadata": {"labels": {"a": 1}}},
            '.metadata: Invalid value: {"labels":{"a":1}}: '
            "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string",
        ),
        ({"metadata": "x"}, ".metadata: Invalid value: "),
    ],
)
@pytest.mark.parametrize(
    ("place", "inside"),
    [
        ("spec.template", lambda one: {"template": one}),
        ("spec.more[1]", lambda one: {"more": [GOOD, one]}),
        ("spec.byName[a]", lambda one: {"byName": {"a": one}}),
    ],
)
def test_what_is_wrong_with_it_is_told_with_its_place(door, place, inside, part, told):
    wrong = {k: v for k, v in {**GOOD, **part}.items() if v is not None}
    assert f"{place}{told}" in door.refusal("create", widget("bad", **inside(wrong))).message
