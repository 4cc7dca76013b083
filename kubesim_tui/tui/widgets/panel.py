"""A painter that shows a game: it holds the latest state handed down to it and repaints when that changes."""

from __future__ import annotations

from textual.strip import Strip

from kubesim_tui.game.state import GameState
from kubesim_tui.tui.kit.painter import Painter


class Panel(Painter):
    """Base of the panels of the play screen; a subclass says what it shows in `draw`."""

    state: GameState | None = None

    def show(self, state: GameState) -> None:
        """Take a new state and repaint what it changes."""
        if state is not self.state:
            self.state = state
            self.repaint()

    def lines(self, width: int, height: int) -> list[Strip]:
        """Nothing before the first state."""
        return self.draw(self.state, width, height) if self.state is not None else []

    def draw(self, state: GameState, width: int, height: int) -> list[Strip]:
        """The rows for a state."""
        raise NotImplementedError
