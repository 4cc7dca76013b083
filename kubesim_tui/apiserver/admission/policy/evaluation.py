"""One policy asked about one request, with one object of params (policy/validating/validator.go). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from kubesim_tui.apiserver.admission.conditions import Budget, Spent, hold
from kubesim_tui.apiserver.apiextensions.cel.conversions import type_name
from kubesim_tui.apiserver.apiextensions.cel.evaluate import Variables
from kubesim_tui.apiserver.apiextensions.cel.nodes import Node
from kubesim_tui.apiserver.apiextensions.cel.parser import parse
from kubesim_tui.apiserver.apiextensions.cel.tokens import SyntaxFault
from kubesim_tui.apiserver.apiextensions.cel.values import CelError

Json = Mapping[str, Any]
BUDGET = 10_000_000
MOST_MESSAGE = 5 * 1024


@frozen
class Decision:
    """Why a request is refused. `broken`: whatever a binding does with refusals, since it cannot be asked itself."""

    message: str
    reason: str = "Invalid"
    broken: bool = False


def decide(spec: Json, scope: dict[str, Any]) -> list[Decision]:
    """What is wrong with a request; nothing if it keeps the policy, or if the policy does not apply."""
    ignored = spec.get("failurePolicy") == "Ignore"
    try:
        if not hold(spec.get("matchConditions") or (), {**scope, "namespaceObject": None}):
            return []
        scope = {**scope, "variables": variables(spec, scope)}
    except CelError as error:
        return [] if ignored else [Decision(str(error), "")]
    budget = Budget(BUDGET)
    try:
        found = [d for rule in spec.get("validations") or () for d in _validation(rule, scope, budget, ignored=ignored)]
    except Spent as error:
        return [] if ignored else [Decision(str(error), "")]
    return [*found, *_annotations(spec, scope, ignored=ignored)]


def variables(spec: Json, scope: dict[str, Any]) -> Variables:
    """The named expressions of a policy; CelError if one cannot be read."""
    nodes: dict[str, Node] = {}
    for variable in spec.get("variables") or ():
        source = variable.get("expression") or ""
        try:
            nodes[variable.get("name") or ""] = parse(source)
        except SyntaxFault as fault:
            raise CelError(f"compilation error: compilation failed: {fault.shown(source)}") from None
    return Variables(nodes, scope)


def _validation(rule: Json, scope: dict[str, Any], budget: Budget, *, ignored: bool) -> Iterator[Decision]:
    source = rule.get("expression") or ""
    try:
        if budget.value(source, scope) is True:
            return
    except Spent:
        raise
    except CelError as error:
        if not ignored:
            yield Decision(str(error), "")
        return
    yield Decision(_message(rule, scope, budget), rule.get("reason") or "Invalid")


def _message(rule: Json, scope: dict[str, Any], budget: Budget) -> str:
    """messageExpression, else message, else the expression itself."""
    if rule.get("messageExpression"):
        try:
            text = budget.value(rule["messageExpression"], {k: v for k, v in scope.items() if k != "authorizer"})
        except Spent as error:
            return f"failed messageExpression: {error}"
        except CelError:
            text = ""
        if isinstance(text, str) and text.strip() and len(text.strip()) <= MOST_MESSAGE and "\n" not in text.strip():
            return text.strip()
    return (rule.get("message") or "").strip() or f"failed expression: {(rule.get('expression') or '').strip()}"


def _annotations(spec: Json, scope: dict[str, Any], *, ignored: bool) -> Iterator[Decision]:
    """There is no audit log; annotations for it that cannot be made refuse."""
    budget = Budget(BUDGET)
    for annotation in spec.get("auditAnnotations") or ():
        source = annotation.get("valueExpression") or ""
        try:
            value = budget.value(source, scope)
        except CelError as error:
            if not ignored:
                yield Decision(str(error), "", broken=True)
            continue
        if value is not None and not isinstance(value, str):
            said = f"valueExpression '{source}' resulted in unsupported return type: {type_name(value)}. "
            yield Decision(f"{said}Return type must be either string or null.", "", broken=True)
