"""The text of a label selector: ``app=web,tier in (front,back),!old,version>3``.

A small lexer and a descent over its words, faithful to upstream's (apimachinery pkg/labels/selector.go) including its
errors: kubectl shows them.

    selector    = [ requirement { "," requirement } ]
    requirement = [ "!" ] KEY | KEY ( "=" | "==" | "!=" | ">" | "<" ) [ VALUE ] | KEY ( "in" | "notin" ) "(" values ")"
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import define

from kubesim_tui.api.fielderror import invalid
from kubesim_tui.api.names import is_qualified_name
from kubesim_tui.api.requirements import (
    DOES_NOT_EXIST,
    DOUBLE_EQUALS,
    EQUALS,
    EXISTS,
    GREATER_THAN,
    IN,
    LESS_THAN,
    NOT_EQUALS,
    NOT_IN,
    Requirement,
    Selector,
    SelectorError,
    requirement,
    selector,
)

_SYMBOLS = (")", ",", "!", "==", "=", ">", "in", "<", "!=", "notin", "(")
_OPERATORS = {
    "in": IN,
    "notin": NOT_IN,
    "=": EQUALS,
    "==": DOUBLE_EQUALS,
    "!=": NOT_EQUALS,
    ">": GREATER_THAN,
    "<": LESS_THAN,
}
_BINARY = "in, notin, =, ==, !=, gt, lt"
_WORDS = re.compile(r"[ \t\r\n]*(?:([=!(),><]+)|([^ \t\r\n=!(),><]+)|$)")
_WORD, _ERROR, _END = "word", "error", "end"

Token = tuple[str, str]
"""What it is (a symbol, or word, error, end) and how it was written."""


@lru_cache(maxsize=1024)
def parse(text: str) -> Selector:
    """The selector of a text. Raises SelectorError with upstream's message."""
    return selector(_Parser(_tokens(text)).requirements())


def parse_object(text: str) -> dict[str, object]:
    """The LabelSelector object of a text (``kubectl create pdb --selector``). Raises SelectorError."""
    try:
        found = parse(text).requirements
    except SelectorError as error:
        raise SelectorError(f'couldn\'t parse the selector string "{text}": {error}') from None
    names = {IN: "In", NOT_IN: "NotIn", EXISTS: "Exists", DOES_NOT_EXIST: "DoesNotExist"}
    labels, expressions = {}, []
    for one in found:
        if one.operator in (EQUALS, DOUBLE_EQUALS):
            labels[one.key] = one.values[0]
        elif one.operator in (GREATER_THAN, LESS_THAN):
            raise SelectorError(f'"{one.operator}" isn\'t supported in label selectors')
        elif one.operator == NOT_EQUALS:
            raise SelectorError('"!=" is not a valid label selector operator')
        else:
            values = {"values": list(one.values)} if one.values else {}
            expressions.append({"key": one.key, "operator": names[one.operator], **values})
    return {k: v for k, v in (("matchLabels", labels), ("matchExpressions", expressions)) if v}


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    text = text.partition("\0")[0]
    at = 0
    while at < len(text):
        found = _WORDS.match(text, at)
        assert found
        signs, word = found.groups()
        if signs:
            token = _sign(signs)
            at = found.start(1) + (len(signs) if token[0] == _ERROR else len(token[1]))
            tokens.append(token)
        else:
            at = found.end()
            if word:
                tokens.append((word if word in ("in", "notin") else _WORD, word))
    return [*tokens, (_END, "")]


def _sign(signs: str) -> Token:
    """The longest symbol that a run of signs begins with."""
    for size in (2, 1):
        if signs[:size] in _SYMBOLS:
            return signs[:size], signs[:size]
    return _ERROR, f"error expected: keyword found '{signs}'"


@define
class _Parser:
    """Reads requirements off a list of tokens."""

    tokens: list[Token]
    at: int = 0

    def requirements(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            kind, text = self._look()
            if kind == _END:
                return found
            if kind not in (_WORD, "!"):
                raise SelectorError(f"found '{text}', expected: !, identifier, or 'end of string'")
            found.append(self._requirement())
            kind, text = self._take()
            if kind == _END:
                return found
            if kind != ",":
                raise SelectorError(f"found '{text}', expected: ',' or 'end of string'")
            kind, text = self._look()
            if kind not in (_WORD, "!"):
                raise SelectorError(f"found '{text}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        try:
            return self._read_requirement()
        except SelectorError as error:
            raise SelectorError(f"unable to parse requirement: {error}") from None

    def _read_requirement(self) -> Requirement:
        kind, key = self._take()
        absent = kind == "!"
        if absent:
            kind, key = self._take()
        if kind != _WORD:
            raise SelectorError(f"found '{key}', expected: identifier")
        if wrong := is_qualified_name(key):
            raise SelectorError(str(invalid("<nil>", key, "; ".join(wrong))))
        if absent:
            return requirement(key, DOES_NOT_EXIST)
        if self._look()[0] in (_END, ","):
            return requirement(key, EXISTS)
        kind, text = self._take(values=False)
        if kind not in _OPERATORS:
            raise SelectorError(f"found '{text}', expected: {_BINARY}")
        values = self._values() if kind in ("in", "notin") else {self._value()}
        return requirement(key, _OPERATORS[kind], sorted(values))

    def _value(self) -> str:
        if self._look()[0] in (_END, ","):
            return ""
        kind, text = self._take()
        if kind != _WORD:
            raise SelectorError(f"found '{text}', expected: identifier")
        return text

    def _values(self) -> set[str]:
        kind, text = self._take()
        if kind != "(":
            raise SelectorError(f"found '{text}' expected: '('")
        kind, text = self._look()
        if kind == ")":
            self._take()
            return {""}
        if kind not in (_WORD, ","):
            raise SelectorError(f"found '{text}', expected: ',', ')' or identifier")
        values = self._list()
        if self._take()[0] != ")":
            raise SelectorError(f"found '{text}', expected: ')'")
        return values

    def _list(self) -> set[str]:
        """Words between commas, up to the closing parenthesis; nothing between two commas is the empty value."""
        values: set[str] = set()
        while True:
            kind, text = self._take()
            following, next_text = self._look()
            if kind == _WORD:
                values.add(text)
                if following not in (",", ")"):
                    raise SelectorError(f"found '{next_text}', expected: ',' or ')'")
            elif kind == ",":
                if not values or following in (",", ")"):
                    values.add("")
            else:
                raise SelectorError(f"found '{text}', expected: ',', or identifier")
            if following == ")":
                return values

    def _look(self) -> Token:
        kind, text = self.tokens[min(self.at, len(self.tokens) - 1)]
        return (_WORD if kind in ("in", "notin") else kind), text

    def _take(self, *, values: bool = True) -> Token:
        token = self._look() if values else self.tokens[min(self.at, len(self.tokens) - 1)]
        self.at += 1
        return token
