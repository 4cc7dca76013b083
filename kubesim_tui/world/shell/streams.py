"""What a file descriptor stands for. All are plain objects; a pipe or an offset is shared by whoever inherited it."""

from __future__ import annotations

from attrs import define

PIPE_FULL = 65_536
CAPTURE_FULL = 1 << 20


@define(eq=False, repr=False)
class LogOut:
    """The container's log; a line is written when its end comes."""

    stream: str
    partial: str = ""


@define(eq=False, repr=False)
class Null:
    """/dev/null."""


@define(eq=False, repr=False)
class Pipe:
    """A pipe, or (with `capture`) the output of a command substitution or an exec, gathered until somebody takes it.

    `held`: somebody outside holds the end that is written to; `tty`: that is a terminal.
    """

    text: str = ""
    capture: bool = False
    held: bool = False
    tty: bool = False

    @property
    def full(self) -> bool:
        """Whether a writer has to wait."""
        return not self.capture and len(self.text) >= PIPE_FULL

    def write(self, text: str) -> None:
        """Add text; a capture keeps only so much."""
        if not self.capture or len(self.text) < CAPTURE_FULL:
            self.text += text

    def take_line(self) -> str | None:
        """A line with its newline, None while there is no whole one."""
        end = self.text.find("\n")
        if end < 0:
            return None
        line, self.text = self.text[: end + 1], self.text[end + 1 :]
        return line

    def take_lines(self) -> str:
        """All whole lines; the beginning of a further one stays."""
        end = self.text.rfind("\n") + 1
        lines, self.text = self.text[:end], self.text[end:]
        return lines

    def take_all(self) -> str:
        """All that is there."""
        text, self.text = self.text, ""
        return text


@define(eq=False, repr=False)
class FileOut:
    """A file open for writing; every write goes to its end."""

    path: str


@define(eq=False, repr=False)
class TextIn:
    """A file as it was when it was opened for reading, or a here-document."""

    text: str
    at: int = 0

    def take_line(self) -> str | None:
        """The next line, "" at the end."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end + 1
        line, self.at = self.text[self.at : end], end
        return line

    def take_all(self) -> str:
        """The rest."""
        text, self.at = self.text[self.at :], len(self.text)
        return text


Stream = LogOut | Null | Pipe | FileOut | TextIn
