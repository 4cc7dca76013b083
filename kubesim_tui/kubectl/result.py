"""What a run of kubectl needs and gives back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.apiserver.client import Client


class Terminal(Protocol):
    """What kubectl needs of its caller: files, an editor, a width."""

    width: int

    def read(self, path: str) -> str:
        """Text of a file that the command names (`-` is standard input); OSError if it cannot be read."""
        ...

    def list(self, path: str) -> Sequence[str]:
        """Names of the files in a folder; OSError if it is none."""
        ...

    def edit(self, text: str) -> str | None:
        """Let the player edit text; None if it was left unchanged or given up."""
        ...


def is_terminal(terminal: Terminal) -> bool:
    """Whether somebody types at it: then `exec -it` gives a shell. Terminals say so with `typing`."""
    return bool(getattr(terminal, "typing", False))


def save(terminal: Terminal, path: str, text: str) -> None:
    """Write a file of the player's. OSError if that fails; a terminal without `write` has nowhere to write to."""
    write = getattr(terminal, "write", None)
    if write is None:
        raise OSError(30, "Read-only file system", path)
    write(path, text)


class Behind:
    """A terminal that stands before another and passes on what it does not do itself."""

    def __init__(self, inner: Terminal) -> None:
        self.inner, self.width = inner, inner.width

    @property
    def typing(self) -> bool:
        """Whether somebody types at it."""
        return is_terminal(self.inner)

    def read(self, path: str) -> str:
        """A file of the player's."""
        return self.inner.read(path)

    def list(self, path: str) -> Sequence[str]:
        """Names in a folder."""
        return self.inner.list(path)

    def write(self, path: str, text: str) -> None:
        """Write a file of the player's."""
        save(self.inner, path, text)

    def edit(self, text: str) -> str | None:
        """Let the player edit."""
        return self.inner.edit(text)


@frozen
class Config:
    """The current context: namespace and user, as a kubeconfig has them; `file` is all of it, once it was changed."""

    namespace: str = "default"
    user: str = "admin"
    context: str = "kubesim"
    cluster: str = "kubesim"
    file: Any = None


@frozen
class Grid:
    """A table that was printed, as columns for those who paint it themselves."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Job(Protocol):
    """A command that waits. Its state is plain data (it can be deep-copied); it is asked again after each tick."""

    def poll(self, client: Client, now: int) -> Poll:
        """What has happened since it was last asked."""
        ...

    def interrupt(self) -> Poll:
        """Ctrl-C."""
        ...


class Conversation(Job, Protocol):
    """A job that one may type into. `typing`: it listens now; `prompt`: the line that it has begun, as `/ # `."""

    typing: bool
    prompt: str

    def typed(self, text: str, client: Client, now: int) -> Poll:
        """A line, without its newline."""
        ...

    def closed(self, client: Client, now: int) -> Poll:
        """Ctrl-D: nothing more will be typed."""
        ...

    def interrupted(self, client: Client, now: int) -> Poll:
        """Ctrl-C: what runs there ends; where nothing does, the conversation."""
        ...


@frozen(eq=False)
class Poll:
    """New lines of a job; whether it is over, and its exit code then."""

    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    done: bool = False
    code: int = 0


@frozen(eq=False)
class Reply:
    """What a command answered. `job`: it goes on; `config`: the context it has switched to, if it has."""

    out: tuple[str, ...] = ()
    err: tuple[str, ...] = ()
    code: int = 0
    job: Job | None = None
    config: Config | None = None
    grids: tuple[Grid, ...] = ()


Json = Any
