"""awk's values: numbers, texts, and texts from outside that count as numbers where they look like one."""

from __future__ import annotations

import re

Value = float | str | None
"""None: what was never set, 0 and "" at once."""
_LEADING = re.compile(r"\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)")
_FORMAT = re.compile(r"%([-+ 0#]*)(\d*)(?:\.(\d+))?([a-zA-Z%])")
_WIDEST = 1_000


class Outside(str):
    """A text that was read: a field, a line, a variable of the command line."""

    __slots__ = ()


def number(value: Value) -> float:
    """The number that a value is, or begins with."""
    if isinstance(value, float):
        return value
    found = _LEADING.match(value or "")
    return float(found[0]) if found else 0.0


def text(value: Value) -> str:
    """The text of a value: whole numbers without a point, others with six digits."""
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if abs(value) < 1e16 and value == int(value):
        return str(int(value))
    return f"{value:.6g}"


def truth(value: Value) -> bool:
    """Whether a value counts as true: not 0, not empty."""
    if isinstance(value, str) and not _numeric(value):
        return value != ""
    return number(value) != 0


def compare(left: Value, right: Value) -> int:
    """-1, 0 or 1: by number where both are (or look like) one, else by their letters."""
    if _counts(left) and _counts(right):
        a, b = number(left), number(right)
        return (a > b) - (a < b)
    one, other = text(left), text(right)
    return (one > other) - (one < other)


def _counts(value: Value) -> bool:
    return not isinstance(value, str) or _numeric(value)


def _numeric(value: str) -> bool:
    found = _LEADING.match(value) if isinstance(value, Outside) else None
    return found is not None and not value[found.end() :].strip()


def formatted(form: str, values: list[Value]) -> str:
    """sprintf."""
    rest = list(values)

    def one(found: re.Match[str]) -> str:
        flags, width, precision, kind = found.groups()
        if kind == "%":
            return "%"
        value = rest.pop(0) if rest else None
        head = f"%{flags}{min(int(width or 0), _WIDEST) or ''}"
        point = f".{min(int(precision), _WIDEST)}" if precision is not None else ""
        if kind == "c":
            return f"{head}s" % (
                chr(int(value)) if isinstance(value, float) and 0 < value < 0x110000 else text(value)[:1]
            )
        if kind in "diouxX":
            return f"{head}{point}{'d' if kind in 'iu' else kind}" % int(number(value))
        if kind in "eEfFgG":
            return f"{head}{point}{kind}" % number(value)
        return f"{head}{point}s" % text(value)

    return _FORMAT.sub(one, form)
