"""Running one command: which function, builtin, tool, program or script a name stands for, and its coming to an end."""

from __future__ import annotations

import re

from kubesim_tui.world.shell import parameters, redirects
from kubesim_tui.world.shell.builtins import BUILTINS
from kubesim_tui.world.shell.builtins_variables import LONG_FLAGS
from kubesim_tui.world.shell.call import WAIT_INPUT, Become, Call, Outcome, Wait
from kubesim_tui.world.shell.compiler import compile_text
from kubesim_tui.world.shell.quoting import quoted
from kubesim_tui.world.shell.streams import Pipe
from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import BRACES, CHILD, PROGRAM, READY, Frame, Task, Tasks, Tool
from kubesim_tui.world.shell.tools import SHELLS, TOOLS, find_tool
from kubesim_tui.world.shell.tools.options import UsageError
from kubesim_tui.world.units import SECOND_US

BIN = ("/bin/", "/usr/bin/", "/usr/local/bin/", "/sbin/", "/usr/sbin/", "/usr/local/sbin/", "/opt/bitnami/scripts/")
_DEEPEST = 100


def run_command(tasks: Tasks, task: Task, system: System, arguments: list[str]) -> None:
    """Run a simple command whose words are expanded. Raises RedirectError."""
    assigns, wanted = task.pending, task.redirects
    task.pending, task.redirects = [], []
    if "x" in task.flags:
        _trace(tasks, task, system, assigns, arguments)
    saved = redirects.apply(tasks, task, system, wanted)
    if not arguments:
        redirects.restore(task, saved)
        _assign(task, assigns)
        task.status = task.status if task.substituted else 0
        task.substituted = False
        return
    task.substituted = False
    if arguments[0] in task.functions:
        _call_function(task, arguments, assigns, saved)
        return
    env = {name: task.vars[name] for name in task.exported if name in task.vars}
    env.update(assigns)
    if arguments[0] in BUILTINS and assigns and arguments[0] in ("export", "eval", ":"):
        _assign(task, assigns)
    task.tool = Tool(arguments, env=env, restore=saved)
    resume_tool(tasks, task, system)


def _trace(tasks: Tasks, task: Task, system: System, assigns: list[tuple[str, str]], arguments: list[str]) -> None:
    words = [f"{name}={quoted(text)}" for name, text in assigns] + [quoted(text) for text in arguments]
    Call(tasks, task, system, Tool([""])).err(f"+ {' '.join(words)}")


def _assign(task: Task, assigns: list[tuple[str, str]]) -> None:
    for name, text in assigns:
        parameters.assign(task, name, text)


def _call_function(task: Task, arguments: list[str], assigns: list[tuple[str, str]], saved: redirects.Saved) -> None:
    if len(task.frames) > _DEEPEST:
        redirects.restore(task, saved)
        raise parameters.ShellError("Maximum function recursion depth reached")
    _assign(task, assigns)
    frame = Frame(task.functions[arguments[0]], "function", arguments=arguments[1:])
    frame.restore = saved
    task.enter(frame)


def resume_tool(tasks: Tasks, task: Task, system: System) -> None:
    """Call the command that the task is running, for the first time or again."""
    tool = task.tool
    if tool is None:
        return
    outcome = _outcome(tasks, task, system, tool)
    while isinstance(outcome, Become):
        tool.argv, tool.env, tool.state = outcome.argv, outcome.env if outcome.env is not None else tool.env, {}
        outcome = _outcome(tasks, task, system, tool)
    if task.tool is not tool:  # it became something else: a shell, or what exec named
        return
    if isinstance(outcome, Wait):
        task.wait, task.wake_us = outcome.kind, outcome.until_us
        return
    task.status = outcome
    leave_tool(task)
    if tool.last:
        task.frames.clear()


def leave_tool(task: Task) -> None:
    """The command is over: descriptors as before."""
    if task.tool is not None:
        redirects.restore(task, task.tool.restore)
        task.tool = None


def _outcome(tasks: Tasks, task: Task, system: System, tool: Tool) -> Outcome:
    call = Call(tasks, task, system, tool)
    try:
        return _run(call)
    except (UsageError, ValueError, LookupError, re.error, RecursionError) as error:
        # What a tool did not expect of its arguments must not stop the world.
        return call.fail(str(error) if isinstance(error, UsageError) else "invalid argument", 2)


def _run(call: Call) -> Outcome:
    task, system, tool = call.task, call.system, call.tool
    name = tool.argv[0]
    if name in BUILTINS and (task.frames or not tool.last):
        return BUILTINS[name](call)
    base = _base(name)
    if base in SHELLS and system.has_tool(base):
        return _shell(call)
    if system.has_program(tuple(tool.argv)) and not (base in TOOLS and "-s" in tool.argv):
        return _program(call)
    if base in TOOLS and system.has_tool(base):
        found: Outcome = find_tool(base)(call)
        return found
    if base in BUILTINS and system.has_tool(base):
        return BUILTINS[base](call)
    return _script(call)


def _base(name: str) -> str:
    """`/bin/sleep` → `sleep`; a path elsewhere stays as it is."""
    directory, slash, base = name.rpartition("/")
    return base if not slash or directory + "/" in BIN else name


