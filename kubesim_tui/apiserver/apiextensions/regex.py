"""Regular expressions as Go reads them (RE2), run by Python's `re`.

Flags may stand anywhere and hold to the end of their group; `$` and `\\z` are the end of the text; there are classes
such as `[[:alpha:]]` and `\\pL`; there is no looking ahead or back. A pattern that Python takes longer than it may is
not stopped (docs/FIDELITY.md).
"""

from __future__ import annotations

import re
from functools import lru_cache

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r"\s",
    "upper": "A-Z", "word": r"\w", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_LETTERS = {"L": r"[^\W\d_]", "N": r"\d", "Lu": "[A-Z]", "Ll": "[a-z]", "P": r"[^\w\s]", "Z": r"\s"}
_FLAGS = re.compile(r"\(\?([imsU]*(?:-[imsU]+)?)(\)|:)")
_CLASS = re.compile(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))")
_PERL = ("(?=", "(?!", "(?<=", "(?<!", "(?>", "(?#", "(?(")
_NAMED = re.compile(r"\(\?P?<(\w+)>")


class RegexError(ValueError):
    """A pattern that Go refuses; the text is its own."""


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern ready to search with; RegexError."""
    text = _Translation(pattern).text()
    try:
        return re.compile(text, re.ASCII)
    except (re.error, OverflowError, RecursionError) as wrong:
        said = {"missing )": "missing closing )", "unbalanced parenthesis": "unexpected )"}
        reason = next((go for ours, go in said.items() if str(wrong).startswith(ours)), str(wrong))
        raise RegexError(f"error parsing regexp: {reason}: `{pattern}`") from None


class _Translation:
    def __init__(self, pattern: str) -> None:
        self.pattern, self.i = pattern, 0
        self.out: list[str] = []
        self.open: list[int] = [0]  # how many groups of flags end with each open group

    def text(self) -> str:
        while self.i < len(self.pattern):
            self.step()
        return "".join(self.out) + ")" * self.open[0]

    def emit(self, text: str, read: int) -> None:
        self.out.append(text)
        self.i += read

    def step(self) -> None:
        pattern, i = self.pattern, self.i
        character = pattern[i]
        if character == "\\":
            self.escape(inside=False)
        elif character == "[":
            self.bracket()
        elif character == "(":
            self.group()
        elif character == ")":
            if len(self.open) == 1:
                raise RegexError(f"error parsing regexp: unexpected ): `{pattern}`")
            self.emit(")" * self.open.pop() + ")", 1)
        else:
            self.emit(r"\Z" if character == "$" else character, 1)

    def group(self) -> None:
        pattern, i = self.pattern, self.i
        if pattern.startswith(_PERL, i):
            shown = next(p for p in _PERL if pattern.startswith(p, i))
            raise RegexError(f"error parsing regexp: invalid or unsupported Perl syntax: `{shown}`")
        named, flags = _NAMED.match(pattern, i), _FLAGS.match(pattern, i)
        if named is not None:
            self.open.append(0)
            self.emit(f"(?P<{named.group(1)}>", len(named.group()))
        elif flags is not None and flags.group(2) == ")":
            self.open[-1] += 1
            self.emit(_scoped(flags.group(1)), len(flags.group()))
        elif flags is not None:
            self.open.append(0)
            self.emit(_scoped(flags.group(1)), len(flags.group()))
        else:
            self.open.append(0)
            self.emit("(", 1)

    def escape(self, *, inside: bool) -> None:
        pattern, i = self.pattern, self.i
        following = pattern[i + 1 : i + 2]
        found = _CLASS.match(pattern, i)
        if found is not None:
            letter, negated, long, short = found.groups()
            known = _LETTERS.get(long or short or "", r"\w")
            flip = (letter == "P") != bool(negated)
            body = known.removeprefix("[").removesuffix("]")
            self.emit(body if inside else f"(?!{known})." if flip else known, len(found.group()))
        elif following.isdigit() and not inside:
            raise RegexError(f"error parsing regexp: invalid escape sequence: `\\{following}`")
        elif following == "z" and not inside:
            self.emit(r"\Z", 2)
        elif not following:
            raise RegexError("error parsing regexp: trailing backslash at end of expression: ``")
        else:
            self.emit(f"\\{following}", 2)

    def bracket(self) -> None:
        pattern = self.pattern
        self.emit("[", 1)
        if pattern[self.i : self.i + 1] == "^":
            self.emit("^", 1)
        if pattern[self.i : self.i + 1] == "]":
            self.emit(r"\]", 1)
        while self.i < len(pattern) and pattern[self.i] != "]":
            if pattern.startswith("[:", self.i) and ":]" in pattern[self.i :]:
                end = pattern.index(":]", self.i)
                self.emit(_POSIX.get(pattern[self.i + 2 : end].lstrip("^"), ""), end + 2 - self.i)
            elif pattern[self.i] == "\\":
                self.escape(inside=True)
            else:
                self.emit(r"\[" if pattern[self.i] == "[" else pattern[self.i], 1)
        if self.i >= len(pattern):
            raise RegexError(f"error parsing regexp: missing closing ]: `{pattern}`")
        self.emit("]", 1)


def _scoped(flags: str) -> str:
    """Flags for a group of their own; `U` (lazy by default) is left out."""
    plain = flags.replace("U", "").rstrip("-")
    return f"(?{plain}:"
