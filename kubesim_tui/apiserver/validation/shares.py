"""Fields that hold a number or a percentage: maxSurge, maxUnavailable, minAvailable."""

from __future__ import annotations

from kubesim_tui.api import intstr, names
from kubesim_tui.apiserver.validation.report import Report


def positive_int_or_percent(r: Report, value: object, path: str) -> None:
    """A number that is not negative, or a percentage."""
    if isinstance(value, str):
        r.syntax(names.is_valid_percent, path, value)
    elif isinstance(value, int):
        r.not_negative(path, value)


def at_most_100_percent(r: Report, value: object, path: str) -> None:
    """A percentage of no more than the whole."""
    if isinstance(value, str) and not names.is_valid_percent(value) and int(value[:-1]) > 100:
        r.invalid(path, value, "must not be greater than 100%")


def amount(value: int | str | None) -> int:
    """The number of an int or of a percentage (what is neither counts as 0)."""
    try:
        share = intstr.percent(value) if value is not None else 0
    except ValueError:
        return 0
    return share if share is not None else int(value or 0)
