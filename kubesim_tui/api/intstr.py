"""IntOrString: a whole number, or a percentage of something (``maxSurge: 25%``, ``minAvailable: 1``).

In memory it is simply an ``int`` or a ``str``. Rounding is exact: upstream goes through float64, which gives the same
for every number that an int32 can hold. Source: apimachinery pkg/util/intstr.
"""

from __future__ import annotations

import re

IntOrString = int | str

MIN_INT32, MAX_INT32 = -(2**31), 2**31 - 1
MIN_INT64, MAX_INT64 = -(2**63), 2**63 - 1

_INTEGER = re.compile(r"[+-]?[0-9]+")
_MAX_LENGTH = 1000  # far more than any number that counts; Python refuses to convert thousands of digits


class IntOrStringError(ValueError):
    """A text that is no percentage; the message is upstream's."""


def parse(text: str) -> IntOrString:
    """The integer that a text spells, when an int32 holds it; else the text itself."""
    if len(text) <= _MAX_LENGTH and _INTEGER.fullmatch(text) and MIN_INT32 <= int(text) <= MAX_INT32:
        return int(text)
    return text


def percent(value: IntOrString) -> int | None:
    """The number of a percentage text; None for an integer. Raises IntOrStringError for any other text."""
    if isinstance(value, int):
        return None
    if not value.endswith("%"):
        raise IntOrStringError("invalid value for IntOrString: invalid type: string is not a percentage")
    return _atoi(value)


def scaled_value(value: IntOrString | None, total: int, *, round_up: bool) -> int:
    """The integer, or so many per cent of the total, rounded up or down. None (not set) counts as 0.

    Raises IntOrStringError for a text that is no percentage.
    """
    if value is None:
        return 0
    share = percent(value)
    if share is None:
        return int(value)
    return -(-share * total // 100) if round_up else share * total // 100


def _atoi(value: str) -> int:
    digits, reason = value.removesuffix("%"), ""
    if not _INTEGER.fullmatch(digits):
        reason = "invalid syntax"
    elif len(digits) > _MAX_LENGTH or not MIN_INT64 <= int(digits) <= MAX_INT64:
        reason = "value out of range"
    if reason:
        parsing = f"strconv.Atoi: parsing {_quoted(digits)}: {reason}"
        raise IntOrStringError(f"invalid value for IntOrString: invalid value {_quoted(value)}: {parsing}")
    return int(digits)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
