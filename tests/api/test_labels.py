"""Label selectors choose what Kubernetes' own would choose, and labels are checked in its words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import labels
from kubesim_tui.api.labels import EVERYTHING, NOTHING, SelectorError

KEYS = st.sampled_from(["app", "tier", "example.com/x"])
VALUES = st.sampled_from(["a", "b", "1", "2", ""])
SETS = st.dictionaries(KEYS, VALUES, max_size=3)


def as_json(requirement):
    return {"key": requirement.key, "op": requirement.operator, "values": list(requirement.values)}


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
