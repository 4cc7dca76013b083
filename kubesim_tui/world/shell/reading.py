"""A shell that takes its commands from what is typed: it asks, reads a whole command, runs it, and asks again.

It asks (`/ # `) only where there is a terminal. A command that is not whole yet (an open quote, a `for` without its
`done`) is asked on for. The end of the input ends the shell, as `exit` does.
"""

from __future__ import annotations

import re

from kubesim_tui.world.shell.call import Call
from kubesim_tui.world.shell.compiler import compile_text
from kubesim_tui.world.shell.streams import Pipe
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import INPUT, Frame, Task, Tasks, Tool
from kubesim_tui.world.shell.tree import ShellSyntaxError

MORE = "> "
UNFINISHED = ("unterminated quoted string", "unexpected end of file", "EOF in backquote substitution")
"""How the errors begin of which another line may still make something."""

HERE = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")


def read_command(tasks: Tasks, task: Task, system: System) -> bool:
    """Begin with the next command, or wait for it; False at the end of the input."""
    call = Call(tasks, task, system, Tool([task.name]))
    source = task.fds.get(0)
    if isinstance(source, Pipe) and source.tty and not task.prompted:
        task.prompted = True
        call.write(2, MORE if task.typed else _prompt(task, system))
    line = call.line()
    if line is None:
        task.wait = INPUT
        return True
    task.prompted = False
    if not line:
        return False
    _take(call, task.typed + line)
    return True


def _take(call: Call, text: str) -> None:
    task, task.typed = call.task, ""
    here = HERE.search(text)
    if text.endswith("\\\n") or (here and not re.search(rf"^\t*{here[1]}$", text, re.MULTILINE)):
        task.typed = text
        return
    try:
        code = compile_text(text)
    except ShellSyntaxError as error:
        if str(error).startswith(UNFINISHED):
            task.typed = text
            return
        call.err(f"{task.name}: syntax error: {error}")
        task.status = 2
        return
    task.frames = [Frame(code, arguments=[])]


def _prompt(task: Task, system: System) -> str:
    """As busybox's ash, dash and bash ask."""
    sign = "#" if system.user == 0 else "$"
    if system.gnu and task.name != "bash":
        return f"{sign} "
    home = task.vars.get("HOME", "/root" if system.user == 0 else "/")
    inside = home != "/" and (task.cwd == home or task.cwd.startswith(f"{home}/"))
    place = f"~{task.cwd[len(home) :]}" if inside else task.cwd
    if not system.gnu:
        return f"{place} {sign} "
    who = "root" if system.user == 0 else "I have no name!"
    return f"{who}@{system.hostname}:{place}{sign} "
