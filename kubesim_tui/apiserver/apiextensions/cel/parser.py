"""From text to tree: operators by precedence, macros by their names."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.nodes import (
    Call,
    Choice,
    Comprehension,
    Ident,
    Index,
    Junction,
    ListOf,
    Literal,
    MapOf,
    Message,
    Node,
    Select,
)
from kubesim_tui.apiserver.apiextensions.cel.operators import HIGHEST, LOWEST
from kubesim_tui.apiserver.apiextensions.cel.search import deeper
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault, Token, tokens
from kubesim_tui.apiserver.apiextensions.cel.values import Type

MOST_DEPTH = 50
"""How deep an expression may be nested (upstream: 250)."""
MOST_LEVELS = 120
"""How many levels its tree may have: a chain such as `a + b + c` has one for each link."""
MOST_TEXT = 32_768
EXPECTED = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)
"""With what an expression can begin, as cel-go's parser says it."""
ONE = {"all": 2, "exists": 2, "exists_one": 2, "map": 3, "filter": 2, "sortBy": 2, "optMap": 2, "optFlatMap": 2}
"""Macros with one variable, and the most arguments that they have."""
TWO = {
    **dict.fromkeys(("all", "exists", "exists_one", "existsOne"), 3),
    **dict.fromkeys(("transformList", "transformMap", "transformMapEntry"), 4),
}
"""Macros with two variables."""
NAMED_TYPES = frozenset({
    "google.protobuf.Timestamp", "google.protobuf.Duration", "net.IP", "net.CIDR", "kubernetes.URL",
    "kubernetes.Quantity", "kubernetes.Semver", "kubernetes.NamedFormat", "kubernetes.authorization.Authorizer",
})  # fmt: skip
_RELATIONS = ("==", "!=", "<", "<=", ">", ">=", "in")
_PRECEDENCE = {**dict.fromkeys(_RELATIONS, 1), "+": 2, "-": 2, "*": 3, "/": 3, "%": 3}


