"""A game played again from its inputs: to rewind, to hold a win against other seeds, to prove a score.

The same level, seed and inputs give the same digest. A recording carries checks on the way, so that two runs that part
are caught near the place, not only at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, field

from kubesim_tui.faults.catalogue import parse as parse_fault
from kubesim_tui.game import prompt
from kubesim_tui.game.game import Game
from kubesim_tui.game.level import Level
from kubesim_tui.game.protocol import Terminal
from kubesim_tui.game.recording import Input
from kubesim_tui.game.talk import tell
from kubesim_tui.kubectl.result import is_terminal, save

TTY = "/dev/tty"
"""Read by who looks whether standard input is a terminal."""


@define(eq=False)
class Taped:
    """A terminal that remembers what was read through it; or, in a replay, reads from that memory."""

    inner: Terminal | None
    files: dict[str, str] = field(factory=dict)

    @property
    def width(self) -> int:
        """Columns."""
        return self.inner.width if self.inner is not None else 120

    @property
    def typing(self) -> bool:
        """Whether somebody types at it."""
        if self.inner is not None and is_terminal(self.inner):
            self.files[TTY] = ""
        return TTY in self.files

    def read(self, path: str) -> str:
        """From the player's disk, or from the recording."""
        if self.inner is None:
            if path not in self.files:
                raise FileNotFoundError(2, "No such file or directory", path)
            return self.files[path]
        self.files[path] = self.inner.read(path)
        return self.files[path]

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder, from the player's disk or from the recording, where they stand under ``PATH/``."""
        kept = f"{path.rstrip('/')}/"
        if self.inner is not None:
            self.files[kept] = "\n".join(self.inner.list(path))
        elif kept not in self.files:
            raise NotADirectoryError(20, "Not a directory", path)
        return self.files[kept].split("\n") if self.files[kept] else ()

    def write(self, path: str, text: str) -> None:
        """To the player's disk; a replay writes nothing."""
        if self.inner is not None:
            save(self.inner, path, text)

    def edit(self, text: str) -> str | None:
        """By the player, or as it was recorded."""
        if self.inner is None:
            return self.files.get("editor")
        edited = self.inner.edit(text)
        if edited is not None:
            self.files["editor"] = edited
        return edited


@define(eq=False)
class Replay:
    """A game under way again. `differs`: where it first parted from what its recording says, "" if it has not."""

    game: Game
    inputs: Sequence[Input]
    checks: Mapping[int, str] = field(factory=dict)
    done: int = 0  # inputs given so far
    agreed: int = 0  # the tick of the last check that was right
    differs: str = ""

    def to(self, tick: int | None) -> Game:
        """Play to a tick (and what was given there), or to the end of the level; never past either."""
        while self.done < len(self.inputs) and (tick is None or self.inputs[self.done].tick <= tick):
            self._give(self.inputs[self.done])
        if tick is not None or self.game.go_tick is not None:
            while (tick is None or self.game.tick < tick) and self._advance():
                pass
        return self.game

    def _advance(self) -> bool:
        if not self.game.may_step():
            return False
        self.game.step()
        expected = self.checks.get(self.game.tick)
        if expected is not None and not self.differs:
            if self.game.digest.startswith(expected):
                self.agreed = self.game.tick
            else:
                self.differs = f"digest: the runs part between tick {self.agreed} and tick {self.game.tick}"
        return True

    def _give(self, entry: Input) -> None:
        while self.game.tick < entry.tick and self._advance():
            pass
        if self.game.tick < entry.tick and not self.differs:
            at = f"input {self.done} is of tick {entry.tick}"
            self.differs = f"inputs: {at}, but time stands at tick {self.game.tick}"
        self.done += 1
        give(self.game, entry)


def give(game: Game, entry: Input) -> None:
    """One recorded input, now."""
    if entry.kind == "go":
        game.go()
    elif entry.kind == "run":
        prompt.run(game, entry.line, Taped(None, dict(entry.files)))
    elif entry.kind in ("typed", "closed"):
        tell(game, entry.line if entry.kind == "typed" else None)
    elif entry.kind == "cancel":
        game.cancel(int(entry.line))
    elif entry.kind == "chaos":
        chaos(game, entry.line)
    elif entry.kind == "named":
        game.named = entry.line


def chaos(game: Game, line: str) -> list[str]:
    """A fault by hand, `NAME[:TARGET]`: what was struck, in words. FaultError if there is no such fault."""
    planned = parse_fault(f"{line}@{game.tick}")
    return game.strike(planned, "game/chaos")


def replay(level: Level, seed: str, inputs: Sequence[Input], until: int | None = None) -> Game:
    """Play inputs again: to a tick, or to the end of the level."""
    return Replay(Game(level, seed), inputs).to(until)
