"""Commands that are part of the shell, because they change it: cd, set, read, trap, wait, exit …"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell import parameters, redirects
from kubesim_tui.world.shell.arith import evaluate
from kubesim_tui.world.shell.builtins_input import READING
from kubesim_tui.world.shell.builtins_variables import VARIABLES, number
from kubesim_tui.world.shell.call import WAIT_CHILD, Become, Call, Command, Outcome
from kubesim_tui.world.shell.compiler import compile_text
from kubesim_tui.world.shell.parameters import ShellError
from kubesim_tui.world.shell.quoting import quoted
from kubesim_tui.world.shell.tasks import Frame
from kubesim_tui.world.shell.test_command import test
from kubesim_tui.world.shell.tools import SHELLS, TOOLS, find_tool


def _colon(_call: Call) -> Outcome:
    return 0


def _false(_call: Call) -> Outcome:
    return 1


def _cd(call: Call) -> Outcome:
    wanted = call.arguments[0] if call.arguments else call.task.vars.get("HOME", "/root")
    wanted = call.task.vars.get("OLDPWD", call.task.cwd) if wanted == "-" else wanted
    path = call.path(wanted)
    if not call.files.is_directory(path):
        return call.fail(f"can't cd to {wanted}: No such file or directory", 2)
    call.task.vars["OLDPWD"], call.task.vars["PWD"] = call.task.cwd, path
    call.task.cwd = path
    return 0


def _pwd(call: Call) -> Outcome:
    call.out(call.task.cwd + "\n")
    return 0


def _exit(call: Call) -> Outcome:
    code = number(call, call.task.status)
    call.task.frames.clear()
    call.task.stack.clear()
    call.task.reads = False
    return code & 255


def _return(call: Call) -> Outcome:
    code = number(call, call.task.status)
    task = call.task
    while task.frames:
        frame = task.frames.pop()
        task.leave(frame)
        del task.stack[frame.depth :]
        while len(task.held) > frame.held:
            redirects.restore(task, task.held.pop())
        redirects.restore(task, frame.restore)
        if frame.kind in ("function", "source"):
            break
    return code & 255


def _break(call: Call) -> Outcome:
    return _leave_loops(call, again=False)


def _continue(call: Call) -> Outcome:
    return _leave_loops(call, again=True)


def _leave_loops(call: Call, *, again: bool) -> Outcome:
    """Out of n loops: the stack, and descriptors that were changed inside, as they were at the loop's head."""
    task = call.task
    frame = task.frames[-1] if task.frames else None
    if frame is None or not frame.loops:
        return 0
    depth = min(max(1, number(call, 1)), len(frame.loops))
    if depth > 1:
        del frame.loops[1 - depth :]
    out, start, stack, _, extra, held = frame.loops[-1]
    del task.stack[stack + (extra if again else 0) :]
    while len(task.held) > held:
        redirects.restore(task, task.held.pop())
    frame.at = start if again else out
    return 0


def _eval(call: Call) -> Outcome:
    call.task.enter(Frame(compile_text(" ".join(call.arguments)), "eval"))
    return 0


def _source(call: Call) -> Outcome:
    if not call.arguments:
        return call.fail("filename argument required", 2)
    try:
        text = call.files.read(call.path(call.arguments[0]))
    except FileError:
        raise ShellError(f".: can't open '{call.arguments[0]}': No such file or directory") from None
    values = call.arguments[1:] or None
    call.task.enter(Frame(compile_text(text), "source", arguments=values))
    return 0


def _exec(call: Call) -> Outcome:
    """Replace the shell by a command; without one, keep the redirections."""
    saved, call.tool.restore = call.tool.restore, []
    if not call.arguments:
        return 0
    call.tool.restore = [] if call.arguments else saved
    call.tool.last = True
    call.task.frames.clear()
    call.task.stack.clear()
    call.task.traps.clear()
    return Become(call.arguments)


def _trap(call: Call) -> Outcome:
    task = call.task
    if not call.arguments:
        for name, script in sorted(task.traps.items()):
            call.out(f"trap -- {quoted(script)} {name}\n")
        return 0
    action, names = call.arguments[0], call.arguments[1:]
    if not names:
        action, names = "-", [action]
    for name in names:
        signal = _signal_name(name)
        if action == "-":
            task.traps.pop(signal, None)
        else:
            task.traps[signal] = action
    return 0


def _signal_name(text: str) -> str:
    numbers = {"0": "EXIT", "1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM"}
    return numbers.get(text, text.upper().removeprefix("SIG"))


def _wait(call: Call) -> Outcome:
    """Wait for children; a trapped signal ends it (its code says which)."""
    task = call.task
    if task.signals:
        task.waiting_for = 0
        return 128 + 15
    pids = [int(word) for word in call.arguments if word.isdecimal()]
    if not pids:
        task.waiting_for = 0
        alive = any(t.parent == task.pid and t.exit_code is None for t in call.tasks.tasks.values())
        return WAIT_CHILD if alive else 0
    for pid in pids:
        child = call.tasks.tasks.get(pid)
        if child is not None and child.exit_code is None:
            task.waiting_for = pid
            return WAIT_CHILD
    task.waiting_for = 0
    child = call.tasks.tasks.get(pids[-1])
    return 127 if child is None or child.exit_code is None else child.exit_code


def _let(call: Call) -> Outcome:
    number = 0
    for text in call.arguments:
        number = evaluate(text, parameters.Variables(call.tasks, call.task, call.system))
    return int(number == 0)


def _type(call: Call) -> Outcome:
    """`type`, `command -v`: what a name stands for."""
    code = 0
    for name in [word for word in call.arguments if not word.startswith("-")]:
        text = _what(call, name)
        if text:
            call.out(text + "\n")
        else:
            code = 127
            if call.name == "type":
                call.err(f"{call.task.name}: {name}: not found")
    return code


def _what(call: Call, name: str) -> str:
    verbose = call.name == "type"
    if name in call.task.functions:
        return f"{name} is a function" if verbose else name
    if name in BUILTINS:
        return f"{name} is a shell builtin" if verbose else name
    if (name in (*SHELLS, *TOOLS) and call.system.has_tool(name)) or call.system.has_program((name,)):
        return f"{name} is /usr/bin/{name}" if verbose else f"/usr/bin/{name}"
    if "/" in name and call.files.is_file(call.path(name)):
        return f"{name} is {name}" if verbose else name
    return ""


def _command(call: Call) -> Outcome:
    if call.arguments[:1] in (["-v"], ["-V"]):
        return _type(call)
    return Become(call.arguments) if call.arguments else 0


def _umask(call: Call) -> Outcome:
    if not call.arguments:
        call.out("0022\n")
    return 0


def _tool(call: Call) -> Outcome:
    """A builtin that is a tool as well."""
    found: Outcome = find_tool(call.name)(call)
    return found


def _test(call: Call) -> Outcome:
    return test(call, call.arguments)


BUILTINS: Mapping[str, Command] = {
    **VARIABLES,
    **READING,
    ":": _colon,
    "true": _colon,
    "false": _false,
    "cd": _cd,
    "pwd": _pwd,
    "exit": _exit,
    "return": _return,
    "break": _break,
    "continue": _continue,
    "eval": _eval,
    ".": _source,
    "source": _source,
    "exec": _exec,
    "trap": _trap,
    "wait": _wait,
    "let": _let,
    "type": _type,
    "command": _command,
    "umask": _umask,
    "ulimit": _colon,
    "shopt": _colon,
    "hash": _colon,
    "alias": _colon,
    "test": _test,
    "[": _test,
    "echo": _tool,
    "printf": _tool,
    "kill": _tool,
}
