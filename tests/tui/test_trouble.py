"""Small terminals, broken panels, broken engines, full disks: each is said clearly and loses nothing."""

import pytest

from kubesim_tui.game.loader import LevelError
from kubesim_tui.tui import reports
from kubesim_tui.tui.screens.play import PlayScreen
from kubesim_tui.tui.widgets.objectives import Objectives
from tests.tui import fakes
from tests.tui.scenes import app_for, arrange, playing, press, screen_text, settle


@pytest.fixture(autouse=True)
def _reports_here(tmp_path, monkeypatch):
    monkeypatch.setattr(reports, "user_log_path", lambda name: tmp_path)


async def test_a_small_terminal_says_so_and_a_larger_one_gives_everything_back():
    async with playing("start", keys=("colon", "k")) as pilot:
        await pilot.resize_terminal(60, 20)
        await settle(pilot)
        assert "This terminal has 60×20 cells." in screen_text(pilot.app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "Objectives" in screen_text(pilot.app)
        await pilot.press("u")
        assert pilot.app.screen.prompt.value == "ku"


async def test_time_stands_in_a_terminal_that_is_too_small():
    async with playing("start") as pilot:
        await pilot.resize_terminal(40, 10)
        await settle(pilot)
        pilot.app.wall.now += 0.4
        pilot.app.screen.pace.speed = 60
        pilot.app.screen.beat()
        assert not any(call[0] == "step" for call in pilot.app.session.calls)


SIZES = [(10, 3), (80, 24), (109, 30), (110, 30), (179, 50), (200, 60), (250, 80), (1, 1), (120, 40)]


@pytest.mark.parametrize(
    "keys", [(), ("enter",), ("question_mark",), ("e",), ("colon", "k", "tab"), ("d",), ("ctrl+p",)]
)
async def test_any_size_at_any_moment(keys):
    async with playing("shop", keys=keys) as pilot:
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert pilot.app.is_running


async def test_a_panel_that_cannot_paint_says_so_and_the_others_go_on(monkeypatch, tmp_path):
    def fail(self, state, width, height):
        raise ZeroDivisionError("no objectives")

    monkeypatch.setattr(Objectives, "draw", fail)
    app = app_for("start")
    async with app.run_test(size=(120, 40)) as pilot:
        await arrange(pilot, "start")
        await pilot.press("escape", "escape")
        await settle(pilot)
        text = screen_text(app)
        assert "This panel could not be drawn" in text
        assert "shop.example.com" in text
        assert len(app.mistakes) == 1
        assert "no objectives" in next(tmp_path.glob("report-*.txt")).read_text()


async def test_a_mistake_in_a_command_shows_a_panel_and_the_game_goes_on(monkeypatch):
    def fail(self):
        raise KeyError("lost key")

    monkeypatch.setattr(PlayScreen, "action_hint", fail)
    app = app_for("start")
    async with app.run_test(size=(120, 40)) as pilot:
        await arrange(pilot, "start", ["h"])
        text = screen_text(app)
        assert [part for part in ("KeyError", "A report was written to", "Esc goes on") if part not in text] == [], text
        await pilot.press("escape")
        await settle(pilot)
        await pilot.press("g")
        assert app.session.gone


async def test_an_engine_that_breaks_stops_and_can_be_started_again():
    app = app_for("start")
    app.session.break_after = 0
    async with app.run_test(size=(120, 40)) as pilot:
        await arrange(pilot, "start")
        for _ in range(40):
            app.wall.now += 0.05
            app.screen_stack[1].beat()
        await settle(pilot)
        assert "the engine broke" in screen_text(app)
        assert sum(call[0] == "step" for call in app.session.calls) == 1
        await pilot.press("escape", "R")
        await settle(pilot)
        assert ("restart",) in app.session.calls


async def test_a_command_whose_run_breaks_is_an_error_and_not_the_end():
    line = "kubectl boom"
    app = app_for("start", answers={line: RuntimeError("boom in kubectl")})
    async with app.run_test(size=(120, 40)) as pilot:
        await arrange(pilot, "start", ["colon"])
        app.screen.prompt.insert_text_at_cursor(line)
        await pilot.press("enter")
        await settle(pilot)
        assert "boom in kubectl" in screen_text(app)
        assert app.is_running


async def test_a_level_that_cannot_be_opened_leaves_the_title():
    def cannot(level):
        raise LevelError(f"levels/{level}/level.yaml", 3, "spec", "unknown field 'trafic'")

    app = app_for("title")
    app.open_session = cannot
    async with app.run_test(size=(120, 40)) as pilot:
        await arrange(pilot, "title", ["enter"])
        assert "unknown field 'trafic'" in screen_text(app).replace("\n", "")
        assert app.mistakes == []
        await pilot.press("escape")
        await settle(pilot)
        assert "Continue" in screen_text(app)


async def test_a_full_disk_is_said_with_its_place_and_the_verdict_still_shows():
    campaign = fakes.FakeCampaign(refuse="No space left on device")
    async with playing("won", size=(120, 40), campaign=campaign) as pilot:
        text = screen_text(pilot.app)
        assert "WON" in text
        assert "No space left" in text


async def test_an_unreadable_save_is_told_on_the_title():
    campaign = fakes.FakeCampaign(notice="progress.json is not readable; it was kept as progress.json.broken")
    async with playing("title", size=(120, 40), campaign=campaign) as pilot:
        assert "progress.json.broken" in screen_text(pilot.app).replace("\n", "")


async def test_a_recording_that_cannot_be_written_is_said_and_the_verdict_still_shows():
    app = app_for("won")
    state, failures = app.session.state, [OSError(30, "Read-only file system", "/data/run.json")]

    def once():
        if failures:
            raise failures.pop()
        return state()

    app.session.state = once
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await arrange(pilot, "won")
        text = screen_text(app)
        assert "WON" in text
        assert "Read-only file system" in text


async def test_leaving_keeps_what_was_begun():
    async with playing("start", keys=("q",)) as pilot:
        assert ("leave",) in pilot.app.session.calls


async def test_control_c_on_the_title_leaves():
    app = app_for("title")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+c")
        await settle(pilot)
        assert not app.is_running or app._exit


def test_a_report_goes_elsewhere_when_its_folder_cannot_be_written(monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setattr(reports, "user_log_path", lambda name: blocked / "below")
    monkeypatch.setattr(reports.tempfile, "gettempdir", lambda: str(tmp_path))
    assert reports.write(ValueError("x"), "here").startswith(str(tmp_path))


async def test_control_c_closes_what_lies_above_and_leaves_when_pressed_on():
    async with playing("start", keys=("question_mark", "ctrl+c")) as pilot:
        assert len(pilot.app.screen_stack) == 2
        await press(pilot, "enter", "ctrl+c")
        assert len(pilot.app.screen_stack) == 2
        await press(pilot, "colon", "ctrl+p", "ctrl+c", "ctrl+c")
        assert "Leave the game?" in screen_text(pilot.app)
        await press(pilot, "ctrl+c")
        assert pilot.app._exit


async def test_what_breaks_on_the_way_out_is_not_told():
    app = app_for("title")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.exit()
        app.take_error(ValueError("too late"), "somewhere")
        assert app.mistakes == []
