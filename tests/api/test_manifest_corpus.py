"""Manifests of real projects, as published, are read as their index says. Skipped where the files are not at hand."""

import json
import pathlib

import pytest

from kubesim_tui.api import manifest
from kubesim_tui.api.yamlgo import nodes

CORPUS = pathlib.Path("/work/shared/manifests")
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


def index():
    if not CORPUS.exists():
        return []
    return [pytest.param(entry, id=entry["file"]) for entry in json.loads((CORPUS / "INDEX.json").read_text())]


pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the manifests of /work/shared are not on this machine")


def read(entry, parser=nodes.DEFAULT):
    text = manifest.decode((CORPUS / entry["file"]).read_bytes())
    return manifest.read(text, entry["file"], parser=parser)


def summary(document):
    """What the index says of a document."""
    meta = document.data.get("metadata")
    name = meta.get("name") if isinstance(meta, dict) else None
    return str(document.data.get("apiVersion")), str(document.data.get("kind")), name


def listed(entry):
    """The documents of the index without the Lists themselves, which stand after their items."""
    found = [(d["apiVersion"], d["kind"], d["name"]) for d in entry["docs"]]
    return [d for d in found if not d[1].endswith("List")]


@pytest.mark.parametrize("entry", index())
def test_a_published_manifest_is_read_as_the_index_says(entry):
    documents = read(entry)
    errors = [d.error for d in documents if d.error]
    if entry["file"] in READ_BY_KUBECTL:
        assert (READ_BY_KUBECTL[entry["file"]], []) == (len(documents), errors)
        return
    refused = entry["parse"] == "error" or entry["file"] in REFUSED_BY_KUBECTL
    assert refused == bool(errors)
    if not refused and entry["docs"]:
        assert listed(entry) == [summary(d) for d in documents]
    if not entry["docs"]:
        # No object in it: empty, or a map without a kind.
        assert [d for d in documents if d.data.get("kind")] == []


@pytest.mark.parametrize("entry", index())
def test_both_scanners_read_the_same(entry):
    found = [[(d.data, d.error and d.error.message, d.lines, d.line) for d in read(entry, p)] for p in PARSERS]
    assert found[0] == found[-1]


@pytest.mark.parametrize("entry", index())
def test_what_is_written_of_a_published_manifest_reads_back(entry):
    for document in read(entry):
        if not document.error:
            (again,) = manifest.read(manifest.dump({"object": document.data}), "again")
            assert document.data == again.data["object"]


@pytest.mark.parametrize("entry", index())
def test_every_field_of_a_published_manifest_has_its_line(entry):
    text = manifest.decode((CORPUS / entry["file"]).read_bytes())
    if "<<" in text:
        pytest.skip("a merge key lays down fields of other lines")
    lines = text.splitlines()
    for document in read(entry):
        for path, line in document.lines.items():
            assert not path or isinstance(path[-1], int) or path[-1] in lines[line - 1]
