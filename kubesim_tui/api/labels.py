"""Labels and label selectors: how objects find each other.

A selector has two spellings: a text (``app=web,tier in (a,b),!old``, as in ``kubectl -l``: `parse`) and an object
(``matchLabels``, ``matchExpressions``: `from_object`). Both become a `Selector`. No selector at all chooses nothing, an
empty one everything. Sources: apimachinery pkg/labels, pkg/apis/meta/v1 (helpers.go, validation), pkg/api/validation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubesim_tui.api.fielderror import FieldError, forbidden, invalid, required, too_long
from kubesim_tui.api.labelparse import parse as parse
from kubesim_tui.api.labelparse import parse_object as parse_object
from kubesim_tui.api.names import is_label_value, is_qualified_name
from kubesim_tui.api.requirements import DOES_NOT_EXIST, EQUALS, EXISTS, IN, NOT_IN
from kubesim_tui.api.requirements import EVERYTHING as EVERYTHING
from kubesim_tui.api.requirements import NOTHING as NOTHING
from kubesim_tui.api.requirements import Requirement as Requirement
from kubesim_tui.api.requirements import Selector as Selector
from kubesim_tui.api.requirements import SelectorError as SelectorError
from kubesim_tui.api.requirements import requirement as requirement
from kubesim_tui.api.requirements import selector as selector

ANNOTATIONS_MAX = 256 * 1024  # bytes of all keys and values together
_OBJECT_OPERATORS = {"In": IN, "NotIn": NOT_IN, "Exists": EXISTS, "DoesNotExist": DOES_NOT_EXIST}

JsonMap = Mapping[str, Any]


def from_map(wanted: Mapping[str, str] | None) -> Selector:
    """The selector of a plain map of labels (a Service's ``spec.selector``), unchecked; none or empty is everything."""
    return selector(Requirement(key, EQUALS, (value,)) for key, value in (wanted or {}).items())


def from_object(value: JsonMap | None) -> Selector:
    """The selector of a LabelSelector object; None chooses nothing, an empty object everything.

    Raises SelectorError with the message of upstream's LabelSelectorAsSelector.
    """
    if value is None:
        return NOTHING
    wanted: Mapping[str, str] = value.get("matchLabels") or {}
    found = [requirement(key, EQUALS, (wanted[key],)) for key in sorted(wanted)]
    for expression in value.get("matchExpressions") or ():
        operator = expression.get("operator", "")
        if operator not in _OBJECT_OPERATORS:
            raise SelectorError(f'"{operator}" is not a valid label selector operator')
        values = tuple(expression.get("values") or ())
        found.append(requirement(expression.get("key", ""), _OBJECT_OPERATORS[operator], values))
    return selector(found)


def format_object(value: JsonMap | None) -> str:
    """A LabelSelector object as kubectl prints it in a column: ``<none>`` when empty, ``<error>`` when it cannot be."""
    try:
        return str(from_object(value)) or "<none>"
    except SelectorError:
        return "<error>"


def validate(labels: Mapping[str, str], path: str) -> list[FieldError]:
    """What is wrong with an object's labels."""
    wrong = []
    for key in sorted(labels):
        wrong += [invalid(path, key, text) for text in is_qualified_name(key)]
        wrong += [invalid(path, labels[key], text) for text in is_label_value(labels[key])]
    return wrong


def validate_annotations(annotations: Mapping[str, str], path: str) -> list[FieldError]:
    """What is wrong with an object's annotations: keys like labels' but in any case, 256 KiB at most in all."""
    wrong = [invalid(path, key, text) for key in sorted(annotations) for text in is_qualified_name(key.lower())]
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > ANNOTATIONS_MAX:
        wrong.append(too_long(path, ANNOTATIONS_MAX))
    return wrong


def validate_object(value: JsonMap | None, path: str, *, any_value: bool = False) -> list[FieldError]:
    """What is wrong with a LabelSelector object, as the API server says it for a new object.

    `any_value` tolerates bad values of expressions: some were stored before they were refused.
    """
    if value is None:
        return []
    wrong = validate(value.get("matchLabels") or {}, f"{path}.matchLabels")
    for i, expression in enumerate(value.get("matchExpressions") or ()):
        wrong += _check_expression(expression, f"{path}.matchExpressions[{i}]", any_value=any_value)
    return wrong


def has_invalid_value(value: JsonMap | None) -> bool:
    """Whether a LabelSelector object has such bad values."""
    expressions = (value or {}).get("matchExpressions") or ()
    return any(is_label_value(text) for e in expressions for text in e.get("values") or ())


def _check_expression(expression: JsonMap, path: str, *, any_value: bool) -> list[FieldError]:
    key, operator = expression.get("key", ""), expression.get("operator", "")
    values: Sequence[str] = expression.get("values") or ()
    wrong = []
    if operator in ("In", "NotIn"):
        if not values:
            wrong.append(required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            wrong.append(forbidden(f"{path}.values", text))
    else:
        wrong.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
    wrong += [invalid(f"{path}.key", key, text) for text in is_qualified_name(key)]
    for i, value in enumerate(() if any_value else values):
        wrong += [invalid(f"{path}.values[{i}]", value, text) for text in is_label_value(value)]
    return wrong
