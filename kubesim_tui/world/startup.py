"""What the first process of a container is: a program of its image, a shell with a script, or a tool."""

from __future__ import annotations

from kubesim_tui.world.config import AMONG_OTHERS
from kubesim_tui.world.console import Console
from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import StartError
from kubesim_tui.world.inside import Inside
from kubesim_tui.world.program import Program
from kubesim_tui.world.programs import find, unwrapped
from kubesim_tui.world.shell.tasks import Tasks


def command_line(container: Container) -> tuple[str, ...]:
    """Kubernetes' command replaces the image's entrypoint (and its command), args replace its command."""
    config, spec = container.config, container.spec
    if config.command:
        return (*config.command, *config.args)
    return (*spec.entrypoint, *(config.args or spec.command))


def first_process(container: Container, now: int) -> Program | Tasks:
    """Raises StartError if there is nothing by the name of the first word."""
    argv = command_line(container)
    spec = container.spec
    found = find(spec, argv)
    if found is not None:
        return Program(found[0], found[1], now)
    argv = unwrapped(spec, argv)
    system = Inside(container, now)
    if not argv or not executable(container, system, argv[0]):
        if spec.known:
            raise StartError(_absent(argv[0] if argv else ""))
        return Program(next(iter(spec.programs.values())), argv, now)
    cwd = container.config.working_dir or spec.workdir
    console = container.console = Console.of(container.config)
    streams = (console.input, console.output, console.errors) if console is not None else None
    first = AMONG_OTHERS if container.config.target else 1
    return Tasks.make(argv, container.environment(), now, cwd, streams=streams, first_pid=first)


def executable(container: Container, system: Inside, name: str) -> bool:
    """Whether a name can be executed: a shell, a tool, or a file that is there."""
    directory, slash, base = name.rpartition("/")
    if (not slash or directory.endswith("bin")) and (system.has_tool(base) or system.has_program((name,))):
        return True
    return bool(slash) and container.files().is_file(name)


def _absent(name: str) -> str:
    if "/" in name:
        return f'exec: "{name}": stat {name}: no such file or directory'
    return f'exec: "{name}": executable file not found in $PATH'
