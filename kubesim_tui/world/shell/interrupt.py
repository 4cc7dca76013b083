"""Ctrl-C at the terminal of a shell: what it has begun ends, and it asks for the next command."""

from __future__ import annotations

from kubesim_tui.world.shell.run import leave_tool
from kubesim_tui.world.shell.scheduler import kill
from kubesim_tui.world.shell.tasks import READY, Tasks


def interrupt(tasks: Tasks) -> bool:
    """Ctrl-C at its terminal: what runs there ends; False if nothing does and the shell waits for a line."""
    shell = tasks.first
    busy = bool(shell.frames) or bool(shell.typed)
    for task in [t for t in tasks.tasks.values() if t is not shell and t.exit_code is None]:
        kill(tasks, task.pid, "INT")
    if shell.reads and busy:
        leave_tool(shell)
        shell.frames.clear()
        shell.stack.clear()
        shell.typed, shell.prompted, shell.status, shell.wait, shell.wake_us = "", False, 130, READY, 0
        shell.waiting_for = 0
    return busy
