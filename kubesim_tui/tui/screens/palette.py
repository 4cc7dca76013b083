"""Palettes: long lists that are narrowed by typing. One of all commands, one of all that can be broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from attrs import frozen
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from kubesim_tui.game.state import Strike
from kubesim_tui.tui import commands, messages
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.chooser import Chooser, Preview
from kubesim_tui.tui.widgets.menu import Entry, Menu


@frozen
class Item:
    """One entry: what it gives back, how it is called in a language and in any, its note, its key, what it says."""

    value: str
    label: str
    word: str
    note: str = ""
    key: str = ""
    says: str = ""


@frozen
class Words:
    """What a palette is called, and what it says."""

    title: str
    ask: str
    none: str
    enter: str = ""


class Palette(Chooser[str | None]):
    """Type to narrow, Enter chooses; gives the value of an item back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close"),
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("enter", "choose"),
    ]

    DEFAULT_CSS = """
    Palette { align: center top; }
    Palette > #menu { margin-top: 2; }
    Palette Input { width: 100%; background: $ks-raised; }
    Palette Input:focus { background-tint: $foreground 0%; }
    Palette Preview { height: 1; }
    """

    def __init__(self, words: Callable[[Look], Words], items: Callable[[Look], Sequence[Item]], rows: int = 1) -> None:
        """`words` and `items` are asked for when it opens and when the language changes; `rows` of text tell of one."""
        super().__init__()
        self.words, self.items, self.rows = words, items, rows
        self.all: Sequence[Item] = ()
        self.found: list[Item] = []
        self.menu = Menu()
        self.menu.can_focus = False
        self.preview = Preview()

    def compose(self) -> ComposeResult:
        """The line of input, the list, and what the entry does."""
        with Vertical(id="menu"):
            yield Input(compact=True)
            yield self.menu
            yield self.preview

    def on_mount(self) -> None:
        """All of them at first."""
        self.preview.styles.height = self.rows
        self.menu.styles.height = max(4, min(14, self.app.size.height - 9 - self.rows))
        self.query_one(Input).focus()
        self._ask()

    def look_changed(self) -> None:
        """All by their names of now."""
        self._ask()
        super().look_changed()

    def _ask(self) -> None:
        panel, ask, words = self.query_one("#menu"), self.query_one(Input), self.words(self.look)
        panel.border_title = f" {words.title} "
        panel.border_subtitle = f" {words.enter} " if words.enter else ""
        ask.placeholder = words.ask
        self.all = self.items(self.look)
        self._narrow(ask.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list."""
        self._narrow(event.value)

    def _narrow(self, text: str) -> None:
        self.found = matching(text, self.all)
        self.menu.set_entries([Entry(item.label, item.note, item.key) for item in self.found])
        self._say(0)

    def _say(self, index: int) -> None:
        said = self.found[index].says if index < len(self.found) else self.words(self.look).none
        self.preview.set_text(said, False)

    def on_menu_moved(self, event: Menu.Moved) -> None:
        """Another entry: what it does."""
        self._say(event.index)

    def on_chosen(self, event: messages.Chosen) -> None:
        """A click."""
        if not isinstance(event, Menu.Moved):
            self.dismiss(self.found[event.index].value)

    def action_move(self, down: int) -> None:
        """The arrows move in the list while the input has the focus."""
        self.menu.action_move(down)

    def action_choose(self) -> None:
        """Choose what the cursor stands on."""
        self.menu.action_choose()

    def on_input_submitted(self) -> None:
        """Enter in the input."""
        self.menu.action_choose()

    def action_close(self) -> None:
        """Choose nothing."""
        self.dismiss(None)


def of_commands() -> Palette:
    """All commands of the board; gives an id back."""
    return Palette(
        lambda look: Words(look.t("Palette"), look.t("Name of a command"), look.t("There is no such command.")),
        lambda look: [
            Item(c.id, look.t(c.label), c.id, "", c.shown, look.t(c.help)) for c in commands.COMMANDS if c.palette
        ],
    )


def of_strikes(thing: str, ask: Callable[[], Sequence[Strike]]) -> Palette:
    """What can be done to a thing and around it; gives the prompt's line back."""

    def words(look: Look) -> Words:
        title = look.t("Break {thing}", thing=thing) if thing else look.t("Break something")
        enter = look.t("Enter writes the line into the prompt")
        return Words(title, look.t("Name of a fault, or a word of it"), look.t("There is no such fault."), enter)

    def items(_look: Look) -> list[Item]:
        return [_struck(strike) for strike in ask()]

    return Palette(words, items, rows=3)


def _struck(strike: Strike) -> Item:
    target = strike.line.partition(":")[2].partition(",")[0]
    says = f"{strike.about[:1].upper()}{strike.about[1:]}"
    return Item(strike.line, strike.name, f"{strike.name} {says}".lower(), target, "", says)


def matching(text: str, items: Sequence[Item]) -> list[Item]:
    """Items whose label or word holds the letters in this order; those with a word that begins with the text first.

    Of words of a sentence the text has to stand in it as it is: letters in their order are in every sentence.
    """
    wanted = text.lower().strip()
    ranked = []
    for item in items:
        for word in (item.label.lower(), item.word):
            if wanted in word or (" " not in word and _in_order(wanted, word)):
                ranked.append((not word.startswith(wanted), wanted not in word, item))
                break
    return [item for _, _, item in sorted(ranked, key=lambda entry: entry[:2])]


def _in_order(letters: str, word: str) -> bool:
    rest = iter(word)
    return all(letter in rest for letter in letters)
