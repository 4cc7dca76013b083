"""Reading a tool's arguments the usual way: `-n 5`, `-n5`, `-rf`, `--lines=5`, `--`."""

from __future__ import annotations

from attrs import frozen


class UsageError(Exception):
    """An option that the tool does not know, or one without its value."""


@frozen(eq=False, repr=False)
class Options:
    """`flags` as letters, `values` by letter (or long name), and what is left."""

    flags: frozenset[str]
    values: dict[str, str]
    rest: list[str]

    def __contains__(self, flag: str) -> bool:
        return flag in self.flags or flag in self.values


def read(arguments: list[str], valued: str = "", *, known: str | None = None, stop_early: bool = False) -> Options:
    """Split arguments; `valued` are the letters that take a value. `known` (if given): all other letters are errors.

    `stop_early`: what follows the first word that is no option is left alone (for commands that run commands).
    """
    flags: set[str] = set()
    values: dict[str, str] = {}
    rest: list[str] = []
    at = 0
    while at < len(arguments):
        word = arguments[at]
        at += 1
        if word == "--":
            rest.extend(arguments[at:])
            break
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            flags.add(name)
            if equals:
                values[name] = value
        elif word.startswith("-") and len(word) > 1:
            at = _letters(word[1:], arguments, at, valued, known, flags, values)
        else:
            rest.append(word)
            if stop_early:
                rest.extend(arguments[at:])
                break
    return Options(frozenset(flags), values, rest)


def _letters(
    word: str, arguments: list[str], at: int, valued: str, known: str | None, flags: set[str], values: dict[str, str]
) -> int:
    """One word of letters; returns where to go on."""
    for place, letter in enumerate(word):
        if letter in valued:
            if word[place + 1 :]:
                values[letter] = word[place + 1 :]
                return at
            if at >= len(arguments):
                raise UsageError(f"option requires an argument -- '{letter}'")
            values[letter] = arguments[at]
            return at + 1
        if known is not None and letter not in known:
            raise UsageError(f"unrecognized option: {letter}")
        flags.add(letter)
    return at
