"""After the third hint the files that it names are there: the player's terminal, with a level's manifests beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import define

from kubesim_tui.game.protocol import Terminal
from kubesim_tui.kubectl.result import is_terminal, save


@define(eq=False)
class Supplied:
    """See the module. A file of the player's own comes first."""

    inner: Terminal
    folder: Path
    width: int

    @property
    def typing(self) -> bool:
        """Whether somebody types at it."""
        return is_terminal(self.inner)

    def read(self, path: str) -> str:
        """The player's file, else the level's of that name."""
        try:
            return self.inner.read(path)
        except FileNotFoundError:
            if path == "-" or Path(path).name != path:
                raise
            return (self.folder / path).read_text("utf-8")

    def list(self, path: str) -> Sequence[str]:
        """The player's own folder."""
        return self.inner.list(path)

    def write(self, path: str, text: str) -> None:
        """To the player's disk."""
        save(self.inner, path, text)

    def edit(self, text: str) -> str | None:
        """By the player."""
        return self.inner.edit(text)
