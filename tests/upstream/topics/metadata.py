"""Labels, annotations, owners, finalizers, conditions: what every object has."""

from kubesim_tui.api import labels
from kubesim_tui.apiserver.validation import conditions, metadata
from kubesim_tui.apiserver.validation.report import Report
from tests.upstream.adapters import answers
from tests.upstream.answers import Saying

FIELD = "field"
SET = "(set)"
MOMENT = "2024-06-01T00:00:00Z"
"""What the table writes for some moment, and that moment."""


class _Errors(list):
    """Texts of errors, of which the table may tell only how many there are."""

    def __eq__(self, wanted):
        return wanted == len(self) if isinstance(wanted, int) else super().__eq__(wanted)

    __hash__ = None


def told(errors):
    texts = [str(e) for e in errors]
    first = Saying(texts[0]) if texts else None
    return {"errors": _Errors(texts), "error": bool(texts), "error_contains": first, "detail_contains": first}


def report(check, *given):
    r = Report()
    check(r, *given)
    return told(r.errors)


@answers("validation_metadata", "labels")
def label_map(given):
    return told(labels.validate(given["labels"], FIELD))


@answers("validation_metadata", "annotations")
def annotations(given):
    return told(labels.validate_annotations(given["annotations"], FIELD))


@answers("validation_metadata", "annotations_size")
def annotations_size(given):
    sizes = enumerate(given.rows("sizes"))
    return told(
        labels.validate_annotations(
            {chr(ord("a") + i) * s["key_bytes"]: "x" * s["value_bytes"] for i, s in sizes}, FIELD
        )
    )


@answers("validation_metadata", "label_selector")
def label_selector(given):
    return told(labels.validate_object(given["selector"], FIELD))


@answers("validation_metadata", "owner_references")
def owner_references(given):
    return report(metadata.owner_references, given["ownerReferences"], FIELD)


@answers("validation_metadata", "metadata_create")
def metadata_create(given):
    meta = {"namespace": "a", **_dated(given["metadata"])}
    return report(metadata.object_meta, meta, metadata.any_name, True)


def _dated(meta):
    return {k: MOMENT if v == SET else v for k, v in meta.items()}


@answers("validation_metadata", "metadata_update")
def metadata_update(given):
    return report(metadata.object_meta_update, _dated(given["new"]), _dated(given["old"]), given["path"])


class _Among(list):
    """Texts of which the table names some."""

    def __eq__(self, wanted):
        return all(text in self for text in wanted)

    __hash__ = None


class _None(list):
    """Texts none of which begins as the table says."""

    def __eq__(self, prefix):
        return not any(text.startswith(prefix) for text in self)

    __hash__ = None


@answers("validation_metadata", "conditions")
def status_conditions(given):
    r = Report()
    conditions.conditions(r, given["conditions"], given["path"])
    texts = [str(e) for e in r.errors]
    return {"errors_include": _Among(texts), "no_error_with_prefix": _None(texts), **told(r.errors)}
