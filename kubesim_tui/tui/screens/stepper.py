"""A screen of steps: a head, rows to step through, and below them what the row under the cursor has to say.

Following a request and following an apply are both of this kind; what they show stands in their own modules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.strip import Strip

from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.base import Sheetlike

Key = tuple[str, str]
"""A key as shown, and what it does (a source text)."""
Rows = Callable[[int], list[Strip]]


class Rowed(Painter):
    """Rows that somebody else makes."""

    def __init__(self, rows: Rows, *, id: str | None = None, ground: str = "panel") -> None:
        super().__init__(id=id)
        self.rows, self.ground = rows, ground

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002 - cut by the painter
        """All of them."""
        return self.rows(width)


class Steps(Painter, can_focus=True):
    """The rows to step through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "screen.step(-1)"),
        ("down,j", "screen.step(1)"),
        ("pageup", "screen.step(-8)"),
        ("pagedown", "screen.step(8)"),
        ("home", "screen.step(-1000)"),
        ("end", "screen.step(1000)"),
    ]

    def __init__(self, rows: Rows) -> None:
        super().__init__(id="steps")
        self.rows = rows
        self.cursor = self.top = 0
        self.high = 1  # rows of a step

    def lines(self, width: int, height: int) -> list[Strip]:
        """Those around the cursor."""
        rows = self.rows(width)
        first, last = self.cursor * self.high, (self.cursor + 1) * self.high
        self.top = max(0, min(max(self.top, last - height), first, len(rows) - height))
        return rows[self.top : self.top + height]

    def on_mouse_scroll_down(self) -> None:
        """The wheel."""
        self.screen.action_step(1)  # type: ignore[attr-defined]  # only a Stepper has them

    def on_mouse_scroll_up(self) -> None:
        """The wheel."""
        self.screen.action_step(-1)  # type: ignore[attr-defined]


def keys_row(look: Look, keys: Sequence[Key], width: int) -> Strip:
    """The keys of a screen, as many as there is room for."""
    line = look.line(width, "raised").add(" ")
    for key, label in keys:
        line.add(f" {key} ", "text", "key", bold=True).add(f" {look.t(label)}  ", "soft")
    return line.strip()


class Stepper(Sheetlike[str | None]):
    """See the module. Closed with Esc; gives back a line for the prompt, if one was chosen."""

    reading = True  # whether time stands while it is open, where reading stops time

    KEYS: ClassVar[tuple[Key, ...]] = ()

    DEFAULT_CSS = """
    Stepper > #sheet { width: 100%; height: 100%; border: round $ks-edge; background: $ks-panel;
                       border-title-color: $ks-cyan; border-title-style: bold; }
    Stepper Painter { width: 100%; background: $ks-panel; }
    Stepper #head { height: auto; max-height: 5; border-bottom: solid $ks-line; }
    Stepper #steps { height: 1fr; }
    Stepper #detail { height: 6; border-top: solid $ks-line; }
    Stepper.-m #detail, Stepper.-l #detail { height: 12; }
    Stepper #keys { height: 1; background: $ks-raised; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-s"), (110, "-m"), (180, "-l")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [("escape,q", "close")]

    def __init__(self) -> None:
        super().__init__()
        self.steps = Steps(self.step_rows)

    def compose(self) -> ComposeResult:
        """Head, steps, what the chosen one says, keys."""
        with Vertical(id="sheet"):
            yield Rowed(self.head_rows, id="head")
            yield self.steps
            yield Rowed(self.detail_rows, id="detail")
            yield Rowed(lambda width: [keys_row(self.look, self.KEYS, width)], id="keys", ground="raised")

    def on_mount(self) -> None:
        """Title and focus."""
        self.name_parts()
        self.steps.focus()

    def name_parts(self) -> None:
        """The title in the language of now."""
        self.query_one("#sheet").border_title = f" {self.heading()} "

    def look_changed(self) -> None:
        """Another language."""
        self.name_parts()
        super().look_changed()

    def show(self) -> None:
        """Paint everything again."""
        self.steps.cursor = max(0, min(self.steps.cursor, self.count() - 1))
        for painter in self.query(Painter):
            painter.repaint()

    def action_step(self, down: int) -> None:
        """Another step; it stops at the ends."""
        self.steps.cursor = max(0, min(self.count() - 1, self.steps.cursor + down))
        self.show()

    def on_click(self, event: events.Click) -> None:
        """Step to what is clicked."""
        offset = event.get_content_offset(self.steps)
        step = (self.steps.top + offset.y) // self.steps.high if offset is not None else self.count()
        if step < self.count():
            self.steps.cursor = step
            self.show()

    def look_again(self) -> None:
        """The board has changed; what was followed has not."""

    def action_close(self) -> None:
        """Back to the board."""
        self.dismiss(None)

    # Asked of each kind.

    def heading(self) -> str:
        """The title."""
        raise NotImplementedError

    def count(self) -> int:
        """How many steps there are."""
        raise NotImplementedError

    def head_rows(self, width: int) -> list[Strip]:
        """What it is about."""
        raise NotImplementedError

    def step_rows(self, width: int) -> list[Strip]:
        """A row a step."""
        raise NotImplementedError

    def detail_rows(self, width: int) -> list[Strip]:
        """What the step under the cursor has to say."""
        raise NotImplementedError
