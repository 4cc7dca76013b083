"""Field selectors: equality of an object's fields, with backslashes before commas and equals signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import fields
from kubesim_tui.api.fields import FieldSelectorError
from tests.api.upstream import cases

TEXTS = st.text("ab,=\\!", max_size=8)


def of(op):
    return cases("workloads/selectors", lambda g: g["op"] == op)


@pytest.mark.parametrize("given, want", of("field_parse"))
def test_a_selectors_text_is_read_and_written(given, want):
    try:
        found = {"error": False, "string": str(fields.parse(given["selector"]))}
    except FieldSelectorError:
        found = {"error": True}
    assert want == found


@pytest.mark.parametrize("given, want", of("field_match"))
def test_a_selector_matches_fields(given, want):
    assert want["match"] == fields.parse(given["selector"]).matches(given["set"])


@pytest.mark.parametrize("given, want", of("field_split_terms"))
def test_terms_are_split_at_commas_without_a_backslash(given, want):
    assert want["terms"] == fields.split_terms(given["selector"])


@pytest.mark.parametrize("given, want", of("field_split_term"))
def test_a_term_is_split_at_its_first_operator(given, want):
    found = fields.split_term(given["term"])
    lhs, op, rhs = found or ("", "", "")
    assert want == {"lhs": lhs, "op": op, "rhs": rhs, "ok": found is not None}


@pytest.mark.parametrize("given, want", of("field_escape"))
def test_a_value_is_written_with_backslashes(given, want):
    assert want["escaped"] == fields.escape(given["value"])


@pytest.mark.parametrize("given, want", of("field_unescape"))
def test_an_unknown_escape_is_refused(given, want):
    with pytest.raises(FieldSelectorError, match="invalid escape sequence"):
        fields.unescape(given["value"])


@pytest.mark.parametrize(
    "text, error",
    [
        ("x", "invalid selector: 'x'; can't understand 'x'"),
        ("a=b,x", "invalid selector: 'a=b,x'; can't understand 'x'"),
        ("x=a=b", "invalid field selector: unescaped character in value: 61"),
        ("x=\\a", "invalid field selector: invalid escape sequence: \\a"),
    ],
)
def test_a_text_that_is_no_selector_is_refused_in_upstreams_words(text, error):
    with pytest.raises(FieldSelectorError) as found:
        fields.parse(text)
    assert error == str(found.value)


def test_an_absent_field_is_empty():
    assert [fields.parse(text).matches({}) for text in ("spec.nodeName=", "spec.nodeName=a")] == [True, False]


def test_a_selector_knows_the_one_value_that_it_requires():
    found = fields.parse("metadata.name=web,spec.nodeName!=a")
    assert [found.requires_exact_match(f) for f in ("metadata.name", "spec.nodeName")] == ["web", None]


@given(TEXTS)
def test_what_is_escaped_can_be_unescaped(value):
    assert value == fields.unescape(fields.escape(value))


@given(TEXTS.filter(bool))
def test_a_selector_finds_the_value_that_it_was_made_of(value):
    assert fields.parse(f"f={fields.escape(value)}").matches({"f": value})
