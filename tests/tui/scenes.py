"""Apps in a notable state, for pictures and pilots: which board, which screen, which keys led there."""

from contextlib import asynccontextmanager

from kubesim_tui.tui.app import KubesimApp
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


async def settle(pilot):
    """Let everything that waits happen."""
    for _ in range(3):
        await pilot.pause()


async def arrange(pilot, name, keys=(), briefing=False):
    """Press keys once the scene's screen is there."""
    await settle(pilot)
    if name == "levels":
        pilot.app.open_campaign()
    elif name not in ("title", "won", "lost") and not briefing:
        await pilot.press("escape")
    await settle(pilot)
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


@asynccontextmanager
async def playing(name, size=(80, 24), keys=(), briefing=False, **options):
    """A running app in a scene; afterwards no mistake may have happened."""
    app = app_for(name, **options)
    async with app.run_test(size=size, notifications=True) as pilot:
        await arrange(pilot, name, keys, briefing)
        yield pilot
        assert app.mistakes == []


def screen_rows(app):
    """The finished rows of the whole screen."""
    return app.screen._compositor.render_strips()


def screen_text(app):
    """The screen as text."""
    return "\n".join(strip.text for strip in screen_rows(app))
