"""Pictures of every screen and notable state, cell by cell, at both sizes and in both languages.

`pytest tests/tui/test_pictures.py --snapshot-update` draws them anew; look at them before you commit them.
"""

import pytest

from tests.tui.scenes import app_for, arrange

SMALL, MEDIUM, LARGE = (80, 24), (120, 40), (200, 60)
RUN = ("colon", *"kubectl", "space", *"get", "space", *"pods", "enter")
TYPED = ("colon", *"kubectl", "space", *"de", "tab")
UNPLACED = ("F", *["down"] * 10)
FAILED_CALL = ("f", *["down"] * 9)

SCENES = [
    # name, keys, sizes in both languages, sizes in English only
    ("title", (), (SMALL,), (MEDIUM,)),
    ("levels", (), (SMALL,), ()),
    ("briefing", (), (SMALL,), ()),
    ("start", (), (SMALL, MEDIUM), ()),
    ("outage", (), (SMALL, MEDIUM), ()),
    ("shop", (), (SMALL,), ()),
    ("shop", ("shift+tab", "home"), (SMALL, MEDIUM), (LARGE,)),
    ("shop", ("tab",), (SMALL,), ()),
    ("shop", ("tab", "tab"), (SMALL,), ()),
    ("shop", ("tab", "tab", "tab"), (SMALL,), (MEDIUM,)),
    ("fleet", ("tab", "tab"), (), (LARGE,)),
    ("won", (), (SMALL,), ()),
    ("lost", (), (SMALL, MEDIUM), ()),
    ("start", ("enter",), (SMALL,), ()),
    ("start", ("up", "enter", "enter"), (SMALL,), ()),
    ("start", ("plus",), (SMALL,), ()),
    ("start", ("up", "e"), (MEDIUM,), ()),
    ("shop", TYPED, (SMALL,), ()),
    ("shop", RUN, (SMALL, MEDIUM), ()),
    ("outage", ("w",), (SMALL,), ()),
    ("outage", ("W",), (SMALL,), (MEDIUM,)),
    ("shop", FAILED_CALL, (SMALL, MEDIUM), (LARGE,)),
    ("shop", ("f", "left", "down", "down", "down"), (SMALL,), ()),
    ("shop", ("m", "down", "down", "right"), (SMALL, MEDIUM), (LARGE,)),
    ("shop", ("m", "right", "right", "enter"), (SMALL,), ()),
    ("shop", UNPLACED, (SMALL, MEDIUM), (LARGE,)),
    ("shop", ("F", "right", "down", "down", "down", "down"), (SMALL,), ()),
    ("start", ("h",), (SMALL,), ()),
    ("shop", ("question_mark",), (SMALL,), ()),
    ("shop", ("ctrl+p",), (SMALL,), ()),
    ("start", ("x",), (SMALL,), (MEDIUM,)),
    ("shop", ("left_square_bracket",), (SMALL,), ()),
]
NAMES = {RUN: "output", TYPED: "completion", FAILED_CALL: "follow", UNPLACED: "course"}


def label(name, keys, size, language):
    pressed = NAMES.get(keys) or "-".join(keys) or "plain"
    return f"{name}-{pressed}-{size[0]}x{size[1]}-{language}"


CASES = [
    pytest.param(name, keys, size, language, id=label(name, keys, size, language))
    for name, keys, both, english in SCENES
    for language in ("en", "zh")
    for size in (*both, *(english if language == "en" else ()))
]


@pytest.mark.parametrize("name, keys, size, language", CASES)
def test_picture(snap_compare, name, keys, size, language):
    briefing = name == "briefing"

    async def before(pilot):
        await arrange(pilot, name, keys, briefing)

    app = app_for("start" if briefing else name, language)
    assert snap_compare(app, terminal_size=size, run_before=before)
    assert app.mistakes == []


@pytest.mark.parametrize("theme", ["light", "high-contrast"])
def test_picture_of_a_theme(snap_compare, theme):
    async def before(pilot):
        await arrange(pilot, "shop", ("shift+tab", "home"))

    assert snap_compare(app_for("shop", theme=theme), terminal_size=MEDIUM, run_before=before)


def test_picture_of_ascii(snap_compare):
    async def before(pilot):
        await arrange(pilot, "shop", ("shift+tab", "home"))

    assert snap_compare(app_for("shop", ascii_only=True), terminal_size=SMALL, run_before=before)


def test_picture_of_a_terminal_that_is_too_small(snap_compare):
    async def before(pilot):
        await arrange(pilot, "start")

    assert snap_compare(app_for("start"), terminal_size=(60, 18), run_before=before)
