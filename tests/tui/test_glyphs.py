"""Glyphs, ASCII, and the width check."""

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from kubesim_tui.cluster.view import Face
from kubesim_tui.tui import ascii, glyphs


def test_every_face_has_its_own_shape():
    assert set(glyphs.FACES) == set(Face)
    assert len({glyph.sign for glyph in glyphs.FACES.values()}) == len(Face)


def test_faces_differ_in_ascii_too():
    assert len({ascii.plain_text(glyph.sign) for glyph in glyphs.FACES.values()}) == len(Face)


def test_every_sign_becomes_one_ascii_character_of_one_cell():
    drawn = [chr(code) for code in (*range(0x2500, 0x25A0), *range(0x2800, 0x2900))] + list("●◐○✗▼◌✓▲◆★☆⎈❯…·•×≥≤→↑↓↳")
    assert {cell_len(sign) for sign in drawn} == {1}
    assert {len(ascii.plain_text(sign)) for sign in drawn} == {1}
    assert all(ascii.plain_text(sign).isascii() for sign in drawn)


def test_no_glyph_can_turn_into_an_emoji():
    signs = {glyph.sign for table in (glyphs.FACES, glyphs.MARKS, glyphs.OBJECTIVES) for glyph in table.values()}
    assert not signs & set("☺☹✔✖▶◀⏸⏹⚠⭐⚙✅❌⬛⬜◼◻◾◽▪▫")


def test_the_ascii_filter_keeps_chinese_and_styles():
    row = [Segment("● 运行 ─"), Segment("plain")]
    assert ascii.AsciiFilter().apply(row, Color(0, 0, 0)) == [Segment("o 运行 -"), Segment("plain")]


def test_a_sign_that_is_not_in_the_table_becomes_a_letter_or_a_question_mark():
    assert ascii.plain_text("café ⌘ 节点") == "cafe ? 节点"


@pytest.mark.parametrize("answer, column", [(b"\x1b[12;2R", 2), (b"jk\x1b[1;3R", 3), (b"", 2), (b"garbage", 2)])
def test_the_terminal_tells_where_its_cursor_stands(answer, column):
    assert ascii.column_of(answer) == column


@pytest.mark.parametrize(
    "environ, ascii_only",
    [
        ({}, False),
        ({"KUBESIM_ASCII": "1"}, True),
        ({"TERM": "dumb"}, True),
        ({"TERM": "dumb", "KUBESIM_ASCII": "0"}, False),
    ],
)
def test_ascii_is_chosen_by_the_player_or_by_the_terminal(environ, ascii_only, monkeypatch):
    monkeypatch.setattr("sys.__stdout__", type("Out", (), {"encoding": "utf-8"})())
    assert ascii.wants_ascii(environ) == ascii_only
