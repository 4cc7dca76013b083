"""The files of a machine itself, as its shell sees them: those that somebody reads, and some that are made when read.

A directory is there while something is in it, or as long as nobody removes what `mkdir` made.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import ABSENT, DENIED, Files

ALWAYS = ("/", "/dev", "/etc", "/root", "/tmp", "/var", "/var/lib", "/var/log")


class MachineFiles(Files):
    """See the module. `kept` is changed in place; `made`: path → how its text is made. A directory's key ends in /."""

    __slots__ = ("_kept", "_made")

    def __init__(self, kept: dict[str, str], made: Mapping[str, Callable[[], str]]) -> None:
        self._kept, self._made = kept, made

    def read(self, path: str) -> str:
        """The text of a file."""
        if path in self._made:
            return self._made[path]()
        if path not in self._kept:
            raise FileError("Is a directory" if self.is_directory(path) else ABSENT)
        return self._kept[path]

    def is_file(self, path: str) -> bool:
        """Whether a file is there."""
        return path in self._kept or path in self._made

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        below = path.rstrip("/") + "/"
        return path in ALWAYS or any(one.startswith(below) for one in (*self._kept, *self._made))

    def names(self, path: str) -> list[str]:
        """The sorted names in a directory."""
        if not self.is_directory(path):
            raise FileError("Not a directory" if self.is_file(path) else ABSENT)
        below = path.rstrip("/") + "/"
        paths = [one[len(below) :] for one in (*self._kept, *self._made, *ALWAYS) if one.startswith(below)]
        return sorted({one.split("/", 1)[0] for one in paths if one})

    def size(self, path: str) -> int:
        """The bytes of a file."""
        return len(self.read(path).encode())

    def is_empty(self, path: str, ignoring: tuple[str, ...] = ()) -> bool:
        """Whether a directory holds nothing, or is not there."""
        return not self.is_directory(path) or all(name in ignoring for name in self.names(path))

    def refusal(self, path: str) -> str:
        """Root may write anywhere but into what is made when it is read."""
        return DENIED if path in self._made else ""

    def write(self, path: str, text: str) -> None:
        """Make a file's content `text`."""
        if path.startswith("/dev/"):
            return
        if self.is_directory(path):
            raise FileError("Is a directory")
        self._check(path)
        self._kept[path] = text

    def append(self, path: str, text: str) -> None:
        """Write at the end of a file."""
        self.write(path, self._kept.get(path, "") + text)

    def make_directory(self, path: str, parents: bool = False) -> None:
        """Make a directory."""
        if self.exists(path):
            if parents and self.is_directory(path):
                return
            raise FileError("File exists")
        if not parents and not self.is_directory(posixpath.dirname(path)):
            raise FileError(ABSENT)
        self._kept[path + "/"] = ""

    def remove(self, path: str) -> None:
        """Remove a file, or a directory with all that is in it; the directory above stays."""
        if not self.exists(path):
            raise FileError(ABSENT)
        if self.refusal(path):
            raise FileError(self.refusal(path))
        below, above = path.rstrip("/") + "/", posixpath.dirname(path)
        for one in [one for one in self._kept if one == path or one.startswith(below)]:
            del self._kept[one]
        if not self.is_directory(above):
            self._kept[above + "/"] = ""
