"""The app: screens, look, and what happens to mistakes. It holds a campaign and opens sessions; nothing else.

Only what the title needs is imported here: the play screen, and whatever opens a session, come after the first paint.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from kubesim_tui.game.cards import CampaignLike
from kubesim_tui.tui import i18n, themes
from kubesim_tui.tui.ascii import AsciiFilter, wants_ascii
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.guard import Guarded
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.base import KubesimScreen
from kubesim_tui.tui.screens.title import TitleScreen

OpenSession = Callable[[str], Any]
"""Level → its `game.protocol.SessionLike`, which is loaded with the engine."""

ALT = "alt+"
AFTER_ESCAPE = 0.05  # seconds in which Esc has its effect, before the key that came with it
TOO_MANY = 30  # mistakes after which the app gives up rather than go round in circles
THEME_NAMES = {"dark": N_("dark"), "light": N_("light"), "high-contrast": N_("high contrast")}


class KubesimApp(Guarded, App[None]):
    """See the module."""

    TITLE = "kubesim"
    ENABLE_COMMAND_PALETTE = False  # ours speaks the player's language
    CSS = """
    Toast { background: $ks-raised; color: $ks-text; border-left: outer $ks-cyan; padding: 0 1; }
    Toast.-error { border-left: outer $ks-red; }
    ToastRack { margin-bottom: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q,ctrl+c", "leave", show=False, priority=False),
        Binding("ctrl+t", "next_theme", show=False),
        Binding("ctrl+l", "next_language", show=False),
        Binding("question_mark,f1", "help", show=False),
    ]

    def __init__(
        self,
        open_session: OpenSession,
        campaign: CampaignLike,
        *,
        theme: str = "dark",
        level: str = "",
        speed: int = 1,
        ascii_only: bool | None = None,
        load: Callable[[], None] | None = None,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        """`level` opens that level at once, at `speed`; `load` is called in a thread after the first paint, and levels
        are opened once it has returned; `wall` tells the time in seconds (tests hand their own in).
        """
        super().__init__()
        self.open_session = open_session
        self.campaign = campaign
        self.wall = wall
        self.loading = Thread(target=load, daemon=True) if load is not None else None
        self.first_level, self.speed = level, speed
        self.theme_choice = theme if theme in themes.CHOICES else "dark"
        self.ascii = AsciiFilter(enabled=wants_ascii() if ascii_only is None else ascii_only)
        self.mistakes: list[Exception] = []
        self.look = Look(self._palette(), i18n.load(campaign.language))
        self._dress()

    async def on_event(self, event: events.Event) -> None:
        """A key pressed right after Esc comes as Alt and the key, since a terminal sends both alike: it is two keys."""
        if isinstance(event, events.Key) and event.key.startswith(ALT) and event.is_printable:
            self.set_timer(AFTER_ESCAPE, partial(self.simulate_key, event.key.removeprefix(ALT)))
            event = events.Key("escape", None)
        await super().on_event(event)

    # Look.

    def _palette(self) -> themes.Palette:
        return themes.choose(self.theme_choice, self.console.color_system)

    def _dress(self) -> None:
        theme = themes.textual_theme(self.look.palette)
        self.register_theme(theme)
        self.theme = theme.name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and ASCII last."""
        return [*super().get_line_filters(), *([self.ascii] if self.ascii.enabled else [])]

    def change_look(self, look: Look) -> None:
        """Put on another palette or language, everywhere, at once."""
        self.look = look
        self._dress()
        for screen in self.screen_stack:
            if isinstance(screen, KubesimScreen):
                screen.look_changed()

    def next_theme(self) -> None:
        """The next palette."""
        at = themes.CHOICES.index(self.theme_choice)
        self.theme_choice = themes.CHOICES[(at + 1) % len(themes.CHOICES)]
        self.change_look(Look(self._palette(), self.look.t))

    def theme_name(self) -> str:
        """The palette's name, in the player's language."""
        return self.look.t(THEME_NAMES[self.theme_choice])

    def next_language(self) -> None:
        """The other language, remembered."""
        at = i18n.LANGUAGES.index(self.look.t.language)
        language = i18n.LANGUAGES[(at + 1) % len(i18n.LANGUAGES)]
        try:
            self.campaign.set_language(language)
        except OSError as error:
            self.not_saved(error)
        self.campaign.language = language
        self.change_look(Look(self.look.palette, i18n.load(language)))

    # Screens.

    def get_default_screen(self) -> TitleScreen:
        """The title."""
        return TitleScreen(self.campaign)

    def on_mount(self) -> None:
        """Ctrl-C from outside asks too; a level that was asked for opens after the first paint."""
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, a browser, a thread have none
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupted)
        if self.campaign.notice:
            self.notify(self.campaign.notice, severity="warning", timeout=15, markup=False)
        self.call_after_refresh(self._painted)

    def _painted(self) -> None:
        """The first screen is there: load what the next ones need, without making anybody wait."""
        if self.loading is not None:
            try:
                self.loading.start()
            except RuntimeError:  # no threads in a browser: it is loaded when it is needed
                self.loading = None
        if self.first_level:
            self.open_level(self.first_level)

    def _interrupted(self) -> None:
        self.call_later(self.simulate_key, "ctrl+c")

    def open_level(self, level: str) -> None:
        """Open a session and its play screen, as soon as the engine is loaded."""
        if self.loaded():
            self._open(level)
            return
        from kubesim_tui.tui.screens.opening import Opening  # seldom needed

        self.push_screen(Opening(self.loaded), partial(self._open_if, level))

    def loaded(self) -> bool:
        """Whether a level can be opened without a pause."""
        return self.loading is None or (self.loading.ident is not None and not self.loading.is_alive())

    def _open_if(self, level: str, loaded: bool | None) -> None:
        if loaded:
            self._open(level)

    def _open(self, level: str) -> None:
        from kubesim_tui.game.folders import UnknownLevel
        from kubesim_tui.game.loader import LevelError
        from kubesim_tui.game.start import StartError
        from kubesim_tui.kernel import heap
        from kubesim_tui.tui.screens import stories
        from kubesim_tui.tui.screens.play import PlayScreen  # after the first paint

        try:
            session = self.open_session(level)
        except (LevelError, StartError, UnknownLevel, OSError) as error:  # its files are wrong, not the game
            self.push_screen(
                stories.wrong_level(self.look.t("Level {level} cannot be opened", level=level), str(error))
            )
            return
        except Exception as error:  # a broken level, a broken save: the title goes on
            self.take_error(error, f"level {level}")
            return
        heap.set_aside()
        screen = PlayScreen(session, level)
        screen.pace.speed = self.speed
        self.push_screen(screen)

    def open_campaign(self) -> None:
        """The list of levels."""
        from kubesim_tui.tui.screens.levels import LevelsScreen  # after the first paint

        self.push_screen(LevelsScreen(self.campaign))

    def open_next(self, level: str) -> None:
        """From a won level to the one after it."""
        ids = [card.id for chapter in self.campaign.chapters() for card in chapter.levels if card.open]
        at = ids.index(level) if level in ids else -1
        following = ids[at + 1] if at + 1 < len(ids) else self.campaign.next_level()
        self.pop_screen()
        if following and following != level:
            self.open_level(following)
        else:
            self.open_campaign()

    def open_help(self) -> None:
        """All keys."""
        from kubesim_tui.tui.screens import stories  # after the first paint

        self.push_screen(stories.help_page(self.look.t("Help")))

    def action_help(self) -> None:
        """All keys."""
        self.open_help()

    def action_next_theme(self) -> None:
        """The next palette."""
        self.next_theme()

    def action_next_language(self) -> None:
        """The other language."""
        self.next_language()

    def action_leave(self) -> None:
        """Ctrl-C on the title leaves at once, elsewhere it asks."""
        if len(self.screen_stack) == 1:
            self.exit()
            return
        from kubesim_tui.tui.screens import stories  # after the first paint

        text = self.look.t("Leave the game?")
        self.push_screen(stories.ask_leaving(self.look.t("Leave"), text), self._leave_if)

    def _leave_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.exit()

    # Progress.

    def record(self, level: str, state: Any) -> None:
        """Keep the outcome of a run (a GameState); a full or read-only disk is said and loses nothing else."""
        try:
            self.campaign.record(level, state)
        except OSError as error:
            self.not_saved(error)

    def not_saved(self, error: OSError) -> None:
        """Say that something could not be written, where, and what to do."""
        where = str(error.filename or "")
        text = self.look.t(
            "Progress could not be saved: {why} ({where}).", why=error.strerror or str(error), where=where
        )
        more = self.look.t(
            "Free some space or make it writable; the game goes on and tries again after the next level."
        )
        self.notify(f"{text} {more}", severity="error", timeout=15, markup=False)

    # Mistakes.

    def take_error(self, error: Exception, where: str) -> None:
        """Write a report of a mistake, show it, go on."""
        from kubesim_tui.tui import reports  # only when it is needed
        from kubesim_tui.tui.screens import stories

        if self._exit:  # what breaks on the way out is of no interest
            return
        self.mistakes.append(error)
        report = reports.write(error, where)
        t = self.look.t
        said = f"{type(error).__name__}: {error}"
        go_on = t("What was reached is kept. Esc goes on; R starts the level again; the level list is at q.")
        panel = stories.mistake(t("Something broke in {where}", where=where), said, report, go_on)
        if len(self.mistakes) > TOO_MANY or not self._running:
            super()._handle_exception(error)
        elif not any(
            isinstance(screen, type(panel)) and screen.heading == panel.heading for screen in self.screen_stack
        ):
            self.push_screen(panel)

    def _handle_exception(self, error: Exception) -> None:
        """What Textual would end the app for: a mistake outside of all guarded places."""
        if self._running and self.screen_stack and not isinstance(error, (MemoryError,)):
            self.take_error(error, "the interface")
        else:
            super()._handle_exception(error)


def load_engine() -> None:
    """Everything that opening a level needs; a mistake in it is told when the level is opened."""
    with suppress(Exception):
        from kubesim_tui.game import loader, session  # noqa: F401
        from kubesim_tui.tui.screens import levels, play  # noqa: F401


def run(open_session: OpenSession, campaign: CampaignLike, **options: Any) -> int:
    """Play until the player leaves; the exit code."""
    from kubesim_tui.tui.ascii import measure

    if options.get("ascii_only") is None:
        options["ascii_only"] = wants_ascii() or measure() != 1
    app = KubesimApp(open_session, campaign, load=load_engine, **options)
    app.run()
    return app.return_code or 0
