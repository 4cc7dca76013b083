"""Where a cursor stands in a manifest, and which fields may stand there."""

import pytest

from kubesim_tui.tui import schema
from kubesim_tui.tui.schema import place

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels:
    app: api
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: api
        image: api:2.0

        readinessProbe:
          httpGet: {path: /healthz}
          per
      - name: side
        ports:
          - containerPort: 80
            na
---
apiVersion: v1
kind: Service
spec:
  ports:
    - port: 80
""".splitlines()


def at(word, column=None):
    number = next(n for n, text in enumerate(TEXT) if text.strip() == word)
    return place(TEXT, number, len(TEXT[number]) if column is None else column)


@pytest.mark.parametrize(
    "word, path",
    [
        ("kind: Deployment", ()),
        ("app: api", ("metadata", "labels")),
        ("replicas: 3", ("spec",)),
        ("- name: api", ("spec", "template", "spec", "containers")),
        ("image: api:2.0", ("spec", "template", "spec", "containers")),
        ("per", ("spec", "template", "spec", "containers", "readinessProbe")),
        ("- containerPort: 80", ("spec", "template", "spec", "containers", "ports")),
        ("na", ("spec", "template", "spec", "containers", "ports")),
        ("- port: 80", ("spec", "ports")),
    ],
)
def test_the_path_is_found_by_indentation(word, path):
    assert at(word).path == path


def test_a_blank_line_belongs_where_the_cursor_stands():
    assert at("", 8).path == ("spec", "template", "spec", "containers")
    assert at("", 2).path == ("spec",)
    assert at("", 0).path == ()


def test_each_document_has_its_own_kind():
    assert at("per").kind == ("apps/v1", "Deployment")
    assert at("- port: 80").kind == ("v1", "Service")


def test_keys_of_the_same_map_are_known():
    assert at("image: api:2.0").beside == {"name", "readinessProbe"}
    assert at("na").beside == {"containerPort"}
    assert at("replicas: 3").beside == {"template"}


def test_only_fields_that_begin_so_and_are_not_there_are_offered():
    assert [field.name for field in schema.completions(at("per"))] == ["periodSeconds"]
    assert [field.name for field in schema.completions(at("na"))] == ["name"]
    offered = {field.name for field in schema.completions(at("", 8))}
    assert {"command", "env", "livenessProbe"} <= offered
    assert not {"image", "name", "readinessProbe"} & offered


def test_a_field_is_told_with_its_type_and_kubernetes_words():
    field = schema.about(("apps/v1", "Deployment"), ("spec", "template", "spec", "containers", "readinessProbe"))
    assert field.type == "Probe"
    assert field.about.startswith("Periodic probe of container service readiness.")


def test_required_fields_come_first():
    assert [(f.name, f.required) for f in schema.fields(("apps/v1", "Deployment"), ("spec",))][:2] == [
        ("selector", True),
        ("template", True),
    ]


def test_where_keys_are_free_nothing_is_offered():
    assert schema.completions(at("app: api")) == ()
    assert schema.fields(("example.com/v1", "Widget"), ("spec",)) == ()
    assert schema.fields(("", ""), ()) == ()


@pytest.mark.parametrize("number", range(len(TEXT)))
@pytest.mark.parametrize("column", [0, 3, 40])
def test_every_place_has_a_path(number, column):
    found = place(TEXT, number, column)
    assert all(key for key in found.path)
