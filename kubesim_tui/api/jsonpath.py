"""JSONPath as Kubernetes has it (client-go util/jsonpath): `{.items[*].metadata.name}`, `{range …}…{end}`, filters.

A template is text with actions in braces. An action is a path (fields, indices, slices, unions, wildcards, `..`,
filters `[?(@.type=="Ready")]`), a quoted text, or range/end. A path finds a list of values; in a template they print
joined by blanks, maps and lists as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from kubesim_tui.api.frozen import Json, thaw


class JsonPathError(ValueError):
    """A template that cannot be parsed, or that does not fit the data."""


@frozen
class Field:
    """`.name` or `['name']`."""

    name: str


@frozen
class Slice:
    """`[2]`, `[1:3]`, `[-1]`, `[::2]`; `[*]` is the whole."""

    start: int | None = None
    stop: int | None = None
    step: int = 1
    index: bool = False  # one element, not a range


@frozen
class Wildcard:
    """`.*`: every value of a map or list."""


@frozen
class Recursive:
    """`..name`: wherever it is below."""


@frozen
class Union:
    """`['a','b']`, `[0,2]`."""

    paths: tuple[Path, ...]


@frozen
class Filter:
    """`[?(@.a=="x")]`: the elements for which it holds."""

    left: Path | Json
    operator: str  # "exists", "==", …
    right: Path | Json = None


Step = Field | Slice | Wildcard | Recursive | Union | Filter


@frozen
class Path:
    """Steps from the current value, or (`rooted`) from the whole."""

    steps: tuple[Step, ...]
    rooted: bool = False


@frozen
class Text:
    """Text to print as it is."""

    text: str


@frozen
class Range:
    """`{range path}` … `{end}`."""

    path: Path
    body: tuple[Node, ...]


Node = Text | Path | Range

_SLICE = re.compile(r"(-?\d*)(:-?\d*)?(:-?\d*)?")
_KEY = re.compile(r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\"""")
_COMPARE = re.compile(r"(==|!=|<=|>=|<|>)")
_ENDS = set(".,[]$@{} \t\n")


def parse(template: str) -> tuple[Node, ...]:
    """A template's nodes. JsonPathError in upstream's words."""
    nodes, rest = _nodes(list(_pieces(template)), inside=False)
    assert not rest
    return nodes


def relaxed(expression: str) -> str:
    """What custom columns and --sort-by accept: `x.y`, `.x.y` and `{x.y}` all mean `{.x.y}`. JsonPathError if not."""
    found = re.fullmatch(r"\{?\.?([^{}]*)\}?|\{\.?([^{}]+)\}", expression)
    if not found or expression.count("{") != expression.count("}"):
        raise JsonPathError(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'"
        )
    inner = found.group(1) or found.group(2) or ""
    return "{." + inner + "}"


def render(template: Sequence[Node], data: Json, *, missing: bool = True) -> str:
    """The template's text for some data. `missing`: a field that is not there prints nothing, instead of an error."""
    return "".join(_render(template, data, data, missing))


def find(template: Sequence[Node], data: Json, *, missing: bool = True) -> list[Json]:
    """All values that the paths of a template find."""
    found: list[Json] = []
    for node in template:
        if isinstance(node, Path):
            found += _walk(node, data, data, missing)
    return found


