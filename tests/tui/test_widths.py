"""Every row of every panel is exactly as wide as asked, in both languages, at any size."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.state import Tap
from kubesim_tui.tui.i18n import load
from kubesim_tui.tui.kit import markdown
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens import levels, placement, stories, title
from kubesim_tui.tui.widgets import chips, legend, nodes, objectives, prompt, selection, timeline, topbar, traffic
from kubesim_tui.tui.widgets.drawer import Text, is_head
from kubesim_tui.tui.widgets.drawer import row as output_row
from kubesim_tui.tui.widgets.pages import PAGES
from kubesim_tui.tui.widgets.rows import refs_in
from tests.tui import builders, fakes
from tests.tui.scenes import STATES

WIDTHS = (20, 33, 46, 60, 76, 80, 110, 120, 136, 200, 250)
LOOKS = {language: Look(t=load(language)) for language in ("en", "zh")}

languages = pytest.mark.parametrize("language", ["en", "zh"])
states = pytest.mark.parametrize("name", sorted(STATES))


def widths(strips):
    return {strip.cell_length for strip in strips} | {sum(s.cell_length for s in strip) for strip in strips}


@languages
@states
@pytest.mark.parametrize("page", sorted(PAGES))
def test_pages_of_the_board(page, name, language):
    view = STATES[name](language).view
    for width in WIDTHS:
        for density in range(4):
            rows = PAGES[page](LOOKS[language], view, width, None, density, True)
            assert widths(row.strip for row in rows) == {width}


@languages
@states
def test_the_rows_around_the_board(name, language):
    look, state = LOOKS[language], STATES[name](language)
    for width in WIDTHS:
        strips = [
            topbar.row(look, state, topbar.Clock(60, True), width),
            timeline.row(look, state, None, width),
            timeline.row(look, state, 5, width),
            legend.row(look, state, width),
            prompt.prompt_row(look, "kubectl delete pod web -n shop", ("", True), "", width),
            prompt.prompt_row(look, "", ("deployment.apps/web scaled", True), "", width),
            prompt.prompt_row(look, "", ("", True), "", width),
            *objectives.rows(look, state.objectives, width, 99),
            *objectives.rows(look, state.objectives, width, 1),
            *objectives.coach_rows(look, state, width),
        ]
        assert widths(strips) == {width}


@languages
@states
def test_traffic_at_any_height(name, language):
    streams = STATES[name](language).view.traffic
    for width in WIDTHS:
        for height in (3, 8, 17, 40):
            assert widths(traffic.rows(LOOKS[language], streams, 0, width, height)) == {width}
            taps = (Tap("8080→80, 9090→9090", Ref("Pod", "shop", "web-7c9f6d4b5-x2k7q"), 12, 404),)
            assert widths(traffic.rows(LOOKS[language], streams, 0, width, height, taps)) == {width}


@languages
@states
def test_node_cards(name, language):
    view = STATES[name](language).view
    for width in WIDTHS[2:]:
        assert widths(nodes.cards(LOOKS[language], view.nodes, width, 12)) == {width}


@languages
@states
def test_what_is_known_of_each_thing(name, language):
    look, view = LOOKS[language], STATES[name](language).view
    refs = [ref for page in PAGES.values() for ref in refs_in(page(look, view, 80, None, 0, True))]
    for ref in refs:
        assert widths(selection.rows(look, view, ref, ref, 46, 4)) == {46}


@languages
def test_sheets_and_lists(language):
    look, session = LOOKS[language], fakes.FakeSession([STATES["won"](language)], language=language)
    won, lost = STATES["won"](language), STATES["lost"](language)
    sheets = [
        stories.briefing(session.briefing(), won, True),
        stories.end(won, session.debrief()),
        stories.end(lost, session.debrief()),
        stories.why(session.why(None), lost),
        stories.help_page("?"),
        placement.sheet(builders.placement(builders.WEB_POD)),
        stories.mistake("a", "b" * 200, "/tmp/report.txt", "c"),
    ]
    chapters = fakes.FakeCampaign(language=language).chapters()
    for width in (40, 70, 82):
        for sheet in sheets:
            assert widths(sheet.pane.body(look, width)) == {width}
        assert widths(row.strip for row in levels.rows(look, chapters, width, None)) == {width}
        assert widths(title.art(look, width)) == {width}


@languages
def test_chips_never_pass_the_edge(language):
    for mode in ("board", "prompt", "armed", "output", "scrub"):
        for width in WIDTHS:
            placed = chips.layout(chips.chips_of(LOOKS[language], mode, False, False), width)
            assert all(end <= width for _, end, _ in placed)


@given(st.text(max_size=200), st.integers(10, 120), st.integers(0, 20))
@settings(max_examples=200, deadline=None)
def test_any_output_of_a_command_keeps_its_width(text, width, shift):
    from kubesim_tui.tui.kit.cells import clean

    line = clean(text.replace("\n", " "))
    row = output_row(LOOKS["en"], Text(line, "head" if is_head(line) else "out"), width, shift, False)
    assert row.cell_length == width


@given(st.text(alphabet="ab *`#-[]()1. 就绪。\n", max_size=200), st.integers(12, 60))
@settings(max_examples=300, deadline=None)
def test_any_markdown_keeps_its_width(text, width):
    assert widths(markdown.rows(LOOKS["zh"], text, width)) <= {width}
