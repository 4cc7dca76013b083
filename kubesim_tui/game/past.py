"""The past of a game: what its board looked like, every five ticks since Go.

The game is played again from its start beside the real one, a slice at a time, and a state is kept on the way, so that
a front end can scrub back and forth without waiting. What was reached once is there at once; inputs that come later
are played when they are reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from kubesim_tui.game.game import Game
from kubesim_tui.game.level import Level
from kubesim_tui.game.recording import Input
from kubesim_tui.game.replay import Replay
from kubesim_tui.game.scene import scene
from kubesim_tui.game.state import GameState

EVERY = 5  # ticks between two kept states


class Past:
    """See the module."""

    def __init__(self, level: Level, seed: str, inputs: Sequence[Input], go: int, language: str) -> None:
        """`inputs`: the game's own, which may still grow at their end; `go`: the tick at which it was started."""
        self.go, self.language = go, language
        self._run = Replay(Game(level, seed), inputs)
        self._kept: dict[int, GameState] = {}

    def at(self, tick: int, until: float) -> GameState | None:
        """The board at a tick (or the last one kept before it); None if wall time `until` comes first: ask again."""
        wanted = self.go + max(0, tick - self.go) // EVERY * EVERY
        while wanted not in self._kept:
            following = self.go + len(self._kept) * EVERY
            game = self._run.to(following)
            if game.tick != following:
                return None
            self._kept[following] = scene(game, self.language)
            if perf_counter() >= until:
                break
        return self._kept.get(wanted)
