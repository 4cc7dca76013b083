"""The interface with the real game behind it; and the scripted session of the other tests has the real one's face."""

import inspect

import pytest

from kubesim_tui.cluster.picture.room import RUNNING, room
from kubesim_tui.game import folders, loader
from kubesim_tui.game.protocol import SessionLike
from kubesim_tui.game.session import Session
from kubesim_tui.tui.app import KubesimApp
from kubesim_tui.tui.screens.editor import EditorScreen
from kubesim_tui.tui.screens.play import PlayScreen
from tests.boards import Board
from tests.tui import fakes
from tests.tui.builders import machine_room
from tests.tui.scenes import Wall, press, screen_text, settle

METHODS = [name for name, found in vars(SessionLike).items() if inspect.isfunction(found) and name[0] != "_"]


@pytest.mark.parametrize("session", [Session, fakes.FakeSession])
@pytest.mark.parametrize("name", METHODS)
def test_sessions_have_the_face_that_the_interface_knows(session, name):
    wanted = list(inspect.signature(getattr(SessionLike, name)).parameters)
    assert list(inspect.signature(getattr(session, name)).parameters) == wanted


def figures(room):
    """What is told of each kind of component: the codes of its figures."""
    found = {}
    for box in room.boxes:
        if box.state == RUNNING:
            found.setdefault(box.kind, set()).add(tuple(code for code, _ in box.figures))
    return found


def test_the_machine_room_of_the_other_tests_tells_what_the_real_one_tells():
    assert figures(machine_room()) == figures(room(Board(2, control_planes=3).cluster))


def app_of(level, language="en"):
    session = Session(loader.load(folders.find(level)), "1", language)
    app = KubesimApp(
        lambda name: session, fakes.FakeCampaign(language=language), level=level, ascii_only=False, wall=Wall()
    )
    app.session = session
    return app


async def test_the_first_level_by_cursor_only():
    app = app_of("0-1")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "enter", "enter")
        play = app.screen
        assert isinstance(play, PlayScreen)
        assert play.armed.startswith("kubectl delete pod web-")
        await press(pilot, "enter")
        play.advance(1)
        play.paint()
        await settle(pilot)
        assert "Terminating" in screen_text(app)
        play.advance(12)
        play.paint()
        await press(pilot, "plus", "plus", "enter")
        play.advance(12)
        play.paint()
        await settle(pilot)
        assert "3/3" in screen_text(app)
        await press(pilot, "g", "9")
        while app.session.game.since_go < 40:
            play.advance(40 - app.session.game.since_go)
        play.paint()
        await press(pilot, "left_square_bracket", "left_square_bracket")
        play.look_back(10_000)
        await settle(pilot)
        assert play._past.view.tick == play.state.view.go + 30
        await press(pilot, "enter")
        assert app.session.game.since_go == 30
        assert app.mistakes == []


async def test_prompt_form_and_editor_speak_to_the_real_cluster():
    app = app_of("0-1", "zh")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "escape", "colon", *"kubectl get no", "tab")
        assert app.screen.prompt.value == "kubectl get nodes "
        await press(pilot, "enter", "escape", "up", "enter", "enter")
        assert "+  replicas: " not in screen_text(app)
        app.screen.query_one("#field-replicas").value = "many"
        await settle(pilot)
        assert "应为整数" in screen_text(app)
        await press(pilot, "escape", "e")
        assert isinstance(app.screen, EditorScreen)
        assert app.screen.area.errors == {}
        app.screen.area.text = app.screen.area.text.replace("replicas: 1", "replicas: many")
        app.screen.run_check()
        assert len(app.screen.area.errors) == 1
        assert app.mistakes == []


async def test_a_won_game_is_judged_without_stopping_the_screen():
    app = app_of("0-1")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "escape")
        play = app.screen
        play.run_line("kubectl scale deployment/web --replicas=4")
        play.advance(20)
        play.action_go()
        while not app.session.game.over:
            play.advance(90)
        play.paint()
        assert (play.state.verdict, play.state.judging) == (None, 0)
        beats = 0
        while play.state.verdict is None:
            play.advance(1, 30)
            play.paint()
            beats += 1
        await settle(pilot)
        assert beats > 3
        assert "WON" in screen_text(app)
        assert app.campaign.recorded == [("0-1", True)]
