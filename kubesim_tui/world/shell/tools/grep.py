"""grep, and regular expressions of POSIX in Python's words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import Options, UsageError, read


def grep(call: Call) -> Outcome:
    """grep [-ivcqnowEFxl] pattern [files]"""
    try:
        options = read(call.arguments, "emABC", known="ivcqnowEFxlsrhHPa")
    except UsageError as error:
        return call.fail(str(error), 2)
    rest = list(options.rest)
    pattern = options.values.get("e")
    if pattern is None:
        if not rest:
            return call.fail("no pattern", 2)
        pattern = rest.pop(0)
    try:
        wanted = _grep_pattern(pattern, options, fixed=call.name == "fgrep", extended=call.name == "egrep")
    except re.error:
        return call.fail(f"bad regex '{pattern}'", 2)
    if not rest:
        return _grep_pipe(call, options, wanted)
    texts = call.texts(rest)
    if texts is None:
        return WAIT_INPUT
    found = [_grep_text(call, options, wanted, name if len(rest) > 1 else "", text) for name, text in texts]
    if "q" in options and any(found):
        return 0
    return 2 if call.state["failed"] else int(not any(found))


def _grep_pattern(pattern: str, options: Options, *, fixed: bool, extended: bool) -> re.Pattern[str]:
    if fixed or "F" in options:
        text = "|".join(re.escape(line) for line in pattern.split("\n"))
    elif extended or "E" in options or "P" in options:
        text = posix(pattern)
    else:
        text = basic(pattern)
    text = rf"\b(?:{text})\b" if "w" in options else text
    text = rf"^(?:{text})$" if "x" in options else text
    return re.compile(text, re.IGNORECASE if "i" in options else 0)


def posix(pattern: str) -> str:
    """An extended regular expression in Python's words."""
    for name, inside in (
        ("digit", "0-9"),
        ("alpha", "a-zA-Z"),
        ("alnum", "a-zA-Z0-9"),
        ("space", r"\s"),
        ("upper", "A-Z"),
        ("lower", "a-z"),
        ("punct", r"!-/:-@\[-`{-~"),
        ("blank", r" \t"),
    ):
        pattern = pattern.replace(f"[:{name}:]", inside)
    return pattern


def basic(pattern: str) -> str:
    """A basic regular expression: there + ? | ( ) { } are plain, and special with a backslash."""
    swapped = re.sub(r"\\([+?|(){}])|([+?|(){}])", lambda f: f[1] if f[1] else "\\" + f[2], pattern)
    return posix(re.sub(r"^\*", r"\\*", swapped))


def _grep_text(call: Call, options: Options, wanted: re.Pattern[str], name: str, text: str, first: int = 1) -> bool:
    lines = text.removesuffix("\n").split("\n") if text else []
    hits = [(n, line) for n, line in enumerate(lines, first) if bool(wanted.search(line)) != ("v" in options)]
    limit = options.values.get("m", "")
    hits = hits[: int(limit)] if limit.isdecimal() else hits
    prefix = f"{name}:" if name and "h" not in options else ""
    if "q" in options:
        return bool(hits)
    if "c" in options:
        call.out(f"{prefix}{len(hits)}\n")
    elif "l" in options:
        call.out(f"{name}\n" if hits else "")
    else:
        for number, line in hits:
            _grep_line(call, options, wanted, prefix + (f"{number}:" if "n" in options else ""), line)
    return bool(hits)


def _grep_line(call: Call, options: Options, wanted: re.Pattern[str], prefix: str, line: str) -> None:
    for text in [found[0] for found in wanted.finditer(line)] if "o" in options else [line]:
        call.out(f"{prefix}{text}\n")


def _grep_pipe(call: Call, options: Options, wanted: re.Pattern[str]) -> Outcome:
    """Line by line where that shows; counting waits for the end."""
    if "c" in options:
        text = call.all()
        return WAIT_INPUT if text is None else int(not _grep_text(call, options, wanted, "", text))
    while True:
        line = call.line()
        if line is None:
            return WAIT_INPUT
        if line == "":
            return 0 if call.state.get("hit") else 1
        call.state["seen"] = number = int(str(call.state.get("seen", 0))) + 1
        if _grep_text(call, options, wanted, "", line, number):
            call.state["hit"] = True
            if "q" in options:
                return 0


TOOLS: Mapping[str, Command] = {"grep": grep, "egrep": grep, "fgrep": grep}
