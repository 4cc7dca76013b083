"""What Go's JSON scanner says of broken JSON, and where.

Run only on text that Python's parser has refused. Source: Go's encoding/json scanner.go.
"""

from __future__ import annotations

from typing import NoReturn

BLANKS = " \t\r\n"


class JsonProblem(Exception):
    """Text that is no JSON. `at` is the place in the text, `syntax` is false where the text just ends."""

    def __init__(self, message: str, at: int, *, syntax: bool = True) -> None:
        super().__init__(message)
        self.at, self.syntax = at, syntax


def skip_blanks(text: str, at: int) -> int:
    """The place of the next character that is no blank."""
    while at < len(text) and text[at] in BLANKS:
        at += 1
    return at


def explain(text: str, at: int) -> NoReturn:
    """Raise the first fault of a value that starts at a place of the text."""
    _Checker(text, at).explain()


class _Checker:
    """Walks broken JSON to the first fault, with the words of Go's scanner."""

    def __init__(self, text: str, at: int) -> None:
        self.text, self.at = text, at

    def explain(self) -> NoReturn:
        """Raise the fault."""
        try:
            self._value()
        except RecursionError:
            raise JsonProblem("exceeded max depth", self.at) from None
        raise JsonProblem("invalid JSON", self.at)

    def _peek(self, *, blanks: bool = True) -> str:
        if blanks:
            self.at = skip_blanks(self.text, self.at)
        if self.at >= len(self.text):
            raise JsonProblem("unexpected EOF", self.at, syntax=False)
        return self.text[self.at]

    def _fail(self, context: str) -> NoReturn:
        raise JsonProblem(f"invalid character {_shown(self.text[self.at])} {context}", self.at)

    def _value(self) -> None:
        first = self._peek()
        if first == "{":
            self._object()
        elif first == "[":
            self._array()
        elif first == '"':
            self._string()
        elif first in "-0123456789":
            self._number()
        elif first in "tfn":
            self._literal({"t": "true", "f": "false", "n": "null"}[first])
        else:
            self._fail("looking for beginning of value")

    def _object(self) -> None:
        self.at += 1
        if self._peek() == "}":
            self.at += 1
            return
        while True:
            if self._peek() != '"':
                self._fail("looking for beginning of object key string")
            self._string()
            if self._peek() != ":":
                self._fail("after object key")
            self.at += 1
            self._value()
            if self._ends("}", "after object key:value pair"):
                return

    def _array(self) -> None:
        self.at += 1
        if self._peek() == "]":
            self.at += 1
            return
        while True:
            self._value()
            if self._ends("]", "after array element"):
                return

    def _ends(self, close: str, context: str) -> bool:
        found = self._peek()
        if found not in ("," + close):
            self._fail(context)
        self.at += 1
        return found == close

    def _string(self) -> None:
        self.at += 1
        while (found := self._peek(blanks=False)) != '"':
            if found < " ":
                self._fail("in string literal")
            self.at += 1
            if found == "\\":
                self._escape()
        self.at += 1

    def _escape(self) -> None:
        found = self._peek(blanks=False)
        if found not in 'bfnrt\\/"u':
            self._fail("in string escape code")
        self.at += 1
        for _ in range(4 if found == "u" else 0):
            if self._peek(blanks=False) not in "0123456789abcdefABCDEF":
                self._fail("in \\u hexadecimal character escape")
            self.at += 1

    def _number(self) -> None:
        if self._peek() == "-":
            self.at += 1
        if self._peek(blanks=False) == "0":
            self.at += 1
        else:
            self._digits("in numeric literal")
        if self.text[self.at : self.at + 1] == ".":
            self.at += 1
            self._digits("after decimal point in numeric literal")
        if self.text[self.at : self.at + 1] in ("e", "E"):
            self.at += 1
            if self._peek(blanks=False) in "+-":
                self.at += 1
            self._digits("in exponent of numeric literal")

    def _digits(self, context: str) -> None:
        if self._peek(blanks=False) not in "0123456789":
            self._fail(context)
        while self.text[self.at : self.at + 1] in tuple("0123456789"):
            self.at += 1

    def _literal(self, word: str) -> None:
        for character in word:
            if self._peek(blanks=False) != character:
                self._fail(f"in literal {word} (expecting '{character}')")
            self.at += 1


def _shown(character: str) -> str:
    """A character as Go's scanner quotes it; of one beyond ASCII it sees the first byte only."""
    if character in "'\"":
        return "'\\''" if character == "'" else "'\"'"
    first = chr(character.encode("utf-8", "replace")[0])
    escapes = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\a": "\\a"}
    if first in escapes:
        return f"'{escapes[first]}'"
    if not first.isprintable():
        return f"'\\x{ord(first):02x}'" if ord(first) < 0x80 else f"'\\u{ord(first):04x}'"
    return f"'{first}'"
