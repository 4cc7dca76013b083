"""Running commands in a container from outside: probes, hooks, `kubectl exec`."""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import ExecError
from kubesim_tui.world.inside import Inside
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.shell import scheduler
from kubesim_tui.world.shell.streams import Null, Pipe, Stream, TextIn
from kubesim_tui.world.shell.tasks import Tasks
from kubesim_tui.world.startup import executable

KILLED = 137
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


def begin_session(container: Container, argv: tuple[str, ...], now: int, stdin: str | None) -> Execution:
    """Begin a command that takes its turns with everything else in the container."""
    if container.sessions is None:
        container.sessions = {}
    number = len(container.sessions) + 1
    identity = f"{container.id[:12]}-{number}"
    source = TextIn(stdin) if stdin is not None else Null()
    streams = (source, Pipe(capture=True), Pipe(capture=True))
    container.sessions[identity] = _tasks(container, argv, now, identity, streams, _FIRST_PID * number)
    container.outputs = {**(container.outputs or {}), identity: (streams[1], streams[2])}
    from kubesim_tui.world import lifecycle

    lifecycle.wake_script(container, now)
    return Execution(identity, container.id)


def session_result(container: Container | None, execution: Execution) -> ExecResult | None:
    """The result, when there is one."""
    if container is None:
        return ExecResult(KILLED)
    out, err = (container.outputs or {}).get(execution.id, (Pipe(), Pipe()))
    tasks = (container.sessions or {}).get(execution.id)
    code = tasks.exit_code if tasks is not None else KILLED
    if code is None:
        return None
    return ExecResult(code, out.text, err.text)


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
    if container.spec.known and not executable(container, system, name):
        where = f"stat {name}: no such file or directory" if "/" in name else "executable file not found in $PATH"
        raise ExecError(f'exec failed: unable to start container process: exec: "{name}": {where}')
    cwd = container.config.working_dir or container.spec.workdir
    return Tasks.make(argv, container.environment(), now, cwd, session, streams, first_pid)
