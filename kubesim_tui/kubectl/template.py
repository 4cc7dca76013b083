"""Go templates in their common forms (-o go-template): text/template over JSON values.

Actions: fields, variables, pipelines; `if`, `range`, `with` with `else`; the usual functions. What is missing prints
`<no value>`. A template is parsed once into nodes and then walked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from kubesim_tui.kubectl.fail import error
from kubesim_tui.kubectl.template_functions import FUNCTIONS, NO_VALUE, TemplateError, shown, true

_TOKEN = re.compile(
    r"""\s*(?:("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|(\$\w*(?:\.\w+)*)|((?:\.[\w-]+)+|\.)|([A-Za-z_]\w*)|(:=|=|[|(),]))"""
)


@frozen
class Block:
    """`if`, `range` or `with`: its head, its body, what `else` holds."""

    word: str
    head: str
    body: tuple[Node, ...]
    other: tuple[Node, ...]


@frozen
class Action:
    """One pipeline between braces."""

    source: str


Node = str | Action | Block


class Template:
    """A template, ready to print objects."""

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            self.nodes, rest = _parse(_pieces(source), top=True)
        except TemplateError as wrong:
            raise error(f"error parsing template {source}, template: output:1: {wrong}") from None
        assert not rest

    def __call__(self, data: Any) -> str:
        """The text for an object."""
        try:
            return "".join(_run(self.nodes, data, {"$": data}))
        except TemplateError as wrong:
            raise error(
                f'error executing template "{self.source}": template: output:1: executing "output" at {wrong}'
            ) from None


# -- parsing ---------------------------------------------------------------------------------------------------------


def _pieces(source: str) -> list[tuple[bool, str]]:
    pieces: list[tuple[bool, str]] = []
    at = 0
    for found in re.finditer(r"\{\{(-\s)?(.*?)(\s-)?\}\}", source, re.DOTALL):
        text = source[at : found.start()]
        if pieces and pieces[-1] == (True, "-"):
            pieces.pop()
            text = text.lstrip()
        pieces.append((False, text.rstrip() if found.group(1) else text))
        pieces.append((True, found.group(2).strip()))
        if found.group(3):
            pieces.append((True, "-"))
        at = found.end()
    rest = source[at:]
    if "{{" in rest:
        raise TemplateError("unclosed action")
    if pieces and pieces[-1] == (True, "-"):
        pieces.pop()
        rest = rest.lstrip()
    return [*pieces, (False, rest)]


def _parse(pieces: list[tuple[bool, str]], *, top: bool) -> tuple[tuple[Node, ...], list[tuple[bool, str]]]:
    nodes: list[Node] = []
    while pieces:
        (action, text), pieces = pieces[0], pieces[1:]
        word = text.split(" ", 1)[0] if action else ""
        if not action:
            nodes.append(text)
        elif word in ("end", "else"):
            if top:
                raise TemplateError(f"unexpected {{{{{word}}}}}")
            return tuple(nodes), [(True, text), *pieces]
        elif word in ("if", "range", "with"):
            block, pieces = _block(word, text[len(word) :].strip(), pieces)
            nodes.append(block)
        elif not text.startswith("/*"):
            nodes.append(Action(text))
    if not top:
        raise TemplateError("unexpected EOF")
    return tuple(nodes), []


def _block(word: str, head: str, pieces: list[tuple[bool, str]]) -> tuple[Block, list[tuple[bool, str]]]:
    body, pieces = _parse(pieces, top=False)
    other: tuple[Node, ...] = ()
    closing = pieces[0][1]
    pieces = pieces[1:]
    if closing.startswith("else"):
        rest = closing[4:].strip()
        if rest:
            inner = rest.split(" ", 1)
            block, pieces = _block(inner[0], inner[1] if len(inner) > 1 else "", pieces)
            return Block(word, head, body, (block,)), pieces
        other, pieces = _parse(pieces, top=False)
        pieces = pieces[1:]
    return Block(word, head, body, other), pieces


# -- evaluation ------------------------------------------------------------------------------------------------------


def _run(nodes: Sequence[Node], dot: Any, names: dict[str, Any]) -> list[str]:
    out: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        elif isinstance(node, Action):
            value, assigned = _evaluate(node.source, dot, names)
            if not assigned:
                out.append(shown(value))
        else:
            out += _run_block(node, dot, names)
    return out


def _run_block(block: Block, dot: Any, names: dict[str, Any]) -> list[str]:
    inner = dict(names)
    if block.word == "range":
        return _range(block, dot, inner)
    value, _ = _evaluate(block.head, dot, inner)
    if true(value):
        return _run(block.body, value if block.word == "with" else dot, inner)
    return _run(block.other, dot, inner)


def _range(block: Block, dot: Any, names: dict[str, Any]) -> list[str]:
    given = re.match(r"\s*(\$\w+)(?:\s*,\s*(\$\w+))?\s*:=\s*(.*)", block.head, re.DOTALL)
    value, _ = _evaluate(given.group(3) if given else block.head, dot, names)
    if value is None or value is NO_VALUE:
        value = []
    items = sorted(value.items()) if isinstance(value, Mapping) else list(enumerate(value))
    if not items:
        return _run(block.other, dot, names)
    out: list[str] = []
    for key, item in items:
        if given and given.group(2):
            names[given.group(1)], names[given.group(2)] = key, item
        elif given:
            names[given.group(1)] = item
        out += _run(block.body, item, names)
    return out


def _evaluate(source: str, dot: Any, names: dict[str, Any]) -> tuple[Any, bool]:
    """(value of a pipeline, whether it was an assignment)."""
    given = re.match(r"\s*(\$\w+)\s*:?=\s*(?!=)(.*)", source, re.DOTALL)
    tokens = _tokens(given.group(2) if given else source)
    value = _pipeline(tokens, dot, names)
    if tokens:
        raise TemplateError(f"<{source}>: unexpected {tokens[0][1]}")
    if given:
        names[given.group(1)] = value
    return value, bool(given)


def _tokens(source: str) -> list[tuple[str, str]]:
    found, at = [], 0
    source = source.strip()
    while at < len(source):
        match = _TOKEN.match(source, at)
        if not match:
            raise TemplateError(f'unexpected "{source[at]}" in command')
        kind = ("text", "number", "variable", "field", "name", "sign")[match.lastindex - 1]  # type: ignore[operator]
        found.append((kind, match.group(match.lastindex or 0)))
        at = match.end()
    return found


def _pipeline(tokens: list[tuple[str, str]], dot: Any, names: dict[str, Any]) -> Any:
    value = _command(tokens, dot, names, [])
    while tokens and tokens[0] == ("sign", "|"):
        tokens.pop(0)
        value = _command(tokens, dot, names, [value])
    return value


def _command(tokens: list[tuple[str, str]], dot: Any, names: dict[str, Any], last: list[Any]) -> Any:
    if not tokens:
        raise TemplateError("missing value for command")
    if tokens[0][0] == "name" and tokens[0][1] not in ("true", "false", "nil"):
        name = tokens.pop(0)[1]
        arguments = []
        while tokens and tokens[0] not in (("sign", "|"), ("sign", ")")):
            arguments.append(_operand(tokens, dot, names))
        if name not in FUNCTIONS:
            raise TemplateError(f'function "{name}" not defined')
        return FUNCTIONS[name](*arguments, *last)
    return _operand(tokens, dot, names)


def _operand(tokens: list[tuple[str, str]], dot: Any, names: dict[str, Any]) -> Any:
    kind, text = tokens.pop(0)
    if kind == "text":
        return text[1:-1] if text[0] == "`" else _unquoted(text[1:-1])
    if kind == "number":
        return float(text) if "." in text else int(text)
    if kind == "field":
        return _field(dot, text)
    if kind == "variable":
        name, _, rest = text.partition(".")
        if name not in names:
            raise TemplateError(f'undefined variable "{name}"')
        return _field(names[name], f".{rest}") if rest else names[name]
    if kind == "name":
        if text in FUNCTIONS:
            return FUNCTIONS[text]()
        return {"true": True, "false": False, "nil": None}[text]
    if text == "(":
        value = _pipeline(tokens, dot, names)
        if not tokens or tokens.pop(0) != ("sign", ")"):
            raise TemplateError("unclosed left paren")
        if tokens and tokens[0][0] == "field" and tokens[0][1] != ".":
            return _field(value, tokens.pop(0)[1])
        return value
    raise TemplateError(f'unexpected "{text}" in operand')


def _field(value: Any, path: str) -> Any:
    for name in path.strip(".").split(".") if path != "." else ():
        if value is None or value is NO_VALUE:
            return NO_VALUE
        if not isinstance(value, Mapping):
            raise TemplateError(f"<{path}>: can't evaluate field {name} in type interface {{}}")
        value = value.get(name, NO_VALUE)
    return value


def _unquoted(text: str) -> str:
    names = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda m: names.get(m.group(1), m.group(1)), text)
