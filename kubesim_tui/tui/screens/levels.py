"""The list of levels: chapters, stars, medals, what is open and what opens the rest."""

from __future__ import annotations

from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.strip import Strip

from kubesim_tui.cluster.view import Ref
from kubesim_tui.game.cards import CampaignLike, Chapter, LevelCard
from kubesim_tui.tui import messages
from kubesim_tui.tui.kit.cells import cut
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.base import KubesimScreen
from kubesim_tui.tui.screens.stories import MEDALS, heading, paragraph
from kubesim_tui.tui.screens.title_base import TitleHost
from kubesim_tui.tui.widgets import rows as rows_of


def stars(level: LevelCard) -> str:
    """★★☆."""
    return "★" * level.stars + "☆" * (3 - level.stars)


def rows(look: Look, chapters: tuple[Chapter, ...], width: int, chosen: Ref | None) -> list[rows_of.Row]:
    """All chapters with their levels."""
    found: list[rows_of.Row] = []
    for chapter in chapters:
        if found:
            found.append(rows_of.text_row(look, width, ""))
        found.append(_chapter(look, chapter, width))
        found += [_level(look, level, width, chosen) for level in chapter.levels]
    return found


def _chapter(look: Look, chapter: Chapter, width: int) -> rows_of.Row:
    won = sum(level.won for level in chapter.levels)
    line = look.line(width).add(f" {chapter.number} ", "violet", bold=True)
    line.add(chapter.title, "blue" if chapter.open else "mute", bold=True)
    tail = f"{won}/{len(chapter.levels)} " if chapter.open else f"{chapter.note} "
    return rows_of.Row(line.right((f" {tail}", "soft" if chapter.open else "mute")).strip())


def _level(look: Look, level: LevelCard, width: int, chosen: Ref | None) -> rows_of.Row:
    row = rows_of.RowMaker(look, width, chosen, Ref("Level", "", level.id))
    tone = "text" if level.open else "mute"
    row.add("   ").add(stars(level) if level.open else "···", "yellow" if level.won else "mute")
    row.add(f"  {level.id}  ", "soft" if level.open else "mute").add(cut(level.title, width - 22), tone, level.open)
    medals = "".join("◆" if name in level.medals else "◇" for name, _, _ in MEDALS)
    return row.right((medals + " ", "yellow" if level.medals else "mute") if level.open else ("", "mute")).done()


class LevelList(Painter, can_focus=True):
    """The list as a widget."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "move(-1)"),
        ("down,j", "move(1)"),
        ("pageup,home", "move(-99)"),
        ("pagedown,end", "move(99)"),
    ]

    def __init__(self, campaign: CampaignLike) -> None:
        super().__init__()
        self.campaign = campaign
        self.chosen: Ref | None = None
        self._rows_now: list[rows_of.Row] = []
        self._top = 0

    def lines(self, width: int, height: int) -> list[Strip]:
        """The visible part."""
        self._rows_now = rows(self.look, self.campaign.chapters(), width, self.chosen)
        place = rows_of.place_of(self._rows_now, self.chosen)
        y = place[0] if place else 0
        self._top = max(0, min(max(self._top, y - height + 2), max(0, y - 1), max(0, len(self._rows_now) - height)))
        if y - self._top >= height - 1:
            self._top = min(len(self._rows_now) - height, y - height + 2)
        return [row.strip for row in self._rows_now[self._top : self._top + height]]

    def action_move(self, down: int) -> None:
        """The cursor."""
        self.post_message(rows_of.Selected(self._stepped(down)))

    def _stepped(self, down: int) -> Ref | None:
        ref = self.chosen
        for _ in range(min(abs(down), len(self._rows_now))):
            ref = rows_of.step_row(self._rows_now, ref, 1 if down > 0 else -1)
        return ref

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a double click starts."""
        offset = event.get_content_offset(self)
        if offset is not None and (ref := rows_of.at(self._rows_now, self._top + offset.y, offset.x)):
            self.post_message(rows_of.Selected(ref))
            if event.chain > 1:
                self.post_message(messages.Opened())


