"""Forms: a few fields, and below them what they amount to: the YAML difference and the kubectl line.

Enter in a field that has choices opens them, and the difference follows the cursor; where something was typed, and in
a field without choices, Enter runs the form. All of the form is always on the screen: the difference scrolls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from kubesim_tui.game.state import Field, Form, Proposal
from kubesim_tui.tui import messages
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.screens.base import Sheetlike
from kubesim_tui.tui.screens.chooser import Preview
from kubesim_tui.tui.screens.form_parts import Difference, Label, Run
from kubesim_tui.tui.widgets.menu import Entry, Menu

Propose = Callable[[dict[str, str]], Proposal]


class FormScreen(Sheetlike[Proposal | None]):
    """Dismisses with the proposal to run, or None."""

    DEFAULT_CSS = """
    FormScreen > #form { width: 72; height: auto; max-height: 100%; border: round $ks-cyan; background: $ks-raised;
        border-title-color: $ks-cyan; border-title-style: bold; border-subtitle-color: $ks-soft; }
    FormScreen Horizontal { height: 1; width: 100%; }
    FormScreen Label, FormScreen Run { height: 1; background: $ks-raised; }
    FormScreen Input { width: 1fr; background: $ks-panel; }
    FormScreen Input:focus { background: $ks-select; background-tint: $foreground 0%; }
    FormScreen Run { width: 100%; }
    FormScreen Menu { width: 100%; display: none; background: $ks-raised; border-top: solid $ks-line; }
    FormScreen Difference { width: 100%; background: $ks-panel; border-top: solid $ks-line; }
    FormScreen Preview { width: 100%; height: 2; background: $ks-panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", N_("Close")),
        Binding("ctrl+s", "accept", N_("Run"), priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("pageup", "scroll(-8)", show=False),
        Binding("pagedown", "scroll(8)", show=False),
        Binding("ctrl+n", "choice(1)", show=False),
    ]

    def __init__(self, form: Form, propose: Propose) -> None:
        super().__init__()
        self.form, self.propose = form, propose
        self.difference, self.preview, self.menu = Difference(), Preview(), Menu()
        self._choosing: Field | None = None
        self._before = ""  # what stood in the field when its choices were opened
        self._given = {field.name: field.value for field in form.fields}  # what nobody has typed

    # What is shown.

    def compose(self) -> ComposeResult:
        """Fields, the choices of one of them, difference, line."""
        width = max((cell_len(f.label) for f in self.form.fields), default=8) + 3
        with Vertical(id="form"):
            for field in self.form.fields:
                with Horizontal():
                    yield Label(field.label, width)
                    yield Input(field.value, id=f"field-{field.name}", compact=True)
                    yield Label("▾" if field.choices else "", 3)
            yield Label("", "100%", id="hint")
            yield self.menu
            yield Run()
            yield self.difference
            yield self.preview

    def on_mount(self) -> None:
        """Titles and the first difference."""
        self.name_parts()
        self.query(Input).first().focus()
        self.update()

    def name_parts(self) -> None:
        """Titles in the player's language."""
        panel, t = self.query_one("#form"), self.look.t
        panel.border_title = f" {self.form.title} "
        panel.border_subtitle = " " + t("Enter chooses or runs · ^S runs · Esc closes") + " "
        self.difference.border_title = f"[{self.look.palette.blue}] {t('Difference')} [/]"

    def look_changed(self) -> None:
        """The titles too."""
        self.name_parts()
        self._tell()
        super().look_changed()

    def box(self, field: Field) -> Input:
        """The line of input of a field."""
        return self.query_one(f"#field-{field.name}", Input)

    def here(self) -> Field | None:
        """The field that has the focus."""
        return next((field for field in self.form.fields if self.box(field).has_focus), None)

    def values(self) -> dict[str, str]:
        """What stands in the fields."""
        return {field.name: self.box(field).value for field in self.form.fields}

    def update(self) -> None:
        """What the fields amount to."""
        proposal = self.propose(self.values())
        self.difference.show(proposal)
        self.preview.set_text(proposal.command, True)
        self.fit()

    def fit(self) -> None:
        """The difference gets the rows that the rest of the form leaves it."""
        choices = min(5, len(self.menu.entries)) + 1 if self.menu.display else 0
        self.menu.styles.height = choices
        room = self.app.size.height - len(self.form.fields) - choices - 7  # frame, hint, button, rule, line of two rows
        rows = len(self.difference.all_rows(self.look, 40))
        self.difference.styles.height = max(2, min(rows, room)) + 1

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - Textual calls every class's handler
        """Another height."""
        self.fit()

    def on_descendant_focus(self) -> None:
        """Another field, another hint."""
        self._tell()

    def _tell(self) -> None:
        """The hint of the field that has the focus, and its choices."""
        field = self.here()
        if field is not None:
            choices = self.look.t("Enter: {choices}", choices=" | ".join(field.choices)) if field.choices else ""
            self.query_one("#hint", Label).set_text("  ".join(part for part in (field.hint, choices) if part))

    def on_input_changed(self) -> None:
        """Every key."""
        self.update()

    # The choices of a field.

    def action_choice(self, by: int) -> None:
        """The next of a field's choices."""
        field = self.here()
        if field is not None and field.choices:
            at = field.choices.index(self.box(field).value) if self.box(field).value in field.choices else -1
            self.box(field).value = self._given[field.name] = field.choices[(at + by) % len(field.choices)]

    def open_choices(self, field: Field) -> None:
        """Show them below the fields; the cursor stands on what is chosen now."""
        self._choosing, self._before = field, self.box(field).value
        self.menu.set_entries([Entry(choice) for choice in field.choices])
        self.menu.cursor = field.choices.index(self._before) if self._before in field.choices else 0
        self.menu.border_title = f"[{self.look.palette.blue}] {field.label} [/]"
        self.menu.display = True
        self.fit()
        self.menu.focus()

    def close_choices(self, field: Field, value: str, then: Widget) -> None:
        """Hide them; the field has that value, and something else the focus."""
        self._choosing = None
        self.box(field).value = self._given[field.name] = value
        self.menu.display = False
        then.focus()
        self.update()

    def after(self, field: Field) -> Widget:
        """The next field, or the button."""
        following = self.form.fields[self.form.fields.index(field) + 1 :]
        return self.box(following[0]) if following else self.query_one(Run)

    def on_menu_moved(self, event: Menu.Moved) -> None:
        """The difference follows the cursor."""
        if self._choosing is not None and event.index == self.menu.cursor:
            self.box(self._choosing).value = self._choosing.choices[event.index]

    def on_chosen(self, event: messages.Chosen) -> None:
        """One is chosen: on to the next field, or to the button."""
        field = self._choosing
        if field is not None and not isinstance(event, Menu.Moved):
            self.close_choices(field, field.choices[event.index], self.after(field))

    # The end.

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: the choices where there are some and nothing was typed; else it runs."""
        field = next(field for field in self.form.fields if self.box(field) is event.input)
        if field.choices and event.value == self._given[field.name]:
            self.open_choices(field)
        else:
            self.action_accept()

    def action_accept(self) -> None:
        """Run it, if it is sound."""
        proposal = self.propose(self.values())
        if proposal.error:
            self.say(proposal.error, error=True)
        else:
            self.dismiss(proposal if proposal.command else None)

    def action_scroll(self, down: int) -> None:
        """Read on in the difference."""
        self.difference.action_scroll(down)

    def action_close(self) -> None:
        """The choices first, then the form; nothing happens."""
        if self._choosing is not None:
            self.close_choices(self._choosing, self._before, self.box(self._choosing))
        else:
            self.dismiss(None)
