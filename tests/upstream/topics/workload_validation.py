"""Validation of whole objects."""

import copy

from kubesim_tui.api import scheme
from kubesim_tui.apiserver.subresources.scale import SCALE
from kubesim_tui.apiserver.validation.kinds import validate_create, validate_status, validate_update
from tests.upstream.adapters import answers
from tests.upstream.answers import Saying, Unordered

TYPES = {
    "FieldValueRequired": "Required",
    "FieldValueInvalid": "Invalid",
    "FieldValueForbidden": "Forbidden",
    "FieldValueNotSupported": "NotSupported",
    "FieldValueDuplicate": "Duplicate",
    "FieldValueNotFound": "NotFound",
    "FieldValueTooLong": "TooLong",
    "FieldValueTooMany": "TooMany",
}


class _First:
    """The first error, of which the table tells the field and a fragment."""

    def __init__(self, cause):
        self.cause = cause

    def __eq__(self, wanted):
        assert wanted.keys() <= {"field", "contains", "type"}
        same_type = "type" not in wanted or TYPES[self.cause.reason] == wanted["type"]
        return same_type and wanted["field"] == self.cause.field and wanted.get("contains", "") in self.cause.message

    __hash__ = None

    def __repr__(self):
        return f"{self.cause.field}: {self.cause.message}"


def told(causes):
    found = {
        "valid": not causes,
        "errors": Unordered({"type": TYPES[c.reason], "field": c.field} for c in causes),
    }
    if causes:
        first = causes[0]
        found |= {"firstError": _First(first), "firstErrorContains": Saying(f"{first.field}: {first.message}")}
    return found


def resource(data):
    found = scheme.for_kind(data["apiVersion"], data["kind"])
    assert found is not None, data["kind"]
    return found


def _filled(data):
    """An object of the tables. (Their version did not look at a StatefulSet's containers, and leaves a default out.)"""
    made = copy.deepcopy(data)
    if made["kind"] == "StatefulSet":
        for container in made["spec"].get("template", {}).get("spec", {}).get("containers", ()):
            container.setdefault("terminationMessagePolicy", "File")
    return made


@answers("validation_workloads", "validate_create")
def created(given):
    data = _filled(given["object"])
    return told(validate_create(resource(data), data))


def _stored(data):
    made = _filled(data)
    made["metadata"].setdefault("resourceVersion", "1")
    return made


@answers("validation_workloads", "validate_update")
def updated(given):
    new, old = given["new"], given["old"]
    return told(validate_update(resource(new), _stored(new), _stored(old)))


def _with_status(kind, status):
    found = next(r for r in scheme.builtin() if r.kind == kind)
    return found, {
        "apiVersion": found.api_version,
        "kind": kind,
        "metadata": {"resourceVersion": "1"},
        "status": status,
    }


@answers("validation_workloads", "validate_status")
def status(given):
    kind, data = _with_status(given["kind"], given["status"])
    return told(validate_status(kind, data, {**data, "status": {}}))


@answers("validation_workloads", "validate_status_update")
def status_updated(given):
    kind, new = _with_status(given["kind"], given["new"])
    return told(validate_status(kind, new, _with_status(given["kind"], given["old"])[1]))


@answers("validation_workloads", "validate_scale")
def scale(given):
    meta = {"name": given["name"], "namespace": "default"}
    return told(validate_create(SCALE, {"metadata": meta, "spec": {"replicas": given["replicas"]}}))
