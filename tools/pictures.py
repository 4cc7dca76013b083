"""Pictures of the game for the README and the docs: `python tools/pictures.py [FOLDER] [--png]`.

A real level is opened and played by a script of keys and seconds, with no clock but its own; the screen is drawn as a
cell-exact SVG (tools/svg.py). `--png` also makes a PNG of each, where chromium is installed.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.update(TEXTUAL_ANIMATIONS="none", TEXTUAL_COLOR_SYSTEM="truecolor", COLORTERM="truecolor")
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import svg  # noqa: E402
from textual.widgets import Input, TextArea  # noqa: E402

SMALL, MEDIUM, LARGE = (80, 24), (120, 40), (200, 60)
UNDO = ("escape", "g", 22, "u", "enter", 4)  # the bad release is being rolled back

EDIT = ("escape", "shift+tab", "down", "down", "e", *["down"] * 9, "end", "x", "!run_check", "enter", "m")

# name, level ("" for the title), language, size, steps: a key, seconds to let pass, or !method of the screen
PICTURES = [
    ("title-en", "", "en", SMALL, ()),
    ("play-en", "0-3", "en", MEDIUM, UNDO),
    ("play-zh", "0-3", "zh", MEDIUM, UNDO),
    ("small-en", "0-1", "en", SMALL, ("escape", 3, "enter")),
    ("editor-en", "4-1", "en", MEDIUM, EDIT),
    ("large-en", "7-1", "en", LARGE, ("escape", "g", 30)),
]


def campaign(language, folder):
    """The real campaign, with progress in a folder of its own, and what opens its levels."""
    from kubesim_tui.game import loader
    from kubesim_tui.game.assets import levels_root
    from kubesim_tui.game.campaign import Campaign
    from kubesim_tui.game.session import Session

    found = {}
    for path in sorted(levels_root().glob("*/*/level.yaml")):
        chapter, number = path.parent.parent.name[:2], path.parent.name[:2]
        found[f"{int(chapter)}-{int(number)}"] = path.parent
    return Campaign(found, folder, language), lambda level: Session(loader.load(found[level]), language=language)


def run(screen, ticks):
    """Let seconds pass, whatever stops the clock on the way."""
    end = screen.session.game.tick + ticks
    while screen.session.game.tick < end and not screen.session.game.over:
        screen.advance(end - screen.session.game.tick)
    screen.paint()


async def draw(level, language, size, steps, folder):
    """The screen after the steps, as SVG."""
    from kubesim_tui.tui.app import KubesimApp

    chosen, opens = campaign(language, folder)
    app = KubesimApp(opens, chosen, level=level, ascii_only=False, wall=lambda: 0.0)
    async with app.run_test(size=size) as pilot:
        for _ in range(4):
            await pilot.pause()
        for step in steps:
            if isinstance(step, int):
                run(app.screen_stack[1], step)
            elif step[0] == "!" and len(step) > 1:
                getattr(app.screen, step[1:])()
            else:
                await pilot.press(step)
            for _ in range(3):
                await pilot.pause()
        if app.mistakes:
            raise app.mistakes[0]
        return svg.export(app)


def png(text, target):
    """The SVG as a PNG, by chromium."""
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<meta charset=utf-8><body style='margin:0'>{text}</body>", encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        shot = [
            f"--user-data-dir={folder}/profile",
            f"--window-size={int(width)},{int(height)}",
            f"--screenshot={target}",
        ]
        subprocess.run(["chromium", *options, *shot, page.as_uri()], stderr=subprocess.DEVNULL, timeout=120, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--png", action="store_true", help="also make PNG files (needs chromium)")
    parser.add_argument("--only", default="", help="names that contain this")
    arguments = parser.parse_args()
    if arguments.png and not shutil.which("chromium"):
        parser.error("--png needs chromium")
    Input.cursor_blink = TextArea.cursor_blink = False
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, level, language, size, steps in PICTURES:
        if arguments.only in name:
            with tempfile.TemporaryDirectory() as progress:
                text = asyncio.run(draw(level, language, size, steps, Path(progress)))
            (arguments.folder / f"{name}.svg").write_text(text, encoding="utf-8")
            if arguments.png:
                png(text, arguments.folder / f"{name}.png")
            print(arguments.folder / f"{name}.svg")


if __name__ == "__main__":
    main()
