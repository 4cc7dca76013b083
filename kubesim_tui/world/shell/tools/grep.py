"""grep."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.kernel.regex import Pattern, RegexError, compiled
from kubesim_tui.kernel.regex.posix import basic, extended, quoted
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
        wanted = _grep_pattern(pattern, options, tool=call.name)
    except RegexError:
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


def _grep_pattern(pattern: str, options: Options, *, tool: str) -> Pattern:
    if tool == "fgrep" or "F" in options:
        text = "|".join(quoted(line) for line in pattern.split("\n"))
    elif "P" in options:
        text = pattern
    else:
        text = extended(pattern) if tool == "egrep" or "E" in options else basic(pattern)
    text = rf"\b(?:{text})\b" if "w" in options else text
    text = rf"^(?:{text})$" if "x" in options else text
    return compiled(text, folded="i" in options, posix="P" not in options)


def _grep_text(call: Call, options: Options, wanted: Pattern, name: str, text: str, first: int = 1) -> bool:
    lines = text.removesuffix("\n").split("\n") if text else []
    hits = [(n, line) for n, line in enumerate(lines, first) if wanted.matches(line) != ("v" in options)]
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


def _grep_line(call: Call, options: Options, wanted: Pattern, prefix: str, line: str) -> None:
    for text in [found.whole for found in wanted.each(line) if found.whole] if "o" in options else [line]:
        call.out(f"{prefix}{text}\n")


def _grep_pipe(call: Call, options: Options, wanted: Pattern) -> Outcome:
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
