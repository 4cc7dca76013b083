"""Parts of times and durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubesim_tui.apiserver.apiextensions.cel.values import SECOND, Duration, Timestamp, Unsupported

Function = Callable[..., Any]


def _of_time(part: str, less: int = 0) -> Function:
    def read(value: Timestamp, zone: str = "UTC") -> int:
        if zone not in ("UTC", "", "+00:00"):
            raise Unsupported(f"time zone {zone}")
        return int(value.at.strftime(part)) - less

    return read


def _span(unit: int, part: str, modulus: int = 0) -> Function:
    def read(value: Any, zone: str = "UTC") -> int:
        if isinstance(value, Duration):
            amount = abs(value.nanos) // unit
            amount = amount % modulus if modulus else amount
            return amount if value.nanos >= 0 else -amount
        return int(_of_time(part)(value, zone))

    return read


def _milliseconds(value: Any, _zone: str = "UTC") -> int:
    return int(abs(value.nanos) % SECOND // 10**6)


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
