"""A list to choose from: entries with a note and a key; arrows, letters and the mouse choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from attrs import frozen
from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.tui import messages
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look


@frozen
class Entry:
    """One entry: its label, a note beside it, the key that chooses it at once."""

    label: str
    note: str = ""
    key: str = ""
    tone: str = "text"


def row(look: Look, entry: Entry, chosen: bool, width: int) -> Strip:
    """One entry as a row."""
    line = look.line(width, "select" if chosen else "raised").add("▌ " if chosen else "  ", "cyan")
    line.add(entry.label, entry.tone, bold=chosen)
    tail: list[tuple[str, str]] = []
    if entry.note and line.room > cell_len(entry.note) + len(entry.key) + 4:
        tail.append((entry.note + "  ", "mute"))
    return line.right(*tail, (f"{entry.key} " if entry.key else "", "cyan")).strip()


class Menu(Painter, can_focus=True):
    """The list as a widget; posts `Chosen` and, while the cursor moves, `Moved`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "move(-1)"),
        ("down", "move(1)"),
        ("pageup", "move(-8)"),
        ("pagedown", "move(8)"),
        ("home", "move(-1000)"),
        ("end", "move(1000)"),
        ("enter", "choose"),
    ]

    ground = "raised"

    class Moved(messages.Chosen):
        """The cursor stands on another entry."""

    def __init__(self, entries: Sequence[Entry] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.entries = tuple(entries)
        self.cursor = 0
        self._top = 0

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Other entries; the cursor goes to the first."""
        self.entries, self.cursor, self._top = tuple(entries), 0, 0
        self.repaint_all()
        self.post_message(self.Moved(0))

    def rename(self, entries: Sequence[Entry]) -> None:
        """The same entries in other words; the cursor stays."""
        self.entries = tuple(entries)
        self.cursor = max(0, min(self.cursor, len(self.entries) - 1))

    def lines(self, width: int, height: int) -> list[Strip]:
        """The visible entries."""
        self._top = max(0, min(max(self._top, self.cursor - height + 1), self.cursor))
        shown = self.entries[self._top : self._top + height]
        return [row(self.look, entry, self._top + n == self.cursor, width) for n, entry in enumerate(shown)]

    def action_move(self, down: int) -> None:
        """The cursor; it stops at the ends."""
        if self.entries:
            self.cursor = max(0, min(len(self.entries) - 1, self.cursor + down))
            self.repaint()
            self.post_message(self.Moved(self.cursor))

    def action_choose(self) -> None:
        """Choose the entry under the cursor."""
        if self.entries:
            self.post_message(messages.Chosen(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose what is clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and self._top + offset.y < len(self.entries):
            self.cursor = self._top + offset.y
            self.post_message(messages.Chosen(self.cursor))
