"""`kubectl diff` shows the hunks of GNU diff."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.kubectl.gnu_diff import changes, unified

CASES = json.loads((pathlib.Path(__file__).parent.parent / "data/gnu_diff.json").read_text())["cases"]
TEXTS = st.lists(st.sampled_from("abcdef"), max_size=60)


@pytest.mark.parametrize("case", CASES)
def test_hunks_are_those_of_the_real_program(case):
    assert case["out"] == list(unified(case["old"].split(), case["new"].split(), "a", "b"))


def test_a_text_that_is_new_has_only_lines_that_come():
    assert list(unified([], ["x", "y"], "a", "b")) == ["--- a", "+++ b", "@@ -0,0 +1,2 @@", "+x", "+y"]


def test_equal_texts_have_no_difference():
    assert list(unified(["x"], ["x"], "a", "b")) == []


@given(TEXTS, TEXTS)
def test_what_stays_is_the_same_in_both_texts(old, new):
    gone, come = changes(old, new)
    assert [line for line, out in zip(old, gone, strict=True) if not out] == [
        line for line, in_ in zip(new, come, strict=True) if not in_
    ]
