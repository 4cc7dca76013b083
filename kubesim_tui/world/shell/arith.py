"""`$(( … ))`: integer arithmetic of 64 bits, with C's operators and precedence, and assignments to variables."""

from __future__ import annotations

import re
from typing import Protocol


class ArithError(Exception):
    """What the shell says: `arithmetic syntax error`, `divide by zero`."""


class Variables(Protocol):
    """Where variables are read and set."""

    def get(self, name: str) -> str | None:
        """The value of a variable."""
        ...

    def set(self, name: str, value: str) -> None:
        """Set a variable."""
        ...


_TOKEN = re.compile(
    r"\s*(?:(0[xX][0-9a-fA-F]+|\d+#\w+|\d+)|([A-Za-z_]\w*(?:\[[^\]]*\])?)"
    r"|(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%<>=!~&|^?:(),]))"
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", "<=", ">", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
    ("**",),
)
_ASSIGNS = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")
_DEEPEST = 60


def evaluate(text: str, variables: Variables) -> int:
    """The value of an expression; an empty one is 0."""
    tokens = _tokens(text)
    if not tokens:
        return 0
    reader = _Reader(tokens, variables)
    value = reader.comma(live=True)
    if reader.at < len(tokens):
        raise ArithError("arithmetic syntax error")
    return value


def _tokens(text: str) -> list[str]:
    text = text.strip()
    tokens = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ArithError("arithmetic syntax error")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


def wrap(value: int) -> int:
    """To a signed integer of 64 bits, as C's long long overflows."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


class _Reader:
    """Recursive descent; `live` is false in the branch that a short circuit skips (nothing is assigned there)."""

    def __init__(self, tokens: list[str], variables: Variables) -> None:
        self.tokens = tokens
        self.at = 0
        self._variables = variables
        self._depth = 0

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self.at += 1
        return token

    def comma(self, *, live: bool) -> int:
        value = self._assign(live=live)
        while self._peek() == ",":
            self.at += 1
            value = self._assign(live=live)
        return value

    def _assign(self, *, live: bool) -> int:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ArithError("expression nested too deeply")
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""
        if following in _ASSIGNS and _is_name(self._peek()):
            name, operator = self._take(), self._take()
            value = self._assign(live=live)
            if operator != "=":
                value = _apply(operator[:-1], self._value(name), value, live=live)
            if live:
                self._variables.set(name, str(value))
        else:
            value = self._ternary(live=live)
        self._depth -= 1
        return value

    def _ternary(self, *, live: bool) -> int:
        condition = self._binary(0, live=live)
        if self._peek() != "?":
            return condition
        self.at += 1
        first = self._assign(live=live and condition != 0)
        if self._take() != ":":
            raise ArithError("arithmetic syntax error")
        second = self._assign(live=live and condition == 0)
        return first if condition else second

    def _binary(self, level: int, *, live: bool) -> int:
        if level == len(_LEVELS):
            return self._unary(live=live)
        left = self._binary(level + 1, live=live)
        while self._peek() in _LEVELS[level]:
            operator = self._take()
            skipped = (operator == "&&" and not left) or (operator == "||" and left)
            right = self._binary(level if operator == "**" else level + 1, live=live and not skipped)
            left = _apply(operator, left, right, live=live)
        return left

    def _unary(self, *, live: bool) -> int:
        token = self._take()
        if token in ("-", "+", "!", "~"):
            value = self._unary(live=live)
            return {"-": wrap(-value), "+": value, "!": int(not value), "~": ~value}[token]
        if token in ("++", "--"):
            return self._step(self._take(), 1 if token == "++" else -1, live=live)
        if token == "(":
            value = self.comma(live=live)
            if self._take() != ")":
                raise ArithError("arithmetic syntax error")
            return value
        if token[:1].isdecimal():
            return _number(token)
        if not _is_name(token):
            raise ArithError("arithmetic syntax error")
        value = self._value(token)
        if self._peek() in ("++", "--"):
            self._step(token, 1 if self._take() == "++" else -1, live=live)
        return value

    def _step(self, name: str, by: int, *, live: bool) -> int:
        if not _is_name(name):
            raise ArithError("arithmetic syntax error")
        value = wrap(self._value(name) + by)
        if live:
            self._variables.set(name, str(value))
        return value

    def _value(self, name: str) -> int:
        text = (self._variables.get(name) or "").strip()
        if not text:
            return 0
        sign, digits = (-1, text[1:]) if text[0] == "-" else (1, text)
        if digits[:1].isdecimal():
            return sign * _number(digits)
        if _is_name(text) and text != name and self._depth < _DEEPEST:
            self._depth += 1
            value = self._value(text)
            self._depth -= 1
            return value
        raise ArithError("arithmetic syntax error")


def _is_name(token: str) -> bool:
    return token[:1].isalpha() or token[:1] == "_"


def _number(text: str) -> int:
    try:
        base, mark, digits = text.partition("#")
        if mark:
            return wrap(int(digits, int(base)))
        if text[:2] in ("0x", "0X"):
            return wrap(int(text, 16))
        return wrap(int(text, 8) if text[0] == "0" and len(text) > 1 else int(text))
    except ValueError:
        raise ArithError("arithmetic syntax error") from None


def _apply(operator: str, left: int, right: int, *, live: bool) -> int:
    match operator:
        case "||":
            return int(bool(left) or bool(right))
        case "&&":
            return int(bool(left) and bool(right))
        case "/" | "%":
            return _divide(operator, left, right, live=live)
        case "**":
            if right < 0:
                raise ArithError("exponent less than 0")
            return wrap(pow(left, right, 1 << 64))
        case "<<" | ">>":
            return wrap(left << (right & 63)) if operator == "<<" else left >> (right & 63)
    return _plain(operator, left, right)


def _divide(operator: str, left: int, right: int, *, live: bool) -> int:
    """Towards zero, as C does."""
    if right == 0:
        if live:
            raise ArithError("divide by zero")
        return 0
    quotient = abs(left) // abs(right)
    quotient = quotient if (left < 0) == (right < 0) else -quotient
    return wrap(quotient) if operator == "/" else wrap(left - quotient * right)


def _plain(operator: str, left: int, right: int) -> int:
    match operator:
        case "+":
            return wrap(left + right)
        case "-":
            return wrap(left - right)
        case "*":
            return wrap(left * right)
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
    compared = {
        "==": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return int(compared[operator])
