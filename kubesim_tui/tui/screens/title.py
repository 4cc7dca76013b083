"""The title: what this is, and where to go. Painted before anything of the engine is loaded."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Vertical
from textual.strip import Strip

from kubesim_tui import __version__
from kubesim_tui.game.cards import CampaignLike, LevelCard
from kubesim_tui.tui import messages
from kubesim_tui.tui.i18n import NAMES
from kubesim_tui.tui.kit.cells import centre
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.kit.styles import mix
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.base import KubesimScreen
from kubesim_tui.tui.screens.title_base import TitleHost
from kubesim_tui.tui.widgets.menu import Entry, Menu

LOGO = (
    "█  ▄▀  █   █  █▀▀▄  █▀▀▀  ▄▀▀▀  ▀█▀  █▄ ▄█",
    "█▄▀    █   █  █▄▄▀  █▄▄   ▀▄▄    █   █ ▀ █",
    "█ ▀▄   █   █  █  █  █        █   █   █   █",
    "█   █  ▀▄▄▄▀  █▄▄▀  █▄▄▄  ▄▄▄▀  ▄█▄  █   █",
)
FLEET = "●●●●◐●●●○●●✗●●●●◔●●●◌●●●▼●●"
TONES = {"●": "green", "◐": "yellow", "○": "blue", "✗": "red", "◔": "cyan", "◌": "soft", "▼": "pink"}


def all_levels(campaign: CampaignLike) -> list[LevelCard]:
    """Every level in order."""
    return [level for chapter in campaign.chapters() for level in chapter.levels]


def art(look: Look, width: int) -> list[Strip]:
    """The logo, what it is, and a fleet of Pods."""
    rows = []
    broad = max(map(len, LOGO))
    left = max(0, (width - broad) // 2)
    p = look.palette
    for text in LOGO:
        line = look.line(width, "bg").to(left)
        for start in range(0, broad, 6):
            tone = (
                p.fades[start * len(p.fades) // broad]
                if len(p.fades) < 4
                else mix(p.kube, p.cyan, start * 100 // broad)
            )
            line.add(text[start : start + 6], tone)
        rows.append(line.strip())
    blank = look.line(width, "bg").strip()
    what = look.t("A Kubernetes flight simulator for the terminal")
    fleet = look.line(width, "bg").to((width - len(FLEET) * 2) // 2)
    for sign in FLEET:
        fleet.add(sign + " ", TONES[sign])
    return [*rows, blank, look.line(width, "bg").add(centre(what, width), "soft").strip(), blank, fleet.strip()]


class Art(Painter):
    """The art as a widget."""

    ground = "bg"

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """All of it."""
        return art(self.look, width)


class Foot(Painter):
    """The version and the keys."""

    ground = "bg"

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        line = self.look.line(width, "bg").add(f" kubesim {__version__}", "mute")
        return [line.right((self.look.t("↑ ↓ choose · Enter opens · ^C leaves") + " ", "mute")).strip()]


class TitleScreen(KubesimScreen[None]):
    """See the module."""

    DEFAULT_CSS = """
    TitleScreen { align: center middle; layout: vertical; }
    TitleScreen > Art { width: 100%; height: 8; background: $ks-bg; }
    TitleScreen Vertical { width: 54; height: auto; margin-top: 2; background: $ks-raised; border: round $ks-line; }
    TitleScreen > Center { height: auto; width: 100%; background: $ks-bg; }
    TitleScreen Menu { width: 100%; height: 6; background: $ks-raised; }
    TitleScreen > Foot { dock: bottom; width: 100%; height: 1; background: $ks-bg; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit_game"), ("l", "language"), ("c", "campaign")]

    def __init__(self, campaign: CampaignLike) -> None:
        super().__init__()
        self.campaign = campaign
        self.levels: dict[str, LevelCard] = {}  # read after the first paint

    @property
    def host(self) -> TitleHost:
        """The app, as this screen knows it."""
        return cast(TitleHost, self.app)

    def compose(self) -> ComposeResult:
        """Art and menu."""
        yield Art()
        with Center(), Vertical():
            yield Menu(self.entries())
        yield Foot()

    def on_mount(self) -> None:
        """The menu has the focus; what there is to play is read once it has been painted."""
        self.query_one(Menu).focus()
        self.call_after_refresh(self.refresh_entries)

    def on_screen_resume(self) -> None:
        """Back from a level: there may be another next one."""
        if self.levels:
            self.refresh_entries()

    def refresh_entries(self) -> None:
        """Say everything anew, with the cursor where it was."""
        self.levels = {level.id: level for level in all_levels(self.campaign)}
        menu = self.query_one(Menu)
        menu.entries = tuple(self.entries())
        menu.repaint_all()

    def entries(self) -> list[Entry]:
        """What can be chosen."""
        t, levels = self.look.t, self.levels
        following = levels.get(self.campaign.next_level()) if levels else None
        begun = any(level.won for level in levels.values())
        first = Entry(
            t("Continue") if begun else t("Begin"), f"{following.id} {following.title}" if following else "", "Enter"
        )
        won = sum(level.won for level in levels.values())
        others = [code for code in NAMES if code != t.language]
        return [
            first,
            Entry(t("Campaign"), t("{won} of {n} levels won", won=won, n=len(levels)) if levels else "", "c"),
            Entry(NAMES[others[0]], t("language"), "l"),
            Entry(t("Colours"), self.host.theme_name(), "^T"),
            Entry(t("Help"), t("all keys"), "?"),
            Entry(t("Quit"), "", "q"),
        ]

    def look_changed(self) -> None:
        """Another language: other entries."""
        super().look_changed()
        self.refresh_entries()

    def on_chosen(self, event: messages.Chosen) -> None:
        """Do what was chosen."""
        if not isinstance(event, Menu.Moved):
            doing = (self._continue, self.action_campaign, self.action_language, self.action_theme, self.action_help)
            (*doing, self.action_quit_game)[event.index]()

    def _continue(self) -> None:
        level = self.campaign.next_level()
        if level:
            self.host.open_level(level)
        else:
            self.host.open_campaign()

    def action_campaign(self) -> None:
        """The list of levels."""
        self.host.open_campaign()

    def action_language(self) -> None:
        """The other language."""
        self.host.next_language()

    def action_theme(self) -> None:
        """The next palette."""
        self.host.next_theme()

    def action_help(self) -> None:
        """All keys."""
        self.host.open_help()

    def action_quit_game(self) -> None:
        """Leave."""
        self.app.exit()
