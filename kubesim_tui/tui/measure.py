"""What only a process with a screen can measure: `python -m kubesim_tui.tui.measure WHAT`, each in one of its own.

`bare` and `title` print when their first frame was shown (seconds since the epoch); `keys` prints how long it took from
a key on the play screen to the painted frame, in seconds, for several keys.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import Static

SIZE = (120, 40)
LONGEST = 0.2
KEYS = ("down", "down", "up", "right", "left", "up") * 4


def _once_shown(app_class: type[App[Any]]) -> type[Any]:
    """The same app, which tells when it has shown itself, and leaves."""

    class Shown(app_class):  # type: ignore[misc, valid-type]
        def on_ready(self) -> None:
            """The first frame is there."""
            self.shown = time.time()
            self.exit()

    return Shown


class Bare(App[None]):
    """The smallest app of Textual."""

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static("hello")


def bare() -> None:
    """When a bare app has shown its first frame."""
    app = _once_shown(Bare)()
    app.run(headless=True, size=SIZE)
    print(getattr(app, "shown", 0.0))


def title() -> None:
    """When the game has shown its title, as `kubesim` opens it."""
    from kubesim_tui.game.desk import Desk
    from kubesim_tui.tui.app import KubesimApp

    desk = Desk()
    app = _once_shown(KubesimApp)(desk.open, desk)
    app.run(headless=True, size=SIZE)
    print(getattr(app, "shown", 0.0))


def keys() -> None:
    """How long a key takes until what it did is painted."""
    print(*asyncio.run(_keys()))


async def _keys() -> list[float]:
    from kubesim_tui.game.desk import Desk
    from kubesim_tui.tui.app import KubesimApp
    from kubesim_tui.tui.screens.sheet import Sheet

    painted: list[float] = []

    class Watched(KubesimApp):
        def _display(self, screen: Any, renderable: Any) -> None:
            super()._display(screen, renderable)
            if renderable is not None:
                renderable.render_segments(self.console)  # what a driver would write
                painted.append(time.perf_counter())

    desk = Desk()
    took: list[float] = []
    app = Watched(desk.open, desk, level="0-1")
    async with app.run_test(size=SIZE) as pilot:
        while not isinstance(app.screen, Sheet):  # the briefing
            await asyncio.sleep(0.05)
        while isinstance(app.screen, Sheet):
            await pilot.press("escape")
            await asyncio.sleep(0.3)
        for key in KEYS:
            began = time.perf_counter()
            app.simulate_key(key)
            await asyncio.sleep(LONGEST)
            took += [at - began for at in painted if at > began][:1]  # a key that moves nothing paints nothing
    return took


MEASURES: dict[str, Callable[[], None]] = {"bare": bare, "title": title, "keys": keys}

if __name__ == "__main__":
    MEASURES[sys.argv[1]]()
