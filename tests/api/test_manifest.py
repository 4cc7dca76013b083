"""Manifests are read as kubectl reads them, and written as `kubectl get -o yaml` writes them."""

import copy
import json
import math
import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import manifest
from kubesim_tui.api.manifest import ManifestError
from kubesim_tui.api.yamlgo import nodes, stream

PARSERS = sorted(nodes.PARSERS)
DATA = pathlib.Path(__file__).parent.parent / "data/yaml"


def cases(table):
    """Files and what kubectl reads of them, or writes."""
    rows = json.loads((DATA / f"{table}.json").read_text())["cases"]
    return [pytest.param(row["given"], row["want"], id=row["name"]) for row in rows]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "",
        "yes",
        "null",
        "~",
        "1",
        "1.5",
        "0644",
        "1e3",
        ".inf",
        "12:30",
        "2001-01-01",
        "a: b",
        "- a",
        "#",
        "a\nb\n",
        " a\n",
    ]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(TEXT, JSON, min_size=1, max_size=4).filter(lambda data: "items" not in data)


def read(text, parser=nodes.DEFAULT):
    return manifest.read(text, "web.yaml", parser=parser)


def data(text):
    return [document.data for document in read(text)]


def until_it_stops(documents):
    """What kubectl reads of a file: up to the first error after which it stops, and that error."""
    values = []
    for document in documents:
        if document.error and document.error.stops:
            return values, document.error.message
        values.append(document.data)
    return values, None


def undecodable(value):
    """Values that are no objects stand in the table as they are; here they are errors with no data."""
    return value if isinstance(value, dict) else {}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("given, want", cases("read"))
def test_a_file_is_read_as_kubectl_reads_it(given, want, parser):
    values, error = until_it_stops(read(given["text"], parser))
    assert [undecodable(v) for v in want["documents"]] == values
    assert want["error"] == error


@pytest.mark.parametrize("given, want", cases("objects"))
def test_a_list_stands_for_its_items(given, want):
    documents = read(given["text"])
    objects, _ = until_it_stops(documents)
    assert want["objects"] == [data for data in objects if data.get("kind")]
    assert want["error"] == next((d.error.message for d in documents if d.error), None)


@pytest.mark.parametrize("given, want", cases("dump"))
def test_a_value_is_written_as_kubectl_writes_it(given, want):
    assert want["text"] == manifest.dump(given["value"])


def same(a, b):
    """Equal, where Go's JSON makes whole floats integers."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b if not isinstance(a, float) else math.isclose(a, b, rel_tol=0, abs_tol=0)


@pytest.mark.parametrize("parser", PARSERS)
@given(value=OBJECTS)
def test_what_is_written_reads_back_as_the_same_value(value, parser):
    (document,) = read(manifest.dump(value), parser)
    assert document.error is None
    assert same(value, document.data)


@given(OBJECTS)
def test_what_is_written_once_is_written_the_same_again(value):
    text = manifest.dump(value)
    assert text == manifest.dump(read(text)[0].data)


@given(st.text("ab:-# \n\t'\"[]{},&*|>?!\\", max_size=40))
def test_any_text_at_all_is_read_without_an_exception(text):
    for document in read(text):
        assert document.error or document.data is not None


@given(st.text("ab: -\n\t[]{},#'\"?", max_size=30))
def test_both_of_pyyamls_scanners_read_the_same(text):
    found = [[(d.data, d.error and d.error.message, d.lines) for d in read(text, parser)] for parser in PARSERS]
    assert found[0] == found[-1]


WEB = """\
# The shop.
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app.kubernetes.io/name: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: web
        image: nginx
        ports:
        - containerPort: 80
      - image: sidecar
        name: log
