"""A little Markdown: what is joined, what stands line by line."""

from kubesim_tui.tui.kit import markdown
from tests.tui.test_widths import LOOKS


def shown(text, width=40):
    return [strip.text.rstrip() for strip in markdown.rows(LOOKS["en"], text, width)]


def test_lines_of_a_paragraph_are_joined():
    assert shown("one\ntwo\n\nthree") == [" one two", "", " three"]


def test_code_that_is_indented_after_an_empty_line_stands_line_by_line():
    text = "Type:\n\n    kubectl get pods\n    go\n\nThen wait."
    assert shown(text) == [" Type:", "", "   kubectl get pods", "   go", "", " Then wait."]


def test_a_line_of_code_that_is_too_long_goes_on_further_in():
    assert shown("    kubectl patch deployment web", 24) == ["   kubectl patch", "     deployment web"]


def test_an_indented_line_within_a_paragraph_belongs_to_it():
    assert shown("one\n    two") == [" one two"]
