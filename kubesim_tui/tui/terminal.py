"""The terminal that kubectl gets from this front end: real files, text handed over as standard input, a width."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import define, field

from kubesim_tui.game.protocol import NeedsEditor

LARGEST = 8 << 20  # bytes of a manifest


@define
class FrontTerminal:
    """See `game.protocol.Terminal`. `edited` is what the editor screen gave back, once it has been open."""

    width: int = 80
    stdin: str = ""
    edited: str | None = field(default=None)
    opened: bool = False

    @property
    def typing(self) -> bool:
        """Whether somebody types at it: unless a text was handed over."""
        return not self.stdin

    def read(self, path: str) -> str:
        """A file's text; ``-`` is what was handed over. OSError says what is wrong with it."""
        if path == "-":
            return self.stdin
        file = Path(path).expanduser()
        if file.stat().st_size > LARGEST:
            raise OSError(27, "File too large", path)
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise OSError(84, f"not UTF-8 text ({error.reason} at byte {error.start})", path) from error

    def list(self, path: str) -> Sequence[str]:
        """Names of the files in a folder. OSError if it is none."""
        return sorted(file.name for file in Path(path).expanduser().iterdir())

    def write(self, path: str, text: str) -> None:
        """Write a file, with the folders above it. OSError says what is wrong."""
        file = Path(path).expanduser()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, text: str) -> str | None:
        """The edited text, or `NeedsEditor` while the editor has not been open yet."""
        if not self.opened:
            raise NeedsEditor(text)
        return None if self.edited == text else self.edited
