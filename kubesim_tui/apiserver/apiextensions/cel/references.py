"""Names in an expression that nobody has declared: variables, and functions."""

from __future__ import annotations

from collections.abc import Iterator

from kubesim_tui.apiserver.apiextensions.cel.functions import declared
from kubesim_tui.apiserver.apiextensions.cel.nodes import Call, Comprehension, Ident, Message, Node
from kubesim_tui.apiserver.apiextensions.cel.search import below


def undeclared(node: Node, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(place, name) of each variable that is neither known nor bound by a macro around it, and of each function."""
    if isinstance(node, Ident):
        if node.name not in known:
            yield node.at, node.name
    elif isinstance(node, Comprehension):
        yield from undeclared(node.target, known)
        for part in node.body:
            yield from undeclared(part, known | frozenset(node.variables))
    elif isinstance(node, Call):
        yield from _called(node, known)
    elif isinstance(node, Message) and node.name.partition(".")[0] not in known:
        yield node.at, node.name
    else:
        for part in below(node):
            yield from undeclared(part, known)


def _called(node: Call, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """A call; of a library's function (`sets.contains(a, b)`) the library is part of its name."""
    place = node.at + len(node.function)
    library = node.target.name if isinstance(node.target, Ident) and node.target.name not in known else ""
    if library and declared(f"{library}.{node.function}"):
        parts = node.args
    else:
        parts = below(node)
        if not declared(node.function):
            if node.target is not None:
                yield from undeclared(node.target, known)
            yield place, node.function
            parts = node.args
    for part in parts:
        yield from undeclared(part, known)
