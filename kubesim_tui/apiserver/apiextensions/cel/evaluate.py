"""What an expression comes to, for given variables, within a bounded cost.

Errors are CEL's (`no such key: x`). `&&`, `||`, all and exists swallow an error where the other side decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel import functions
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
from kubesim_tui.apiserver.apiextensions.cel.operators import OPERATORS, overload
from kubesim_tui.apiserver.apiextensions.cel.values import NONE, CelError, Optional, Unsupported

Scope = Mapping[str, Any]
ESCAPES = (("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"), ("__underscores__", "__"))


class TooExpensive(CelError):
    """The evaluation has cost more than one rule may."""

    def __init__(self) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")


class Meter:
    """What an evaluation has cost, and may."""

    def __init__(self, limit: int) -> None:
        self.limit, self.spent = limit, 0

    def charge(self, cost: int) -> None:
        """Count some cost."""
        self.spent += cost
        if self.spent > self.limit:
            raise TooExpensive


def evaluate(node: Node, scope: Scope, meter: Meter) -> Any:
    """The value of a tree. CelError, or Unsupported."""
    try:
        return _evaluate(node, scope, meter)
    except TypeError:  # values that cannot be keys of a map, nor be looked for in one
        raise overload() from None


def _evaluate(node: Node, scope: Scope, meter: Meter) -> Any:
    """The value of a node."""
    meter.charge(1)
    return _NODES[type(node)](node, scope, meter)


def _literal(node: Literal, _scope: Scope, _meter: Meter) -> Any:
    return node.value


def _ident(node: Ident, scope: Scope, _meter: Meter) -> Any:
    if node.name in scope:
        return scope[node.name]
    raise Unsupported(node.name)


def unescaped(name: str) -> str:
    """The field that an identifier means: `__dash__` is `-`, `__namespace__` the reserved word."""
    for word, character in ESCAPES:
        name = name.replace(word, character)
    return name[2:-2] if len(name) > 4 and name.startswith("__") and name.endswith("__") else name


def _select(node: Select, scope: Scope, meter: Meter) -> Any:
    name = unescaped(node.field)
    operand = _evaluate(node.operand, scope, meter)
    chained = isinstance(operand, Optional)
    if chained:
        if not operand.there:
            return False if node.test else NONE
        operand = operand.value
    if not isinstance(operand, dict):
        raise overload()
    if node.test:
        return name in operand and operand[name] is not None
    if node.optional or chained:
        return Optional(True, operand[name]) if name in operand else NONE
    if name not in operand:
        raise CelError(f"no such key: {name}")
    return operand[name]


def _index(node: Index, scope: Scope, meter: Meter) -> Any:
    operand, key = _evaluate(node.operand, scope, meter), _evaluate(node.key, scope, meter)
    chained = node.optional or isinstance(operand, Optional)
    if isinstance(operand, Optional):
        if not operand.there:
            return NONE
        operand = operand.value
    try:
        found = _item(operand, key)
    except CelError:
        if chained:
            return NONE
        raise
    return Optional(True, found) if chained else found


def _item(operand: Any, key: Any) -> Any:
    if isinstance(operand, dict):
        if isinstance(key, list | dict):
            raise overload()
        if key not in operand:
            raise CelError(f"no such key: {key}")
        return operand[key]
    if not isinstance(operand, list) or isinstance(key, bool) or not isinstance(key, int):
        raise overload()
    if not 0 <= key < len(operand):
        raise CelError(f"index out of bounds: {key}")
    return operand[key]


def _call(node: Call, scope: Scope, meter: Meter) -> Any:
    space = node.target.name if isinstance(node.target, Ident) and node.target.name not in scope else ""
    args = [_evaluate(a, scope, meter) for a in node.args]
    if node.target is not None and not space:
        args.insert(0, _evaluate(node.target, scope, meter))
    meter.charge(functions.cost(args))
    if node.function in OPERATORS:
        found = OPERATORS[node.function](*args)
    else:
        found = functions.call(f"{space}.{node.function}" if space else node.function, args)
    meter.charge(functions.cost([found]))
    return found


def _junction(node: Junction, scope: Scope, meter: Meter) -> Any:
    decides = node.word == "||"
    failed: CelError | None = None
    for part in node.parts:
        try:
            value = _evaluate(part, scope, meter)
        except TooExpensive:
            raise
        except CelError as error:
            failed = failed or error
            continue
        if not isinstance(value, bool):
            failed = failed or overload()
        elif value is decides:
            return decides
    if failed is not None:
        raise failed
    return not decides


def _choice(node: Choice, scope: Scope, meter: Meter) -> Any:
    condition = _evaluate(node.condition, scope, meter)
    if not isinstance(condition, bool):
        raise overload()
    return _evaluate(node.then if condition else node.other, scope, meter)


def _list(node: ListOf, scope: Scope, meter: Meter) -> Any:
    return [_evaluate(i, scope, meter) for i in node.items]


def _map(node: MapOf, scope: Scope, meter: Meter) -> Any:
    return {_evaluate(k, scope, meter): _evaluate(v, scope, meter) for k, v in node.entries}


# -- macros ------------------------------------------------------------------------------------------------------


def _comprehension(node: Comprehension, scope: Scope, meter: Meter) -> Any:
    target = _evaluate(node.target, scope, meter)
    if not isinstance(target, list | dict):
        raise overload()
    return _MACROS[node.macro](node, _scopes(node, target, scope), meter)


def _scopes(node: Comprehension, target: list[Any] | dict[Any, Any], scope: Scope) -> Iterator[tuple[Any, Scope]]:
    """Each item (of a map: key) with the variables that it gives."""
    pairs = target.items() if isinstance(target, dict) else enumerate(target)
    for key, value in pairs:
        item = key if isinstance(target, dict) else value
        first, *second = node.variables
        bound = {first: key, second[0]: value} if second else {first: item}
        yield item, {**scope, **bound}


def _truth(node: Node, scope: Scope, meter: Meter) -> bool:
    found = _evaluate(node, scope, meter)
    if not isinstance(found, bool):
        raise overload()
    return found


def _quantifier(decides: bool) -> Callable[[Comprehension, Iterator[tuple[Any, Scope]], Meter], bool]:
    def ask(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> bool:
        failed: CelError | None = None
        for _, inner in scopes:
            try:
                if _truth(node.body[0], inner, meter) is decides:
                    return decides
            except TooExpensive:
                raise
            except CelError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return not decides

    return ask


def _exists_one(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> bool:
    return sum([_truth(node.body[0], inner, meter) for _, inner in scopes]) == 1


def _filter(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> list[Any]:
    return [item for item, inner in scopes if _truth(node.body[0], inner, meter)]


def _mapped(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> list[Any]:
    *conditions, body = node.body
    chosen = (inner for _, inner in scopes if all(_truth(c, inner, meter) for c in conditions))
    return [_evaluate(body, inner, meter) for inner in chosen]


_MACROS: Mapping[str, Callable[..., Any]] = {
    "all": _quantifier(False),
    "exists": _quantifier(True),
    "exists_one": _exists_one,
    "existsOne": _exists_one,
    "filter": _filter,
    "map": _mapped,
}
_NODES: Mapping[type[Node], Callable[..., Any]] = {
    Literal: _literal,
    Ident: _ident,
    Select: _select,
    Index: _index,
    Call: _call,
    Junction: _junction,
    Choice: _choice,
    ListOf: _list,
    MapOf: _map,
    Comprehension: _comprehension,
}