@lru_cache(maxsize=2048)
def parse(source: str) -> Node:
    """The tree of an expression; SyntaxFault if it is none."""
    if len(source) > MOST_TEXT:
        raise SyntaxFault(f"expression code point size exceeds limit: size: {len(source)}, limit {MOST_TEXT}", 0)
    found = _Parser(list(tokens(source))).whole()
    if deeper(found, MOST_LEVELS):
        raise SyntaxFault(f"expression recursion limit exceeded: {MOST_LEVELS}", 0)
    return found


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self.words, self.i, self.depth = words, 0, 0

    @property
    def next(self) -> Token:
        return self.words[self.i]

    def take(self) -> Token:
        token = self.words[self.i]
        self.i += 1
        return token

    def accept(self, text: str) -> bool:
        if self.next.kind == "op" and self.next.text == text:
            self.i += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected(f"expecting '{text}'")

    def unexpected(self, wanted: str) -> SyntaxFault:
        token = self.next
        return SyntaxFault(f"Syntax error: mismatched input '{token.text}' {wanted}", token.at)

    def whole(self) -> Node:
        found = self.expression()
        if self.next.kind != "end":
            raise self.unexpected("expecting <EOF>")
        return found

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise SyntaxFault(f"expression recursion limit exceeded: {MOST_DEPTH}", self.next.at)
        at = self.next.at
        found = self.junction("||")
        if self.accept("?"):
            then = self.junction("||")
            self.expect(":")
            found = Choice(at, found, then, self.expression())
        self.depth -= 1
        return found

    def junction(self, word: str) -> Node:
        at = self.next.at
        parts = [self.junction("&&") if word == "||" else self.binary(1)]
        while self.accept(word):
            parts.append(self.junction("&&") if word == "||" else self.binary(1))
        return parts[0] if len(parts) == 1 else Junction(at, word, tuple(parts))

    def binary(self, least: int) -> Node:
        left = self.unary()
        while self.next.kind == "op" and _PRECEDENCE.get(self.next.text, 0) >= least:
            op = self.take()
            right = self.binary(_PRECEDENCE[op.text] + 1)
            left = Call(op.at, f"_{op.text}_", None, (left, right))
        return left

    def unary(self) -> Node:
        token = self.next
        if token.kind != "op" or token.text not in ("!", "-"):
            return self.member(self.primary())
        number = self.words[self.i + 1].value
        if token.text == "-" and type(number) in (int, float):
            self.i += 2
            return self.member(Literal(token.at, self.fitting(-number, token.at)))
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise SyntaxFault(f"expression recursion limit exceeded: {MOST_DEPTH}", token.at)
        self.take()
        inner = self.unary()
        self.depth -= 1
        return Call(token.at, f"{token.text}_", None, (inner,))

    def fitting(self, value: Any, at: int) -> Any:
        """A literal; SyntaxFault for an integer that does not fit into 64 bits."""
        if type(value) is int and not LOWEST <= value <= HIGHEST:
            raise SyntaxFault("invalid int literal", at)
        return value

    def member(self, found: Node) -> Node:
        while True:
            at = self.next.at
            if self.accept("."):
                optional = self.accept("?")
                name = self.take()
                if name.kind not in ("name", "op", "value") or not name.text.isidentifier():
                    raise SyntaxFault(f"Syntax error: no viable alternative at input '.{name.text}'", name.at)
                called = not optional and self.next.text == "(" and self.next.kind == "op"
                found = self.method(found, name) if called else _selected(at, found, name.text, optional)
            elif self.accept("["):
                optional = self.accept("?")
                found = Index(at, found, self.expression(), optional)
                self.expect("]")
            elif self.next.kind == "op" and self.next.text == "{" and _dotted(found):
                found = self.message(found)
            else:
                return found

    def message(self, named: Node) -> Node:
        """The fields of an object of a named type."""
        self.expect("{")
        fields: list[tuple[str, Node]] = []
        optional: set[int] = set()
        while not self.accept("}"):
            if self.accept("?"):
                optional.add(len(fields))
            name = self.take()
            if name.kind != "name":
                raise SyntaxFault(f"Syntax error: mismatched input '{name.text}' expecting IDENTIFIER", name.at)
            self.expect(":")
            fields.append((name.text, self.expression()))
            if not self.accept(","):
                self.expect("}")
                break
        return Message(_start(named), _dotted(named), tuple(fields), frozenset(optional))

    def method(self, target: Node, name: Token) -> Node:
        args = self.arguments()
        for macros, bound in ((ONE, 1), (TWO, 2)):
            most = macros.get(name.text, 0)
            fewest = 3 if most == 4 else bound + 1
            if fewest <= len(args) <= most and not (bound == 1 and name.text in TWO and len(args) > 2):
                return Comprehension(name.at, name.text, target, _variables(args[:bound]), args[bound:])
        return Call(name.at, name.text, target, args)

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        found: list[Node] = []
        while not self.accept(")"):
            found.append(self.expression())
            if not self.accept(","):
                self.expect(")")
                break
        return tuple(found)

    def list(self) -> Node:
        at = self.take().at
        found: list[Node] = []
        optional: set[int] = set()
        while not self.accept("]"):
            if self.accept("?"):
                optional.add(len(found))
            found.append(self.expression())
            if not self.accept(","):
                self.expect("]")
                break
        return ListOf(at, tuple(found), frozenset(optional))

    def primary(self) -> Node:
        token = self.next
        if token.kind == "value":
            return Literal(self.take().at, self.fitting(token.value, token.at))
        if token.kind == "name":
            self.take()
            called = self.next.kind == "op" and self.next.text == "("
            return self.function(token) if called else Ident(token.at, token.text)
        if token.text == "(" and token.kind == "op":
            self.take()
            found = self.expression()
            self.expect(")")
            return found
        if token.text == "[" and token.kind == "op":
            return self.list()
        if token.text == "{" and token.kind == "op":
            return self.mapping()
        if token.text == "." and token.kind == "op":
            self.take()
            return self.primary()
        raise self.unexpected(f"expecting {EXPECTED}")

    def function(self, name: Token) -> Node:
        args = self.arguments()
        if name.text == "has" and len(args) == 1:
            if not isinstance(args[0], Select):
                raise SyntaxFault("invalid argument to has() macro", name.at)
            return Select(name.at, args[0].operand, args[0].field, test=True)
        return Call(name.at, name.text, None, args)

    def mapping(self) -> Node:
        at = self.take().at
        entries: list[tuple[Node, Node]] = []
        optional: set[int] = set()
        while not self.accept("}"):
            if self.accept("?"):
                optional.add(len(entries))
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                self.expect("}")
                break
        return MapOf(at, tuple(entries), frozenset(optional))


def _variables(named: tuple[Node, ...]) -> tuple[str, ...]:
    """The names that a macro binds."""
    names = []
    for node in named:
        if not isinstance(node, Ident):
            raise SyntaxFault("argument is not an identifier", node.at)
        names.append(node.name)
    return tuple(names)


def _selected(at: int, operand: Node, name: str, optional: bool) -> Node:
    """A field; or a type by its whole name."""
    dotted = _dotted(Select(at, operand, name, optional=optional))
    if dotted in NAMED_TYPES:
        return Literal(_start(operand), Type(dotted))
    return Select(at, operand, name, optional=optional)


def _dotted(node: Node) -> str:
    """The name that a chain of fields spells; "" if it is another expression."""
    parts: list[str] = []
    while isinstance(node, Select) and not node.optional and not node.test:
        parts.append(node.field)
        node = node.operand
    return ".".join((node.name, *reversed(parts))) if isinstance(node, Ident) else ""


def _start(node: Node) -> int:
    while isinstance(node, Select):
        node = node.operand
    return node.at
