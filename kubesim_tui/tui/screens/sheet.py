"""A sheet: a titled panel over the screen, with text that scrolls and a row of buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from attrs import frozen
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.strip import Strip

from kubesim_tui.tui import messages
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.base import Sheetlike

NARROW, BROAD = 76, 84  # cells of a sheet, frame and margin included

Body = Callable[[Look, int], list[Strip]]


@frozen
class Button:
    """A button: its value when chosen, its key (Textual's name), the key as shown, its label."""

    value: str
    key: str
    shown: str
    label: str


class Pane(Painter, can_focus=True):
    """Rows that scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("up,k", "scroll(-1)"),
        ("down,j", "scroll(1)"),
        ("pageup", "scroll(-10)"),
        ("pagedown,space", "scroll(10)"),
        ("home", "scroll(-100000)"),
        ("end", "scroll(100000)"),
    ]

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.body = body
        self.top = 0

    def lines(self, width: int, height: int) -> list[Strip]:
        """The visible part."""
        rows = self.body(self.look, width)
        if height >= len(rows):
            return rows
        self.top = max(0, min(self.top, len(rows) - height))
        shown = rows[self.top : self.top + height]
        if self.top + height < len(rows):
            shown[-1] = self.look.line(width).right((self.look.t("more") + " ▼ ", "cyan")).strip()
        if self.top:
            shown[0] = self.look.line(width).right((self.look.t("more") + " ▲ ", "cyan")).strip()
        return shown

    def action_scroll(self, down: int) -> None:
        """By rows."""
        self.top = max(0, self.top + down)
        self.repaint()

    def on_mouse_scroll_down(self) -> None:
        """The wheel."""
        self.action_scroll(3)

    def on_mouse_scroll_up(self) -> None:
        """The wheel."""
        self.action_scroll(-3)


class Buttons(Painter):
    """A row of buttons; the screen moves between them."""

    ground = "raised"

    def __init__(self, buttons: tuple[Button, ...]) -> None:
        super().__init__()
        self.buttons = buttons
        self.cursor = 0

    def places(self) -> list[tuple[int, int, int]]:
        """Start, end and number of each button."""
        found, at = [], 1
        for n, button in enumerate(self.buttons):
            end = at + cell_len(button.shown) + cell_len(self.look.t(button.label)) + 5
            found.append((at, end - 1, n))
            at = end + 1
        return found

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        line = self.look.line(width, "raised")
        for start, _, n in self.places():
            button, on = self.buttons[n], n == self.cursor
            line.to(start).add(f" {button.shown} ", "white" if on else "text", "kube" if on else "key", bold=True)
            line.add(f" {self.look.t(button.label)} ", "white" if on else "soft", "logo" if on else "raised", bold=on)
        return [line.strip()]

    def on_click(self, event: events.Click) -> None:
        """Press what is clicked."""
        for start, end, n in self.places():
            if start <= event.x < end:
                self.post_message(messages.Chosen(n))


class Sheet(Sheetlike[str]):
    """Dismisses with the value of the chosen button; Esc chooses the last one."""

    DEFAULT_CSS = """
    Sheet > #sheet { height: auto; border: round $ks-edge; background: $ks-panel;
                     border-title-color: $ks-cyan; border-title-style: bold; }
    Sheet Pane { width: 100%; background: $ks-panel; padding: 0 1; }
    Sheet Buttons { width: 100%; height: 1; background: $ks-raised; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "close"),
        ("enter", "press"),
        ("left", "button(-1)"),
        ("right", "button(1)"),
        ("tab", "button(1)"),
        ("shift+tab", "button(-1)"),
    ]

    def __init__(self, title: str, body: Body, buttons: tuple[Button, ...]) -> None:
        super().__init__()
        self.again: Callable[[], Sheet] | None = None  # the same sheet anew, in the language of then
        self.heading = title
        self.pane = Pane(body)
        self.row = Buttons(buttons)

    def compose(self) -> ComposeResult:
        """The panel."""
        with Vertical(id="sheet"):
            yield self.pane
            yield self.row

    def on_mount(self) -> None:
        """Title, size, focus."""
        self.name_parts()
        self.fit()
        self.pane.focus()

    def name_parts(self) -> None:
        """The title."""
        self.query_one("#sheet").border_title = f" {self.heading} "

    def look_changed(self) -> None:
        """Another language: what it tells is told anew."""
        if self.again is not None:
            told = self.again()
            self.heading, self.pane.body = told.heading, told.pane.body
            self.name_parts()
        self.fit()
        super().look_changed()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Fit the text again."""
        self.fit()

    def fit(self) -> None:
        """As high as the text, as far as the screen goes."""
        width = NARROW if self.app.size.width < 110 else BROAD
        self.query_one("#sheet").styles.width = min(width, self.app.size.width)
        rows = len(self.pane.body(self.look, max(10, min(width, self.app.size.width) - 4)))
        self.pane.styles.height = max(1, min(rows, self.app.size.height - 5))

    def on_key(self, event: events.Key) -> None:
        """The buttons' own keys."""
        for button in self.row.buttons:
            if event.key == button.key and event.key not in ("enter", "escape"):
                event.stop()
                self.dismiss(button.value)
                return

    def action_button(self, by: int) -> None:
        """The next button."""
        self.row.cursor = (self.row.cursor + by) % len(self.row.buttons)
        self.row.repaint()

    def action_press(self) -> None:
        """Press the button under the cursor."""
        self.dismiss(self.row.buttons[self.row.cursor].value)

    def action_close(self) -> None:
        """Esc."""
        self.dismiss(self.row.buttons[-1].value)

    def on_chosen(self, event: messages.Chosen) -> None:
        """A click on a button."""
        self.dismiss(self.row.buttons[event.index].value)
