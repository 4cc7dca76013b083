"""Manifests of real projects are read as their index says: by both scanners, with a line for every field."""

import pytest

from kubesim_tui.api import manifest
from kubesim_tui.api.yamlgo import nodes
from tests.manifests import corpus

PARSERS = sorted(nodes.PARSERS)

# The index was made with PyYAML and json.load, as its `parse_error` shows; kubectl reads these files otherwise.
READ_BY_KUBECTL = {
    "edge/k8s-website-new/pods/inject/envars-file-container.yaml": 1,  # \' in double quotes
    "edge/k8s-core-testdata/multi-resource-json.json": 2,  # two JSON objects one after the other
    "broken/yaml-syntax/k8s-website/validatingadmissionpolicy/failure-policy-ignore.yaml": 1,  # text after '...'
    "broken/yaml-syntax/datree/examples/PodDisruptionBudget_Policies/Fail.yaml": 2,  # text after the end
}
# And this one PyYAML reads (it lets a list stand for a merge key's map), but go-yaml refuses.
REFUSED_BY_KUBECTL = ("edge/kube-linter/pkg/templates/sortedkeys/testdata/container-with-merge.yaml",)

pytestmark = corpus.needed
each = pytest.mark.parametrize("row", corpus.files())


def summary(document):
    """What the index says of a document."""
    meta = document.data.get("metadata")
    name = meta.get("name") if isinstance(meta, dict) else None
    return str(document.data.get("apiVersion")), str(document.data.get("kind")), name


@each
def test_a_published_manifest_is_read_as_the_index_says(row):
    documents = corpus.read(row["file"])
    errors = [d.error for d in documents if d.error]
    if row["file"] in READ_BY_KUBECTL:
        assert (READ_BY_KUBECTL[row["file"]], []) == (len(documents), errors)
        return
    refused = row["parse"] == "error" or row["file"] in REFUSED_BY_KUBECTL
    assert refused == bool(errors)
    if not refused and row["docs"]:
        assert [(d["apiVersion"], d["kind"], d["name"]) for d in corpus.objects(row)] == [*map(summary, documents)]
    if not row["docs"]:
        # No object in it: empty, or a map without a kind.
        assert [d for d in documents if d.data.get("kind")] == []


@each
def test_both_scanners_read_the_same(row):
    found = [
        [(d.data, d.error and d.error.message, d.lines, d.line) for d in corpus.read(row["file"], parser=p)]
        for p in PARSERS
    ]
    assert found[0] == found[-1]


@each
def test_what_is_written_of_a_published_manifest_reads_back(row):
    for document in corpus.read(row["file"]):
        if not document.error:
            (again,) = manifest.read(manifest.dump({"object": document.data}), "again")
            assert document.data == again.data["object"]


@each
def test_every_field_of_a_published_manifest_has_its_line(row):
    text = corpus.text_of(row["file"])
    if "<<" in text:
        pytest.skip("a merge key lays down fields of other lines")
    lines = text.splitlines()
    for document in corpus.read(row["file"]):
        for path, line in document.lines.items():
            assert not path or isinstance(path[-1], int) or path[-1] in lines[line - 1]
