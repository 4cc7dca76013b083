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


@frozen
class Call:
    """Another template, by its name, and what it is about."""

    name: str
    source: str


Node = str | Action | Block | Call
Defined = dict[str, tuple["Node", ...]]
MOST_TURNS = 10_000  # of a range over a number
DEEPEST = 100  # templates within templates
KEYWORDS = ("true", "false", "nil")


class Template:
    """A template, ready to print objects."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.defined: Defined = {}
        try:
            self.nodes, rest = _parse(_pieces(source), self.defined, top=True)
        except TemplateError as wrong:
            raise error(f"error parsing template {source}, template: output:1: {wrong}") from None
        assert not rest

    def __call__(self, data: Any) -> str:
        """The text for an object."""
        try:
            return "".join(_run(self.nodes, data, {"$": data, "": self.defined}))
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


def _parse(
    pieces: list[tuple[bool, str]], defined: Defined, *, top: bool
) -> tuple[tuple[Node, ...], list[tuple[bool, str]]]:
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
            block, pieces = _block(word, _known(text[len(word) :].strip()), pieces, defined)
            nodes.append(block)
        elif word in ("define", "block"):
            name, source = _name(text[len(word) :])
            body, pieces = _parse(pieces, defined, top=False)
            defined[name], pieces = body, pieces[1:]
            nodes += [Call(name, source)] if word == "block" else []
        elif word == "template":
            nodes.append(Call(*_name(text[len(word) :])))
        elif not text.startswith("/*"):
            nodes.append(Action(_known(text)))
    if not top:
        raise TemplateError("unexpected EOF")
    return tuple(nodes), []


def _name(text: str) -> tuple[str, str]:
    """(the name of a template, the pipeline behind it)."""
    found = re.fullmatch(r'\s*"([^"]*)"\s*(.*)', text, re.DOTALL)
    if found is None:
        raise TemplateError(f"unexpected {text.strip() or 'EOF'} in template clause")
    return found[1], _known(found[2])


def _known(source: str) -> str:
    """The pipeline, if all functions in it are known."""
    for kind, name in _tokens(re.sub(r"^\s*\$\w+(\s*,\s*\$\w+)?\s*:?=", "", source)):
        if kind == "name" and name not in FUNCTIONS and name not in KEYWORDS:
            raise TemplateError(f'function "{name}" not defined')
    return source


def _block(
    word: str, head: str, pieces: list[tuple[bool, str]], defined: Defined
) -> tuple[Block, list[tuple[bool, str]]]:
    body, pieces = _parse(pieces, defined, top=False)
    other: tuple[Node, ...] = ()
    closing = pieces[0][1]
    pieces = pieces[1:]
    if closing.startswith("else"):
        rest = closing[4:].strip()
        if rest:
            inner = rest.split(" ", 1)
            block, pieces = _block(inner[0], _known(inner[1]) if len(inner) > 1 else "", pieces, defined)
            return Block(word, head, body, (block,)), pieces
        other, pieces = _parse(pieces, defined, top=False)
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
        elif isinstance(node, Call):
            out += _call(node, dot, names)
        else:
            out += _run_block(node, dot, names)
    return out


def _call(call: Call, dot: Any, names: dict[str, Any]) -> list[str]:
    defined: Defined = names[""]
    if call.name not in defined:
        raise TemplateError(f'<{{{{template "{call.name}"}}}}>: template "{call.name}" not defined')
    if names.get("depth", 0) >= DEEPEST:
        raise TemplateError(f"<{call.name}>: exceeded maximum template depth ({DEEPEST})")
    about = _evaluate(call.source, dot, names)[0] if call.source else None
    return _run(defined[call.name], about, {"$": about, "": defined, "depth": names.get("depth", 0) + 1})


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
    if isinstance(value, int) and not isinstance(value, bool):
        value = range(min(value, MOST_TURNS))
    if not isinstance(value, Mapping | list | tuple | range):
        raise TemplateError(f"<{block.head}>: range can't iterate over {shown(value)}")
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
    if tokens[0][0] == "name" and tokens[0][1] not in KEYWORDS:
        name = tokens.pop(0)[1]
        arguments = []
        while tokens and tokens[0] not in (("sign", "|"), ("sign", ")")):
            arguments.append(_operand(tokens, dot, names))
        if name not in FUNCTIONS:
            raise TemplateError(f'function "{name}" not defined')
        try:
            return FUNCTIONS[name](*arguments, *last)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError) as wrong:
            if isinstance(wrong, TemplateError):
                raise
            raise TemplateError(f"<{name}>: error calling {name}: wrong arguments") from None
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
            raise TemplateError(f"<{text}>: wrong number of args for {text}: want at least 1 got 0")
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
