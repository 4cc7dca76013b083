"""The words of a CEL expression."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from kubesim_tui.apiserver.apiextensions.cel.operators import MOST_UNSIGNED
from kubesim_tui.apiserver.apiextensions.cel.values import Uint


class SyntaxFault(Exception):
    """An expression that cannot be read: what, and where."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at

    def shown(self, source: str) -> str:
        """As cel-go shows an error: the line, and an arrow below the place."""
        return located(source, self.at, str(self))


def located(source: str, at: int, said: str) -> str:
    """What is said of a place in a text, with its line."""
    before = source[:at]
    line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1)
    text = source.split("\n")[line - 1]
    return f"ERROR: <input>:{line}:{column + 1}: {said}\n | {text}\n | {'.' * column}^"


@frozen
class Token:
    """One word. Kinds: name, value, op, end."""

    kind: str
    text: str
    at: int
    value: Any = None


_SPACE = re.compile(r"(?:\s|//[^\n]*)*")
_NUMBER = re.compile(
    r"0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|\d+[uU]?"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_TEXT = re.compile(r"([rRbB]{0,2})('''|\"\"\"|'|\")")
_OPS = ("&&", "||", "==", "!=", "<=", ">=", *"<>+-*/%!?:.,()[]{}")
_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
CONSTANTS = {"true": True, "false": False, "null": None}


def tokens(source: str) -> Iterator[Token]:
    """The words of a text, and an end."""
    at = 0
    while True:
        space = _SPACE.match(source, at)
        at = space.end() if space else at
        if at >= len(source):
            yield Token("end", "<EOF>", at)
            return
        token = _number(source, at) or _text(source, at) or _name(source, at) or _operator(source, at)
        yield token
        at += len(token.text)


def _number(source: str, at: int) -> Token | None:
    found = _NUMBER.match(source, at)
    if found is None:
        return None
    text = found.group()
    plain = text.rstrip("uU")
    hexadecimal = plain[:2] in ("0x", "0X")
    if not hexadecimal and not plain.isdigit():
        return Token("value", text, at, float(plain))
    value = int(plain, 16) if hexadecimal else int(plain)
    if plain == text:
        return Token("value", text, at, value)
    if value > MOST_UNSIGNED:
        raise SyntaxFault("invalid uint literal", at)
    return Token("value", text, at, Uint(value))


def _name(source: str, at: int) -> Token | None:
    found = _NAME.match(source, at)
    if found is None:
        return None
    text = found.group()
    if text in CONSTANTS:
        return Token("value", text, at, CONSTANTS[text])
    return Token("op" if text == "in" else "name", text, at)


def _operator(source: str, at: int) -> Token:
    for op in _OPS:
        if source.startswith(op, at):
            return Token("op", op, at)
    raise SyntaxFault(f"Syntax error: token recognition error at: '{source[at]}'", at)


def _text(source: str, at: int) -> Token | None:
    found = _TEXT.match(source, at)
    if found is None:
        return None
    prefix, quote = found.group(1).lower(), found.group(2)
    raw, start = "r" in prefix, found.end()
    end = start
    while not source.startswith(quote, end):
        if end >= len(source) or (source[end] == "\n" and len(quote) == 1):
            raise SyntaxFault(f"Syntax error: token recognition error at: '{source[at:end]}'", at)
        end += 2 if source[end] == "\\" and not raw else 1
    body = source[start:end]
    value: Any = _bytes(body, raw, at, source) if "b" in prefix else body if raw else _plain(body, at, source)
    return Token("value", source[at : end + len(quote)], at, value)


def _plain(body: str, at: int, source: str) -> str:
    def one(found: re.Match[str]) -> str:
        two, four, eight, octal, plain = found.groups()
        code = two or four or eight
        if code or octal:
            number = int(code, 16) if code else int(octal, 8)
            return chr(number) if number < 0x110000 else "\N{REPLACEMENT CHARACTER}"
        if plain not in _ESCAPES:
            raise SyntaxFault(f"Syntax error: token recognition error at: '{source[at]}{body[: found.end()]}'", at)
        return _ESCAPES[plain]

    return _ESCAPE.sub(one, body)


def _bytes(body: str, raw: bool, at: int, source: str) -> bytes:
    """Escapes in bytes are bytes: `b'\\xff'`."""
    if raw:
        return body.encode()
    made, last = bytearray(), 0
    for found in _ESCAPE.finditer(body):
        two, _, _, octal, _ = found.groups()
        made += body[last : found.start()].encode()
        byte = int(two, 16) if two else int(octal, 8) if octal else None
        made += _plain(found[0], at, source).encode() if byte is None else bytes([byte])
        last = found.end()
    return bytes(made) + body[last:].encode()
