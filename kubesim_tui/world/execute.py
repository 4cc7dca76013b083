"""Running commands in a container from outside: probes, hooks, `kubectl exec`; and typing into one that runs."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import ExecError
from kubesim_tui.world.inside import Inside
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.shell import scheduler
from kubesim_tui.world.shell.call import write
from kubesim_tui.world.shell.streams import Null, Pipe, Stream, TextIn
from kubesim_tui.world.shell.tasks import Tasks
from kubesim_tui.world.startup import executable

KILLED = 137
MOST_ENDED = 100
"""Of so many commands that have ended a container knows the results."""
_FIRST_PID = 100


@frozen(eq=False, repr=False)
class ExecResult(Shared):
    """How a command ended. `timed_out`: it was not done after all the time that it was given."""

    exit_code: int
    stdout: str = ""
    stderr: str = ""
    took_us: int = 0
    timed_out: bool = False
    steady: bool = False  # it would say the same until the container's `probe_generation` changes


@frozen(eq=False, repr=False)
class Execution(Shared):
    """A command that runs in simulated time."""

    id: str
    container: str


def run_ahead(container: Container, argv: tuple[str, ...], now: int, timeout_us: int) -> ExecResult:
    """Run a command to its end in its own time, while the container's stands still."""
    out, err = Pipe(capture=True), Pipe(capture=True)
    tasks = _tasks(container, argv, now, "ahead", (Null(), out, err))
    took = scheduler.run_ahead(tasks, Inside(container, now, "ahead"), now, timeout_us)
    code = tasks.exit_code
    if code is None:
        return ExecResult(124, out.text, err.text, timeout_us, timed_out=True)
    return ExecResult(code, out.text, err.text, took, steady=tasks.steady)


@frozen
class Stdin:
    """The standard input of a command: a text, or what will be typed (at a terminal)."""

    text: str | None = None
    held: bool = False
    tty: bool = False

    def stream(self) -> Stream:
        """As a descriptor."""
        if self.held:
            return Pipe(held=True, tty=self.tty)
        return TextIn(self.text) if self.text is not None else Null()


NOTHING = Stdin()
"""A command that reads nothing."""


def begin_session(container: Container, argv: tuple[str, ...], now: int, stdin: Stdin) -> Execution:
    """Begin a command that takes its turns with everything else in the container."""
    container.executed += 1
    number = container.executed
    identity = f"{container.id[:12]}-{number}"
    out = Pipe(capture=True)
    streams = (stdin.stream(), out, out if stdin.tty else Pipe(capture=True))
    begun = _tasks(container, argv, now, identity, streams, _FIRST_PID * number)
    container.sessions = {**_remembered(container), identity: begun}
    kept = {one: of for one, of in (container.streams or {}).items() if one in container.sessions}
    container.streams = {**kept, identity: streams}
    _wake(container, now)
    return Execution(identity, container.id)


def _remembered(container: Container) -> dict[str, Tasks]:
    """The commands that still run, and the last of the others, for whoever has not asked for their results yet."""
    known = container.sessions or {}
    ended = [identity for identity, tasks in known.items() if tasks.exit_code is not None]
    forgotten = frozenset(ended[:-MOST_ENDED])
    return {identity: tasks for identity, tasks in known.items() if identity not in forgotten}


def session_result(container: Container | None, execution: Execution) -> ExecResult | None:
    """The result, when there is one."""
    if container is None:
        return ExecResult(KILLED)
    code = _exit_code(container, execution)
    if code is None:
        return None
    _, out, err = _streams(container, execution)
    return ExecResult(code, out.text, err.text if err is not out else "")


def _exit_code(container: Container, execution: Execution) -> int | None:
    tasks = (container.sessions or {}).get(execution.id)
    return tasks.exit_code if tasks is not None else KILLED


def _streams(container: Container, execution: Execution) -> tuple[Stream, Pipe, Pipe]:
    return (container.streams or {}).get(execution.id) or (Null(), Pipe(), Pipe())


# -- while it runs


@frozen(eq=False, repr=False)
class Said(Shared):
    """What a command has said since it was last asked: whole lines; `partial` is a line that has only begun."""

    stdout: str
    stderr: str
    partial: str = ""


def session_said(container: Container, execution: Execution) -> Said:
    """Take what a command has said."""
    _, out, err = _streams(container, execution)
    lines = out.take_lines()
    return Said(lines, err.take_lines() if err is not out else "", out.text)


def session_type(container: Container, execution: Execution, text: str, now: int) -> None:
    """Type a line into a command that runs; a terminal shows what is typed."""
    source, out, _ = _streams(container, execution)
    if isinstance(source, Pipe) and source.held and _exit_code(container, execution) is None:
        if source.tty:
            out.write(text)
        source.write(text)
        _wake(container, now)


def session_close(container: Container, execution: Execution, now: int) -> None:
    """Nothing more will be typed."""
    source, *_ = _streams(container, execution)
    if isinstance(source, Pipe):
        source.held = False
        _wake(container, now)


def session_interrupt(container: Container, execution: Execution, now: int) -> bool:
    """Ctrl-C at its terminal; False if nothing runs there but a shell that waits for a line."""
    tasks = (container.sessions or {}).get(execution.id)
    busy = tasks is not None and tasks.exit_code is None and _interrupted(tasks)
    if busy:
        _wake(container, now)
    return busy


def console_type(container: Container, text: str, now: int) -> None:
    """Type a line into a container's first process."""
    console, tasks = container.console, container.tasks
    if console is not None and console.input.held and tasks is not None:
        if console.input.tty:
            write(tasks, tasks.first, Inside(container, now), 1, text)
        console.input.write(text)
        _wake(container, now)


def console_interrupt(container: Container, now: int) -> bool:
    """Ctrl-C at the terminal of its first process; False if nothing runs there that it could end."""
    console, tasks = container.console, container.tasks
    busy = console is not None and console.input.tty and tasks is not None and _interrupted(tasks)
    if busy:
        _wake(container, now)
    return busy


def console_close(container: Container, now: int) -> None:
    """Who was attached has left: of a container with stdinOnce that was all that it will ever hear."""
    if container.console is not None and container.config.stdin_once:
        container.console.input.held = False
        _wake(container, now)


def _wake(container: Container, now: int) -> None:
    from kubesim_tui.world import lifecycle

    lifecycle.wake_script(container, now)


def _tasks(
    container: Container,
    argv: tuple[str, ...],
    now: int,
    session: str,
    streams: tuple[Stream, Stream, Stream],
    first_pid: int = _FIRST_PID,
) -> Tasks:
    system = Inside(container, now, session)
    name = argv[0] if argv else ""
    known = executable(container, system, name) or system.has_program(argv)
    if container.spec.known and not known:
        where = f"stat {name}: no such file or directory" if "/" in name else "executable file not found in $PATH"
        raise ExecError(f'exec failed: unable to start container process: exec: "{name}": {where}')
    cwd = container.config.working_dir or container.spec.workdir
    return Tasks.make(argv, container.environment(), now, cwd, session, streams, first_pid)


def _interrupted(tasks: Tasks) -> bool:
    from kubesim_tui.world.shell.interrupt import interrupt  # the shell is loaded when the first script runs

    return interrupt(tasks)
