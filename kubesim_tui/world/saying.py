"""What a program writes to its standard output: into its container's log, or where a shell has sent it."""

from __future__ import annotations

from kubesim_tui.world.container import Container
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.inside import Inside
from kubesim_tui.world.program import Program
from kubesim_tui.world.shell.call import BrokenPipeError_, write


def say(container: Container, program: Program, text: str, now: int) -> None:
    """Write a line; it is lost where nobody takes it."""
    tasks = (container.sessions or {}).get(program.session) if program.session else container.tasks
    task = tasks.tasks.get(program.task) if tasks is not None else None
    if tasks is None or task is None:
        container.write_log(text, now)
        return
    try:
        write(tasks, task, Inside(container, now, program.session), 1, text + "\n")
    except (BrokenPipeError_, FileError):
        return
