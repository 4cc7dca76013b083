"""Writing YAML: fields are offered, completed and explained; the next line stands where it belongs."""

from tests.tui.scenes import playing, press, screen_text, settle

MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      containers:
      - name: api
"""


async def open_editor(pilot, text=MANIFEST):
    await press(pilot, "up", "e")
    screen = pilot.app.screen
    screen.area.text = text
    screen.area.move_cursor(screen.area.document.end)
    await settle(pilot)
    return screen


async def test_a_field_is_offered_while_it_is_typed_and_completed_with_tab():
    async with playing("start", size=(120, 40)) as pilot:
        screen = await open_editor(pilot, MANIFEST.rstrip("\n"))
        await press(pilot, "enter", *"read")
        assert [field.name for field in screen.choices.found] == ["readinessProbe"]
        await press(pilot, "tab")
        assert screen.area.text.endswith("      - name: api\n        readinessProbe:")
        await press(pilot, "enter", "p", "tab", *"5", "enter")
        assert screen.area.text.endswith("        readinessProbe:\n          periodSeconds: 5\n          ")
        assert not screen.choices.display


async def test_arrows_choose_among_the_offered_and_escape_only_closes_the_list():
    async with playing("start", size=(120, 40)) as pilot:
        screen = await open_editor(pilot, MANIFEST.rstrip("\n"))
        await press(pilot, "enter", "l")
        names = [field.name for field in screen.choices.found]
        assert names == ["lifecycle", "livenessProbe"]
        await press(pilot, "down", "tab")
        assert screen.area.text.endswith("        livenessProbe:")
        await press(pilot, "enter", "f", "escape")
        assert pilot.app.screen is screen
        assert not screen.choices.display
        await press(pilot, "tab")
        assert screen.area.document.get_line(8).startswith("          f ")


async def test_a_key_that_is_there_is_renamed_without_a_second_colon():
    async with playing("start", size=(120, 40)) as pilot:
        screen = await open_editor(pilot, MANIFEST + "        imag: x\n")
        screen.area.move_cursor((7, 12))
        await press(pilot, "e", "backspace")
        assert [field.name for field in screen.choices.found] == ["image", "imagePullPolicy"]
        await press(pilot, "tab")
        assert screen.area.document.get_line(7) == "        image: x"


async def test_moving_away_takes_the_list_away():
    async with playing("start", size=(120, 40)) as pilot:
        screen = await open_editor(pilot, MANIFEST.rstrip("\n"))
        await press(pilot, "enter", "l", "left")
        assert not screen.choices.display


async def test_the_field_under_the_cursor_is_explained_beside_the_text():
    async with playing("start", size=(120, 40)) as pilot:
        screen = await open_editor(pilot)
        screen.area.move_cursor((5, 8))
        await settle(pilot)
        text = screen_text(pilot.app)
        assert "containers  []Container" in text
        assert "* name  string" in text


async def test_a_narrow_screen_has_the_list_but_no_panel():
    async with playing("start") as pilot:
        screen = await open_editor(pilot, MANIFEST.rstrip("\n"))
        await press(pilot, "enter", "l")
        assert "livenessProbe" in screen_text(pilot.app)
        assert not screen.explain.display
