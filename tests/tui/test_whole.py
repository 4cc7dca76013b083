"""A wide character is never cut where a widget below the drawer ends."""

import pytest
from rich.cells import cell_len

from kubesim_tui.tui.kit.line import whole
from kubesim_tui.tui.look import Look
from tests.tui.scenes import playing, screen_text

SAID = "它的容器在运行，而且已就绪：它会收到自己那一份请求，一直这样下去直到世界的尽头也不会停下来半步路"


@pytest.mark.parametrize("edge", range(1, 24))
def test_no_wide_character_stands_across_an_edge(edge):
    strip = whole(Look().line(24).add("a字bc字字d字字e字字").strip(), {edge})
    at, starts = 0, {}
    for sign in strip.text:
        starts[at] = sign
        at += cell_len(sign)
    assert edge in starts
    assert at == strip.cell_length == 24


def test_a_row_without_edges_stays_as_it_is():
    strip = Look().line(10).add("字字").strip()
    assert whole(strip, set()) is strip


@pytest.mark.parametrize("lead", ["", "a"])
@pytest.mark.parametrize("width", [80, 120])
async def test_output_in_chinese_is_whole_over_the_board(lead, width):
    async with playing("shop", (width, 30), language="zh") as pilot:
        pilot.app.screen.show_lines("hint", [lead + SAID])
        await pilot.pause()
        shown = screen_text(pilot.app).replace(" ", "")
    assert (lead + SAID)[: width // 2 - 3] in shown
