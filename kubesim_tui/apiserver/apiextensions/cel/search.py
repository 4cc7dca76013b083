"""Questions about a tree: what is below a node, how deep it is, which variables it uses."""

from __future__ import annotations

from kubesim_tui.apiserver.apiextensions.cel.nodes import (
    Call,
    Choice,
    Comprehension,
    Ident,
    Index,
    Junction,
    ListOf,
    MapOf,
    Message,
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
    if isinstance(node, Message):
        return tuple(value for _, value in node.fields)
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