"""


@pytest.mark.parametrize(
    "path, line",
    [
        ("kind", 7),
        ("spec.replicas", 11),
        ("spec.template.spec.containers[0].image", 16),
        ("spec.template.spec.containers[0].ports[0].containerPort", 18),
        ("spec.template.spec.containers[1]", 19),
        ("spec.template.spec.containers[1].resources.limits", 19),
        ("spec.selector", 10),
        ("status", 6),
    ],
)
def test_a_field_has_the_line_where_it_or_the_one_above_it_was_written(path, line):
    assert line == read(WEB)[1].line_of(manifest.path_of(path))


def test_documents_know_their_file_their_place_and_their_first_line():
    assert [(d.file, d.index, d.line) for d in read(WEB)] == [("web.yaml", 0, 2), ("web.yaml", 1, 6)]


def test_a_path_of_the_api_server_is_a_path_into_the_document():
    path = ("metadata", "labels", "app.kubernetes.io/name")
    assert path == manifest.path_of("metadata.labels[app.kubernetes.io/name]")
    assert read(WEB)[0].line_of(path) == 4
    assert manifest.path_of("spec.containers[0].ports[12]") == ("spec", "containers", 0, "ports", 12)


def test_items_of_a_list_keep_their_lines():
    text = "kind: List\napiVersion: v1\nitems:\n- kind: A\n  x: 1\n  x: 2\n- kind: B\n  spec:\n    z: 1\n"
    first, second = read(text)
    assert [first.line, first.line_of(("x",)), second.line, second.line_of(("spec", "z"))] == [4, 6, 7, 9]
    assert [first.duplicates, second.duplicates] == [((("x",), 6),), ()]
    assert [first.index, second.index] == [0, 1]


def test_a_field_laid_down_by_a_merge_key_has_the_line_of_its_anchor():
    (document,) = read("base: &b\n  x: 1\nmore:\n  <<: *b\n  z: 2\n")
    assert [document.line_of(("more", key)) for key in ("x", "z")] == [2, 5]


def test_json_has_lines_and_duplicates_too():
    (document,) = read('{\n "a": {"b": [1,\n  {"c": 2}]},\n "d": 1,\n "d": 2\n}\n')
    assert [document.line_of(p) for p in (("a",), ("a", "b", 0), ("a", "b", 1, "c"), ("d",))] == [2, 2, 3, 5]
    assert document.duplicates == ((("d",), 5),)


def test_keys_that_stand_twice_are_told_with_their_second_line_and_the_last_one_wins():
    (document,) = read("---\nspec:\n  replicas: 1\n  x: [{a: 1, a: 2}]\n  replicas: 2\n")
    assert document.duplicates == ((("spec", "x", 0, "a"), 4), (("spec", "replicas"), 5))
    assert document.data == {"spec": {"x": [{"a": 2}], "replicas": 2}}


def test_one_broken_document_does_not_lose_the_others():
    text = "kind: A\n---\nb: [\n---\nkind: C\n--- what\nkind: D\n"
    documents = read(text)
    assert [d.data.get("kind") for d in documents] == ["A", None, None, "D"]
    assert [d.line for d in documents] == [1, 3, 5, 7]


ERRORS = [
    (
        "a: 1\nb: c: d\n",
        (2, 5, "yaml: line 2: mapping values are not allowed in this context", "a second ':' on this line"),
    ),
    (
        "a:\n\tb: 1\n",
        (2, 1, "yaml: line 2: found character that cannot start any token", "indentation is made of spaces"),
    ),
    ("a: 1\n---\nb: @x\n", (3, 4, "yaml: found character that cannot start any token", "quote it")),
    ("name: {{ .Values.name }}\n", (1, 8, "yaml: invalid map key", "this is a template")),
    ("a: 1\n\nb: *nope\n", (3, 4, "yaml: unknown anchor 'nope' referenced", "the alias names an anchor")),
    ("x: 'open\n", (2, 1, "yaml: line 2: found unexpected end of stream", "never closed")),
]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("text, want", ERRORS)
def test_an_error_names_its_place_in_the_file_and_what_to_do(text, want, parser):
    line, column, words, hint = want
    error = next(d.error for d in read(text, parser) if d.error)
    assert (line, f"error parsing web.yaml: error converting YAML to JSON: {words}") == (
        error.line,
        error.message[: len(f"error parsing web.yaml: error converting YAML to JSON: {words}")],
    )
    assert hint in error.hint
    assert re.match(rf"web\.yaml:{line}:\d+: ", str(error))
    assert column == error.column or parser == "python"


def test_broken_json_is_told_in_the_words_of_gos_scanner():
    (document,) = read('{\n  "a": 1\n  "b": 2\n}\n')
    message = "error parsing web.yaml: json: offset 14: invalid character '\"' after object key:value pair"
    assert (message, 3, 3) == (document.error.message, document.error.line, document.error.column)


def test_kubectl_goes_on_after_a_document_that_is_only_no_object():
    first, second = read("just text\n---\nkind: A\n")
    words = 'unable to decode "web.yaml": json: cannot unmarshal string into Go value of type unstructured.detector'
    hint = "an object with apiVersion, kind and metadata is expected here"
    assert ManifestError("web.yaml", 1, 1, words, hint, stops=False) == first.error
    assert second.data == {"kind": "A"}


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefg", "bcdefgh", strict=True))
    ],
)
def test_a_document_that_aliases_blow_up_is_refused(text):
    assert "yaml: document contains excessive aliasing" in read(text)[0].error.message


@pytest.mark.parametrize(
    "text", ["[" * 3000, "a: " + "[" * 3000 + "]" * 3000, "{" * 3000, '{"a":' * 3000 + "1" + "}" * 3000]
)
def test_a_document_that_is_too_deep_is_an_error_and_no_crash(text):
    (document,) = read(text)
    assert document.error is not None


@pytest.mark.parametrize("text", [f"a: {'9' * 5000}\n", f'{{"a": {"9" * 5000}}}', '{"a": 1e999}', "a: 1e999\n"])
def test_a_number_beyond_all_measure_is_text_and_no_crash(text):
    (document,) = read(text)
    assert isinstance(document.data["a"], str)


def test_bytes_are_utf8_or_utf16_with_a_mark():
    texts = [manifest.decode(data) for data in (b"\xef\xbb\xbfa: \xc3\xa9", "a: é".encode("utf-16"), b"a: \xff")]
    assert texts == ["a: é", "a: é", "a: \ufffd"]


def test_a_document_is_plain_data():
    document = read(WEB)[1]
    assert document == copy.deepcopy(document)
    assert document.lines == copy.deepcopy(document).lines


def test_frozen_values_are_written_like_plain_ones():
    from kubesim_tui.api.frozen import freeze

    value = {"a": [{"b": "c"}], "d": []}
    assert manifest.dump(value) == manifest.dump(freeze(value))


def test_a_chunk_of_a_file_that_begins_with_a_separator_keeps_it():
    """So that lines in kubectl's errors count from where kubectl counts."""
    found = [(chunk.text, chunk.before) for chunk in stream.chunks("---\na: 1\n---\n# c\n---\nb: 2\n")]
    assert found == [("---\na: 1\n", 0), ("# c\n", 3), ("b: 2\n", 5)]
