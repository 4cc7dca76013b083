"""Server-side tables print what upstream's printers print."""

import json
import pathlib

import pytest

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.times import parse_time
from kubesim_tui.apiserver import table
from kubesim_tui.apiserver.apiextensions.resource import CustomResource

PRINTED = json.loads((pathlib.Path(__file__).parent.parent / "data/tables.json").read_text())["cases"]


@pytest.mark.parametrize("case", PRINTED, ids=lambda case: case["object"]["kind"])
def test_columns_and_cells_are_those_of_upstreams_printers(case):
    resource = scheme.for_kind(case["object"]["apiVersion"], case["object"]["kind"])
    obj = decode_object(resource.cls, case["object"])
    made = table.to_json(table.table(resource, [obj], case["now"], listed=False), "None")
    columns = [[c["name"], c["type"], c["format"], c["priority"]] for c in made["columnDefinitions"]]
    row = made["rows"][0]
    assert case["columns"] == columns
    assert case["cells"] == row["cells"]
    assert case["conditions"] == [c["reason"] for c in row.get("conditions", ())]


def storage_class(name, created):
    meta = {
        "name": name,
        "creationTimestamp": created,
        "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
    }
    data = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": meta, "provisioner": "p"}
    return decode_object(types.StorageClass, data)


def test_of_several_default_classes_a_list_marks_the_youngest_and_no_single_one_is_marked():
    resource = scheme.for_kind("storage.k8s.io/v1", "StorageClass")
    classes = [storage_class("old", "2026-01-01T00:00:00Z"), storage_class("b", "2026-01-02T00:00:00Z")]
    classes.append(storage_class("a", "2026-01-02T00:00:00Z"))
    listed, single = table.table(resource, classes, 0), table.table(resource, classes[:1], 0, listed=False)
    assert [row.cells[0] for row in listed.rows] == ["old", "b", "a (default)"]
    assert [row.cells[0] for row in single.rows] == ["old"]


def test_every_kind_has_a_table_whose_rows_fit_its_columns():
    for resource in scheme.builtin():
        obj = decode_object(
            resource.cls, {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {"name": "x"}}
        )
        made = table.table(resource, [obj], 0)
        assert len(made.columns) == len(made.rows[0].cells), resource.kind
        assert made.rows[0].cells[[c.name for c in made.columns].index("Name")] == "x", resource.kind


def test_a_custom_kind_shows_the_columns_of_its_definition():
    names = ("", "x.io", "v1", "things", "thing", (), True, (), "Thing", types.Unstructured)
    obj = decode_object(
        types.Unstructured,
        {
            "apiVersion": "x.io/v1",
            "kind": "Thing",
            "metadata": {"name": "t", "creationTimestamp": "2026-01-01T00:00:00Z"},
            "spec": {"size": 3, "tags": ["a"]},
        },
    )
    shown = [
        {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
        {"name": "Tags", "type": "string", "jsonPath": ".spec.tags", "priority": 1},
        {"name": "Gone", "type": "string", "jsonPath": ".spec.gone"},
        {"name": "Born", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]
    resource = CustomResource(*names, columns=tuple(shown))
    made = table.table(resource, [obj], parse_time("2026-01-01T00:05:00Z"))
    assert [c.name for c in made.columns] == ["Name", "Size", "Tags", "Gone", "Born"]
    assert made.rows[0].cells == ("t", 3, '["a"]', None, "5m")
