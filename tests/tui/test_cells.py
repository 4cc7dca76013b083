"""Cell-aware text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.tui.kit.cells import (
    CLOSING,
    OPENING,
    align_right,
    cell_len,
    centre,
    clean,
    cut,
    pad,
    shorten,
    wrap,
)

MIXED = st.text(alphabet="ab c-。，（）“”就绪探针Pod…!?,", max_size=60)


def test_cut_ends_in_an_ellipsis_where_something_is_missing():
    assert cut("readiness", 6) == "readi…"
    assert cut("readiness", 9) == "readiness"


def test_cut_never_halves_a_wide_character():
    assert cut("就绪探针", 4) == "就…"
    assert cut("就绪探针", 5) == "就绪…"


@given(MIXED, st.integers(0, 30))
def test_padding_is_exact_in_every_direction(text, width):
    assert {cell_len(f(text, width)) for f in (pad, align_right, centre)} == {width}


def test_a_long_name_keeps_both_its_ends():
    assert shorten("checkout-7c9f6d4b5-x2k7q", 16) == "checkout-…-x2k7q"


def test_closing_punctuation_never_starts_a_line():
    assert wrap("一直未就绪。请对照", 10) == ("一直未就", "绪。请对照")


def test_opening_punctuation_never_ends_a_line():
    assert wrap("镜像 “api” 拉取", 8) == ("镜像", "“api” 拉", "取")


def test_words_wrap_at_blanks_and_own_line_breaks_are_kept():
    assert wrap("a Pod gets\n\nno traffic", 7) == ("a Pod", "gets", "", "no", "traffic")


def test_a_word_wider_than_the_line_is_broken():
    assert wrap("abcdefghij", 4) == ("abcd", "efgh", "ij")


@given(MIXED, st.integers(2, 30))
def test_no_line_is_too_wide_and_no_character_is_lost(text, width):
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(alphabet="就绪探针。，）", min_size=1, max_size=40), st.integers(8, 30))
def test_chinese_lines_start_with_no_closing_and_end_with_no_opening_mark(text, width):
    lines = wrap(re.sub("[。，）]+", "。", text), width)
    assert not any(line[:1] in CLOSING for line in lines[1:] if line)
    assert not any(line[-1:] in OPENING for line in lines[:-1] if line)


@pytest.mark.parametrize(
    "text, shown",
    [("a\tb", "a       b"), ("\x1b[31mred\x1b[0m", "red"), ("one\x07\x00two", "onetwo"), ("\u202eevil", "evil")],
)
def test_text_from_outside_cannot_move_the_cursor(text, shown):
    assert clean(text) == shown
