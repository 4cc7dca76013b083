"""What widgets report up to their screen."""

from __future__ import annotations

from textual.message import Message

from kubesim_tui.cluster.view import Ref


class Selected(Message):
    """The cursor stands on another thing."""

    def __init__(self, ref: Ref | None) -> None:
        self.ref = ref
        super().__init__()


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
