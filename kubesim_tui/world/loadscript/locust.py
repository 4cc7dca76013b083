"""Locustfiles: users (or sets of tasks) with tasks, each a function that makes requests with its `client`.

They are read as Python's grammar has them, and nothing of them is run. A task is chosen by its weight and rests come
between tasks, so that a request's share of them depends on how many its task makes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from attrs import define, field

from kubesim_tui.world.loadscript.script import NOTHING, Asks, LoadScript
from kubesim_tui.world.units import SECOND_US

METHODS = frozenset(("get", "post", "put", "patch", "delete", "head", "options"))
_DEEPEST = 8


@define(eq=False)
class _Reading:
    """What was found so far."""

    functions: dict[str, ast.FunctionDef] = field(factory=dict)
    weights: dict[str, int] = field(factory=dict)
    rest_us: int = 0
    host: str = ""


def read(text: str, host: str) -> LoadScript:
    """What a file says; `host` (if it is not empty) is asked, whatever the file says."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NOTHING
    found = _Reading()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            found.functions.setdefault(node.name, node)
            weight = next((n for n in map(_weight, node.decorator_list) if n), 0)
            if weight:
                found.weights[node.name] = weight
        elif isinstance(node, ast.ClassDef):
            _class(found, node)
    where = host or found.host
    asks: list[Asks] = []
    rounds = 0
    for name, weight in found.weights.items():
        made = list(_requests(found, name, 0))
        rounds += weight if made else 0
        asks += [Asks(where + path if path[:1] == "/" else path, method, weight) for method, path in made]
    whole = sum([one.weight for one in asks])
    return LoadScript(tuple(asks), think_us=found.rest_us * rounds // whole) if whole else NOTHING


def _weight(decorator: ast.expr) -> int:
    """Of `@task` and `@task(3)`; 0 for others."""
    if isinstance(decorator, ast.Call) and _name(decorator.func) == "task":
        number = _number(decorator.args[0]) if decorator.args else None
        return max(1, int(number)) if number is not None else 1
    return int(_name(decorator) == "task")


def _class(found: _Reading, node: ast.ClassDef) -> None:
    waits: dict[str, float] = {}
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else None
        if not isinstance(line, ast.Assign) or not isinstance(target, ast.Name):
            continue
        value = line.value
        if target.id == "host" and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.host = value.value
        elif target.id == "wait_time" and isinstance(value, ast.Call):
            found.rest_us = _rest_us(value)
        elif target.id in ("min_wait", "max_wait"):
            waits[target.id] = _number(value) or 0
        elif target.id == "tasks":
            found.weights.update(_tasks(value))
    if len(waits) == 2:
        found.rest_us = int(sum(waits.values()) * 1000) // 2


def _tasks(value: ast.expr) -> Iterator[tuple[str, int]]:
    """Of `{index: 1, cart: 3}` and `[index, cart]`."""
    if isinstance(value, ast.Dict):
        for key, weight in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Name):
                yield key.id, max(1, int(_number(weight) or 1))
    elif isinstance(value, (ast.List, ast.Tuple)):
        yield from ((one.id, 1) for one in value.elts if isinstance(one, ast.Name))


def _rest_us(call: ast.Call) -> int:
    numbers = [number for number in map(_number, call.args) if number is not None]
    name = _name(call.func)
    if not numbers:
        return 0
    if name == "between":
        return int(sum(numbers[:2]) * SECOND_US) // 2
    if name == "constant_throughput":
        return int(SECOND_US / numbers[0]) if numbers[0] else 0
    return int(numbers[0] * SECOND_US)


def _requests(found: _Reading, name: str, depth: int) -> Iterator[tuple[str, str]]:
    """(method, path) of all that a function asks for, and those that it calls."""
    function = found.functions.get(name)
    if function is None or depth > _DEEPEST:
        return
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if method in METHODS and owner is not None and _name(owner) == "client" and node.args:
            yield method.upper(), _text(node.args[0]) or "/"
        elif _name(node.func) in found.functions and _name(node.func) != name:
            yield from _requests(found, _name(node.func), depth + 1)


def _text(value: ast.expr) -> str:
    """A path as far as it is written down; where it depends on something, `1` stands."""
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join([_text(part) for part in value.values])
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _text(value.left) + _text(value.right)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod):
        return _text(value.left).replace("%s", "1").replace("%d", "1")
    return "1"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _number(value: ast.expr) -> float | None:
    if isinstance(value, ast.Constant) and isinstance(value.value, (int, float)):
        return min(max(float(value.value), 0.0), 1e9)
    return None
