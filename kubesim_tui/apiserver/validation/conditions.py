"""Conditions of a status in the common form (apimachinery meta/v1/validation: ValidateConditions)."""

from __future__ import annotations

import re

from kubesim_tui.api import names
from kubesim_tui.apiserver.validation.report import JsonMap, Report, items, number, text

STATUSES = ("False", "True", "Unknown")
LONGEST_REASON, LONGEST_MESSAGE = 1024, 32 * 1024
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_REASON_RULE = names.regex_error(
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
    "characters or '_,:', and must end with an alphanumeric character or '_'",
    _REASON,
    "my_name",
    "MY_NAME",
    "MyName",
    "ReasonA,ReasonB",
    "ReasonA:ReasonB",
)


def conditions(r: Report, found: list[JsonMap], path: str) -> None:
    """Each complete, and each type at most once."""
    seen: set[str] = set()
    for at, condition in items({"": found}, "", path):
        kind = text(condition, "type")
        if kind in seen:
            r.duplicate(at, kind)
        seen.add(kind)
        _condition(r, condition, at)


def _condition(r: Report, condition: JsonMap, path: str) -> None:
    r.syntax(names.is_qualified_name, f"{path}.type", text(condition, "type"))
    if text(condition, "status") not in STATUSES:
        r.not_supported(f"{path}.status", text(condition, "status"), STATUSES)
    generation = number(condition, "observedGeneration")
    if generation < 0:
        r.invalid(f"{path}.observedGeneration", generation, "must be greater than or equal to zero")
    if condition.get("lastTransitionTime") is None:
        r.required(f"{path}.lastTransitionTime")
    _reason(r, text(condition, "reason"), f"{path}.reason")
    if len(text(condition, "message").encode()) > LONGEST_MESSAGE:
        r.too_long(f"{path}.message", LONGEST_MESSAGE)


def _reason(r: Report, reason: str, path: str) -> None:
    if not reason:
        r.required(path)
        return
    if not re.fullmatch(_REASON, reason):
        r.invalid(path, reason, _REASON_RULE)
    if len(reason.encode()) > LONGEST_REASON:
        r.too_long(path, LONGEST_REASON)
