"""One command being run: what a builtin or a tool sees of its task, its arguments and its streams. A passing object.

A command is a function of a `Call`. It returns its exit code, or a `Wait`: then it is called again when what it waits
for may have come, and finds in `state` (plain data) what it left there.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import Files, absolute
from kubesim_tui.world.shell.streams import FileOut, LogOut, Pipe, Stream, TextIn
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import CHILD, FILE, FOREVER, INPUT, OUTPUT, SLEEP, Task, Tasks, Tool

BROKEN_PIPE = 141


@frozen(eq=False, repr=False)
class Wait:
    """Not done yet. `until_us` is when a sleep is over."""

    kind: str
    until_us: int = 0


@frozen(eq=False, repr=False)
class Become:
    """The command turns into another one (`exec`, `env X=1 cmd`, `tini -- cmd`)."""

    argv: list[str]
    env: dict[str, str] | None = None


Outcome = int | Wait | Become
Command = Callable[["Call"], Outcome]


class BrokenPipeError_(Exception):  # noqa: N801
    """Nobody reads the pipe that was written to."""


class Call:
    """The command's view of the world."""

    def __init__(self, tasks: Tasks, task: Task, system: System, tool: Tool) -> None:
        self.tasks = tasks
        self.task = task
        self.system = system
        self.tool = tool
        self.argv = tool.argv
        self.state = tool.state

    @property
    def name(self) -> str:
        """What the command is called."""
        return self.argv[0].rpartition("/")[2]

    @property
    def arguments(self) -> list[str]:
        """All after the name."""
        return self.argv[1:]

    @property
    def now_us(self) -> int:
        """Microseconds since tick 0."""
        return self.task.clock_us

    def env(self) -> dict[str, str]:
        """The environment of the command."""
        if self.tool.env is not None:
            return self.tool.env
        return {name: self.task.vars[name] for name in self.task.exported if name in self.task.vars}

    @property
    def files(self) -> Files:
        """The container's files."""
        return self.system.files()

    def path(self, name: str) -> str:
        """A path from the working directory."""
        return absolute(name, self.task.cwd)

    # -- output

    def out(self, text: str) -> None:
        """Write to the standard output."""
        self.write(1, text)

    def err(self, text: str) -> None:
        """Write a line to the standard error."""
        self.write(2, text + "\n")

    def fail(self, text: str, code: int = 1) -> int:
        """Write `name: text` to the standard error; returns the code."""
        self.err(f"{self.name}: {text}")
        return code

    def write(self, fd: int, text: str) -> None:
        """Write to a descriptor. Raises FileError (disk full), BrokenPipeError_."""
        write(self.tasks, self.task, self.system, fd, text)

    # -- input

    def line(self) -> str | None:
        """The next line of the standard input with its newline, "" at its end, None if it has to be waited for."""
        source = self.task.fds.get(0)
        if isinstance(source, TextIn):
            return source.take_line()
        if not isinstance(source, Pipe):
            return ""
        line = source.take_line()
        if line is None and not self.tasks.has_writer(source):
            return source.take_all()
        return line

    def all(self) -> str | None:
        """All of the standard input, None if there is more to come."""
        source = self.task.fds.get(0)
        if isinstance(source, TextIn):
            return source.take_all()
        if not isinstance(source, Pipe):
            return ""
        self.state["input"] = str(self.state.get("input", "")) + source.take_all()
        return None if self.tasks.has_writer(source) else str(self.state["input"])

    def texts(self, names: list[str]) -> list[tuple[str, str]] | None:
        """(name, text) of each file, of the standard input for `-` or no name; None if that has to be waited for.

        A file that cannot be read is complained of, and the call's state notes it (`failed`).
        """
        found = []
        self.state["failed"] = False
        for name in names or ["-"]:
            if name == "-":
                text = self.all()
                if text is None:
                    return None
                found.append((name, text))
                continue
            try:
                found.append((name, self.files.read(self.path(name))))
            except FileError as error:
                self.state["failed"] = True
                self.cannot_open(name, error)
        return found

    def cannot_open(self, name: str, error: FileError) -> int:
        """Complain of a file: busybox says `cat: can't open 'x': …`, GNU `cat: x: …`. Returns 1."""
        self.err(f"{self.name}: {name}: {error}" if self.system.gnu else f"{self.name}: can't open '{name}': {error}")
        return 1

    # -- waiting

    def sleep(self, us: int) -> Wait:
        """Be called again so much later."""
        return Wait(SLEEP, self.now_us + us)

    def unsteady(self) -> None:
        """What this command says may be different next time, though no file has changed."""
        self.tasks.steady = False


WAIT_INPUT = Wait(INPUT)
WAIT_OUTPUT = Wait(OUTPUT)
WAIT_CHILD = Wait(CHILD)
WAIT_FILE = Wait(FILE)
WAIT_FOREVER = Wait(FOREVER)


def write(tasks: Tasks, task: Task, system: System, fd: int, text: str) -> None:
    """Write to a descriptor of a task."""
    stream = task.fds.get(fd)
    if isinstance(stream, LogOut):
        *lines, stream.partial = (stream.partial + text).split("\n")
        for line in lines:
            system.log(stream.stream, line)
    elif isinstance(stream, Pipe):
        if not stream.capture and not tasks.has_reader(stream):
            raise BrokenPipeError_
        stream.write(text)
    elif isinstance(stream, FileOut):
        tasks.steady = False
        system.files().append(stream.path, text)


def flush(system: System, stream: Stream) -> None:
    """Write what is left of a line into the log."""
    if isinstance(stream, LogOut) and stream.partial:
        system.log(stream.stream, stream.partial)
        stream.partial = ""
