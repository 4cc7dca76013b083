"""Values of CEL that JSON does not have, and the JSON of an object as CEL sees it through its schema."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from attrs import field, frozen

from kubesim_tui.apiserver.apiextensions.schema import Schema


class CelError(Exception):
    """An expression that cannot be evaluated for these values: `no such key: x`."""


class Undeclared(CelError):
    """A variable or function that there is not."""

    def __init__(self, name: str) -> None:
        super().__init__(f"undeclared reference to '{name}' (in container '')")


class Uint(int):
    """An unsigned integer: equal to an integer of its value, but of another type."""

    __slots__ = ()


@frozen
class Type:
    """What `type(x)` is."""

    name: str


class Instance(dict[str, Any]):
    """An object of a named type: `Object.spec{replicas: 3}`."""

    def __init__(self, cel_type: str) -> None:
        super().__init__()
        self.cel_type = cel_type


SECOND = 10**9
FIRST_MOMENT, LAST_MOMENT = -62_135_596_800, 253_402_300_799
"""From the year 1 to 9999, in seconds since 1970."""
MOST_NANOS = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen(order=True)
class Duration:
    """A span of time, in nanoseconds."""

    nanos: int


@frozen(order=True)
class Timestamp:
    """A moment, in nanoseconds since 1970, and how far from UTC it was written."""

    nanos: int
    offset: int = field(default=0, eq=False)  # in minutes

    def at(self, zone: tzinfo = UTC) -> datetime:
        """As a date of a zone, without what is less than a second."""
        return (_EPOCH + timedelta(seconds=self.nanos // SECOND)).astimezone(zone)


@frozen
class Optional:
    """A value that need not be there."""

    there: bool
    value: Any = None


NONE = Optional(False)
_UNITS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")


def span(nanos: int) -> Duration:
    """A duration; CelError if it does not fit into 64 bits."""
    if abs(nanos) > MOST_NANOS:
        raise CelError("integer overflow")
    return Duration(nanos)


def moment(nanos: int, offset: int = 0) -> Timestamp:
    """A timestamp; CelError outside the years 1 to 9999."""
    if not FIRST_MOMENT <= nanos // SECOND <= LAST_MOMENT:
        raise CelError("timestamp overflow")
    return Timestamp(nanos, offset)


def not_converted(given: str, wanted: str) -> CelError:
    """A value that is no value of another type."""
    return CelError(f"type conversion error from '{given}' to '{wanted}'")


def duration(text: str) -> Duration:
    """`1h30m`; CelError if it is none."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return Duration(0)
    parts = list(_PART.finditer(rest))
    total = 0
    for part in parts:
        whole, _, fraction = part.group(1).partition(".")
        unit = _UNITS[part.group(2)]
        total += int(whole or 0) * unit + int(fraction or 0) * unit // 10 ** len(fraction)
    if not parts or "".join(p.group() for p in parts) != rest or total > MOST_NANOS:
        raise not_converted("string", "google.protobuf.Duration")
    return Duration(sign * total)


_MOMENT = re.compile(r"([0-9]{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def timestamp(text: str) -> Timestamp:
    """An RFC 3339 text; CelError if it is none."""
    wrong = not_converted("string", "google.protobuf.Timestamp")
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise wrong
    day, clock, fraction, zone = found.groups()
    try:
        local = datetime.fromisoformat(f"{day}T{clock}+00:00") - _EPOCH
    except ValueError:
        raise wrong from None
    offset = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 60 + int(zone[4:]))
    seconds = local.days * 86_400 + local.seconds - offset * 60
    return moment(seconds * SECOND + int((fraction or "0").ljust(9, "0")[:9]), offset)


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
