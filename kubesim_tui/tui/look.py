"""How everything is shown just now: colours and language. Frozen; the app holds one and replaces it as a whole."""

from __future__ import annotations

from attrs import field, frozen
from textual.message_pump import MessagePump

from kubesim_tui.tui.i18n import Texts
from kubesim_tui.tui.kit.line import Line
from kubesim_tui.tui.themes import DARK, Palette


@frozen
class Look:
    """A palette and a language; `t` translates."""

    palette: Palette = DARK
    t: Texts = field(factory=Texts)

    def line(self, width: int, bg: str = "panel") -> Line:
        """A row under construction in these colours."""
        return Line(self.palette, width, bg)

    def colour(self, name: str) -> str:
        """``#rrggbb`` of a colour's name."""
        return self.palette.colour(name)


PLAIN_LOOK = Look()


def look_of(pump: MessagePump) -> Look:
    """The look of the app that a widget or screen belongs to."""
    return getattr(pump.app, "look", PLAIN_LOOK)
