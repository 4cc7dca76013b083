"""Server-side tables print what upstream's printers print."""

import json
import pathlib

import pytest

from kubesim_tui.api import duration, scheme, types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.times import parse_micro, parse_time
from kubesim_tui.apiserver import table
from kubesim_tui.apiserver.apiextensions.resource import CustomResource

DATA = pathlib.Path(__file__).parent.parent / "data/upstream/workloads"
TOPICS = ("print_pods", "print_nodes", "print_workloads", "print_network_config_storage", "print_events")
KINDS = {r.kind: r for r in reversed(scheme.builtin())} | {
    "HorizontalPodAutoscaler": scheme.for_kind("autoscaling/v2", "HorizontalPodAutoscaler")
}


def cases():
    for topic in TOPICS:
        for case in json.loads((DATA / f"{topic}.json").read_text())["cases"]:
            yield pytest.param(case["given"], case["want"], id=f"{topic}::{case['name']}")


@pytest.mark.parametrize("given, want", cases())
def test_rows_as_upstream(given, want):
    if given.get("op"):
        if given["timestamp"] is None:
            assert want["text"] == table.model.since(None, 0)
            return
        gap = (parse_micro(given["now"]) - parse_micro(given["timestamp"])) * 1000
        assert want["text"] == duration.human(gap if given["op"] == "age" else -gap)
        return
    resource = KINDS[given["kind"]]
    obj = decode_object(resource.cls, {"apiVersion": resource.api_version, "kind": resource.kind} | given["object"])
    row = table.table(resource, [obj], parse_time(given["now"]), wide=given["wide"]).rows[0]
    assert want["cells"] == list(row.cells)
    conditions = table.to_json(table.Table((), (row,)))["rows"][0].get("conditions", [])
    assert want.get("rowConditions", []) == conditions


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