def _program(call: Call) -> Outcome:
    """A program of the image: it runs until it ends."""
    if "launched" in call.state:
        return call.task.status
    stdin = call.all() if call.system.reads(tuple(call.argv)) else ""
    if stdin is None:
        return WAIT_INPUT
    call.state["launched"] = True
    call.task.wait = PROGRAM
    call.unsteady()
    about = tuple(call.argv), call.env(), call.task.pid, stdin
    for line in call.system.says(*about):
        call.out(line + "\n")
    call.system.launch(*about)
    return Wait(PROGRAM) if call.task.wait == PROGRAM else call.task.status


def _shell(call: Call) -> Outcome:
    """`sh -c script`, `sh file`, or what comes on the standard input: a script, or one line after the other."""
    if not call.tool.last:
        return _in_child(call, call.argv)
    flags, script, rest = _options(call.arguments)
    if script is None and rest:
        path = call.path(rest[0])
        if not call.files.is_file(path):
            return call.fail(f"can't open '{rest[0]}': No such file or directory", 127 if "/" not in rest[0] else 2)
        script = call.files.read(path)
    elif script is None:
        source = call.task.fds.get(0)
        call.task.reads = isinstance(source, Pipe) and source.held
        script = "" if call.task.reads else call.all()
        if script is None:
            return Wait("input")
    _become_shell(call, flags, script, rest)
    return 0


def _options(arguments: list[str]) -> tuple[str, str | None, list[str]]:
    """(flags, script of -c, the rest: $0 and arguments)."""
    flags = ""
    rest = list(arguments)
    wants_script = False
    while rest and rest[0][:1] in ("-", "+") and len(rest[0]) > 1:
        option = rest.pop(0)
        if option == "--":
            break
        if option in ("-o", "+o"):
            flags += LONG_FLAGS.get(rest.pop(0) if rest else "", "")
        elif not option.startswith("--"):
            wants_script = wants_script or "c" in option
            flags += "".join(flag for flag in option[1:] if flag in "exufa")
            if option.endswith("o") and rest:
                flags += LONG_FLAGS.get(rest.pop(0), "")
    return flags, (rest.pop(0) if wants_script and rest else None), rest


def _become_shell(call: Call, flags: str, script: str, rest: list[str]) -> None:
    task = call.task
    code = compile_text(script)
    if call.tool.env is not None:
        task.vars = dict(call.tool.env)
        task.exported = dict.fromkeys(task.vars)
    task.name = rest[0] if rest else call.name
    task.flags = flags + (BRACES if _base(call.argv[0]) == "bash" else "")
    task.tool = None
    task.wait = READY
    task.traps, task.functions, task.stack = {}, {}, []
    task.frames = [Frame(code, arguments=rest[1:])]


def _in_child(call: Call, argv: list[str]) -> Outcome:
    """Run a command line in a child and wait for it."""
    child = call.state.get("child")
    if isinstance(child, int):
        call.task.waiting_for = 0
        return call.tasks.reap(child)
    made = call.tasks.child(call.task, argv, dict(call.task.fds))
    if made is None:
        return call.fail("can't fork: Resource temporarily unavailable", 2)
    if made.tool is not None:
        made.tool.env = call.env()
    call.state["child"] = call.task.waiting_for = made.pid
    return Wait(CHILD)


def _where(call: Call, name: str) -> str:
    """The path of a command: the one given, or that of the first usual directory with a file of the name."""
    if "/" in name:
        return call.path(name)
    return next((place + name for place in BIN if call.files.is_file(place + name)), "")


def _script(call: Call) -> Outcome:
    """A file with a script in it, or nothing that is known."""
    name = call.argv[0]
    path = _where(call, name)
    if path and call.files.is_file(path):
        interpreter = _interpreter(call.files.read(path))
        return Become([*interpreter, path, *call.arguments])
    if path and call.files.is_directory(path):
        call.err(f"{call.task.name}: {name}: Permission denied")
        return 126
    if not call.system.known:
        return _unknown(call)
    call.err(f"{call.task.name}: {name}: not found")
    return 127


def _unknown(call: Call) -> Outcome:
    """Some program of an image that nobody described. The last one of a container's own script is taken for its
    application, which serves; any other is a helper that succeeds after a second, in a pipe or an exec at once."""
    if "launched" in call.state:
        return call.task.status
    piped = any(isinstance(call.task.fds.get(fd), Pipe) for fd in (0, 1))
    if call.tasks.session or piped or "helped" in call.state:
        return 0
    if not call.tool.last and not _is_last(call.task):
        call.state["helped"] = True
        return call.sleep(SECOND_US)
    return _program(call)


def _is_last(task: Task) -> bool:
    """Whether nothing follows in the script but the ends of blocks."""
    return all(
        step[0] in ("check", "leave", "unloop") for frame in task.frames for step in frame.code.steps[frame.at :]
    )


def _interpreter(text: str) -> list[str]:
    """What the first line `#!/bin/sh -e` names; sh without one."""
    first = text.partition("\n")[0]
    if not first.startswith("#!"):
        return ["sh"]
    words = first[2:].split()
    return words[1:] if words[:1] == ["/usr/bin/env"] else words or ["sh"]
