"""A text area for YAML: colours, the indentation of the next line, errors at their lines (mark, underline, message)."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from kubesim_tui.tui.kit import yaml
from kubesim_tui.tui.kit.cells import cell_len, clean, cut
from kubesim_tui.tui.kit.guard import Guarded
from kubesim_tui.tui.kit.styles import style
from kubesim_tui.tui.look import Look

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
    helper: Callable[[str], bool] | None = None  # takes a key, if it is meant for the list of fields

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

    async def _on_key(self, event: events.Key) -> None:
        """While fields are offered, Tab, the arrows and Esc are theirs."""
        if self.helper is not None and self.helper(event.key):
            event.stop()
            event.prevent_default()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            row, column = self.cursor_location
            self.insert("\n" + " " * yaml.next_indent(self.document.get_line(row)[:column]))
        else:
            await super()._on_key(event)

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
        p, gutter = self.look.palette, self.gutter_width
        here = index == self.cursor_location[0]
        ground = p.raised if here else p.panel
        exists = index < self.document.line_count
        error = self.errors.get(index) if exists else None  # lines may have gone since they were checked
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
        room = min(rest.cell_length, self.scrollable_content_region.width - self.gutter_width) - used
        if room < 8:
            return rest
        message = Strip([Segment(cut(f"◂ {error}", room), style(self.look.palette.red, ground))])
        filler = style(self.look.palette.text, ground)
        return Strip.join([rest.crop(0, used), message]).adjust_cell_length(rest.cell_length, filler)
