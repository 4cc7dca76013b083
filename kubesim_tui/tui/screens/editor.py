"""The YAML editor: coloured lines, errors at their line (gutter mark, underline, message), Ctrl-S applies.

Errors come from a dry run through the API server's door, a moment after typing stops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit import yaml
from kubesim_tui.tui.kit.cells import cell_len, clean, cut
from kubesim_tui.tui.kit.guard import Guarded
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.kit.styles import style
from kubesim_tui.tui.look import Look, look_of
from kubesim_tui.tui.screens import stories
from kubesim_tui.tui.screens.base import Sheetlike

Check = Callable[[str], tuple[tuple[int, str], ...]]

REST = 0.4  # seconds without a key before the text is checked
MARK = 2  # cells of the gutter for the mark


def theme_of(look: Look) -> TextAreaTheme:
    """The editor's colours in a palette."""
    p = look.palette
    return TextAreaTheme(
        name=f"kubesim-{p.name}",
        base_style=Style(color=p.text, bgcolor=p.panel),
        gutter_style=Style(color=p.mute, bgcolor=p.panel),
        cursor_style=Style(color=p.bg, bgcolor=p.cyan),
        cursor_line_style=Style(bgcolor=p.raised),
        cursor_line_gutter_style=Style(color=p.text, bgcolor=p.raised),
        selection_style=Style(bgcolor=p.select),
        bracket_matching_style=Style(bgcolor=p.line),
    )


class YamlArea(Guarded, TextArea):
    """A text area that colours YAML and shows errors at their lines."""

    errors: dict[int, str]

    def __init__(self, text: str, look: Look) -> None:
        self.errors = {}
        super().__init__(text, show_line_numbers=True, soft_wrap=False, tab_behavior="indent")
        self.dress(look)

    def dress(self, look: Look) -> None:
        """Put on a palette."""
        self.look = look
        self.register_theme(theme_of(look))
        self.theme = f"kubesim-{look.palette.name}"

    def set_errors(self, errors: tuple[tuple[int, str], ...]) -> None:
        """Errors as (line from 1, message)."""
        last = self.document.line_count - 1
        self.errors = {max(0, min(last, line - 1)): clean(message.replace("\n", " ")) for line, message in errors}
        self._line_cache.clear()
        self.refresh()

    def get_line(self, line_index: int) -> Text:
        """A line with its colours."""
        plain = self.document.get_line(line_index)
        text = Text(plain, end="", no_wrap=True)
        for start, end, colour in yaml.tokens(plain):
            text.stylize(Style(color=self.look.colour(colour)), start, end)
        if line_index in self.errors:
            text.stylize(Style(color=self.look.palette.red, underline=True), *yaml.field_span(plain))
        return text

    @property
    def gutter_width(self) -> int:
        """Room for the mark beside the numbers."""
        return super().gutter_width + MARK

    def render_line(self, y: int) -> Strip:
        """A row: Textual's, with the mark in the gutter and the message behind the text."""
        strip = super().render_line(y)
        index = y + self.scroll_offset.y
        error = self.errors.get(index)
        p, gutter = self.look.palette, self.gutter_width
        here = index == self.cursor_location[0]
        ground = p.raised if here else p.panel
        exists = index < self.document.line_count
        number = f"{index + 1:>{gutter - MARK - 2}}  " if exists else " " * (gutter - MARK)
        head = Strip(
            [
                Segment("✗ " if error else "  ", style(p.red, ground, bold=True)),
                Segment(number, style(p.text if here else p.mute, ground)),
            ],
            gutter,
        )
        rest = strip.crop(gutter)
        return Strip.join([head, self._with_message(rest, index, error, ground) if error else rest])

    def _with_message(self, rest: Strip, index: int, error: str, ground: str) -> Strip:
        used = max(0, cell_len(self.document.get_line(index)) - self.scroll_offset.x) + 2
        room = rest.cell_length - used
        if room < 8:
            return rest
        message = Strip([Segment(cut(f"◂ {error}", room), style(self.look.palette.red, ground))])
        filler = style(self.look.palette.text, ground)
        return Strip.join([rest.crop(0, used), message]).adjust_cell_length(rest.cell_length, filler)


