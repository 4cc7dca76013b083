"""Validation says what upstream's own tables say, cause by cause."""

import copy
import json
import pathlib

import pytest

from kubesim_tui.api import labels, scheme
from kubesim_tui.apiserver.validation import metadata
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status, validate_update
from kubesim_tui.apiserver.validation.report import Report

DATA = pathlib.Path(__file__).parent.parent / "data/upstream/workloads"
REASONS = {"FieldValueRequired": "Required", "FieldValueInvalid": "Invalid", "FieldValueForbidden": "Forbidden"}
REASONS |= {"FieldValueNotSupported": "NotSupported", "FieldValueDuplicate": "Duplicate"}


def cases(topic, *ops):
    rows = json.loads((DATA / f"{topic}.json").read_text())["cases"]
    chosen = [r for r in rows if not ops or r["given"]["op"] in ops]
    return pytest.mark.parametrize(
        ("given", "want"), [pytest.param(r["given"], r["want"], id=r["name"]) for r in chosen]
    )


def resource(data):
    found = scheme.for_kind(data["apiVersion"], data["kind"])
    assert found is not None
    return found


def check(want, causes):
    texts = [f"{c.field}: {c.message}" for c in causes]
    if "errors" in want:
        expected = sorted((e["type"], e["field"]) for e in want["errors"])
        assert expected == sorted((REASONS[c.reason], c.field) for c in causes), texts
    if "valid" in want:
        assert want["valid"] == (not causes), texts
    if "firstErrorContains" in want:
        assert any(want["firstErrorContains"] in t for t in texts), texts
    if "firstError" in want:
        wanted = want["firstError"]
        assert any(c.field == wanted["field"] and wanted["contains"] in c.message for c in causes), texts


@cases("validation_workloads", "validate_create")
def test_a_new_workload(given, want):
    check(want, validate_create(resource(given["object"]), copy.deepcopy(given["object"])))


@cases("validation_workloads", "validate_update")
def test_a_changed_workload(given, want):
    old, new = copy.deepcopy(given["old"]), copy.deepcopy(given["new"])
    for data in (old, new):
        data["metadata"]["resourceVersion"] = "1"
    check(want, validate_update(resource(new), new, old))


@cases("validation_workloads", "validate_status", "validate_status_update")
def test_a_status(given, want):
    old, new = given.get("old", {}), given.get("status", given.get("new"))
    found = [{"apiVersion": "apps/v1", "kind": given["kind"], "metadata": {}, "status": s} for s in (new, old)]
    check(want, validate_status(resource(found[0]), *found))


@cases("validation_metadata", "labels", "annotations")
def test_labels_and_annotations(given, want):
    rule = labels.validate if given["op"] == "labels" else labels.validate_annotations
    found = rule(given[given["op"]], "field")
    assert want["errors"] == len(found)
    assert all(want.get("detail_contains", "") in e.message for e in found)


@cases("validation_metadata", "annotations_size")
def test_the_size_of_annotations(given, want):
    sizes = given["sizes"]
    found = {chr(97 + i) * s["key_bytes"]: "x" * s["value_bytes"] for i, s in enumerate(sizes)}
    assert want["errors"] == len(labels.validate_annotations(found, "field"))


@cases("validation_metadata", "label_selector")
def test_label_selectors(given, want):
    found = labels.validate_object(given["selector"], "field")
    assert want["errors"] == len(found)
    assert all(want.get("error_contains", "") in e.message for e in found)


@cases("validation_metadata", "owner_references", "metadata_create")
def test_owners_and_finalizers(given, want):
    r = Report()
    if given["op"] == "owner_references":
        metadata.owner_references(r, given["ownerReferences"], "field")
    else:
        metadata.object_meta(r, {**given["metadata"], "namespace": "a"}, metadata.any_name, True)
    assert want["error"] == bool(r.errors)
    assert want.get("error_contains", "") in " ".join(str(e) for e in r.errors)


@cases("validation_metadata", "metadata_update")
def test_changed_metadata(given, want):
    r = Report()
    metadata.object_meta_update(r, given["new"], given["old"], given["path"])
    texts = [str(e) for e in r.errors]
    if "errors" in want:
        assert want["errors"] == texts
    else:
        assert want["error"] == bool(texts)
        assert want["error_contains"] in " ".join(texts)
