"""Values of CEL that JSON does not have, and the JSON of an object as CEL sees it through its schema."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from attrs import frozen

from kubesim_tui.apiserver.apiextensions.schema import Schema


class CelError(Exception):
    """An expression that cannot be evaluated for these values: `no such key: x`."""


class Unsupported(Exception):
    """A function that this evaluator does not know."""


@frozen(order=True)
class Duration:
    """A span of time, in nanoseconds."""

    nanos: int


@frozen(order=True)
class Timestamp:
    """A moment, in nanoseconds since 1970."""

    nanos: int

    @property
    def at(self) -> datetime:
        """As a date in UTC."""
        return datetime.fromtimestamp(self.nanos // SECOND, UTC)


@frozen
class Optional:
    """A value that need not be there."""

    there: bool
    value: Any = None


NONE = Optional(False)
SECOND = 10**9
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "ms": 10**6, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def duration(text: str) -> Duration:
    """`1h30m`; CelError if it is none."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return Duration(0)
    parts = list(_PART.finditer(rest))
    if not parts or "".join(p.group() for p in parts) != rest:
        raise CelError(f'time: invalid duration "{text}"')
    total = 0
    for part in parts:
        whole, _, fraction = part.group(1).partition(".")
        unit = _UNITS[part.group(2)]
        total += int(whole or 0) * unit + int(fraction or 0) * unit // 10 ** len(fraction)
    return Duration(sign * total)


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")


def timestamp(text: str) -> Timestamp:
    """An RFC 3339 text; CelError if it is none."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise CelError(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse')
    day, clock, fraction, zone = found.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        seconds = int(datetime.fromisoformat(f"{day}T{clock}{zone}").timestamp())
    except ValueError as wrong:
        raise CelError(f'parsing time "{text}": {wrong}') from None
    return Timestamp(seconds * SECOND + int((fraction or "0").ljust(9, "0")[:9]))


def seen(value: Any, schema: Schema | None) -> Any:
    """A JSON value as expressions see it: numbers as doubles, times and durations as such."""
    if schema is None:
        return value
    if isinstance(value, dict):
        return {k: seen(v, schema.properties.get(k) or schema.additional) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [seen(v, schema.items) for v in value]
    if schema.type == "number" and type(value) is int:
        return float(value)
    if isinstance(value, str) and schema.format in ("date-time", "duration"):
        try:
            return timestamp(value) if schema.format == "date-time" else duration(value)
        except CelError:
            return value
    return value
