"""The syntax tree of a CEL expression. Frozen: a compiled rule is shared by all requests."""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen(eq=False)
class Node:
    """Any node; `at`: where it stands in the text."""

    at: int


@frozen(eq=False)
class Literal(Node):
    """A constant."""

    value: Any


@frozen(eq=False)
class Ident(Node):
    """A variable."""

    name: str


@frozen(eq=False)
class Select(Node):
    """`operand.field`; `test`: has(operand.field); `optional`: operand.?field."""

    operand: Node
    field: str
    test: bool = False
    optional: bool = False


@frozen(eq=False)
class Index(Node):
    """`operand[key]`, or `operand[?key]`."""

    operand: Node
    key: Node
    optional: bool = False


@frozen(eq=False)
class Call(Node):
    """`function(args)`, or `target.function(args)`. Operators are calls, too: `_+_`."""

    function: str
    target: Node | None
    args: tuple[Node, ...]


@frozen(eq=False)
class Junction(Node):
    """A chain of `&&` or `||`."""

    word: str
    parts: tuple[Node, ...]


@frozen(eq=False)
class Choice(Node):
    """`condition ? then : other`."""

    condition: Node
    then: Node
    other: Node


@frozen(eq=False)
class ListOf(Node):
    """`[a, ?b]`; `optional`: the places of items that are left out if there is nothing."""

    items: tuple[Node, ...]
    optional: frozenset[int] = frozenset()


@frozen(eq=False)
class MapOf(Node):
    """`{a: b, ?c: d}`; `optional`: the places of entries that are left out if there is nothing."""

    entries: tuple[tuple[Node, Node], ...]
    optional: frozenset[int] = frozenset()


@frozen(eq=False)
class Message(Node):
    """`Object.spec{replicas: 3}`: an object of a named type."""

    name: str
    fields: tuple[tuple[str, Node], ...]
    optional: frozenset[int] = frozenset()


@frozen(eq=False)
class Comprehension(Node):
    """`target.all(x, body)`, or another macro (evaluate.MACROS), with one variable or two."""

    macro: str
    target: Node
    variables: tuple[str, ...]
    body: tuple[Node, ...]
