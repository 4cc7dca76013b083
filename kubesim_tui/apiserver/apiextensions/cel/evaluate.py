"""What an expression comes to, for given variables, within a bounded cost.

Errors are CEL's (`no such key: x`). `&&`, `||`, all and exists swallow an error where the other side decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel import functions
from kubesim_tui.apiserver.apiextensions.cel.authz import Authorizer
from kubesim_tui.apiserver.apiextensions.cel.collections import order
from kubesim_tui.apiserver.apiextensions.cel.conversions import PLAIN_TYPES, string, type_name
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
    Message,
    Node,
    Select,
)
from kubesim_tui.apiserver.apiextensions.cel.operators import OPERATORS, overload
from kubesim_tui.apiserver.apiextensions.cel.values import NONE, CelError, Instance, Optional, Type, Undeclared

Scope = Mapping[str, Any]
ESCAPES = (("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"), ("__underscores__", "__"))


class TooExpensive(CelError):
    """The evaluation has cost more than one rule may."""

    def __init__(self) -> None:
        super().__init__("operation cancelled: actual cost limit exceeded")


class Variables:
    """`variables`: expressions with names, of which each is evaluated when it is first asked for."""

    def __init__(self, nodes: Mapping[str, Node], scope: Scope) -> None:
        self.nodes, self.scope = nodes, {**scope, "variables": self}
        self.known: dict[str, Any] = {}

    def value(self, name: str, meter: Meter) -> Any:
        """The value of a variable; CelError if it fails, or there is none."""
        if name not in self.known:
            if name not in self.nodes:
                raise CelError(f"no such key: {name}")
            try:
                self.known[name] = _evaluate(self.nodes[name], self.scope, meter)
            except CelError as wrong:
                self.known[name] = wrong
        found = self.known[name]
        if isinstance(found, CelError):
            raise found
        return found


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
    """The value of a tree; CelError."""
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
    if node.name in PLAIN_TYPES:
        return Type(node.name)
    raise Undeclared(node.name)


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
    if isinstance(operand, Variables):
        return operand.value(name, meter)
    if isinstance(operand, Authorizer) and name == "requestResource" and operand.request is not None:
        return operand.request
    if not isinstance(operand, dict):
        raise CelError(f"no such key: {name}")
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
            raise CelError(f"no such key: {string(key)}")
        return operand[key]
    if not isinstance(operand, list):
        raise overload()
    if type_name(key) not in ("int", "uint", "double"):
        raise CelError(f"unsupported index type '{type_name(key)}' in list")
    if key != int(key):
        raise CelError(f"unsupported index value {string(key)} in list")
    if not 0 <= key < len(operand):
        raise CelError(f"index out of bounds: {int(key)}")
    return operand[int(key)]


def _call(node: Call, scope: Scope, meter: Meter) -> Any:
    space = node.target.name if isinstance(node.target, Ident) and node.target.name not in scope else ""
    args = [_evaluate(a, scope, meter) for a in node.args]
    if node.target is not None and not space:
        args.insert(0, _evaluate(node.target, scope, meter))
    meter.charge(functions.cost(node.function, args))
    if node.function in OPERATORS:
        found = OPERATORS[node.function](*args)
    else:
        found = functions.call(f"{space}.{node.function}" if space else node.function, args)
    meter.charge(functions.cost("", [found]))
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
    values = [_evaluate(i, scope, meter) for i in node.items]
    if not node.optional:
        return values
    return [v.value if i in node.optional else v for i, v in enumerate(values) if _is_there(v, i, node.optional)]


def _map(node: MapOf, scope: Scope, meter: Meter) -> Any:
    pairs = [(_evaluate(k, scope, meter), _evaluate(v, scope, meter)) for k, v in node.entries]
    return {k: v.value if i in node.optional else v for i, (k, v) in enumerate(pairs) if _is_there(v, i, node.optional)}


def _message(node: Message, scope: Scope, meter: Meter) -> Any:
    if node.name.partition(".")[0] not in scope:
        raise Undeclared(node.name)
    found = Instance(node.name)
    for i, (name, part) in enumerate(node.fields):
        value = _evaluate(part, scope, meter)
        if _is_there(value, i, node.optional):
            found[unescaped(name)] = value.value if i in node.optional else value
    return found


def _is_there(value: Any, place: int, optional: frozenset[int]) -> bool:
    if place not in optional:
        return True
    if not isinstance(value, Optional):
        raise overload()
    return value.there


# -- macros ------------------------------------------------------------------------------------------------------


def _comprehension(node: Comprehension, scope: Scope, meter: Meter) -> Any:
    target = _evaluate(node.target, scope, meter)
    if node.macro in ("optMap", "optFlatMap"):
        return _of_optional(node, target, scope, meter)
    if not isinstance(target, list | dict):
        raise overload()
    return MACROS[node.macro](node, _scopes(node, target, scope), meter)


def _of_optional(node: Comprehension, target: Any, scope: Scope, meter: Meter) -> Any:
    if not isinstance(target, Optional):
        raise overload()
    if not target.there:
        return NONE
    found = _evaluate(node.body[0], {**scope, node.variables[0]: target.value}, meter)
    return found if node.macro == "optFlatMap" else Optional(True, found)


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


def _chosen(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> Iterator[tuple[Any, Any]]:
    """The first variable's value (a key or a place) and what the body makes of each item that its filter lets pass."""
    *conditions, body = node.body
    for _, inner in scopes:
        if all(_truth(c, inner, meter) for c in conditions):
            yield inner[node.variables[0]], _evaluate(body, inner, meter)


def _transform_list(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> list[Any]:
    return [value for _, value in _chosen(node, scopes, meter)]


def _transform_map(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> dict[Any, Any]:
    return dict(_chosen(node, scopes, meter))


def _transform_entries(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for _, entry in _chosen(node, scopes, meter):
        if not isinstance(entry, dict):
            raise overload()
        for key, value in entry.items():
            if key in found:
                raise CelError(f"insert failed: key {string(key)} already exists")
            found[key] = value
    return found


def _sort_by(node: Comprehension, scopes: Iterator[tuple[Any, Scope]], meter: Meter) -> list[Any]:
    pairs = [(item, _evaluate(node.body[0], inner, meter)) for item, inner in scopes]
    return order([item for item, _ in pairs], [key for _, key in pairs])


MACROS: Mapping[str, Callable[..., Any]] = {
    "all": _quantifier(False),
    "exists": _quantifier(True),
    "exists_one": _exists_one,
    "existsOne": _exists_one,
    "filter": _filter,
    "map": _transform_list,
    "sortBy": _sort_by,
    "transformList": _transform_list,
    "transformMap": _transform_map,
    "transformMapEntry": _transform_entries,
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
    Message: _message,
    Comprehension: _comprehension,
}
