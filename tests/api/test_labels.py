"""Label selectors choose what Kubernetes' own would choose, and labels are checked in its words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import labels
from kubesim_tui.api.labels import EVERYTHING, NOTHING, Requirement, SelectorError
from kubesim_tui.api.requirements import check_requirement
from tests.api.upstream import cases

KEYS = st.sampled_from(["app", "tier", "example.com/x"])
VALUES = st.sampled_from(["a", "b", "1", "2", ""])
SETS = st.dictionaries(KEYS, VALUES, max_size=3)


def requirement(given):
    return Requirement(given["key"], given["op"], tuple(given["values"]))


def as_json(requirement):
    return {"key": requirement.key, "op": requirement.operator, "values": list(requirement.values)}


def parsed(text, *, with_requirements):
    """What a selector's text is read as, in the form of the table."""
    try:
        found = labels.parse(text)
    except SelectorError:
        return {"error": True}
    shown = {"requirements": [as_json(r) for r in found.requirements]} if with_requirements else {}
    return {"error": False, "string": str(found), **shown}


@pytest.mark.parametrize("given, want", cases("workloads/selectors", lambda g: g["op"] == "label_parse"))
def test_a_selectors_text_is_read_into_requirements(given, want):
    found = parsed(given["selector"], with_requirements="requirements" in want)
    assert want == {k: v for k, v in found.items() if k in want}


@pytest.mark.parametrize("given, want", cases("workloads/selectors", lambda g: g["op"] == "label_parse_same"))
def test_requirements_stand_in_order_of_their_keys(given, want):
    assert want["same_string"] == (str(labels.parse(given["a"])) == str(labels.parse(given["b"])))


@pytest.mark.parametrize("given, want", cases("workloads/selectors", lambda g: g["op"] == "label_match"))
def test_a_selectors_text_matches_labels(given, want):
    assert want["match"] == labels.parse(given["selector"]).matches(given["set"])


@pytest.mark.parametrize("given, want", cases("scheduling/label_selectors"))
def test_a_selectors_text_matches_labels_of_the_other_table(given, want):
    assert want["match"] == labels.parse(given["selector"]).matches(given["labels"])


@pytest.mark.parametrize("given, want", cases("workloads/selectors", lambda g: g["op"] == "label_requirements_match"))
def test_all_requirements_must_hold(given, want):
    assert want["match"] == labels.selector(map(requirement, given["requirements"])).matches(given["set"])


@pytest.mark.parametrize("given, want", cases("workloads/selectors", lambda g: g["op"] == "label_to_string"))
def test_requirements_are_written_as_a_text(given, want):
    assert want["string"] == ",".join(str(requirement(r)) for r in given["requirements"])


@pytest.mark.parametrize("given, want", cases("workloads/selectors", lambda g: g["op"] == "label_requirement_new"))
def test_a_requirement_is_checked_when_it_is_made(given, want):
    found = check_requirement(given["key"], given["operator"], given["values"])
    assert want["errors"] == [{"type": e.reason.removeprefix("FieldValue"), "field": e.field} for e in found]


@pytest.mark.parametrize(
    "text, error",
    [
        ("x=a||y=b", 'unable to parse requirement: values[0][x]: Invalid value: "a||y": a valid label must be'),
        ("!x=a", "found '=', expected: ',' or 'end of string'"),
        ("x,,y", "found ',', expected: identifier after ','"),
        ("x nott (y)", "unable to parse requirement: found 'nott', expected: in, notin, =, ==, !=, gt, lt"),
        ("x in y", "unable to parse requirement: found 'y' expected: '('"),
        ("x in (a b)", "unable to parse requirement: found 'b', expected: ',' or ')'"),
        (
            "x>a",
            "unable to parse requirement: values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must",
        ),
        ("-x", 'unable to parse requirement: <nil>: Invalid value: "-x": name part must consist of alphanumeric'),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
    ],
)
def test_a_text_that_is_no_selector_is_refused_in_upstreams_words(text, error):
    with pytest.raises(SelectorError) as found:
        labels.parse(text)
    assert error == str(found.value)[: len(error)]


SELECTOR = {
    "matchLabels": {"app": "web"},
    "matchExpressions": [
        {"key": "tier", "operator": "In", "values": ["front", "back"]},
        {"key": "old", "operator": "DoesNotExist"},
    ],
}


def test_a_selector_object_is_the_text_that_kubectl_prints():
    assert labels.format_object(SELECTOR) == "app=web,!old,tier in (back,front)"


