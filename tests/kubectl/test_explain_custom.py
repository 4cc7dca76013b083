"""kubectl explain reads a custom kind's own schema as it reads the published ones."""

import pytest

from tests.apiserver.custom import CustomDoor, definition, schema, version
from tests.kubectl.board import kubectl

SPEC = {
    "type": "object",
    "description": "What is wanted.",
    "required": ["size"],
    "properties": {
        "size": {"type": "string", "enum": ["s", "m", "l", "xl", ""], "description": "How large."},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "port": {"x-kubernetes-int-or-string": True},
        "parts": {
            "type": "array",
            "description": "What it is made of.",
            "items": {"type": "object", "description": "One part.", "properties": {"name": {"type": "string"}}},
        },
        "template": {
            "type": "object",
            "x-kubernetes-embedded-resource": True,
            "x-kubernetes-preserve-unknown-fields": True,
        },
    },
}


@pytest.fixture
def door():
    whole = {"openAPIV3Schema": schema(SPEC, description="A thing to play with.")}
    return CustomDoor(definition(versions=[version(schema=whole)]))


def said(door, words):
    reply = kubectl(door, f"explain {words}")
    return list(reply.out) if not reply.code else list(reply.err)


def test_a_kind_is_told_with_its_own_fields_and_those_of_all_objects(door):
    lines = said(door, "widgets")
    assert lines[:3] == ["GROUP:      example.com", "KIND:       Widget", "VERSION:    v1"]
    assert lines[lines.index("DESCRIPTION:") + 1] == "    A thing to play with."
    fields = [line for line in lines if line.startswith("  ") and not line.startswith("   ")]
    assert fields == [
        "  apiVersion\t<string>",
        "  kind\t<string>",
        "  metadata\t<ObjectMeta>",
        "  spec\t<Object>",
        "  status\t<Object>",
    ]
    after = lines[lines.index("  spec\t<Object>") + 1 :]
    assert after[:2] == ["    What is wanted.", ""]
    assert lines[lines.index("  status\t<Object>") + 1] == "    <no description>"


def test_a_field_is_told_by_its_type_and_its_first_values(door):
    lines = said(door, "widget.spec")
    assert "FIELD: spec <Object>" in lines
    start = lines.index("  size\t<string> -required-")
    assert lines[start + 1 : start + 3] == ["  enum: s, m, l, xl, ....", "    How large."]
    assert [line for line in lines if "\t" in line] == [
        "  labels\t<map[string]string>",
        "  parts\t<[]Object>",
        "  port\t<Object>",
        "  size\t<string> -required-",
        "  template\t<Object>",
    ]


def test_a_list_is_told_with_what_it_is_of(door):
    lines = said(door, "widget.spec.parts")
    start = lines.index("DESCRIPTION:")
    assert lines[start + 1 : start + 3] == ["    What it is made of.", "    One part."]
    assert "  name\t<string>" in lines


def test_recursive_opens_objects_lists_and_embedded_resources(door):
    lines = said(door, "widget.spec --recursive")
    tree = lines[lines.index("FIELDS:") + 1 :]
    assert tree[:3] == ["  labels\t<map[string]string>", "  parts\t<[]Object>", "    name\t<string>"]
    inside = tree[tree.index("  template\t<Object>") + 1 :]
    assert inside[:3] == ["    apiVersion\t<string>", "    kind\t<string>", "    metadata\t<ObjectMeta>"]
    assert "      annotations\t<map[string]string>" in inside


def test_the_metadata_of_a_custom_kind_are_those_of_all(door):
    lines = said(door, "widget.metadata.labels")
    assert "FIELD: labels <map[string]string>" in lines


def test_a_field_that_is_not_there_is_an_error(door):
    assert said(door, "widget.spec.ghost") == ['error: field "ghost" does not exist']
