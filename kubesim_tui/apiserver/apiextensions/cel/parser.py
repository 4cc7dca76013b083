"""From text to tree: operators by precedence, macros by their names."""

from __future__ import annotations

from functools import lru_cache

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
    Node,
    Select,
)
from kubesim_tui.apiserver.apiextensions.cel.search import deeper
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault, Token, tokens

MOST_DEPTH = 50
"""How deep an expression may be nested (upstream: 250)."""
MOST_LEVELS = 120
"""How many levels its tree may have: a chain such as `a + b + c` has one for each link."""
MOST_TEXT = 32_768
EXPECTED = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)
"""With what an expression can begin, as cel-go's parser says it."""
MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "map", "filter"})
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
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise SyntaxFault(f"expression recursion limit exceeded: {MOST_DEPTH}", token.at)
        self.take()
        inner = self.unary()
        self.depth -= 1
        if token.text == "-" and isinstance(inner, Literal) and type(inner.value) in (int, float):
            return Literal(token.at, -inner.value)
        return Call(token.at, f"{token.text}_", None, (inner,))

    def member(self, found: Node) -> Node:
        while True:
            at = self.next.at
            if self.accept("."):
                optional = self.accept("?")
                name = self.take()
                if name.kind not in ("name", "op", "value") or not name.text.isidentifier():
                    raise SyntaxFault(f"Syntax error: no viable alternative at input '.{name.text}'", name.at)
                called = not optional and self.next.text == "(" and self.next.kind == "op"
                found = self.method(found, name) if called else Select(at, found, name.text, optional=optional)
            elif self.accept("["):
                optional = self.accept("?")
                found = Index(at, found, self.expression(), optional)
                self.expect("]")
            else:
                return found

    def method(self, target: Node, name: Token) -> Node:
        args = self.arguments("(", ")")
        if name.text in MACROS and len(args) >= 2:
            variables = self.variables(name.text, args)
            if variables:
                return Comprehension(name.at, name.text, target, variables, args[len(variables) :])
        return Call(name.at, name.text, target, args)

    def variables(self, macro: str, args: tuple[Node, ...]) -> tuple[str, ...]:
        """The names that a macro binds: all but the last argument (of `map` with a filter, all but two)."""
        bound = args[:1] if macro in ("map", "filter") or len(args) == 2 else args[:2]
        names = tuple(a.name for a in bound if isinstance(a, Ident))
        return names if len(names) == len(bound) else ()

    def arguments(self, opening: str, closing: str) -> tuple[Node, ...]:
        self.expect(opening)
        found: list[Node] = []
        while not self.accept(closing):
            found.append(self.expression())
            if not self.accept(","):
                self.expect(closing)
                break
        return tuple(found)

    def primary(self) -> Node:
        token = self.next
        if token.kind == "value":
            return Literal(self.take().at, token.value)
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
            return ListOf(token.at, self.arguments("[", "]"))
        if token.text == "{" and token.kind == "op":
            return self.mapping()
        if token.text == "." and token.kind == "op":
            self.take()
            return self.primary()
        raise self.unexpected(
            "expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM, STRING, IDENTIFIER}"
        )

    def function(self, name: Token) -> Node:
        args = self.arguments("(", ")")
        if name.text == "has" and len(args) == 1:
            if not isinstance(args[0], Select):
                raise SyntaxFault("invalid argument to has() macro", name.at)
            return Select(name.at, args[0].operand, args[0].field, test=True)
        return Call(name.at, name.text, None, args)

    def mapping(self) -> Node:
        at = self.take().at
        entries: list[tuple[Node, Node]] = []
        while not self.accept("}"):
            key = self.expression()
            self.expect(":")
            entries.append((key, self.expression()))
            if not self.accept(","):
                self.expect("}")
                break
        return MapOf(at, tuple(entries))
