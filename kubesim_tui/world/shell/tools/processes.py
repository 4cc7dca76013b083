"""Tools for processes: sleep, timeout, kill, killall, pgrep, ps, env, xargs, and those that only run what follows."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell.call import WAIT_CHILD, WAIT_FOREVER, WAIT_INPUT, Become, Call, Command, Outcome, Wait
from kubesim_tui.world.shell.scheduler import kill as kill_task
from kubesim_tui.world.shell.tasks import CHILD
from kubesim_tui.world.shell.tools.options import read

_PERIOD = re.compile(r"(\d+)(?:\.(\d+))?([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def period_us(text: str) -> int | None:
    """`5`, `0.5`, `2m` in microseconds; -1 for `infinity`, None if it is none of these."""
    if text in ("infinity", "inf"):
        return -1
    found = _PERIOD.fullmatch(text)
    if found is None:
        return None
    micros = int(found[1]) * 1_000_000 + int((found[2] or "0")[:6].ljust(6, "0"))
    return micros * _UNITS[found[3]]


def sleep(call: Call) -> Outcome:
    """sleep times: their sum"""
    if call.state.get("asleep"):
        return 0
    if not call.arguments:
        return call.fail("missing operand")
    total = 0
    for word in call.arguments:
        micros = period_us(word)
        if micros is None:
            return call.fail(f"invalid time interval '{word}'" if call.system.gnu else f"invalid number '{word}'")
        if micros < 0:
            return WAIT_FOREVER
        total += micros
    if total == 0:
        return 0
    call.state["asleep"] = True
    return call.sleep(total)


def timeout(call: Call) -> Outcome:
    """timeout [-s signal] seconds command"""
    task = call.task
    pid = call.state.get("child")
    if isinstance(pid, int):
        child = call.tasks.tasks.get(pid)
        task.waiting_for = 0
        if child is not None and child.exit_code is None:
            kill_task(call.tasks, pid, "TERM")
            call.tasks.reap(pid)
            return 124 if call.system.gnu else 143
        return call.tasks.reap(pid)
    options = read(call.arguments, "sk", stop_early=True)
    if len(options.rest) < 2:
        return call.fail("missing operand", 125)
    micros = period_us(options.rest[0])
    if micros is None:
        return call.fail(f"invalid time interval '{options.rest[0]}'", 125)
    made = call.tasks.child(task, options.rest[1:], dict(task.fds))
    if made is None:
        return call.fail("can't fork", 125)
    call.state["child"] = task.waiting_for = made.pid
    return Wait(CHILD, call.now_us + micros if micros > 0 else 0)


def kill(call: Call) -> Outcome:
    """kill [-signal] pids"""
    words = list(call.arguments)
    signal = "TERM"
    if words[:1] == ["-s"]:
        signal = words[1] if len(words) > 1 else "TERM"
        words = words[2:]
    elif words and re.fullmatch(r"-[A-Z0-9]+", words[0]):
        signal = words.pop(0)[1:]
    signal = _signal(signal)
    call.unsteady()
    code = 0
    for word in words:
        pid = int(word) if word.lstrip("-").isdecimal() else 0
        if pid == 1 and call.tasks.session:
            call.system.signal_first(signal)
        elif not kill_task(call.tasks, pid, signal) and not _kill_program(call, pid, signal):
            code = call.fail(
                f"can't kill pid {word}: No such process" if not call.system.gnu else f"({word}) - No such process"
            )
    return code


def _signal(text: str) -> str:
    numbers = {"0": "0", "1": "HUP", "2": "INT", "3": "QUIT", "9": "KILL", "10": "USR1", "12": "USR2", "15": "TERM"}
    return numbers.get(text, text.upper().removeprefix("SIG"))


def _kill_program(call: Call, pid: int, signal: str) -> bool:
    for number, line in call.system.programs():
        if number == pid:
            call.system.signal_program(line.split()[0], signal)
            return True
    return False


def killall(call: Call) -> Outcome:
    """killall, pkill [-signal] names"""
    words = list(call.arguments)
    signal = "TERM"
    if words and words[0].startswith("-"):
        signal = words.pop(0)[1:]
        signal = words.pop(0) if signal == "s" and words else signal
    call.unsteady()
    code = 0
    for name in words:
        if not call.system.signal_program(name, _signal(signal)):
            code = 1
            if call.name == "killall":
                call.fail(f"{name}: no process killed" if not call.system.gnu else f"{name}: no process found")
    return code


def pgrep(call: Call) -> Outcome:
    """pgrep, pidof names"""
    options = read(call.arguments)
    call.unsteady()
    pids = [str(pid) for pid, line in _processes(call) for name in options.rest if name in line.split()[0]]
    call.out("".join(f"{pid}\n" for pid in pids) if call.name == "pgrep" else " ".join(pids) + "\n" if pids else "")
    return int(not pids)


def _processes(call: Call) -> list[tuple[int, str]]:
    found = dict(call.system.programs())
    for task in call.tasks.tasks.values():
        if task.exit_code is None and task.pid not in found:
            found[task.pid] = " ".join(task.tool.argv) if task.tool is not None else task.name
    return sorted(found.items())


def ps(call: Call) -> Outcome:
    """ps"""
    call.unsteady()
    call.out("PID   USER     TIME  COMMAND\n")
    for pid, line in _processes(call):
        call.out(f"{pid:5} root      0:00 {line}\n")
    return 0


def env(call: Call) -> Outcome:
    """env [-i] [NAME=value …] [command]"""
    variables = {} if "-i" in call.arguments[:1] else dict(call.env())
    words = [word for word in call.arguments if word != "-i"]
    while words and "=" in words[0]:
        name, _, text = words.pop(0).partition("=")
        variables[name] = text
    if words:
        return Become(words, variables)
    call.out("".join(f"{name}={text}\n" for name, text in variables.items()))
    return 0


def printenv(call: Call) -> Outcome:
    """printenv [names]"""
    variables = call.env()
    if not call.arguments:
        return env(call)
    for name in call.arguments:
        if name in variables:
            call.out(variables[name] + "\n")
    return int(not all(name in variables for name in call.arguments))


def wrapper(call: Call) -> Outcome:
    """nohup, nice, tini, dumb-init, setsid, time: run what follows"""
    options = read(call.arguments, "ng", stop_early=True)
    return Become(options.rest) if options.rest else call.fail("missing operand", 125)


def as_user(call: Call) -> Outcome:
    """su-exec, gosu, setpriv user command"""
    return Become(call.arguments[1:]) if len(call.arguments) > 1 else call.fail("missing operand", 1)


def xargs(call: Call) -> Outcome:
    """xargs [-n count] [-I mark] [command]"""
    pid = call.state.get("child")
    if isinstance(pid, int):
        call.task.waiting_for = 0
        call.state["code"] = 123 if call.tasks.reap(pid) else call.state.get("code", 0)
    if "todo" not in call.state:
        text = call.all()
        if text is None:
            return WAIT_INPUT
        call.state["todo"] = _xargs_lines(call, text)
    todo = call.state["todo"]
    if not isinstance(todo, list) or not todo:
        return int(str(call.state.get("code", 0)))
    made = call.tasks.child(call.task, todo.pop(0), dict(call.task.fds))
    if made is None:
        return call.fail("can't fork", 123)
    call.state["child"] = call.task.waiting_for = made.pid
    return WAIT_CHILD


def _xargs_lines(call: Call, text: str) -> list[list[str]]:
    options = read(call.arguments, "nIP", stop_early=True)
    command = options.rest or ["echo"]
    mark = options.values.get("I")
    if mark:
        return [[part.replace(mark, line.strip()) for part in command] for line in text.splitlines() if line.strip()]
    words = [word for word in text.split("\0") if word] if "0" in options else text.split()
    size = int(options.values.get("n", len(words) or 1))
    groups = [words[at : at + size] for at in range(0, len(words), size)]
    return [[*command, *group] for group in groups or ([[]] if "r" not in options else [])]


def busybox(call: Call) -> Outcome:
    """busybox applet arguments: all of its tools in one"""
    return Become(call.arguments) if call.arguments else 0


def pause(_call: Call) -> Outcome:
    """pause: for ever"""
    return WAIT_FOREVER


TOOLS: Mapping[str, Command] = {
    "sleep": sleep,
    "busybox": busybox,
    "timeout": timeout,
    "kill": kill,
    "killall": killall,
    "pkill": killall,
    "pgrep": pgrep,
    "pidof": pgrep,
    "ps": ps,
    "env": env,
    "printenv": printenv,
    "nohup": wrapper,
    "nice": wrapper,
    "tini": wrapper,
    "dumb-init": wrapper,
    "setsid": wrapper,
    "time": wrapper,
    "catatonit": wrapper,
    "su-exec": as_user,
    "gosu": as_user,
    "xargs": xargs,
}
