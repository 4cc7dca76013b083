"""Menus over the board: what they look like, and the actions of the selected thing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ScreenResultType
from textual.strip import Strip

from kubesim_tui.game.state import Action
from kubesim_tui.tui import commands, messages
from kubesim_tui.tui.kit.cells import cut, wrap
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.screens.base import Sheetlike
from kubesim_tui.tui.widgets.menu import Entry, Menu
from kubesim_tui.tui.widgets.prompt import coloured


class Preview(Painter):
    """The kubectl line of the entry under the cursor."""

    ground = "panel"

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.command = True

    def set_text(self, text: str, command: bool) -> None:
        """Show another line."""
        self.text, self.command = text, command
        self.repaint()

    def lines(self, width: int, height: int) -> list[Strip]:
        """Wrapped; a command in the prompt's colours."""
        found, room = [], max(4, width - 4)
        rows = wrap(self.text, room)
        if len(rows) > height:
            rows = (*rows[: height - 1], cut(" ".join(rows[height - 1 :]), room))
        for n, row in enumerate(rows):
            line = self.look.line(width).add(" ")
            if self.command:
                line.add("❯ " if n == 0 else "  ", "cyan", bold=True)
                found.append((coloured(line, row) if n == 0 else line.add(row, "soft")).strip())
            else:
                found.append(line.add(row, "soft").strip())
        return found


class Chooser(Sheetlike[ScreenResultType]):
    """What both menus look like."""

    DEFAULT_CSS = """
    Chooser > #menu { width: 64; height: auto; border: round $ks-cyan; background: $ks-raised;
        border-title-color: $ks-cyan; border-title-style: bold; border-subtitle-color: $ks-soft; }
    Chooser Menu { width: 100%; background: $ks-raised; }
    Chooser Preview { width: 100%; height: 2; background: $ks-panel; }
    """


class ActionMenu(Chooser[Action | None]):
    """What can be done with one thing; each entry shows the kubectl line that it stands for."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "close")]

    def __init__(self, title: str, ask: Callable[[], Sequence[Action]]) -> None:
        """`ask` for the actions, now and when the language changes."""
        super().__init__()
        self.heading, self.ask = title, ask
        self.actions = tuple(ask())
        self.menu = Menu([_entry(action) for action in self.actions])
        self.preview = Preview()

    def compose(self) -> ComposeResult:
        """The list and the line below it."""
        with Vertical(id="menu"):
            yield self.menu
            yield self.preview

    def on_mount(self) -> None:
        """Title and focus."""
        panel = self.query_one("#menu")
        panel.border_title = f" {self.heading} "
        self.menu.styles.height = max(1, min(len(self.actions), self.app.size.height - 8))
        self.menu.focus()
        self._say(0)

    def look_changed(self) -> None:
        """The actions by their names of now, where the thing still has them."""
        self.actions = tuple(self.ask()) or self.actions
        self.menu.rename([_entry(action) for action in self.actions])
        self._say(self.menu.cursor)
        super().look_changed()

    def _say(self, index: int) -> None:
        if index < len(self.actions):
            action = self.actions[index]
            t, form = self.look.t, action.form and action.form != "edit"
            said = t("Opens a form; it shows the YAML difference before anything happens.")
            self.preview.set_text(said if form else action.command, not form)
            does = t("Enter opens it") if action.form else t("Enter writes the line into the prompt")
            self.query_one("#menu").border_subtitle = f" {does} "

    def on_menu_moved(self, event: Menu.Moved) -> None:
        """Another entry: another line."""
        self._say(event.index)

    def on_chosen(self, event: messages.Chosen) -> None:
        """Give the action back."""
        if not isinstance(event, Menu.Moved):
            self.dismiss(self.actions[event.index])

    def on_key(self, event: events.Key) -> None:
        """An action's own letter."""
        names = {a.key: n for n, a in enumerate(self.actions) if a.key}
        for key in (event.key, event.character or ""):
            if key in names:
                event.stop()
                self.dismiss(self.actions[names[key]])
                return

    def action_close(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def _entry(action: Action) -> Entry:
    """An action as an entry of the menu."""
    return Entry(
        action.label, "", commands.key_name(action.key) if action.key else "", "red" if action.danger else "text"
    )
