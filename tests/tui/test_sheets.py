"""What lies over the board follows colours and language too."""

import pytest

from tests.tui.scenes import STATES, playing, press, screen_text

SHEETS = [
    ("start", (), True, "小店", "shop"),
    ("start", ("h",), False, "副本", "copies"),
    ("outage", ("w",), False, "唯一的副本", "only copy"),
    ("start", ("question_mark",), False, "光标", "cursor"),
    ("start", ("enter",), False, "删除 Pod", "Delete Pod"),
    ("outage", ("R",), False, "重新开始", "Start again"),
]


@pytest.mark.parametrize("name, keys, briefing, chinese, english", SHEETS)
async def test_another_language_reaches_an_open_sheet(name, keys, briefing, chinese, english):
    async with playing(name, (120, 40), keys, briefing=briefing) as pilot:
        over = pilot.app.screen
        assert english in screen_text(pilot.app)
        pilot.app.session.states = [STATES[name]("zh")]
        await press(pilot, "ctrl+l")
        assert chinese in screen_text(pilot.app)
        assert pilot.app.screen is over


async def test_other_colours_reach_an_open_sheet():
    async with playing("start", keys=("h",)) as pilot:
        before = pilot.app.look.palette
        await press(pilot, "ctrl+t")
        assert pilot.app.look.palette != before
