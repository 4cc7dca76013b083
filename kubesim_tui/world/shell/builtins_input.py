"""Builtins that take lines and options apart: read, mapfile, getopts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell import parameters
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.expansion import separator
from kubesim_tui.world.shell.tasks import arguments_of

_BLANKS = " \t\n"


def _read(call: Call) -> Outcome:
    """read [-r] [-p prompt] [-t seconds] [-a array] [names]: a line into variables, split at IFS."""
    flags, values, names = _options(call.arguments, "ptadnu")
    line = call.line()
    if line is None:
        return WAIT_INPUT
    call.unsteady()
    text = line.removesuffix("\n")
    if "r" not in flags:
        text = re.sub(r"\\(.)", r"\1", text)
    ifs = call.env().get("IFS", call.task.vars.get("IFS", _BLANKS))
    if "a" in values:
        call.task.arrays[values["a"]] = _parts(text, ifs, 0)
    else:
        found = _parts(text, ifs, len(names) or 1)
        for name, part in zip(names or ["REPLY"], [*found, *[""] * len(names)], strict=False):
            parameters.assign(call.task, name, part)
    return 0 if line.endswith("\n") else 1


def _options(words: list[str], valued: str) -> tuple[set[str], dict[str, str], list[str]]:
    flags: set[str] = set()
    values: dict[str, str] = {}
    rest = list(words)
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        letters = rest.pop(0)[1:]
        for at, letter in enumerate(letters):
            if letter in valued:
                values[letter] = letters[at + 1 :] or (rest.pop(0) if rest else "")
                break
            flags.add(letter)
    return flags, values, rest


def _parts(text: str, ifs: str, most: int) -> list[str]:
    """The parts of a line; the last of `most` takes what is left (0: as many as there are)."""
    text = text.strip("".join(char for char in ifs if char in _BLANKS)) if ifs else text
    if not text or not ifs:
        return [text] if text else []
    return re.split(separator(ifs), text, maxsplit=max(0, most - 1)) if most != 1 else [text]


def _mapfile(call: Call) -> Outcome:
    """mapfile [-t] array: all lines into an array."""
    flags, _, names = _options(call.arguments, "nOsudCc")
    text = call.all()
    if text is None:
        return WAIT_INPUT
    call.task.arrays[names[0] if names else "MAPFILE"] = [
        line.removesuffix("\n") if "t" in flags else line for line in text.splitlines(keepends=True)
    ]
    return 0


def _getopts(call: Call) -> Outcome:
    """getopts optstring name [arguments]: one option after the other."""
    if len(call.arguments) < 2:
        return call.fail("usage: getopts optstring var [arg]", 2)
    letters, name, *given = call.arguments
    words, task = given or arguments_of(call.task), call.task
    at, place = int(task.vars.get("OPTIND") or 1), int(task.vars.get("_OPTPLACE") or 1)
    word = words[at - 1] if at <= len(words) else ""
    if place == 1 and (not word.startswith("-") or word in ("-", "--")):
        task.vars.update({name: "?", "OPTIND": str(at + (word == "--"))})
        return 1
    letter, rest = word[place], word[place + 1 :]
    found, value = (letter, "") if letter in letters.replace(":", "") else ("?", letter)
    step, place = (0, place + 1) if rest else (1, 1)
    if found != "?" and f"{letter}:" in letters:
        value, step, place = (rest, 1, 1) if rest else (words[at] if at < len(words) else "", 2, 1)
    elif found == "?" and not letters.startswith(":"):
        call.err(f"{task.name}: Illegal option -{letter}")
    task.vars.update({name: found, "OPTARG": value, "OPTIND": str(at + step), "_OPTPLACE": str(place)})
    return 0


READING: Mapping[str, Command] = {"read": _read, "mapfile": _mapfile, "readarray": _mapfile, "getopts": _getopts}
