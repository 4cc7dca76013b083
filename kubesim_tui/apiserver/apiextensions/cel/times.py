"""Parts of times and durations. The parts of a time are those of a zone: a name, or an offset such as `+05:30`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kubesim_tui.apiserver.apiextensions.cel.operators import overload
from kubesim_tui.apiserver.apiextensions.cel.values import SECOND, CelError, Duration, Timestamp

Function = Callable[..., Any]
_OFFSET = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{1,2})")


@cache
def _zone(name: str) -> tzinfo:
    """A time zone; CelError if there is none of that name."""
    if name in ("", "UTC"):
        return UTC
    if ":" in name:
        found = _OFFSET.fullmatch(name)
        if found is None or int(found[2]) > 23:
            raise CelError(f'strconv.Atoi: parsing "{name.partition(":")[0]}": invalid syntax')
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CelError(f"unknown time zone {name}") from None


def _of_time(part: str, less: int = 0) -> Function:
    def read(value: Timestamp, zone: str = "UTC") -> int:
        if not isinstance(value, Timestamp):
            raise overload()
        return int(value.at(_zone(zone)).strftime(part)) - less

    return read


def _span(unit: int, part: str) -> Function:
    of_time = _of_time(part)

    def read(value: Any, *zone: str) -> int:
        if isinstance(value, Duration):
            amount = abs(value.nanos) // unit
            return amount if value.nanos >= 0 else -amount
        return int(of_time(value, *zone))

    return read


def _milliseconds(value: Any, *_zone: str) -> int:
    if isinstance(value, Duration):
        amount = abs(value.nanos) // 10**6
        return amount if value.nanos >= 0 else -amount
    return int(value.nanos % SECOND // 10**6)


FUNCTIONS: Mapping[str, Function] = {
    "getFullYear": _of_time("%Y"),
    "getMonth": _of_time("%m", 1),
    "getDate": _of_time("%d"),
    "getDayOfMonth": _of_time("%d", 1),
    "getDayOfWeek": _of_time("%w"),
    "getDayOfYear": _of_time("%j", 1),
    "getHours": _span(3600 * SECOND, "%H"),
    "getMinutes": _span(60 * SECOND, "%M"),
    "getSeconds": _span(SECOND, "%S"),
    "getMilliseconds": _milliseconds,
}
