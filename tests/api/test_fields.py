"""Field selectors: equality of an object's fields, with backslashes before commas and equals signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.api import fields
from kubesim_tui.api.fields import FieldSelectorError

TEXTS = st.text("ab,=\\!", max_size=8)


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
