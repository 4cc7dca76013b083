"""What widgets report up to their screen."""

from __future__ import annotations

from textual.message import Message


class Opened(Message):
    """Enter or a double click on the selected thing."""


class Scrubbed(Message):
    """The timeline was clicked."""

    def __init__(self, tick: int) -> None:
        self.tick = tick
        super().__init__()


class Chosen(Message):
    """An entry of a menu, or a button of a sheet, was chosen."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__()


class ChipPressed(Message):
    """A chip of the footer was clicked; it stands for a command."""

    def __init__(self, command: str) -> None:
        self.command = command
        super().__init__()
