"""Builtins for variables: export, readonly, local, unset, set, shift."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell import parameters
from kubesim_tui.world.shell.call import Call, Command, Outcome
from kubesim_tui.world.shell.parameters import ShellError
from kubesim_tui.world.shell.quoting import quoted
from kubesim_tui.world.shell.tasks import PIPEFAIL, arguments_of

_NAME = re.compile(r"[A-Za-z_]\w*")
LONG_FLAGS = {"errexit": "e", "xtrace": "x", "nounset": "u", "noglob": "f", "allexport": "a", "pipefail": PIPEFAIL}
"""What `set -o` calls them, with their letters."""


def number(call: Call, default: int) -> int:
    """The first argument as a number."""
    if not call.arguments:
        return default
    text = call.arguments[0]
    if not text.lstrip("-").isdecimal():
        raise ShellError(f"{call.name}: Illegal number: {text}")
    return int(text)


def _export(call: Call) -> Outcome:
    task = call.task
    names = [word for word in call.arguments if word not in ("-p", "-n")]
    if not names:
        for name in sorted(task.exported):
            if name in task.vars:
                call.out(f"export {name}={quoted(task.vars[name])}\n")
    for word in names:
        name, equals, text = word.partition("=")
        if not _NAME.fullmatch(name):
            raise ShellError(f"export: {name}: bad variable name")
        if "-n" in call.arguments:
            task.exported.pop(name, None)
            continue
        if equals:
            parameters.assign(task, name, text)
        task.exported[name] = None
    return 0


def _readonly(call: Call) -> Outcome:
    for word in call.arguments:
        name, equals, text = word.partition("=")
        if equals:
            parameters.assign(call.task, name, text)
        call.task.readonly[name] = None
    return 0


def _local(call: Call) -> Outcome:
    """local, declare: variables that are as before when the function returns."""
    task = call.task
    frame = next((frame for frame in reversed(task.frames) if frame.kind == "function"), None)
    for word in call.arguments:
        name, equals, text = word.partition("=")
        if word.startswith("-"):
            continue
        if frame is not None:
            frame.locals = frame.locals if frame.locals is not None else {}
            frame.locals.setdefault(name, task.vars.get(name))
        if equals or name not in task.vars:
            parameters.assign(task, name, text)
    return 0


def _unset(call: Call) -> Outcome:
    for name in call.arguments:
        call.task.vars.pop(name, None)
        call.task.exported.pop(name, None)
        call.task.functions.pop(name, None)
        call.task.arrays.pop(name, None)
    return 0


def _set(call: Call) -> Outcome:
    task = call.task
    rest = list(call.arguments)
    if not rest:
        for name in sorted(task.vars):
            call.out(f"{name}={quoted(task.vars[name])}\n")
    while rest and rest[0][:1] in ("-", "+") and len(rest[0]) > 1:
        option = rest.pop(0)
        if option == "--":
            _set_arguments(call, rest)
            return 0
        _set_option(call, option, rest)
    if rest:
        _set_arguments(call, rest)
    return 0


def _set_option(call: Call, option: str, rest: list[str]) -> None:
    letters = option[1:]
    if "o" in letters:
        word = rest.pop(0) if rest else ""
        letters = letters.replace("o", LONG_FLAGS.get(word, ""))
    for letter in letters:
        flags = call.task.flags.replace(letter, "")
        call.task.flags = flags + letter if option[0] == "-" else flags


def _set_arguments(call: Call, values: list[str]) -> None:
    for frame in reversed(call.task.frames):
        if frame.arguments is not None:
            frame.arguments = values
            return


def _shift(call: Call) -> Outcome:
    count = number(call, 1)
    values = arguments_of(call.task)
    if count > len(values):
        return call.fail("shift count out of range", 1)
    _set_arguments(call, values[count:])
    return 0


VARIABLES: Mapping[str, Command] = {
    "export": _export,
    "declare": _local,
    "typeset": _local,
    "readonly": _readonly,
    "local": _local,
    "unset": _unset,
    "set": _set,
    "shift": _shift,
}
