"""Whatever is painted can be read: 4.5:1 for text, 3:1 for signs, on the ground that they really stand on."""

import pytest

from kubesim_tui.tui import themes
from kubesim_tui.tui.kit.styles import contrast
from kubesim_tui.tui.look import Look
from tests.tui.scenes import playing, screen_rows, settle

TEXT, SIGN = 4.5, 3.0
ORNAMENT = set(" ─│├╰╭╮╯━╸┄▁▂▃▄▅▆▇█▎▌▒┃□■") | {chr(c) for c in range(0x2800, 0x2900)}

SCENES = [
    ("title", ()),
    ("levels", ()),
    ("start", ()),
    ("outage", ()),
    ("outage", ("tab", "tab", "tab")),
    ("shop", ()),
    ("shop", ("tab", "tab", "tab")),
    ("shop", ("shift+tab",)),
    ("shop", ("colon", "k", "tab")),
    ("quiet", ()),
]


def pairs(app):
    """Every (sign, colour, ground) that is on the screen."""
    for strip in screen_rows(app):
        for text, style, _ in strip:
            if style is None or style.color is None or style.bgcolor is None:
                continue
            fg, bg = (c.get_truecolor().hex for c in (style.color, style.bgcolor))
            if style.reverse:
                fg, bg = bg, fg
            for sign in set(text) - ORNAMENT:
                yield sign, fg, bg


@pytest.mark.parametrize("name, keys", SCENES, ids=lambda v: v if isinstance(v, str) else "-".join(v) or "plain")
async def test_contrast(name, keys):
    bad, seen = set(), set()
    async with playing(name, (120, 40), keys) as pilot:
        for palette in themes.PALETTES:
            pilot.app.change_look(Look(palette, pilot.app.look.t))
            await settle(pilot)
            for sign, fg, bg in pairs(pilot.app):
                seen.add((palette.name, bg))
                least = TEXT if sign.isalnum() or sign in ".,:;%/<>-+?!()$" else SIGN
                if contrast(fg, bg) < least:
                    bad.add((palette.name, sign, fg, bg, round(contrast(fg, bg), 2)))
    assert sorted(bad) == []
    assert all((palette.name, palette.raised) in seen for palette in themes.PALETTES)


def test_256_colours_are_colours_of_the_cube():
    levels = {"00", "5f", "87", "af", "d7", "ff"}
    greys = {f"{8 + 10 * i:02x}" * 3 for i in range(24)}
    from attrs import asdict

    for palette in (themes.DARK_256, themes.LIGHT_256, themes.HIGH_CONTRAST):
        for name, value in asdict(palette).items():
            colours = value if isinstance(value, tuple) else (value,)
            for colour in colours:
                if isinstance(colour, str) and colour.startswith("#"):
                    code = colour[1:7]
                    cube = {code[0:2], code[2:4], code[4:6]} <= levels
                    assert cube or code in greys, (palette.name, name)


def test_the_palette_follows_what_the_terminal_can_show():
    chosen = [themes.choose("dark", colours).name for colours in ("truecolor", "256", "standard", None)]
    assert chosen == ["dark", "dark-256", "high-contrast", "dark"]
    assert themes.choose("light", "256").name == "light-256"
    assert themes.choose("no such palette", "truecolor").name == "dark"
