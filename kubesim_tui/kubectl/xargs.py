"""xargs: lines become arguments of a command, all of one, `-n N` at a time, or each line in place of `-I {}`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from attrs import evolve, frozen

from kubesim_tui.kubectl.fail import Fail

FAILED, MOST = 123, 256
"""xargs' own exit code where a command failed; how many commands it runs at most."""


@frozen
class Options:
    """What stands between `xargs` and its command."""

    command: tuple[str, ...] = ()
    each: int = 0  # -n
    place: str = ""  # -I
    unless_empty: bool = False  # -r


def commands(words: Sequence[str], lines: Sequence[str], names: Sequence[str]) -> list[list[str]]:
    """The commands that xargs runs, one after the other. Fail for what is not known here."""
    asked = options(words[1:])
    if not asked.command or asked.command[0] not in names:
        raise Fail(f"xargs: {asked.command[0] if asked.command else ''}: only kubectl can be run here", 127)
    if asked.place:
        found = [[w.replace(asked.place, line.strip()) for w in asked.command] for line in lines if line.strip()]
    else:
        try:
            given = [word for line in lines for word in shlex.split(line)]
        except ValueError:
            raise Fail("xargs: unmatched quote; quotes are special to xargs", 1) from None
        if not given:
            return [] if asked.unless_empty else [list(asked.command)]
        each = asked.each or len(given)
        found = [[*asked.command, *given[at : at + each]] for at in range(0, len(given), each)]
    if len(found) > MOST:
        raise Fail(f"xargs: {len(found)} commands are more than the {MOST} that can be run here")
    return found


def options(words: Sequence[str]) -> Options:
    """Read the flags; the command begins with the first other word."""
    found, rest = Options(), list(words)
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        if flag in ("-r", "--no-run-if-empty"):
            found = evolve(found, unless_empty=True)
        elif flag[:2] in ("-n", "-I"):
            if not (value := flag[2:] or (rest.pop(0) if rest else "")):
                raise Fail(f"xargs: option requires an argument -- '{flag[1]}'", 1)
            found = evolve(found, place=value) if flag[1] == "I" else evolve(found, each=_count(flag[:2], value))
        elif flag != "-t":
            raise Fail(f"xargs: {flag}: only -I, -n, -r and -t are known here")
    return evolve(found, command=tuple(rest))


def _count(flag: str, value: str) -> int:
    if not value.isdecimal():
        raise Fail(f'xargs: invalid number "{value}" for {flag} option', 1)
    if not int(value):
        raise Fail(f"xargs: value {value} for {flag} option should be >= 1", 1)
    return int(value)
