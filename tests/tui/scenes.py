"""Apps in a notable state, for pictures and pilots: which board, which screen, which keys led there."""

import asyncio
from contextlib import asynccontextmanager

from kubesim_tui.tui.app import KubesimApp
from kubesim_tui.tui.screens.play import PlayScreen
from tests.tui import builders, fakes

STATES = {
    "start": builders.start,
    "outage": builders.outage,
    "won": builders.won,
    "lost": builders.lost,
    "shop": builders.shop,
    "quiet": lambda language: builders.shop(language, quiet=True),
    "fleet": builders.fleet,
}


class Wall:
    """Wall time that stands still until a test moves it."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def app_for(name, language="en", theme="dark", ascii_only=False, states=None, answers=None, campaign=None):
    """An app that opens straight into a level with the state of that name (``title`` stays on the title)."""
    states = states or [STATES[name](language)] if name in STATES or states else [builders.shop(language)]
    session = fakes.FakeSession(states, language=language, answers=answers or {})
    app = KubesimApp(
        lambda level: session,
        campaign or fakes.FakeCampaign(language=language),
        theme=theme,
        level="" if name in ("title", "levels") else states[0].level,
        ascii_only=ascii_only,
        wall=Wall(),
    )
    app.session = session
    return app


async def some_turns(*_):
    """A few turns of the event loop: what was sent has arrived."""
    for _ in range(8):
        await asyncio.sleep(0)


def busy(app):
    """Whether anything is left to do: a message, a callback, a paint, a worker."""
    screens = app.screen_stack
    pumps = [app, *(widget for screen in screens for widget in screen.walk_children(with_self=True))]
    waiting = app._resize_timer is not None or any(
        pump._message_queue.qsize() or pump._next_callbacks for pump in pumps
    )
    top = screens[-1]
    unpainted = top._callbacks or top._dirty_widgets or top._layout_required or top._repaint_required
    return waiting or unpainted or any(not worker.is_finished for worker in app.workers)


async def settle(pilot):
    """Let everything that waits happen, however long that takes."""
    quiet = 0
    for _ in range(500):
        await pilot.pause()
        await some_turns()
        if pilot.app._resize_timer is not None:
            await asyncio.sleep(0.002)
        quiet = 0 if pilot.app.is_running and busy(pilot.app) else quiet + 1
        if quiet == 2:
            return
    raise AssertionError("the app never comes to rest")


async def arrange(pilot, name, keys=(), briefing=False):
    """Press keys once the scene's screen is there."""
    await settle(pilot)
    if name == "levels":
        pilot.app.open_campaign()
    elif name not in ("title", "won", "lost") and not briefing:
        await pilot.press("escape")
    await settle(pilot)
    await press(pilot, *keys)
    for screen in pilot.app.screen_stack:
        if isinstance(screen, PlayScreen):
            screen.beat()
    await settle(pilot)


@asynccontextmanager
async def playing(name, size=(80, 24), keys=(), briefing=False, **options):
    """A running app in a scene; afterwards no mistake may have happened."""
    app = app_for(name, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        await arrange(pilot, name, keys, briefing)
        yield pilot
        for mistake in app.mistakes:
            raise mistake


async def press(pilot, *keys):
    """Press keys, and let each have its effect."""
    for key in keys:
        await pilot.press("space" if key == " " else key)
        await settle(pilot)


def screen_rows(app):
    """The finished rows of the whole screen."""
    return app.screen._compositor.render_strips()


def screen_text(app):
    """The screen as text."""
    return "\n".join(strip.text for strip in screen_rows(app))
