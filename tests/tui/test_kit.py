"""Lines, bars, charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubesim_tui.tui.kit.area import area, spark
from kubesim_tui.tui.kit.bars import bar
from kubesim_tui.tui.kit.braille import bounds, braille
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.kit.yaml import next_indent
from kubesim_tui.tui.themes import DARK


def plain(line):
    return line.strip().text


def test_a_line_is_exactly_as_wide_as_asked():
    assert Line(DARK, 10).add("就绪探针就绪").strip().cell_length == 10
    assert plain(Line(DARK, 10).add("ready")) == "ready     "


def test_equal_neighbours_become_one_segment():
    assert len(list(Line(DARK, 9).add("ab", "red").add("cd", "red").add("efghi", "blue").strip())) == 2


def test_parts_on_the_right_are_dropped_from_the_left_when_they_do_not_fit():
    assert plain(Line(DARK, 12).add("users").right(("budget ", "mute"), ("100%", "text"))) == "users   100%"


def test_pale_text_is_lifted_on_the_line_under_the_cursor():
    segment = next(iter(Line(DARK, 4, "select").add("mute", "mute").strip()))
    assert segment.style.color.name == DARK.soft


def test_a_bar_is_full_at_a_thousand_and_shows_a_trace_of_anything_above_nothing():
    assert plain(bar(Line(DARK, 4), 1000, 4, "green")) == "━━━━"
    assert plain(bar(Line(DARK, 4), 500, 4, "green")) == "━━──"
    assert plain(bar(Line(DARK, 4), 1, 4, "green")) == "╸───"
    assert plain(bar(Line(DARK, 4), 0, 4, "green")) == "────"


@given(st.integers(-50, 2000), st.integers(1, 40))
def test_a_bar_keeps_its_width(per_mille, width):
    assert plain(bar(Line(DARK, width), per_mille, width, "red")).count(" ") == 0


def test_a_steady_rate_is_a_level_line():
    assert braille([5, 5, 5, 5], 2, 1, 0, 10) == ["⠒⠒"]


def test_a_gap_in_the_history_is_a_gap_in_the_line():
    assert braille([5, 5, -1, -1], 2, 1, 0, 10) == ["⠒ "]


def test_the_range_of_a_chart_is_a_round_number():
    assert [bounds([n])[1] for n in (0, 4, 19, 150)] == [1, 5, 50, 200]


def rows(values, height=4, slo=990, width=9):
    return [plain(line) for line in area(DARK, values, width, height, slo)]


def test_full_success_is_a_crest_at_the_top():
    assert rows([1000, 1000])[0].endswith("██")


def test_cells_below_the_objective_carry_a_shade_besides_their_colour():
    assert "▒" in "".join(rows([950] * 4))
    assert "▒" not in "".join(rows([1000] * 4))


def test_the_objective_is_a_dotted_line_where_nothing_is_drawn():
    assert rows([-1] * 4)[0][5:] == "┄┄┄┄"


def test_the_axis_reaches_down_to_the_worst_second():
    assert rows([0, 1000])[-1].startswith("   0")
    assert rows([990, 1000])[-1].startswith("  90")


@given(st.lists(st.integers(-1, 1000), max_size=40), st.integers(1, 12), st.integers(6, 40), st.integers(0, 1000))
def test_every_row_of_a_chart_has_the_same_width(values, height, width, slo):
    assert {line.strip().cell_length for line in area(DARK, values, width, height, slo)} == {width}


def test_a_history_in_one_row_is_low_where_it_was_bad():
    assert spark([1000, 990, 500, 0, -1], 6, 950) == [
        (" ", "text"),
        ("▅", "green"),
        ("▄", "green"),
        ("▃", "red"),
        ("▁", "red"),
        (" ", "red"),
    ]


@pytest.mark.parametrize(
    "line, indent",
    [
        ("spec:", 2),
        ("  replicas: 3", 2),
        ("    - name: api", 6),
        ("    - ports:  # open", 8),
        ("  script: |", 4),
        ("", 0),
        ("    ", 4),
        ("  url: http://shop:80/a", 2),
    ],
)
def test_the_next_line_of_yaml_is_indented_as_it_goes_on(line, indent):
    assert next_indent(line) == indent
