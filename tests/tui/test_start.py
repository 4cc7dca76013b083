"""The first paint waits for nothing of the engine; the engine is loaded behind it."""

import subprocess
import sys
import threading

from tests.tui import fakes
from tests.tui.scenes import Wall, app_for, press, screen_text, settle

SHOWN = """
import sys
from kubesim_tui.game.desk import Desk
from kubesim_tui.tui.app import KubesimApp

class Shown(KubesimApp):
    def on_ready(self):
        print(*sorted(sys.modules))
        self.exit()

desk = Desk()
Shown(desk.open, desk).run(headless=True, size=(120, 40))
"""


def test_the_title_is_shown_without_the_engine_and_without_reading_levels(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SHOWN],
        capture_output=True,
        text=True,
        check=True,
        env={"XDG_DATA_HOME": str(tmp_path), "PATH": ""},
    )
    modules = done.stdout.split()
    loaded = {name.split(".")[1] for name in modules if name.startswith("kubesim_tui.")}
    assert loaded == {"game", "tui"}
    assert {"yaml", "numpy", "kubesim_tui.game.state", "kubesim_tui.tui.screens.play"} & set(modules) == set()


def waiting_app(gate):
    from kubesim_tui.tui.app import KubesimApp
    from tests.tui import builders

    session = fakes.FakeSession([builders.start()])
    app = KubesimApp(lambda level: session, fakes.FakeCampaign(), ascii_only=False, load=gate.wait, wall=Wall())
    app.session = session
    return app


async def test_a_level_that_is_asked_for_too_early_opens_when_the_engine_is_there():
    gate = threading.Event()
    app = waiting_app(gate)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert "The cluster is being set up" in screen_text(app)
        gate.set()
        app.loading.join()
        app.screen.look_again()
        for _ in range(100):  # the sheet goes and the level comes by messages of their own
            if hasattr(app.screen_stack[-1], "level"):
                break
            await pilot.pause(0.02)
        assert [screen.level for screen in app.screen_stack if hasattr(screen, "level")] == ["0-3"]


async def test_nobody_has_to_wait_for_the_engine():
    gate = threading.Event()
    app = waiting_app(gate)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "ctrl+c", "down")
        assert len(app.screen_stack) == 1
        await press(pilot, "ctrl+c")
        gate.set()
        assert not app.is_running or app._exit


async def test_names_of_levels_follow_the_first_paint():
    app = app_for("title")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "0-3 Ship a release" in screen_text(app)
        assert "2 of 6 levels won" in screen_text(app)
