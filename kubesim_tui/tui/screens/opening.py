"""Shown where a level is asked for before the engine is loaded: what is going on, and a bar that moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.strip import Strip

from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.screens.base import Sheetlike

BEAT = 1 / 20  # seconds between two looks whether it is loaded
RUN = 10  # cells of the moving part


class Moving(Painter):
    """A line of text over a bar without an end."""

    ground = "raised"
    step = 0

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """Two rows."""
        at = self.step % (width + RUN) - RUN
        start, end = max(0, at), min(width, at + RUN)
        bar = self.look.line(width, "raised").add("─" * start, "line").add("━" * (end - start), "cyan")
        said = self.look.line(width, "raised").add(" " + self.look.t("The cluster is being set up …"), "soft")
        return [said.strip(), bar.add("─" * (width - end), "line").strip()]


class Opening(Sheetlike[bool]):
    """Dismisses with True when `loaded` says so, with False when the player closes it."""

    DEFAULT_CSS = """
    Opening > Moving { width: 44; height: 4; border: round $ks-edge; background: $ks-raised; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close")]

    def __init__(self, loaded: Callable[[], bool]) -> None:
        super().__init__()
        self.loaded = loaded
        self.moving = Moving()

    def compose(self) -> ComposeResult:
        """The bar."""
        yield self.moving

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(BEAT, self.look_again)

    def look_again(self) -> None:
        """Whether it is loaded."""
        self.moving.step += 1
        self.moving.repaint()
        if self.loaded():
            self.dismiss(True)

    def action_close(self) -> None:
        """Never mind."""
        self.dismiss(False)
