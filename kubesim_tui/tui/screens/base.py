"""What all screens share: a guard around them, a look, and a clear word where the terminal is too small."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from kubesim_tui.tui.kit.cells import wrap
from kubesim_tui.tui.kit.guard import Guarded
from kubesim_tui.tui.kit.painter import Painter
from kubesim_tui.tui.look import Look, look_of

SMALLEST = Size(80, 24)


class TooSmall(Painter):
    """Covers a screen while the terminal is smaller than 80×24; everything behind it stays as it was."""

    ground = "bg"

    def lines(self, width: int, height: int) -> list[Strip]:
        """What is the matter and what to do."""
        t = self.look.t
        size = self.app.size
        said = [
            (t("This terminal has {w}×{h} cells.", w=size.width, h=size.height), "yellow"),
            (t("kubesim needs 80×24: enlarge the window or choose a smaller font."), "text"),
            (t("Time stands still meanwhile; nothing is lost. ^C leaves."), "soft"),
        ]
        rows = [(row, colour) for text, colour in said for row in wrap(text, max(2, width - 2))]
        above = max(0, (height - len(rows)) // 2)
        blank = [self.look.line(width, "bg").strip()] * above
        return blank + [self.look.line(width, "bg").add(f" {row}", colour).strip() for row, colour in rows]


class KubesimScreen(Guarded, Screen[ScreenResultType]):
    """Base of all screens."""

    DEFAULT_CSS = """
    KubesimScreen { layers: base drawer list veil; background: $ks-bg; }
    KubesimScreen TooSmall { display: none; layer: veil; dock: top; width: 100%; height: 100%; background: $ks-bg; }
    KubesimScreen.-too-small > * { display: none; }
    KubesimScreen.-too-small > TooSmall { display: block; }
    """

    too_small = False
    _focus_before: Widget | None = None

    @property
    def look(self) -> Look:
        """Colours and language of the app."""
        return look_of(self)

    def on_mount(self) -> None:
        """The cover lies ready."""
        self.mount(TooSmall())
        self.check_size(self.app.size)

    def on_resize(self, event: events.Resize) -> None:
        """Cover the screen, or uncover it and give the focus back."""
        self.check_size(event.size)

    def check_size(self, size: Size) -> None:
        """Compare with the smallest size."""
        small = size.width < SMALLEST.width or size.height < SMALLEST.height
        if small == self.too_small:
            return
        self.too_small = small
        if small:
            self._focus_before = self.focused
        self.set_class(small, "-too-small")
        if not small and self._focus_before is not None:
            self.call_after_refresh(self.set_focus, self._focus_before)

    def say(self, text: str, error: bool = False) -> None:
        """A passing word in the corner; the text is no markup."""
        self.notify(text, severity="error" if error else "information", markup=False)

    def look_changed(self) -> None:
        """Another palette or language: paint everything again."""
        for painter in self.query(Painter):
            painter.repaint_all()


class Sheetlike(KubesimScreen[ScreenResultType], ModalScreen[ScreenResultType]):
    """Base of everything that lies over another screen."""

    DEFAULT_CSS = """
    Sheetlike { align: center middle; background: $ks-veil; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c,ctrl+q", "interrupt", show=False, priority=True),
        Binding("ctrl+t", "app.next_theme", show=False, priority=True),
        Binding("ctrl+l", "app.next_language", show=False, priority=True),
    ]

    async def action_interrupt(self) -> None:
        """Ctrl-C closes what lies over the screen, as Esc does; the screen below asks about leaving."""
        await self.run_action("close")
