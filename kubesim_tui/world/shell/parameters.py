"""Variables and the special parameters of a shell."""

from __future__ import annotations

import re

from kubesim_tui.world.shell.system import System
from kubesim_tui.world.shell.tasks import Task, Tasks, arguments_of

LONGEST = 1 << 20
"""Of a variable: a script must not eat the memory of the machine that simulates it."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_ITEM = re.compile(r"([A-Za-z_]\w*)\[(.*)\]")


class ShellError(Exception):
    """An error that ends the shell; the text follows its name."""


def value(tasks: Tasks, task: Task, system: System, name: str) -> str | None:
    """The value of a parameter; None if it is not set."""
    found = task.vars.get(name)
    if found is not None:
        return found
    if name.isdecimal():
        arguments = arguments_of(task)
        return task.name if name == "0" else arguments[int(name) - 1] if int(name) <= len(arguments) else None
    item = _ITEM.fullmatch(name)
    if item is not None:
        return _item(tasks, task, system, item[1], item[2])
    if name in task.arrays:
        return task.arrays[name][0] if task.arrays[name] else None
    return _special(tasks, task, system, name)


def _item(tasks: Tasks, task: Task, system: System, name: str, index: str) -> str | None:
    items = task.arrays.get(name)
    if items is None:
        return task.vars.get(name) if index == "0" else None
    text = index.removeprefix("$")
    number = text if text.lstrip("-").isdecimal() else value(tasks, task, system, text) or "0"
    at = int(number) if number.lstrip("-").isdecimal() else 0
    return items[at] if -len(items) <= at < len(items) else None


def _special(tasks: Tasks, task: Task, system: System, name: str) -> str | None:
    match name:
        case "?":
            return str(task.status)
        case "#":
            return str(len(arguments_of(task)))
        case "$":
            return str(tasks.first.pid if not tasks.session else task.pid)
        case "!":
            return str(task.last_background) if task.last_background else None
        case "-":
            return task.flags
        case "RANDOM":
            return str(_random(tasks))
        case "SECONDS":
            tasks.steady = False
            return str(task.clock_us // 1_000_000)
        case "UID" | "EUID":
            return str(system.user)
        case "PPID":
            return str(task.parent)
        case "PWD":
            return task.cwd
    return None


def _random(tasks: Tasks) -> int:
    """$RANDOM: a linear congruential generator over the steps taken so far, so that a replay draws the same."""
    tasks.steady = False
    tasks.random = (tasks.random * 1_103_515_245 + 12_345 + tasks.clock_us) % (1 << 31)
    return tasks.random >> 16


def assign(task: Task, name: str, text: str) -> None:
    """Set a variable (or an item of an array)."""
    item = _ITEM.fullmatch(name)
    if item is not None and item[2].isdecimal():
        items = task.arrays.setdefault(item[1], [])
        items.extend([""] * (int(item[2]) + 1 - len(items)))
        items[int(item[2])] = text
        return
    if not _NAME.fullmatch(name):
        raise ShellError(f"{name}: bad variable name")
    if len(text) > LONGEST:
        raise ShellError("out of memory")
    if name in task.readonly:
        raise ShellError(f"{name}: is read only")
    task.vars[name] = text
    if "a" in task.flags:
        task.exported[name] = None


class Variables:
    """The variables of a task as arithmetic sees them."""

    __slots__ = ("_system", "_task", "_tasks")

    def __init__(self, tasks: Tasks, task: Task, system: System) -> None:
        self._tasks = tasks
        self._task = task
        self._system = system

    def get(self, name: str) -> str | None:
        """The value of a variable."""
        return value(self._tasks, self._task, self._system, name)

    def set(self, name: str, text: str) -> None:
        """Set a variable."""
        assign(self._task, name, text)
