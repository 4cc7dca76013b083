"""The YAML editor: coloured lines, errors at their line (gutter mark, underline, message), Ctrl-S applies.

Errors come from a dry run through the API server's door, a moment after typing stops. Fields are completed with Tab
and explained beside the text, both by the published schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea

from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit import yaml
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import look_of
from kubesim_tui.tui.schema import Field, Place, completions, place, row_of
from kubesim_tui.tui.screens import stories
from kubesim_tui.tui.screens.base import Sheetlike
from kubesim_tui.tui.screens.editor_help import Choices, Explain
from kubesim_tui.tui.widgets.yaml_area import YamlArea

Check = Callable[[str], tuple[tuple[int, str], ...]]

REST = 0.4  # seconds without a key before the text is checked


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
    EditorScreen Horizontal { width: 100%; height: 1fr; }
    EditorScreen YamlArea { width: 1fr; height: 100%; border: round $ks-cyan; background: $ks-panel; padding: 0;
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        border-title-color: $ks-cyan; border-title-style: bold; border-subtitle-color: $ks-soft; }
    EditorScreen YamlArea:focus { border: round $ks-cyan; }
    EditorScreen Explain { display: none; width: 46; height: 100%; border: round $ks-line; background: $ks-panel;
        border-title-color: $ks-blue; border-title-style: bold; }
    EditorScreen.-m Explain { display: block; } EditorScreen.-l Explain { display: block; width: 64; }
    EditorScreen Choices { layer: list; dock: top; display: none; background: $ks-raised; border: round $ks-edge; }
    EditorScreen Problems { height: 3; width: 100%; background: $ks-raised; padding: 0 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "apply", N_("Apply"), priority=True),
        Binding("escape", "close", N_("Close"), priority=True),
        Binding("f8", "next_error", N_("Next error")),
    ]

    HORIZONTAL_BREAKPOINTS = [(0, "-s"), (110, "-m"), (180, "-l")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, title: str, text: str, check: Check) -> None:
        super().__init__()
        self.heading, self.text, self.check = title, text.expandtabs(2), check
        self.problems, self.explain, self.choices = Problems(), Explain(), Choices()
        self._offered_at = (0, 0)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The text with what is known of it, and its problems."""
        with Horizontal():
            yield YamlArea(self.text, look_of(self))
            yield self.explain
        yield self.problems
        yield self.choices

    @property
    def area(self) -> YamlArea:
        """The text area."""
        return self.query_one(YamlArea)

    def on_mount(self) -> None:
        """Titles, focus, the first check."""
        self._titles()
        self.area.helper = self.take_key
        self.area.focus()
        self.look_around()
        self.run_check()

    def _titles(self) -> None:
        t = self.look.t
        self.area.border_title = f" {self.heading} · YAML "
        self.area.border_subtitle = " " + t("^S apply · Tab completes · F8 next error · Esc close") + " "
        self.explain.border_title = f" {t('Explain')} "

    def look_changed(self) -> None:
        """Another palette or language."""
        self.area.dress(self.look)
        self._titles()
        super().look_changed()

    def on_text_area_changed(self) -> None:
        """Offer fields at once; check again when typing rests."""
        self.offer()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(REST, self.run_check)

    def on_text_area_selection_changed(self, event: TextArea.SelectionChanged) -> None:
        """The problem nearest to the cursor is the one that is told."""
        self.problems.line = event.selection.end[0]
        self.problems.repaint()
        self.look_around()

    # Fields.

    def place(self) -> Place:
        """Where the cursor stands."""
        row, column = self.area.cursor_location
        return place(self.area.document.lines, row, column)

    def look_around(self) -> None:
        """Explain the place of the cursor; what was offered for another place is gone."""
        self.explain.show(self.place())
        if self.choices.display and self.area.cursor_location != self._offered_at:
            self.choices.offer((), 0, 0)

    def offer(self) -> None:
        """Offer the fields that could be meant by what stands before the cursor."""
        row, column = self.area.cursor_location
        before, after = self.area.document.get_line(row)[:column], self.area.document.get_line(row)[column:].strip()
        begun = row_of(before)
        key = begun.key if begun is not None and before.endswith(begun.key) and after[:1] in ("", ":") else ""
        found = completions(self.place()) if key else ()
        self._offered_at = (row, column)
        x, y = self.area.cursor_screen_offset
        self.choices.offer(found, x - len(key) - 2, y)

    def take_key(self, key: str) -> bool:
        """A key while fields are offered; False if it is the text's."""
        chosen = self.choices.chosen
        if chosen is None or key not in ("tab", "up", "down"):
            return False
        if key == "tab":
            self.write(chosen)
        else:
            self.choices.move(1 if key == "down" else -1)
        return True

    def write(self, field: Field) -> None:
        """Complete the key under the cursor."""
        row, column = self.area.cursor_location
        line = self.area.document.get_line(row)
        begun = row_of(line[:column])
        tail = "" if line[column:].strip() else ": " if field.scalar else ":"
        self.area.replace(field.name + tail, (row, column - len(begun.key if begun else "")), (row, column))
        self.choices.offer((), 0, 0)

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
        """Close the list of fields, else the editor; asks where something was changed."""
        if self.choices.display:
            self.choices.offer((), 0, 0)
        elif self.area.text == self.text:
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
