"""IntOrString: a whole number, or a percentage of something.

As k8s.io/apimachinery/pkg/util/intstr: a text must be digits followed by exactly one `%`.
"""

from __future__ import annotations

import re

_PERCENT = re.compile(r"[0-9]+%")
IntOrString = int | str


def percent(value: IntOrString) -> int | None:
    """The number of a percentage text; None for an integer. ValueError for any other text."""
    if isinstance(value, int):
        return None
    if not _PERCENT.fullmatch(value):
        raise ValueError("invalid value for IntOrString: invalid type: string is not a percentage")
    return int(value[:-1])


def scaled_value(value: IntOrString | None, total: int, *, round_up: bool) -> int:
    """The integer, or so many per cent of the total, rounded up or down. None counts as 0. ValueError as `percent`."""
    if value is None:
        return 0
    share = percent(value)
    if share is None:
        return int(value)
    whole, left = divmod(share * total, 100)
    return whole + 1 if round_up and left else whole
