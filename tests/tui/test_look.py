"""Language, colours and ASCII change everywhere at once."""

import pytest

from tests.tui.scenes import playing, screen_rows, screen_text, settle


async def test_the_language_changes_at_once_and_the_session_follows():
    async with playing("shop", keys=("ctrl+l",)) as pilot:
        assert pilot.app.session.language == "zh"
        assert pilot.app.campaign.language == "zh"
        text = screen_text(pilot.app)
        assert "目标" in text
        assert "Objectives" not in text


async def test_the_palette_changes_at_once():
    async with playing("shop") as pilot:
        grounds = set()
        for _ in range(3):
            grounds.add(next(iter(screen_rows(pilot.app)[0])).style.bgcolor.name)
            await pilot.press("ctrl+t")
            await settle(pilot)
            grounds.add(screen_rows(pilot.app)[3]._segments[0].style.bgcolor.name)
        assert {"#10172b", "#f8faff", "#000000"} <= grounds


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "keys", [("shift+tab",), ("enter",), ("question_mark",), ("e",), ("colon", "k", "tab"), ("w",)]
)
async def test_in_ascii_mode_every_narrow_sign_is_ascii(keys, language):
    from kubesim_tui.tui.ascii import AsciiFilter

    async with playing("shop", (120, 40), keys, language=language, ascii_only=True) as pilot:
        filters = pilot.app.get_line_filters()
        assert isinstance(filters[-1], AsciiFilter)
        text = "".join(s.text for strip in screen_rows(pilot.app) for s in filters[-1].apply(list(strip), None))
    odd = {sign for sign in text if not sign.isascii() and not ("\u2e80" <= sign <= "\uffef")}
    assert odd == set()


async def test_the_board_keeps_its_lines_when_only_a_number_changes():
    """Only changed rows are painted again: the rest keep the very same strips."""
    from attrs import evolve

    from tests.tui import builders

    first = builders.shop()
    second = evolve(first, view=evolve(first.view, clock="14:05:33"))
    async with playing("shop", states=[first, second]) as pilot:
        board = pilot.app.screen.board
        before = list(board._rows)
        pilot.app.session.at = 1
        pilot.app.screen.paint()
        await settle(pilot)
        assert board._rows == before
