"""The title and the list of levels."""

from tests.tui.scenes import playing, press, screen_text, settle


async def test_continue_opens_the_next_level():
    async with playing("title", keys=("enter",)) as pilot:
        assert pilot.app.screen_stack[1].level == "0-3"


async def test_the_campaign_starts_with_the_cursor_on_the_next_level():
    async with playing("title", keys=("c",)) as pilot:
        assert "A bad release is on its way." in screen_text(pilot.app)
        await press(pilot, "enter")
        assert pilot.app.screen_stack[2].level == "0-3"


async def test_a_closed_level_says_what_opens_it():
    async with playing("levels", size=(120, 40), keys=("end",)) as pilot:
        assert "opens when half of chapter 4 is won" in " ".join(screen_text(pilot.app).split())
        await press(pilot, "enter")
        assert len(pilot.app.screen_stack) == 2


async def test_stars_and_medals_stand_beside_a_level():
    async with playing("levels") as pilot:
        assert "★★★  0-1  Kill a Pod" in screen_text(pilot.app)
        assert "◆◇◆" in screen_text(pilot.app)


async def test_a_click_chooses_and_a_second_starts():
    async with playing("levels") as pilot:
        await pilot.click("LevelList", offset=(20, 3))
        await settle(pilot)
        assert "A machine dies." in screen_text(pilot.app)
        await pilot.click("LevelList", offset=(20, 3), times=2)
        await settle(pilot)
        assert pilot.app.screen_stack[2].level == "0-2"


async def test_the_language_of_the_title_changes_at_once():
    async with playing("title", keys=("l",)) as pilot:
        assert "继续" in screen_text(pilot.app)
        assert "发布新版本" in screen_text(pilot.app)


async def test_help_opens_from_the_title_too():
    async with playing("title", keys=("question_mark",)) as pilot:
        assert "Start the clock" in screen_text(pilot.app)


def test_a_broken_file_of_progress_is_told_in_the_players_language(tmp_path):
    from kubesim_tui.game.campaign import Campaign

    (tmp_path / "progress.json").write_text('{"version": 1, "language": "zh"', "utf-8")
    told = Campaign({}, tmp_path, "zh").notice
    assert told.startswith("无法读取 ")
    assert told.endswith("已改名为 progress.json.broken 另存")
