"""x-kubernetes-validations of an object: each rule where its schema stands (pkg/apiserver/schema/cel)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from kubesim_tui.api import fielderror
from kubesim_tui.api.fielderror import FieldError
from kubesim_tui.apiserver.apiextensions.cel.evaluate import Meter, TooExpensive, evaluate
from kubesim_tui.apiserver.apiextensions.cel.nodes import Node
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.search import uses
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault
from kubesim_tui.apiserver.apiextensions.cel.values import NONE, CelError, Optional, seen
from kubesim_tui.apiserver.apiextensions.schema import META_FIELDS, Rule, Schema, has_rules
from kubesim_tui.apiserver.apiextensions.validate import old_item

CALL_LIMIT, BUDGET = 1_000_000, 10_000_000
"""What one rule, and all rules of a request, may cost."""
MOST_MESSAGE = 5 * 1024
META = Schema(type="object", properties={n: Schema(type="string") for n in ("name", "generateName")})
ROOT = "<nil>"


class _Spent(Exception):
    """The budget is used up: nothing more is asked."""


class _Walk:
    """One object against all rules of its schema."""

    def __init__(self) -> None:
        self.left = BUDGET
        self.found: list[FieldError] = []

    def value(self, value: Any, schema: Schema, old: Any, path: str, *, root: bool = False) -> None:
        """The rules of a value, then those of what is in it. None: there is (or was) nothing."""
        if value is None or not has_rules(schema):
            return
        for holder in (schema, *(s for s in schema.all_of if s.rules)):
            self._rules(holder, schema, value, old, path, root=root)
        if isinstance(value, list) and schema.items is not None:
            for i, item in enumerate(value):
                self.value(item, schema.items, old_item(item, schema, old, None), f"{path}[{i}]")
        if isinstance(value, dict):
            before = old if isinstance(old, dict) and schema.map_type != "atomic" else {}
            for name in sorted(value):
                if name in schema.properties:
                    at = f"{path}.{name}" if path else name
                    self.value(value[name], schema.properties[name], before.get(name), at)
                elif schema.additional is not None:
                    self.value(value[name], schema.additional, before.get(name), f"{path}[{name}]")

    def _rules(self, holder: Schema, schema: Schema, value: Any, old: Any, path: str, *, root: bool) -> None:
        if not holder.rules:
            return
        resource = root or schema.embedded
        scope = {"self": _shown(value, schema, resource=resource)}
        was = None if old is None else _shown(old, schema, resource=resource)
        for rule in holder.rules:
            self._rule(rule, schema, value, old, path, scope, was)

    def _rule(
        self, rule: Rule, schema: Schema, value: Any, old: Any, path: str, scope: dict[str, Any], was: Any
    ) -> None:
        try:
            node = parse(rule.rule)
        except SyntaxFault as fault:
            self._wrong(path, schema, f"rule compile error: compilation failed: {fault.shown(rule.rule)}")
            return
        transition = uses(node, "oldSelf")
        if transition and was is None and not rule.optional_old_self:
            return
        if rule.optional_old_self:
            scope = {**scope, "oldSelf": NONE if was is None else Optional(True, was)}
        elif was is not None:
            scope = {**scope, "oldSelf": was}
        if self._holds(rule, node, schema, path, scope) is not False:
            return
        if not transition and old is not None and old == value:
            return  # ratcheting: what was there before, unchanged, is let be
        at = _joined(path, rule.field_path)
        self.found.append(_refused(rule, at, self._message(rule, scope), value))

    def _holds(self, rule: Rule, node: Node, schema: Schema, path: str, scope: dict[str, Any]) -> Any:
        """Whether a rule holds; None if that cannot be said (and if it has been said why)."""
        meter = Meter(CALL_LIMIT)
        try:
            return evaluate(node, scope, meter) is True
        except TooExpensive as error:
            said = f"'{error}': no further validation rules will be run due to call cost exceeds limit for rule: "
            self._wrong(path, schema, said + _named(rule))
            raise _Spent from None
        except CelError as error:
            if str(error).startswith("no such overload"):
                said = f"'{error}': call arguments did not match a supported operator, function or macro signature for "
                self._wrong(path, schema, f"{said}rule: {_named(rule)}")
            else:
                self._wrong(path, schema, f"{error} evaluating rule: {_named(rule)}")
            return None
        finally:
            self.left -= meter.spent
            if self.left < 0:
                said = "validation failed due to running out of cost budget, no further validation rules will be run"
                self._wrong(path, schema, said)
                raise _Spent

    def _wrong(self, path: str, schema: Schema, said: str) -> None:
        self.found.append(fielderror.invalid(path or ROOT, schema.type, said))

    def _message(self, rule: Rule, scope: dict[str, Any]) -> str:
        if rule.message_expression:
            meter = Meter(min(CALL_LIMIT, self.left))
            try:
                text = evaluate(parse(rule.message_expression), scope, meter)
            except (CelError, SyntaxFault):
                text = ""
            self.left -= meter.spent
            if isinstance(text, str) and text.strip() and "\n" not in text.strip() and len(text) <= MOST_MESSAGE:
                return text.strip()
        return rule.message.strip() if rule.message else f"failed rule: {_named(rule)}"


def _shown(value: Any, schema: Schema, *, resource: bool) -> Any:
    """What `self` is: of a whole resource only what its schema names, and of its metadata the name alone."""
    if not isinstance(value, dict):
        return seen(value, schema)
    known = dict(value) if schema.additional is not None else {}
    known.update({k: v for k, v in value.items() if k in schema.properties or (resource and k in META_FIELDS)})
    found = seen(known, schema)
    if resource and isinstance(value.get("metadata"), dict):
        meta = schema.properties.get("metadata", META).properties.keys() | META.properties.keys()
        found["metadata"] = {k: v for k, v in value["metadata"].items() if k in meta}
    return found


def _named(rule: Rule) -> str:
    return (rule.message or rule.rule).strip()


def _joined(path: str, field_path: str) -> str:
    inner = field_path.strip().replace("['", ".").replace("']", "").lstrip(".")
    return f"{path}.{inner}".lstrip(".") if inner else path


def _refused(rule: Rule, path: str, detail: str, value: Any) -> FieldError:
    at = path or ROOT
    if rule.reason == "FieldValueForbidden":
        return fielderror.forbidden(at, detail)
    if rule.reason == "FieldValueRequired":
        return fielderror.required(at, detail)
    if rule.reason == "FieldValueDuplicate":
        return fielderror.duplicate(at, value)
    if isinstance(value, dict | list):
        return FieldError(at, "FieldValueInvalid", f"Invalid value: {detail}")
    return fielderror.invalid(at, value, detail)


def validate(data: dict[str, Any], schema: Schema, old: dict[str, Any] | None) -> Iterator[FieldError]:
    """Every rule that an object does not keep."""
    walk = _Walk()
    with suppress(_Spent):
        walk.value(data, schema, old, "", root=True)
    yield from walk.found