class Problems(Painter):
    """Below the text: how many errors, and the one at (or after) the cursor in full."""

    ground = "raised"

    def __init__(self) -> None:
        super().__init__()
        self.errors: dict[int, str] = {}
        self.line = 0

    def lines(self, width: int, height: int) -> list[Strip]:
        """Two rows."""
        t = self.look.t
        if not self.errors:
            fine = self.look.line(width, "raised").add(" ✓ ", "green")
            return [fine.add(t("The API server would accept this."), "soft").strip()]
        at = next((n for n in sorted(self.errors) if n >= self.line), min(self.errors))
        head = t.number("{n} problem", "{n} problems", len(self.errors))
        first = self.look.line(width, "raised").add(f" ✗ {head}  ", "red", bold=True)
        first.add(t("line {n}", n=at + 1), "mute")
        return [first.strip(), *stories.paragraph(self.look, self.errors[at], width, "text", ground="raised")][:height]


class EditorScreen(Sheetlike[str | None]):
    """Dismisses with the text to apply, or None."""

    DEFAULT_CSS = """
    EditorScreen { background: $ks-bg; }
    EditorScreen YamlArea { width: 100%; height: 1fr; border: round $ks-cyan; background: $ks-panel; padding: 0;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        border-title-color: $ks-cyan; border-title-style: bold; border-subtitle-color: $ks-soft; }
    EditorScreen YamlArea:focus { border: round $ks-cyan; }
    EditorScreen Problems { height: 3; width: 100%; background: $ks-raised; padding: 0 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "apply", N_("Apply"), priority=True),
        Binding("escape", "close", N_("Close"), priority=True),
        Binding("f8", "next_error", N_("Next error")),
    ]

    def __init__(self, title: str, text: str, check: Check) -> None:
        super().__init__()
        self.heading, self.text, self.check = title, text.expandtabs(2), check
        self.problems = Problems()
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The text and its problems."""
        yield YamlArea(self.text, look_of(self))
        yield self.problems

    @property
    def area(self) -> YamlArea:
        """The text area."""
        return self.query_one(YamlArea)

    def on_mount(self) -> None:
        """Titles, focus, the first check."""
        self._titles()
        self.area.focus()
        self.run_check()

    def _titles(self) -> None:
        t = self.look.t
        self.area.border_title = f" {self.heading} · YAML "
        self.area.border_subtitle = " " + t("^S apply · F8 next error · Esc close") + " "

    def look_changed(self) -> None:
        """Another palette or language."""
        self.area.dress(self.look)
        self._titles()
        super().look_changed()

    def on_text_area_changed(self) -> None:
        """Check again when typing rests."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(REST, self.run_check)

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """The problem nearest to the cursor is the one that is told."""
        self.problems.line = event.selection.end[0]
        self.problems.repaint()

    def run_check(self) -> None:
        """A dry run through the door."""
        errors = self.check(self.area.text)
        self.area.set_errors(errors)
        self.problems.errors = self.area.errors
        self.problems.repaint()

    def action_next_error(self) -> None:
        """The cursor to the next line with an error."""
        lines = sorted(self.area.errors)
        if lines:
            here = self.area.cursor_location[0]
            target = next((n for n in lines if n > here), lines[0])
            self.area.move_cursor((target, yaml.field_span(self.area.document.get_line(target))[0]))

    def action_apply(self) -> None:
        """Apply, unless the API server would refuse it."""
        self.run_check()
        if self.area.errors:
            self.action_next_error()
            self.say(self.look.t("Not applied: the API server would refuse this."), error=True)
        else:
            self.dismiss(self.area.text)

    def action_close(self) -> None:
        """Close; asks where something was changed."""
        if self.area.text == self.text:
            self.dismiss(None)
        else:
            question = stories.ask(self.look.t("Close"), self.look.t("Throw the changes away?"), N_("Throw away"))
            self.app.push_screen(question, self._close_if)

    def _close_if(self, answer: str | None) -> None:
        if answer == "yes":
            self.dismiss(None)

    def on_paste(self, event: events.Paste) -> None:  # noqa: ARG002 - the text area has taken it
        """Pasted text is checked at once."""
        self.call_after_refresh(self.run_check)
