"""Forms: a few fields, and below them what they amount to: the YAML difference and the kubectl line."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.strip import Strip
from textual.widgets import Input

from kubesim_tui.game.state import Field, Form, Proposal
from kubesim_tui.tui.i18n import N_
from kubesim_tui.tui.kit.cells import cell_len, clean
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.base import Sheetlike
from kubesim_tui.tui.screens.chooser import Preview

Propose = Callable[[dict[str, str]], Proposal]
TONES = {"+": "green", "-": "red", "@": "violet"}


def diff_rows(look: Look, diff: tuple[str, ...], width: int) -> list[Strip]:
    """A unified diff in colours; the signs stay."""
    rows = []
    for text in diff:
        text = clean(text)
        colour = TONES.get(text[:1], "soft")
        rows.append(look.line(width).add(" ").add(text, colour, bold=text[:1] in "+-").strip())
    return rows


class Label(Painter):
    """A field's name."""

    ground = "raised"

    def __init__(self, text: str, width: int) -> None:
        super().__init__()
        self.text = text
        self.styles.width = width

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [self.look.line(width, "raised").add(" " + self.text, "soft").strip()]


class Difference(Painter):
    """The difference, or what is wrong with the fields."""

    def __init__(self) -> None:
        super().__init__()
        self.proposal: Proposal | None = None

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """The diff."""
        if self.proposal is None:
            return []
        if self.proposal.error:
            return [self.look.line(width).add(" ✗ ", "red").add(clean(self.proposal.error), "red").strip()]
        if not self.proposal.diff:
            return [self.look.line(width).add(" " + self.look.t("This changes nothing."), "mute").strip()]
        return diff_rows(self.look, self.proposal.diff, width)


class FormScreen(Sheetlike[Proposal | None]):
    """Dismisses with the proposal to run, or None."""

    DEFAULT_CSS = """
    FormScreen > #form { width: 72; height: auto; border: round $ks-cyan; background: $ks-raised;
        border-title-color: $ks-cyan; border-title-style: bold; border-subtitle-color: $ks-soft; }
    FormScreen Horizontal { height: 1; width: 100%; }
    FormScreen Label { height: 1; background: $ks-raised; }
    FormScreen Input { width: 1fr; background: $ks-panel; }
    FormScreen Input:focus { background: $ks-select; background-tint: $foreground 0%; }
    FormScreen .hint { height: 1; width: 100%; background: $ks-raised; }
    FormScreen Difference { width: 100%; height: 8; background: $ks-panel; border-top: solid $ks-line; }
    FormScreen Preview { width: 100%; height: 2; background: $ks-panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", N_("Close")),
        Binding("ctrl+s", "accept", N_("Run"), priority=True),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("ctrl+n", "choice(1)", show=False),
    ]

    def __init__(self, form: Form, propose: Propose) -> None:
        super().__init__()
        self.form, self.propose = form, propose
        self.difference, self.preview = Difference(), Preview()

    def compose(self) -> ComposeResult:
        """Fields, difference, line."""
        width = max((cell_len(f.label) for f in self.form.fields), default=8) + 3
        with Vertical(id="form"):
            for field in self.form.fields:
                with Horizontal():
                    yield Label(field.label, width)
                    yield Input(field.value, id=f"field-{field.name}", compact=True)
                if said := _said(field):
                    hint = Label(" " * (width - 1) + said, width)
                    hint.add_class("hint")
                    hint.styles.width = "100%"
                    yield hint
            yield self.difference
            yield self.preview

    def on_mount(self) -> None:
        """Titles and the first difference."""
        panel, t = self.query_one("#form"), self.look.t
        panel.border_title = f" {self.form.title} "
        panel.border_subtitle = " " + t("Enter runs · ^N next choice · Esc closes") + " "
        self.difference.border_title = f"[{self.look.palette.blue}] {t('Difference')} [/]"
        self.query(Input).first().focus()
        self.update()

    def values(self) -> dict[str, str]:
        """What stands in the fields."""
        return {f.name: self.query_one(f"#field-{f.name}", Input).value for f in self.form.fields}

    def update(self) -> None:
        """What the fields amount to."""
        proposal = self.propose(self.values())
        self.difference.proposal = proposal
        self.difference.styles.height = max(3, min(14, len(proposal.diff) + 1))
        self.difference.repaint_all()
        self.preview.set_text(proposal.command, True)

    def on_input_changed(self) -> None:
        """Every key."""
        self.update()

    def action_choice(self, by: int) -> None:
        """The next of a field's choices."""
        for field in self.form.fields:
            box = self.query_one(f"#field-{field.name}", Input)
            if box.has_focus and field.choices:
                at = field.choices.index(box.value) if box.value in field.choices else -1
                box.value = field.choices[(at + by) % len(field.choices)]

    def on_input_submitted(self) -> None:
        """Enter."""
        self.action_accept()

    def action_accept(self) -> None:
        """Run it, if it is sound."""
        proposal = self.propose(self.values())
        if proposal.error:
            self.say(proposal.error, error=True)
        else:
            self.dismiss(proposal if proposal.command else None)

    def action_close(self) -> None:
        """Nothing happens."""
        self.dismiss(None)


def _said(field: Field) -> str:
    """The hint of a field and its choices."""
    choices = "^N " + " | ".join(field.choices) if field.choices else ""
    return "  ".join(part for part in (field.hint, choices) if part)
