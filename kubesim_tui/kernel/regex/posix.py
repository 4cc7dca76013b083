"""The regular expressions of grep and sed, in Go's spelling: run them with `compiled(…, posix=True)`.

A basic one means + ? | ( ) { } only with a backslash, an extended one only without. Within brackets a backslash is
itself. Back references are not known to a machine that never goes back: such a pattern is refused.
"""

from __future__ import annotations

import re

from kubesim_tui.kernel.regex.machine import Match
from kubesim_tui.kernel.regex.syntax import RegexError

_WORD = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^]])*\]|\\.|.", re.DOTALL)
_SPECIAL = frozenset("+?|(){}")
_INSERT = re.compile(r"\\(\d)|\\(.)|(&)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t"}


def extended(pattern: str) -> str:
    """An extended regular expression."""
    return "".join(_plain(word) for word in _words(pattern))


def basic(pattern: str) -> str:
    """A basic regular expression: a star at its beginning (or that of a group) is a star."""
    found: list[str] = []
    for word in _words(pattern):
        if word == "*" and (not found or found[-1] in ("(", "|", "^")):
            found.append(r"\*")
        elif word in _SPECIAL:
            found.append("\\" + word)
        elif len(word) == 2 and word[0] == "\\" and word[1] in _SPECIAL:
            found.append(word[1])
        else:
            found.append(_plain(word))
    return "".join(found)


def _words(pattern: str) -> list[str]:
    return [found.group() for found in _WORD.finditer(pattern)]


def _plain(word: str) -> str:
    if len(word) > 1 and word[0] == "[":
        return word.replace("\\", "\\\\")
    if len(word) == 2 and word[1].isdecimal():
        raise RegexError("invalid escape sequence", word)
    return word[1] if len(word) == 2 and word[1].isalpha() and word[1] not in "wWsSbBntrdD" else word


def quoted(text: str) -> str:
    """The pattern of a plain text."""
    return re.sub(r"[-\\.+*?()|\[\]{}^$]", r"\\\g<0>", text)


def filled(form: str, found: Match) -> str:
    """What sed puts in a match's place: `&` is the match, `\\1` its first group."""

    def one(word: re.Match[str]) -> str:
        if word[3]:
            return found.whole
        if word[1] is None:
            return _LETTERS.get(word[2], word[2])
        number = int(word[1])
        return (found[number] or "") if number <= len(found.groups()) else ""

    return _INSERT.sub(one, form)
