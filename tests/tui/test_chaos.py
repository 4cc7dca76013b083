"""Chaos by hand: a palette of faults, aimed at what is selected."""

from kubesim_tui.tui.screens.palette import Palette
from tests.tui.scenes import playing, press, screen_text

WEB = "web-7c9f6d4b5-x2k7q"


def ran(pilot):
    return [call[1] for call in pilot.app.screen.session.calls if call[0] == "run"]


async def test_a_fault_of_the_selected_pod_is_prepared_and_then_struck():
    async with playing("start") as pilot:
        await press(pilot, "x")
        assert isinstance(pilot.app.screen, Palette)
        await press(pilot, "enter")
        assert (pilot.app.screen.armed, ran(pilot)) == (f"chaos pod-delete:shop/{WEB}", [])
        await press(pilot, "enter")
        assert ran(pilot) == [f"chaos pod-delete:shop/{WEB}"]


async def test_typing_narrows_the_faults_by_what_they_do():
    async with playing("start") as pilot:
        await press(pilot, "x", *"cloud")
        text = screen_text(pilot.app)
        assert ("cloud-down" in text, "pod-delete" in text) == (True, False)
        await press(pilot, "enter")
        assert pilot.app.screen.armed == "chaos cloud-down"


async def test_what_a_fault_lacks_is_typed_after_it():
    async with playing("start") as pilot:
        await press(pilot, "x", "down", "enter", *"30", "enter")
        assert ran(pilot) == [f"chaos pod-loss:shop/{WEB},percent=30"]


async def test_escape_breaks_nothing():
    async with playing("start") as pilot:
        await press(pilot, "x", "escape")
        assert (pilot.app.screen.armed, ran(pilot)) == ("", [])


async def test_its_words_follow_the_language_and_what_was_typed_stays():
    async with playing("start") as pilot:
        await press(pilot, "x", *"pod", "ctrl+l")
        text = screen_text(pilot.app).replace(" ", "")
        assert ("制造故障" in text, "Break" in text, "cloud-down" in text) == (True, False, False)
