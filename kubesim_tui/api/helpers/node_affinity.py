"""Which nodes a Pod may run on by its nodeSelector and node affinity.

As k8s.io/component-helpers/scheduling/corev1/nodeaffinity: terms are ORed, requirements in a term ANDed; a term
without any requirement matches nothing; fields know `metadata.name` only, with one value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from kubesim_tui.api.fielderror import FieldError, invalid, not_supported
from kubesim_tui.api.names import is_label_value, is_qualified_name
from kubesim_tui.api.requirements import check_requirement
from kubesim_tui.api.types import (
    Node,
    NodeSelector,
    NodeSelectorRequirement,
    NodeSelectorTerm,
    PodSpec,
    PreferredSchedulingTerm,
)

OPERATORS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!", "Gt": "gt", "Lt": "lt"}
"""A requirement's operators, and what a label selector calls them."""
FIELD_OPERATORS = ("In", "NotIn")


def matches_node(spec: PodSpec | None, node: Node) -> bool:
    """Whether a Pod's nodeSelector and required node affinity allow a node."""
    if spec is None:
        return True
    labels = node.metadata.labels
    for key, value in spec.node_selector.items():
        if labels.get(key) != value:
            return False
    affinity = spec.affinity.node_affinity if spec.affinity is not None else None
    required = affinity.required_during_scheduling_ignored_during_execution if affinity is not None else None
    return required is None or matches_selector(required, node)


def matches_selector(selector: NodeSelector, node: Node) -> bool:
    """Whether any term of a node selector matches; a selector without terms matches nothing."""
    return any(matches_term(term, node) for term in selector.node_selector_terms)


def matches_term(term: NodeSelectorTerm, node: Node) -> bool:
    """Whether a term matches a node."""
    if not term.match_expressions and not term.match_fields:
        return False
    labels = node.metadata.labels
    if not all(meets(r, labels) for r in term.match_expressions):
        return False
    return all(_field(r, node.metadata.name) for r in term.match_fields)


def preferred_score(terms: Iterable[PreferredSchedulingTerm], node: Node) -> int:
    """The sum of the weights of the preferred terms that match a node."""
    score = 0
    for term in terms:
        if term.weight and term.preference is not None and matches_term(term.preference, node):
            score += term.weight
    return score


def _field(requirement: NodeSelectorRequirement, name: str) -> bool:
    """A requirement on metadata.name; any other field, or not exactly one value, makes the term invalid."""
    if requirement.key != "metadata.name" or len(requirement.values) != 1:
        return False
    if requirement.operator == "In":
        return requirement.values[0] == name
    return requirement.operator == "NotIn" and requirement.values[0] != name


def meets(requirement: NodeSelectorRequirement, labels: Mapping[str, str]) -> bool:
    """Whether labels meet a requirement (labels.Requirement.Matches)."""
    operator, value = requirement.operator, labels.get(requirement.key)
    if operator == "In":
        return value is not None and value in requirement.values
    if operator == "NotIn":
        return (value is None or value not in requirement.values) and _is_valid(requirement)
    if operator == "Exists":
        return value is not None
    if operator == "DoesNotExist":
        return value is None and _is_valid(requirement)
    return value is not None and _compare(operator, value, requirement.values)


def _is_valid(requirement: NodeSelectorRequirement) -> bool:
    """What can be no label nobody has, but a requirement that asks for it to be absent is none: it matches nothing."""
    return not is_qualified_name(requirement.key) and not any(map(is_label_value, requirement.values))


def _compare(operator: str, label: str, values: tuple[str, ...]) -> bool:
    """Gt and Lt: both sides are read as int64 (leading zeros allowed)."""
    if operator not in ("Gt", "Lt") or len(values) != 1:
        return False
    left, right = _int64(label), _int64(values[0])
    if left is None or right is None:
        return False
    return left > right if operator == "Gt" else left < right


def _int64(text: str) -> int | None:
    """Go's strconv.ParseInt(text, 10, 64)."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    value = int(text)
    return value if -(2**63) <= value < 2**63 else None


# -- what is wrong with a selector -------------------------------------------------------------------------------------


def selector_errors(selector: NodeSelector, path: str = "") -> list[FieldError]:
    """Why terms of a selector can never match (NewNodeSelector)."""
    terms = enumerate(selector.node_selector_terms)
    return [e for i, term in terms for e in _term_errors(term, _at(path, f"nodeSelectorTerms[{i}]"))]


def preferred_errors(terms: Iterable[PreferredSchedulingTerm], path: str = "") -> list[FieldError]:
    """Why preferred terms can never match; those without a weight are not looked at (NewPreferredSchedulingTerms)."""
    counted = ((i, t.preference) for i, t in enumerate(terms) if t.weight and t.preference is not None)
    return [e for i, preference in counted for e in _term_errors(preference, f"{path}[{i}]")]


def _term_errors(term: NodeSelectorTerm, path: str) -> Iterator[FieldError]:
    for i, requirement in enumerate(term.match_expressions):
        yield from _label_errors(requirement, f"{path}.matchExpressions[{i}]")
    for i, requirement in enumerate(term.match_fields):
        yield from _field_errors(requirement, f"{path}.matchFields[{i}]")


def _label_errors(requirement: NodeSelectorRequirement, path: str) -> Iterator[FieldError]:
    operator = OPERATORS.get(requirement.operator)
    if operator is None:
        yield not_supported(f"{path}.operator", requirement.operator, OPERATORS)
        return
    for error in check_requirement(requirement.key, operator, requirement.values):
        yield evolve(error, field=f"{path}.{error.field}")


def _field_errors(requirement: NodeSelectorRequirement, path: str) -> Iterator[FieldError]:
    if requirement.operator not in FIELD_OPERATORS:
        yield not_supported(f"{path}.operator", requirement.operator, FIELD_OPERATORS)
    elif len(requirement.values) != 1:
        yield invalid(f"{path}.values", list(requirement.values), "must have one element")


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
