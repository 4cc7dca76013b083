"""head and tail; tail -f follows a file without asking all the time whether it has changed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.errors import FileError
from kubesim_tui.world.shell.call import WAIT_FILE, WAIT_FOREVER, WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import Options, read


def _count(options: Options, default: int) -> int:
    """-n 5, -5"""
    text = options.values.get("n") or options.values.get("lines") or options.values.get("c")
    digits = "".join(sorted(flag for flag in options.flags if flag.isdecimal()))
    found = text or digits
    return int(found.lstrip("+-")) if found.lstrip("+-").isdecimal() else default


def _numeric(arguments: list[str]) -> list[str]:
    """`-5` → `-n 5`"""
    return [part for word in arguments for part in (("-n", word[1:]) if re.fullmatch(r"-\d+", word) else (word,))]


def head(call: Call) -> Outcome:
    """head [-n lines] [-c bytes] [files]"""
    options = read(_numeric(call.arguments), "nc")
    count = _count(options, 10)
    if not options.rest and "c" not in options:
        return _head_of_pipe(call, count)
    texts = call.texts(options.rest)
    if texts is None:
        return WAIT_INPUT
    for number, (name, text) in enumerate(texts):
        _heading(call, options, number, name)
        call.out(text[:count] if "c" in options else "".join(text.splitlines(keepends=True)[:count]))
    return int(bool(call.state["failed"]))


def _heading(call: Call, options: Options, number: int, name: str) -> None:
    """Of several files each stands under its name."""
    if len(options.rest) > 1:
        call.out(f"{chr(10) if number else ''}==> {name} <==\n")


def _head_of_pipe(call: Call, count: int) -> Outcome:
    """Line by line, so that it ends (and with it whoever writes) as soon as it has seen enough."""
    seen = int(str(call.state.get("seen", 0)))
    while seen < count:
        line = call.line()
        if line is None:
            call.state["seen"] = seen
            return WAIT_INPUT
        if line == "":
            break
        call.out(line)
        seen += 1
    return 0


def tail(call: Call) -> Outcome:
    """tail [-n lines] [-n +line] [-c bytes] [-f] [-F] [files]"""
    options = read(_numeric(call.arguments), "ncs")
    if "f" in options or "F" in options or "follow" in options:
        return _follow(call, options)
    texts = call.texts(options.rest)
    if texts is None:
        return WAIT_INPUT
    for number, (name, text) in enumerate(texts):
        _heading(call, options, number, name)
        call.out(_end_of(text, options))
    return int(bool(call.state["failed"]))


def _end_of(text: str, options: Options) -> str:
    count = _count(options, 10)
    if "c" in options:
        return text[len(text) - min(count, len(text)) :]
    lines = text.splitlines(keepends=True)
    if options.values.get("n", "").startswith("+"):
        return "".join(lines[max(0, count - 1) :])
    return "".join(lines[len(lines) - min(count, len(lines)) :])


def _follow(call: Call, options: Options) -> Outcome:
    """Write what there is, then what is added, for ever; -F waits for a file that is not there yet."""
    call.unsteady()
    waits = False
    for name in options.rest:
        path = call.path(name)
        if path == "/dev/null":
            continue
        waits = True
        if not call.files.is_file(path):
            if "F" not in options and f"seen {name}" not in call.state:
                call.cannot_open(name, FileError("No such file or directory"))
                return 1
            call.state.pop(f"seen {name}", None)
            continue
        text = call.files.read(path)
        seen = call.state.get(f"seen {name}")
        if not isinstance(seen, int):
            call.out(_end_of(text, options) if "begun" not in call.state else text)
        else:
            call.out(text[seen:] if seen <= len(text) else text)
        call.state[f"seen {name}"] = len(text)
    call.state["begun"] = True
    return WAIT_FILE if waits else WAIT_FOREVER


TOOLS: Mapping[str, Command] = {"head": head, "tail": tail}
