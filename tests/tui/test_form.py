"""Forms: fields, their choices, and the difference that they amount to."""

from textual.widgets import Input

from kubesim_tui.game.state import Action, Field, Form, Proposal
from kubesim_tui.tui.screens.form import FormScreen
from kubesim_tui.tui.screens.form_parts import Run
from kubesim_tui.tui.widgets.menu import Menu
from tests.tui.scenes import playing, press, screen_text, settle

ROUTE = Form(
    Action("route", "Route…", "", form="route"),
    "Add a route",
    (
        Field("path", "path", "/", ("/", "/api")),
        Field("service", "Service", "web", ("api", "web")),
        Field("n", "n", "80"),
    ),
)


def proposed(values):
    lines = tuple(f"+ line {n}" for n in range(40))
    return Proposal(f"kubectl route {values['path']} {values['service']} {values['n']}", "", lines)


async def opened(pilot, form=ROUTE):
    given = []
    pilot.app.push_screen(FormScreen(form, proposed), given.append)
    await settle(pilot)
    return pilot.app.screen, given


def values(screen):
    return [box.value for box in screen.query(Input)]


async def test_enter_opens_the_choices_of_a_field_and_chooses_one():
    async with playing("start") as pilot:
        screen, _ = await opened(pilot)
        await press(pilot, "enter", "down")
        assert screen.query_one(Menu).display
        await press(pilot, "enter")
        assert (values(screen), screen.query_one(Menu).display) == (["/api", "web", "80"], False)


async def test_after_a_choice_the_next_field_has_the_focus_and_after_the_last_the_button():
    form = Form(ROUTE.action, ROUTE.title, ROUTE.fields[:2])
    async with playing("start") as pilot:
        screen = FormScreen(form, lambda values: Proposal("kubectl x", "", ()))
        pilot.app.push_screen(screen)
        await settle(pilot)
        await press(pilot, "enter", "enter")
        assert screen.focused is screen.query_one("#field-service")
        await press(pilot, "enter", "enter")
        assert screen.focused is screen.query_one(Run)


async def test_the_difference_follows_the_cursor_in_the_choices():
    async with playing("start") as pilot:
        await opened(pilot)
        await press(pilot, "enter", "down")
        assert "kubectl route /api web 80" in screen_text(pilot.app)


async def test_escape_in_the_choices_leaves_the_field_as_it_was():
    async with playing("start") as pilot:
        screen, given = await opened(pilot)
        await press(pilot, "enter", "down", "escape")
        assert (values(screen)[0], given) == ("/", [])


async def test_where_something_was_typed_enter_runs_the_form():
    async with playing("start") as pilot:
        _, given = await opened(pilot)
        await press(pilot, "end", "a", "enter")
        assert given[0].command == "kubectl route /a web 80"


async def test_enter_on_the_button_runs_the_form():
    async with playing("start") as pilot:
        _, given = await opened(pilot)
        await press(pilot, "down", "down", "down", "enter")
        assert given[0].command == "kubectl route / web 80"


async def test_a_long_difference_scrolls_and_the_form_stays_on_the_screen():
    async with playing("start") as pilot:
        screen, _ = await opened(pilot)
        assert "line 39" not in screen_text(pilot.app)
        for _ in range(6):
            await press(pilot, "pagedown")
        shown = screen_text(pilot.app)
        assert "line 39" in shown
        assert "❯ kubectl route / web 80" in shown
        assert screen.query_one("#form").region.bottom <= 24


async def test_the_form_stays_on_the_screen_while_its_choices_are_open():
    async with playing("start") as pilot:
        screen, _ = await opened(pilot)
        await press(pilot, "enter")
        assert screen.query_one("#form").region.bottom <= 24
        assert "❯ kubectl route / web 80" in screen_text(pilot.app)


async def test_another_language_reaches_an_open_form():
    async with playing("start") as pilot:
        await opened(pilot)
        await press(pilot, "ctrl+l")
        assert "运行" in screen_text(pilot.app)
