"""The footer: keys of the present mode as chips; a click presses one."""

from __future__ import annotations

from textual import events
from textual.strip import Strip

from kubesim_tui.tui import commands, messages
from kubesim_tui.tui.kit.cells import cell_len
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look

Chip = tuple[str, str, str]  # command, key, label


def chips_of(look: Look, mode: str, running: bool, paused: bool) -> list[Chip]:
    """The chips of a mode; Go gives its place up once it was pressed, and Space says what it would do now."""
    hidden = {"go"} if running else set()
    words = {"pause": look.t("Resume")} if paused else {}
    return [
        (c.id, commands.key_name(c.keys[0]), words.get(c.id, look.t(c.label)))
        for c in commands.chips(mode)
        if c.id not in hidden
    ]


def layout(chips: list[Chip], width: int) -> list[tuple[int, int, Chip]]:
    """Start and end of the chips that fit."""
    found, at = [], 0
    for chip in chips:
        end = at + cell_len(chip[1]) + cell_len(chip[2]) + 4
        if end > width:
            break
        found.append((at, end, chip))
        at = end
    return found


class Chips(Painter):
    """The footer as a widget."""

    ground = "bg"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.mode = commands.BOARD
        self.running = self.paused = False
        self.extra: tuple[Chip, ...] = ()

    def set_mode(self, mode: str, running: bool, paused: bool, extra: tuple[Chip, ...] = ()) -> None:
        """Show the keys of another mode; `extra` chips come first."""
        now = (mode, running, paused, extra)
        if now != (self.mode, self.running, self.paused, self.extra):
            self.mode, self.running, self.paused, self.extra = now
            self.repaint()

    def _chips(self) -> list[Chip]:
        given = {chip[0] for chip in self.extra}
        usual = chips_of(self.look, self.mode, self.running, self.paused)
        return [*self.extra, *(chip for chip in usual if chip[0] not in given)]

    def lines(self, width: int, height: int) -> list[Strip]:  # noqa: ARG002
        """One row."""
        line = self.look.line(width, "bg")
        for _, _, (_, key, label) in layout(self._chips(), width):
            line.add(f" {key} ", "text", "key", bold=True).add(f" {label} ", "soft")
        return [line.strip()]

    def on_click(self, event: events.Click) -> None:
        """Press the chip under the mouse."""
        for start, end, chip in layout(self._chips(), self.content_size.width):
            if start <= event.x < end:
                self.post_message(messages.ChipPressed(chip[0]))
