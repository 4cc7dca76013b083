"""Rules of a definition that cannot be meant: no CEL, or of variables and fields that are not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.api.fielderror import FieldError, invalid
from kubesim_tui.apiserver.apiextensions.cel.conversions import PLAIN_TYPES, type_name
from kubesim_tui.apiserver.apiextensions.cel.evaluate import unescaped
from kubesim_tui.apiserver.apiextensions.cel.nodes import Call, Comprehension, Ident, Index, Literal, Node, Select
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.references import undeclared
from kubesim_tui.apiserver.apiextensions.cel.search import below, uses
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault, located
from kubesim_tui.apiserver.apiextensions.cel.values import CelError, Undeclared, duration, timestamp
from kubesim_tui.apiserver.apiextensions.schema import META_FIELDS
from kubesim_tui.kernel.regex import RegexError, compiled

JsonMap = Mapping[str, Any]
KNOWN = frozenset({"self", "oldSelf"}) | PLAIN_TYPES
NAME = {"type": "string"}
META = {"type": "object", "properties": {"name": NAME, "generateName": NAME}}


def rules(schema: JsonMap, path: str, *, root: bool = True, closed: str = "") -> Iterator[FieldError]:
    """What is wrong with the rules of a schema and all below it. `closed`: where old values cannot be found again."""
    whole = _resource(schema) if root or schema.get("x-kubernetes-embedded-resource") else schema
    for i, rule in enumerate(schema.get("x-kubernetes-validations") or ()):
        at = f"{path}.x-kubernetes-validations[{i}]"
        for name in ("rule", "messageExpression"):
            if rule.get(name):
                yield from _expression(rule, name, whole, at)
        yield from _transition(rule, at, closed)
    inner = closed or (path if schema.get("x-kubernetes-map-type") == "atomic" else "")
    for name in sorted(schema.get("properties") or ()):
        yield from rules(schema["properties"][name], f"{path}.properties[{name}]", root=False, closed=inner)
    if isinstance(schema.get("additionalProperties"), Mapping):
        below_map = schema["additionalProperties"]
        yield from rules(below_map, f"{path}.additionalProperties", root=False, closed=closed)
    if isinstance(schema.get("items"), Mapping):
        inner = closed or ("" if schema.get("x-kubernetes-list-type") == "map" else path)
        yield from rules(schema["items"], f"{path}.items", root=False, closed=inner)


def _resource(schema: JsonMap) -> JsonMap:
    known = {**dict.fromkeys(META_FIELDS, NAME), "metadata": META}
    return {**schema, "properties": {**known, **(schema.get("properties") or {}), "metadata": META}}


def _expression(rule: JsonMap, name: str, schema: JsonMap, path: str) -> Iterator[FieldError]:
    source = rule[name].strip()
    try:
        node = parse(source)
    except SyntaxFault as fault:
        yield invalid(f"{path}.{name}", rule, f"compilation failed: {fault.shown(source)}")
        return
    faults = [*_names_and_literals(node, KNOWN)]
    faults += [(s.at, f"undefined field '{s.field}'") for s in _undefined(node, schema)]
    if faults:
        said = "\n".join(located(source, at, text) for at, text in faults)
        yield invalid(f"{path}.{name}", rule, f"compilation failed: {said}")


LITERALS: Mapping[str, Callable[[str], object]] = {"timestamp": timestamp, "duration": duration, "matches": compiled}
"""Functions whose argument, when it stands there as a text, must be one that they take."""


def _names_and_literals(node: Node, known: frozenset[str]) -> Iterator[tuple[int, str]]:
    """(place, what is wrong there)."""
    for at, name in undeclared(node, known):
        yield at, str(Undeclared(name))
    for at, name in _literals(node):
        yield at, f"invalid {name} argument"


def _literals(node: Node) -> Iterator[tuple[int, str]]:
    if isinstance(node, Call) and node.function in LITERALS and node.args:
        argument = node.args[-1]
        if isinstance(argument, Literal) and isinstance(argument.value, str):
            try:
                LITERALS[node.function](argument.value)
            except (CelError, RegexError):
                yield argument.at, node.function
    for part in below(node):
        yield from _literals(part)


def _transition(rule: JsonMap, path: str, closed: str) -> Iterator[FieldError]:
    try:
        transition = uses(parse((rule.get("rule") or "").strip()), "oldSelf")
    except SyntaxFault:
        return
    if transition and closed:
        said = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {closed}"
        yield invalid(f"{path}.rule", rule["rule"], said)
    elif not transition and rule.get("optionalOldSelf") is not None:
        said = "may not be set if oldSelf is not used in rule"
        yield invalid(f"{path}.optionalOldSelf", rule["optionalOldSelf"], said)


@frozen
class Variables:
    """The variables that an expression may name; of some, the only fields that they have."""

    names: frozenset[str]
    fields: Mapping[str, tuple[str, ...]] = {}


def wrong_expression(source: str, known: Variables, returns: tuple[str, ...] = ()) -> str:
    """What is wrong with an expression that stands by itself, "" if nothing is. Types are known of constants only."""
    try:
        node = parse(source)
    except SyntaxFault as fault:
        return f"compilation failed: {fault.shown(source)}"
    faults = [*_names_and_literals(node, known.names | PLAIN_TYPES)]
    faults += [(s.at, f"undefined field '{s.field}'") for s in _fields_missing(node, known.fields)]
    if faults:
        return "compilation failed: " + "\n".join(located(source, at, text) for at, text in sorted(faults))
    kind = _type_of(node)
    if not returns or not kind or kind in returns:
        return ""
    wanted = returns[0] if len(returns) == 1 else f"one of [{' '.join(returns)}]"
    return f"must evaluate to {wanted} but got {kind}"


def _fields_missing(node: Node, fields: Mapping[str, tuple[str, ...]]) -> Iterator[Select]:
    if isinstance(node, Select) and isinstance(node.operand, Ident):
        known = fields.get(node.operand.name)
        if known is not None and node.field not in known:
            yield node
    for part in below(node):
        yield from _fields_missing(part, fields)


def _type_of(node: Node) -> str:
    """The type of a constant, "" for all else."""
    return type_name(node.value) if isinstance(node, Literal) else ""


def _undefined(node: Node, schema: JsonMap) -> Iterator[Select]:
    """Fields of `self` that its schema does not have. What macros bind is left to the evaluation."""
    if isinstance(node, Select):
        holder = _schema_of(node.operand, schema)
        if holder is not None and _closed(holder) and unescaped(node.field) not in holder["properties"]:
            yield node
            return
    parts = (node.target,) if isinstance(node, Comprehension) else below(node)
    for part in parts:
        yield from _undefined(part, schema)


def _closed(schema: JsonMap) -> bool:
    return bool(schema.get("properties")) and schema.get("additionalProperties") is None


def _schema_of(node: Node, schema: JsonMap) -> JsonMap | None:
    """The schema of a value, as far as it follows from `self`; None if it does not."""
    if isinstance(node, Ident):
        return schema if node.name in ("self", "oldSelf") else None
    if isinstance(node, Select) and not node.test and not node.optional:
        holder = _schema_of(node.operand, schema)
        return None if holder is None else (holder.get("properties") or {}).get(unescaped(node.field))
    if isinstance(node, Index) and not node.optional:
        holder = _schema_of(node.operand, schema)
        inner = None if holder is None else holder.get("items")
        return inner if isinstance(inner, Mapping) else None
    return None
