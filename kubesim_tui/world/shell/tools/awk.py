"""awk: runs a program over lines; what it prints is written at its end."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.kernel.regex import RegexError
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.awk_machine import AwkError, Leave, Machine
from kubesim_tui.world.shell.tools.awk_syntax import AwkSyntaxError, Parser, Rule
from kubesim_tui.world.shell.tools.awk_values import Outside, Value, number, text
from kubesim_tui.world.shell.tools.options import read
from kubesim_tui.world.shell.tools.text import unescape


def awk(call: Call) -> Outcome:
    """awk [-F separator] [-v name=value] (program | -f file) [files]"""
    variables, arguments = _assignments(call.arguments)
    options = read(arguments, "Ff", stop_early=True)
    rest = list(options.rest)
    if "f" in options:
        program = call.files.read(call.path(options.values["f"]))
    elif rest:
        program = rest.pop(0)
    else:
        return call.fail("cmd. line:0: no program", 2)
    try:
        rules = Parser(program).program()
    except AwkSyntaxError as error:
        return call.fail(f"cmd. line:1: {error}", 2)
    texts: list[tuple[str, str]] | None = []
    if any(rule[0] != "BEGIN" for rule in rules):
        texts = call.texts([name for name in rest if "=" not in name])
    if texts is None:
        return WAIT_INPUT
    machine = Machine(call)
    if "F" in options:
        machine.variables["FS"] = unescape(options.values["F"]) if options.values["F"] != "t" else "\t"
    machine.variables.update(variables)
    return _over(call, machine, rules, texts)


def _assignments(arguments: list[str]) -> tuple[dict[str, Value], list[str]]:
    """What `-v name=value` sets (it may stand several times), and the other arguments."""
    found: dict[str, Value] = {}
    rest = list(arguments)
    kept: list[str] = []
    while rest and rest[0].startswith("-") and rest[0] != "--":
        word = rest.pop(0)
        if word.startswith("-v"):
            name, _, value = (word[2:] or (rest.pop(0) if rest else "")).partition("=")
            found[name] = Outside(unescape(value))
        else:
            kept += [word, *([rest.pop(0)] if word in ("-F", "-f") and rest else [])]
    return found, [*kept, *rest]


def _over(call: Call, machine: Machine, rules: list[Rule], texts: list[tuple[str, str]]) -> int:
    try:
        _all(machine, rules, texts)
    except (AwkError, RegexError, OverflowError) as error:
        machine.code = 2
        call.fail(f"cmd. line:1: {error}")
    for where, words in machine.written.items():
        _put(call, where, "".join(words))
    return machine.code or int(bool(call.state.get("failed")))


def _put(call: Call, where: str, words: str) -> None:
    name = where.lstrip(">")
    if not name or name in ("/dev/stdout", "-"):
        call.out(words)
    elif name == "/dev/stderr":
        call.write(2, words)
    elif where.startswith(">>"):
        call.files.append(call.path(name), words)
    else:
        call.files.write(call.path(name), words)


def _all(machine: Machine, rules: list[Rule], texts: list[tuple[str, str]]) -> None:
    try:
        _when(machine, rules, "BEGIN")
        for name, whole in texts:
            machine.variables["FILENAME"] = name if name != "-" else ""
            for at, line in enumerate(_records(whole, text(machine.variables["RS"])), 1):
                machine.variables["FNR"] = float(at)
                machine.variables["NR"] = number(machine.variables["NR"]) + 1
                machine.read(line)
                _line(machine, rules)
    except Leave as leave:
        if leave.args[0] != "exit":
            raise AwkError(f"{leave.args[0]} outside of a loop") from None
    try:
        _when(machine, rules, "END")
    except Leave:
        return


def _when(machine: Machine, rules: list[Rule], when: str) -> None:
    for rule in rules:
        if rule[0] == when and rule[3] is not None:
            machine.run(rule[3])


def _line(machine: Machine, rules: list[Rule]) -> None:
    try:
        for place, rule in enumerate(rules):
            if not rule[0]:
                machine.rule(place, rule)
    except Leave as leave:
        if leave.args[0] != "next":
            raise


def _records(whole: str, separator: str) -> list[str]:
    if separator == "":  # paragraphs
        return [part.strip("\n") for part in whole.split("\n\n") if part.strip("\n")]
    parts = whole.split(separator)
    return parts[:-1] if parts[-1] in ("", "\n") else parts


TOOLS: Mapping[str, Command] = {"awk": awk, "gawk": awk, "mawk": awk}
