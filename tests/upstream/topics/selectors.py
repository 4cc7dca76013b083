"""Label and field selectors."""

from kubesim_tui.api import fields, labels
from kubesim_tui.api.fields import FieldSelectorError
from kubesim_tui.api.labels import Requirement, SelectorError
from kubesim_tui.api.requirements import check_requirement
from tests.upstream.adapters import answers
from tests.upstream.answers import attempt


def requirement(row):
    return Requirement(row["key"], row["op"], tuple(row["values"]))


def as_row(requirement):
    return {"key": requirement.key, "op": requirement.operator, "values": list(requirement.values)}


@answers("selectors", "label_parse")
def label_parse(given):
    def read():
        found = labels.parse(given["selector"])
        return {"string": str(found), "requirements": [as_row(r) for r in found.requirements]}

    return attempt(read, SelectorError)


@answers("selectors", "label_parse_same")
def label_parse_same(given):
    return {"same_string": str(labels.parse(given["a"])) == str(labels.parse(given["b"]))}


@answers("selectors", "label_match")
def label_match(given):
    return {"match": labels.parse(given["selector"]).matches(given["set"])}


@answers("label_selectors")
def label_selectors(given):
    return {"match": labels.parse(given["selector"]).matches(given["labels"])}


@answers("selectors", "label_requirements_match")
def label_requirements_match(given):
    chosen = labels.selector(map(requirement, given.rows("requirements")))
    return {"match": chosen.matches(given["set"])}


@answers("selectors", "label_to_string")
def label_to_string(given):
    return {"string": ",".join(str(requirement(r)) for r in given.rows("requirements"))}


@answers("selectors", "label_requirement_new")
def label_requirement_new(given):
    found = check_requirement(given["key"], given["operator"], given["values"])
    return {"errors": [{"type": e.reason.removeprefix("FieldValue"), "field": e.field} for e in found]}


@answers("selectors", "field_parse")
def field_parse(given):
    return attempt(lambda: {"string": str(fields.parse(given["selector"]))}, FieldSelectorError)


@answers("selectors", "field_match")
def field_match(given):
    return {"match": fields.parse(given["selector"]).matches(given["set"])}


@answers("selectors", "field_split_terms")
def field_split_terms(given):
    return {"terms": fields.split_terms(given["selector"])}


@answers("selectors", "field_split_term")
def field_split_term(given):
    found = fields.split_term(given["term"])
    lhs, op, rhs = found or ("", "", "")
    return {"lhs": lhs, "op": op, "rhs": rhs, "ok": found is not None}


@answers("selectors", "field_escape")
def field_escape(given):
    return {"escaped": fields.escape(given["value"])}


@answers("selectors", "field_unescape")
def field_unescape(given):
    return attempt(lambda: {"unescaped": fields.unescape(given["value"])}, FieldSelectorError)