def text(value: Json) -> str:
    """A value as the template prints it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        return go_json(value)
    return "" if value is None else str(value)


def go_json(value: Json) -> str:
    """Compact JSON as Go writes it: sorted keys, and < > & escaped."""
    out = json.dumps(thaw(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return out.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


# -- evaluation ------------------------------------------------------------------------------------------------------


def _render(nodes: Iterable[Node], here: Json, root: Json, missing: bool) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Text):
            yield node.text
        elif isinstance(node, Range):
            for value in _walk(node.path, here, root, missing):
                yield from _render(node.body, value, root, missing)
        else:
            yield " ".join(map(text, _walk(node, here, root, missing)))


def _walk(path: Path, here: Json, root: Json, missing: bool) -> list[Json]:
    values: list[Json] = [root if path.rooted else here]
    for step in path.steps:
        values = _step(step, values, root, missing)
    return values


def _step(step: Step, values: list[Json], root: Json, missing: bool) -> list[Json]:
    if isinstance(step, Field):
        found = [v[step.name] for v in values if isinstance(v, Mapping) and step.name in v]
        if not found and values and not missing:
            raise JsonPathError(f"{step.name} is not found")
        return found
    if isinstance(step, Slice):
        return [e for v in values if v is not None for e in _elements(step, v)]
    if isinstance(step, Wildcard):
        return [e for v in values for e in _children(v)]
    if isinstance(step, Recursive):
        return [e for v in values for e in _below(v)]
    if isinstance(step, Union):
        return [e for p in step.paths for v in values for e in _walk(p, v, root, missing)]
    return [e for v in values for e in _chosen(step, v, root)]


def _elements(step: Slice, value: Json) -> Sequence[Json]:
    if not isinstance(value, list | tuple):
        raise JsonPathError(f"{_go_type(value)} is not array or slice")
    if step.index and step.start is not None:
        index = step.start + len(value) if step.start < 0 else step.start
        if not 0 <= index < len(value):
            raise JsonPathError(f"array index out of bounds: index {index}, length {len(value)}")
        return [value[index]]
    start, stop = step.start, step.stop
    if start is not None and start >= len(value) and start != stop:
        raise JsonPathError(f"array index out of bounds: index {start}, length {len(value)}")
    return value[start : stop : step.step]


def _go_type(value: Json) -> str:
    names = {dict: "map[string]interface {}", str: "string", bool: "bool", int: "int64", float: "float64"}
    return next((n for t, n in names.items() if isinstance(value, t)), "<nil>")


def _children(value: Json) -> Iterable[Json]:
    if isinstance(value, Mapping):
        return [value[k] for k in sorted(value)]
    return value if isinstance(value, list | tuple) else ()


def _below(value: Json) -> Iterator[Json]:
    yield value
    for child in _children(value):
        if isinstance(child, Mapping | list | tuple):
            yield from _below(child)


def _chosen(step: Filter, value: Json, root: Json) -> Iterator[Json]:
    if isinstance(value, Mapping):
        raise JsonPathError(f"{_go_type(value)} is not array or slice and cannot be filtered")
    for element in value if isinstance(value, list | tuple) else ():
        left = _operand(step.left, element, root)
        if step.operator == "exists":
            if left:
                yield element
            continue
        right = _operand(step.right, element, root)
        if len(left) > 1 or len(right) > 1:
            raise JsonPathError("can only compare one element at a time")
        if left and right and _holds(left[0], step.operator, right[0]):
            yield element


def _operand(operand: Path | Json, element: Json, root: Json) -> list[Json]:
    return _walk(operand, element, root, True) if isinstance(operand, Path) else [operand]


def _holds(a: Json, operator: str, b: Json) -> bool:
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (a, b))
    if not numbers and type(a) is not type(b):
        raise JsonPathError("incompatible types for comparison")
    results = {"==": a == b, "!=": a != b}
    if operator in results:
        return bool(results[operator])
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])


# -- parsing ---------------------------------------------------------------------------------------------------------


def _pieces(template: str) -> Iterator[tuple[bool, str]]:
    """(is an action, text), in order."""
    at = 0
    while at < len(template):
        start = template.find("{", at)
        if start < 0:
            yield False, template[at:]
            return
        if start > at:
            yield False, template[at:start]
        end = _closing(template, start + 1)
        yield True, template[start + 1 : end]
        at = end + 1


def _closing(template: str, at: int) -> int:
    """Where an action ends; braces in quotes do not count."""
    quote = ""
    while at < len(template):
        c = template[at]
        if c == "\\":
            at += 1
        elif quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c == "}":
            return at
        at += 1
    raise JsonPathError("unterminated quoted string" if quote else "unclosed action")


def _nodes(pieces: list[tuple[bool, str]], *, inside: bool) -> tuple[tuple[Node, ...], list[tuple[bool, str]]]:
    nodes: list[Node] = []
    while pieces:
        (action, source), pieces = pieces[0], pieces[1:]
        if not action:
            nodes.append(Text(source))
            continue
        source = source.strip()
        if source == "end":
            if not inside:
                raise JsonPathError("not in range, nothing to end")
            return tuple(nodes), pieces
        if re.match(r"range\b", source):
            path = _path(source[5:].strip())
            body, pieces = _nodes(pieces, inside=True)
            nodes.append(Range(path, body))
        else:
            nodes += _action(source)
    if inside:
        raise JsonPathError("unterminated range")
    return tuple(nodes), pieces


def _action(source: str) -> list[Node]:
    """One action: texts and paths side by side."""
    nodes: list[Node] = []
    while source:
        if source[0] in "\"'":
            end = _quote_end(source)
            nodes.append(Text(_unquote(source[: end + 1])))
            source = source[end + 1 :].strip()
        elif re.match(r"[+-]?\d", source):
            found = re.match(r"[+-]?\d+(\.\d+)?", source)
            assert found
            nodes.append(Text(found.group()))
            source = source[found.end() :].strip()
        else:
            end = _path_end(source)
            nodes.append(_path(source[:end]))
            source = source[end:].strip()
    return nodes


def _quote_end(source: str, at: int = 0) -> int:
    quote, at = source[at], at + 1
    while at < len(source):
        if source[at] == "\\":
            at += 1
        elif source[at] == quote:
            return at
        at += 1
    raise JsonPathError("unterminated quoted string")


def _unquote(source: str) -> str:
    names = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda m: names.get(m.group(1), m.group(1)), source[1:-1])


def _path_end(source: str) -> int:
    """The end of a path: a blank outside of brackets."""
    depth, at = 0, 0
    while at < len(source):
        c = source[at]
        if c in "\"'" and depth:
            at = _quote_end(source, at)
        elif c == "\\":
            at += 1
        elif c in "[(":
            depth += 1
        elif c in "])":
            depth -= 1
        elif (c.isspace() or c in "\"'") and not depth:
            return at
        at += 1
    if depth:
        raise JsonPathError("unterminated array")
    return at


def _path(source: str) -> Path:
    rooted = source.startswith("$")
    rest = source.lstrip("$@")
    steps: list[Step] = []
    if rest and (rest[0].isalpha() or rest[0] == "_"):
        word = re.split(r"[^\w-]", rest)[0]
        raise JsonPathError(f"unrecognized identifier {word}")
    while rest:
        step, rest = _next_step(rest)
        steps += step
    return Path(tuple(steps), rooted)


def _next_step(rest: str) -> tuple[list[Step], str]:
    if rest.startswith(".."):
        field, after = _name(rest[2:])
        return [Recursive(), *([field] if field else [])], after
    if rest[0] == ".":
        field, after = _name(rest[1:])
        return ([field] if field else []), after
    if rest[0] == "[":
        end = _path_end_bracket(rest)
        return [_bracket(rest[1:end])], rest[end + 1 :]
    raise JsonPathError(f"unrecognized character in action: U+{ord(rest[0]):04X} '{rest[0]}'")


def _name(rest: str) -> tuple[Step | None, str]:
    at, name = 0, ""
    while at < len(rest) and rest[at] not in _ENDS:
        if rest[at] == "\\" and at + 1 < len(rest):
            at += 1
        name += rest[at]
        at += 1
    if name == "*":
        return Wildcard(), rest[at:]
    return (Field(name) if name else None), rest[at:]


def _path_end_bracket(rest: str) -> int:
    depth = at = 0
    while at < len(rest):
        c = rest[at]
        if c in "\"'":
            at = _quote_end(rest, at)
        elif c in "[(":
            depth += 1
        elif c in "])":
            depth -= 1
            if not depth:
                return at
        at += 1
    raise JsonPathError("unterminated array")


def _bracket(inner: str) -> Step:
    inner = inner.strip()
    if inner.startswith("?("):
        if not inner.endswith(")"):
            raise JsonPathError("unterminated filter")
        return _filter(inner[2:-1].strip())
    if inner == "*":
        return Wildcard()
    parts = _split(inner)
    if len(parts) > 1:
        return Union(tuple(Path((_bracket(p),)) for p in parts))
    if key := _KEY.fullmatch(inner):
        return _keys(key.group(1) if key.group(1) is not None else key.group(2))
    found = _SLICE.fullmatch(inner)
    if not found or not inner:
        raise JsonPathError(f"invalid array index {inner}")
    start, stop, step = ((g or "").lstrip(":") for g in found.groups())
    if ":" not in inner:
        return Slice(int(start), index=True)
    return Slice(int(start) if start else None, int(stop) if stop else None, int(step) if step else 1)


def _keys(text: str) -> Step:
    """The fields of a quoted key: a dot in it leads further down, as in a path, unless a backslash stands before it."""
    names = [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"(?:\\.|[^.\\])+", text)]
    if len(names) < 2:
        return Field(names[0] if names else "")
    return Union((Path(tuple(map(Field, names))),))


def _split(inner: str) -> list[str]:
    return [p.strip() for p in re.findall(r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,])+""", inner)]


def _filter(source: str) -> Filter:
    at = 0
    while at < len(source):
        if source[at] in "\"'":
            at = _quote_end(source, at)
        elif found := _COMPARE.match(source, at):
            return Filter(_side(source[:at]), found.group(), _side(source[found.end() :]))
        at += 1
    return Filter(_side(source), "exists")


def _side(source: str) -> Path | Json:
    source = source.strip()
    if source[:1] in ("'", '"'):
        return _unquote(source)
    if source in ("true", "false"):
        return source == "true"
    if re.fullmatch(r"[+-]?\d+", source):
        return int(source)
    if re.fullmatch(r"[+-]?\d+\.\d+", source):
        return float(source)
    return _path(source)
