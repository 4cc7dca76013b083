"""Server-side tables print what upstream's printers print."""

from kubesim_tui.api import scheme, types
from kubesim_tui.api.codec import decode_object
from kubesim_tui.api.times import parse_time
from kubesim_tui.apiserver import table
from kubesim_tui.apiserver.apiextensions.resource import CustomResource


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