@pytest.mark.parametrize(
    "wanted, chosen",
    [
        ({"app": "web", "tier": "front"}, True),
        ({"app": "web", "tier": "front", "old": ""}, False),
        ({"app": "web"}, False),
        ({"tier": "back"}, False),
    ],
)
def test_a_selector_object_chooses_by_labels_and_expressions(wanted, chosen):
    assert chosen == labels.from_object(SELECTOR).matches(wanted)


def test_no_selector_chooses_nothing_and_an_empty_one_everything():
    assert (labels.from_object(None), labels.from_object({})) == (NOTHING, EVERYTHING)
    assert (NOTHING.matches({"a": "b"}), EVERYTHING.matches({"a": "b"})) == (False, True)
    assert (labels.format_object(None), labels.format_object({})) == ("<none>", "<none>")


def test_a_selector_object_with_an_unknown_operator_is_refused():
    broken = {"matchExpressions": [{"key": "a", "operator": "Like", "values": ["b"]}]}
    with pytest.raises(SelectorError, match='"Like" is not a valid label selector operator'):
        labels.from_object(broken)
    assert labels.format_object(broken) == "<error>"


def test_a_text_becomes_the_selector_object_it_stands_for():
    expected = {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "old", "operator": "DoesNotExist"},
            {"key": "tier", "operator": "In", "values": ["back", "front"]},
        ],
    }
    assert expected == labels.parse_object("app=web,tier in (front,back),!old")


@pytest.mark.parametrize(
    "text, value", [("a=b", "b"), ("a in (b)", "b"), ("a in (b,c)", None), ("a!=b", None), ("x", None)]
)
def test_a_selector_knows_the_one_value_that_it_requires(text, value):
    assert value == labels.parse(text).requires_exact_match("a")


def test_a_requirement_added_must_hold_too():
    more = labels.parse("a=b").add(labels.requirement("c", "exists"))
    assert (str(more), more.matches({"a": "b"})) == ("a=b,c", False)


# Rules for whole objects, which the API server's validation holds: names are only a part of them.
OTHER_RULES = ("metadata_update", "metadata_create", "owner_references", "conditions")


def checked(given):
    match given["op"]:
        case "labels":
            return labels.validate(given["labels"], "field")
        case "annotations":
            return labels.validate_annotations(given["annotations"], "field")
        case "annotations_size":
            sizes = enumerate(given["sizes"])
            sized = {chr(97 + i) * s["key_bytes"]: "v" * s["value_bytes"] for i, s in sizes}
            return labels.validate_annotations(sized, "field")
        case "label_selector":
            return labels.validate_object(given["selector"], "field")


@pytest.mark.parametrize("given, want", cases("workloads/validation_metadata", lambda g: g["op"] not in OTHER_RULES))
def test_labels_annotations_and_selectors_of_an_object_are_checked(given, want):
    found = checked(given)
    assert want["errors"] == len(found)
    for fragment in (want[k] for k in ("detail_contains", "error_contains") if k in want):
        assert fragment in str(found[0])


@pytest.mark.parametrize(
    "expression, error",
    [
        (
            {"key": "a", "operator": "In"},
            "spec.selector.matchExpressions[0].values: Required value: "
            "must be specified when `operator` is 'In' or 'NotIn'",
        ),
        (
            {"key": "a", "operator": "Exists", "values": ["b"]},
            "spec.selector.matchExpressions[0].values: Forbidden: "
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        ),
        (
            {"key": "a", "operator": "Like", "values": []},
            'spec.selector.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator',
        ),
    ],
)
def test_an_expression_is_refused_in_the_api_servers_words(expression, error):
    found = labels.validate_object({"matchExpressions": [expression]}, "spec.selector")
    assert [error] == [str(e) for e in found]


def test_every_case_about_labels_is_run():
    about = [c.values[0]["op"] for c in cases("workloads/selectors") if c.values[0]["op"].startswith("label")]
    run = {"label_parse", "label_parse_same", "label_match", "label_requirements_match", "label_to_string"}
    assert {"label_requirement_new"} == set(about) - run


@given(SETS, SETS)
def test_a_map_chooses_what_has_all_its_pairs(wanted, found):
    assert (wanted.items() <= found.items()) == labels.from_map(wanted).matches(found)


@given(KEYS, st.sets(VALUES, min_size=1), SETS)
def test_notin_is_the_opposite_of_in(key, values, found):
    chosen = [labels.requirement(key, operator, sorted(values)).matches(found) for operator in ("in", "notin")]
    assert sorted(chosen) == [False, True]


@given(SETS)
def test_a_selectors_text_reads_back_as_the_same_selector(wanted):
    selector = labels.from_map(wanted)
    assert json.dumps([as_json(r) for r in selector.requirements]) == json.dumps(
        [as_json(r) for r in labels.parse(str(selector)).requirements]
    )
