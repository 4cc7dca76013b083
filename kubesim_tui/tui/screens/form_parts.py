"""What a form is made of: words beside its fields, the button below them, the difference that scrolls."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from kubesim_tui.game.state import Proposal
from kubesim_tui.tui.kit.cells import clean
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look
from kubesim_tui.tui.screens.sheet import Pane

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
    """A word beside or below a field."""

    ground = "raised"

    def __init__(self, text: str, width: int | str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = text
        self.styles.width = width

    def set_text(self, text: str) -> None:
        """Another word."""
        self.text = text
        self.repaint()

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        return [self.look.line(width, "raised").add(" " + self.text, "soft").strip()]


class Run(Painter, can_focus=True):
    """The button below the fields."""

    ground = "raised"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.accept", show=False)]

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        on = self.has_focus
        line = self.look.line(width, "raised").add(" ").add(" ^S ", "white" if on else "text", "kube" if on else "key")
        word = f" {self.look.t('Run')} "
        return [line.add(word, "white" if on else "soft", "logo" if on else "raised", bold=on).strip()]

    def on_focus(self) -> None:
        """It lights up."""
        self.repaint()

    def on_blur(self) -> None:
        """It goes out."""
        self.repaint()

    async def on_click(self) -> None:
        """As ^S."""
        await self.screen.run_action("accept")


class Difference(Pane, can_focus=False):
    """The difference, or what is wrong with the fields."""

    def __init__(self) -> None:
        super().__init__(self.all_rows)
        self.proposal: Proposal | None = None

    def show(self, proposal: Proposal) -> None:
        """Show another one, from its first row on."""
        self.proposal, self.top = proposal, 0
        self.repaint_all()

    def all_rows(self, look: Look, width: int) -> list[Strip]:
        """The diff, however long."""
        if self.proposal is None:
            return []
        if self.proposal.error:
            return [look.line(width).add(" ✗ ", "red").add(clean(self.proposal.error), "red").strip()]
        if not self.proposal.diff:
            return [look.line(width).add(" " + look.t("This changes nothing."), "mute").strip()]
        return diff_rows(look, self.proposal.diff, width)
