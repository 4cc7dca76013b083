"""Questions about a tree: which variables it uses, which of them nobody has declared."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.apiserver.apiextensions.cel.nodes import (
    Call,
    Choice,
    Comprehension,
    Ident,
    Index,
    Junction,
    ListOf,
    MapOf,
    Node,
    Select,
)


def below(node: Node) -> tuple[Node, ...]:
    """The nodes right below one."""
    if isinstance(node, Select):
        return (node.operand,)
    if isinstance(node, Index):
        return (node.operand, node.key)
    if isinstance(node, Call):
        return (*((node.target,) if node.target is not None else ()), *node.args)
    if isinstance(node, Junction):
        return node.parts
    if isinstance(node, Choice):
        return (node.condition, node.then, node.other)
    if isinstance(node, ListOf):
        return node.items
    if isinstance(node, MapOf):
        return tuple(n for entry in node.entries for n in entry)
    return (node.target, *node.body) if isinstance(node, Comprehension) else ()


def deeper(node: Node, levels: int) -> bool:
    """Whether a tree has more levels than that."""
    level: list[Node] = [node]
    while level and levels:
        level = [inner for outer in level for inner in below(outer)]
        levels -= 1
    return bool(level)


def uses(node: Node, name: str) -> bool:
    """Whether a variable is named anywhere."""
    return (isinstance(node, Ident) and node.name == name) or any(uses(n, name) for n in below(node))


def undeclared(node: Node, known: frozenset[str]) -> Iterator[Ident]:
    """The variables that are neither known nor bound by a macro around them."""
    if isinstance(node, Ident):
        if node.name not in known:
            yield node
    elif isinstance(node, Comprehension):
        yield from undeclared(node.target, known)
        for part in node.body:
            yield from undeclared(part, known | frozenset(node.variables))
    elif isinstance(node, Call) and isinstance(node.target, Ident) and node.target.name not in known:
        for part in node.args:  # a library's name before its function: sets.contains(a, b)
            yield from undeclared(part, known)
    else:
        for part in below(node):
            yield from undeclared(part, known)
