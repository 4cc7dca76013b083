"""grep."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.kernel.regex import Pattern, RegexError, compiled
from kubesim_tui.kernel.regex.posix import basic, extended, quoted
from kubesim_tui.world.shell.call import WAIT_INPUT, Call, Command, Outcome
from kubesim_tui.world.shell.tools.options import Options, UsageError, read


def grep(call: Call) -> Outcome:
    """grep [-ivcqnowEFxl] [-A n] [-B n] [-C n] pattern [files]"""
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
    around = _around(options)
    if any(around) and "c" not in options and "q" not in options and "l" not in options:
        _grep_around(call, options, lines, [number - first for number, _ in hits], around, name and prefix)
        return bool(hits)
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


def _around(options: Options) -> tuple[int, int]:
    """How many lines before and after each hit are wanted (-B, -A, -C)."""
    both = options.values.get("C", "0")
    return int(options.values.get("B", both)), int(options.values.get("A", both))


def _grep_around(
    call: Call, options: Options, lines: list[str], hits: list[int], around: tuple[int, int], prefix: str
) -> None:
    """Hits with the lines around them; `--` stands where some were left out."""
    before, after = around
    shown = sorted({at for hit in hits for at in range(max(0, hit - before), min(len(lines), hit + after + 1))})
    for place, at in enumerate(shown):
        if place and shown[place - 1] != at - 1:
            call.out("--\n")
        mark = ":" if at in hits else "-"
        number = f"{at + 1}{mark}" if "n" in options else ""
        call.out(f"{prefix.rstrip(':') + mark if prefix else ''}{number}{lines[at]}\n")


def _grep_line(call: Call, options: Options, wanted: Pattern, prefix: str, line: str) -> None:
    for text in [found.whole for found in wanted.each(line) if found.whole] if "o" in options else [line]:
        call.out(f"{prefix}{text}\n")


def _grep_pipe(call: Call, options: Options, wanted: Pattern) -> Outcome:
    """Line by line where that shows; counting waits for the end."""
    if "c" in options or any(_around(options)):
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