class Detail(Painter):
    """What the chosen level is about."""

    level: LevelCard | None = None
    note = ""

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """Goal, kind, length; stars and medals."""
        level, look, t = self.level, self.look, self.look.t
        if level is None:
            return []
        found = paragraph(look, level.title, width, "cyan")
        found += paragraph(look, level.goal, width)
        kind = t("drill: prepare, then Go") if level.mode == "drill" else t("incident: something is wrong")
        found += [look.line(width).strip(), *paragraph(look, kind, width, "text")]
        found += paragraph(look, t("about {n} minutes", n=level.minutes), width, "text")
        if level.story:
            found += paragraph(look, t("a true story"), width, "orange")
        found += heading(look, t("Best run"), width)
        found += paragraph(
            look, stars(level) if level.won else t("not won yet"), width, "yellow" if level.won else "soft"
        )
        for name, word, what in MEDALS:
            has = name in level.medals
            line = look.line(width).add(" ◆ " if has else " ◇ ", "yellow" if has else "mute")
            found.append(line.add(t(word), "text" if has else "soft").add(f"  {t(what)}", "mute").strip())
        if not level.open:
            found += [look.line(width).strip(), *paragraph(look, self.note or t("not open yet"), width, "orange")]
        return found


class Head(Painter):
    """The row at the top."""

    ground = "raised"

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """Logo and heading."""
        line = self.look.line(width, "raised").add(" ⎈ ", "white", "kube", bold=True)
        line.add(" kubesim ", "white", "logo", bold=True).add(f" {self.look.t('Campaign')}", "text", bold=True)
        return [line.right((self.look.t("Enter starts · Esc back") + " ", "mute")).strip()]


class LevelsScreen(KubesimScreen[None]):
    """See the module."""

    HORIZONTAL_BREAKPOINTS = [(0, "-s"), (110, "-m"), (180, "-l")]  # noqa: RUF012 - as Textual declares it

    DEFAULT_CSS = """
    LevelsScreen { layout: vertical; }
    LevelsScreen > Head { height: 1; width: 100%; background: $ks-raised; }
    LevelsScreen LevelList { width: 1fr; height: 100%; background: $ks-panel; border: round $ks-line; }
    LevelsScreen LevelList:focus { border: round $ks-edge; }
    LevelsScreen Detail { width: 34; height: 100%; background: $ks-panel; border: round $ks-line; }
    LevelsScreen.-m Detail, LevelsScreen.-l Detail { width: 46; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [("enter", "start"), ("escape,q", "back")]

    def __init__(self, campaign: CampaignLike) -> None:
        super().__init__()
        self.campaign = campaign

    def compose(self) -> ComposeResult:
        """The list and the card."""
        yield Head()
        with Horizontal():
            yield LevelList(self.campaign)
            yield Detail()

    def on_mount(self) -> None:
        """The cursor on the next level."""
        self.query_one(LevelList).focus()
        cards = [level for chapter in self.campaign.chapters() for level in chapter.levels]
        first = self.campaign.next_level() or (cards[0].id if cards else "")
        self.choose(Ref("Level", "", first))

    def on_screen_resume(self) -> None:
        """Back from a level: new stars."""
        self.choose(self.query_one(LevelList).chosen)

    def look_changed(self) -> None:
        """Another language."""
        super().look_changed()
        self.choose(self.query_one(LevelList).chosen)

    def on_selected(self, event: rows_of.Selected) -> None:
        """The cursor moved."""
        self.choose(event.ref)

    def on_opened(self) -> None:
        """A double click."""
        self.action_start()

    def choose(self, ref: Ref | None) -> None:
        """Put the cursor on a level."""
        listed, detail = self.query_one(LevelList), self.query_one(Detail)
        listed.chosen = ref
        for chapter in self.campaign.chapters():
            for level in chapter.levels:
                if ref is not None and level.id == ref.name:
                    detail.level, detail.note = level, chapter.note
        listed.repaint()
        detail.repaint()

    def action_start(self) -> None:
        """Start the chosen level, if it is open."""
        level = self.query_one(Detail).level
        if level is not None and level.open:
            cast(TitleHost, self.app).open_level(level.id)
        elif level is not None:
            self.say(self.query_one(Detail).note or self.look.t("not open yet"))

    def action_back(self) -> None:
        """Back to the title."""
        self.dismiss()
