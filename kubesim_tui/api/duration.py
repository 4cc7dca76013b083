"""Durations: Go's texts (``1h30m0s``) and the short ages of kubectl's tables (``5m30s``, ``3d4h``).

A duration is a whole number of nanoseconds, as in Go. Sources: Go's time.ParseDuration and Duration.String, and
apimachinery pkg/util/duration.
"""

from __future__ import annotations

import re

NANOSECOND = 1
MICROSECOND = 1000 * NANOSECOND
MILLISECOND = 1000 * MICROSECOND
SECOND = 1000 * MILLISECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

_UNITS = {"ns": 1, "us": MICROSECOND, "µs": MICROSECOND, "μs": MICROSECOND, "ms": MILLISECOND} | {
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_MAX = 2**63 - 1
_PART = re.compile(r"(?P<whole>[0-9]*)(?P<fraction>\.[0-9]*)?(?P<unit>[^0-9.]*)")


class DurationError(ValueError):
    """Text that is not a duration; the message is Go's."""


def parse(text: str) -> int:
    """Nanoseconds of a Go duration such as ``1.5h`` or ``-2m30s``. Raises DurationError with Go's message."""
    sign, rest = (-1, text[1:]) if text[:1] == "-" else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    if not rest:
        raise DurationError(f"time: invalid duration {_quoted(text)}")
    total = at = 0
    while at < len(rest):
        part = _PART.match(rest, at)
        assert part
        total += _part(part, text)
        if total > _MAX + (sign < 0):
            raise DurationError(f"time: invalid duration {_quoted(text)}")
        at = part.end()
    return sign * total


def format(nanoseconds: int) -> str:
    """Go's text of a duration: ``5400 s`` is ``1h30m0s``, ``1_500_000 ns`` is ``1.5ms``, none is ``0s``."""
    sign, rest = "-" if nanoseconds < 0 else "", abs(nanoseconds)
    if rest == 0:
        return "0s"
    if rest < SECOND:
        for unit, size in (("ms", MILLISECOND), ("µs", MICROSECOND), ("ns", NANOSECOND)):
            if rest >= size:
                return f"{sign}{_decimal(rest, size)}{unit}"
    minutes, rest = divmod(rest, MINUTE)
    text = f"{_decimal(rest, SECOND)}s"
    if minutes:
        text = f"{minutes % 60}m{text}"
    if minutes >= 60:
        text = f"{minutes // 60}h{text}"
    return sign + text


def human(nanoseconds: int) -> str:
    """The age that kubectl prints in a column: two or three figures (``90s``, ``5m30s``, ``3h20m``, ``2d1h``, ``3y``).

    A time that is two seconds or more ahead is ``<invalid>``, one just ahead counts as now.
    """
    if nanoseconds < 120 * SECOND:
        return _seconds(nanoseconds)
    minutes, hours = nanoseconds // MINUTE, nanoseconds // HOUR
    if minutes < 10:
        return _pair(minutes, "m", nanoseconds // SECOND % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if days < 8:
        return _pair(days, "d", hours % 24, "h")
    if days < 365 * 2:
        return f"{days}d"
    return _pair(days // 365, "y", days % 365 if days < 365 * 8 else 0, "d")


def short_human(nanoseconds: int) -> str:
    """The same in one unit only (``5m``, ``3h``, ``2d``)."""
    if nanoseconds < MINUTE:
        return _seconds(nanoseconds)
    for unit, size, until in (("m", MINUTE, HOUR), ("h", HOUR, 24 * HOUR), ("d", 24 * HOUR, 24 * 365 * HOUR)):
        if nanoseconds < until:
            return f"{nanoseconds // size}{unit}"
    return f"{nanoseconds // (24 * 365 * HOUR)}y"


def human_seconds(seconds: int) -> str:
    """`human` of whole seconds, the unit of the simulation's clock."""
    return human(seconds * SECOND)


def _seconds(nanoseconds: int) -> str:
    seconds = abs(nanoseconds) // SECOND * (-1 if nanoseconds < 0 else 1)
    return "<invalid>" if seconds < -1 else f"{max(seconds, 0)}s"


def _pair(first: int, first_unit: str, second: int, second_unit: str) -> str:
    return f"{first}{first_unit}{second}{second_unit}" if second else f"{first}{first_unit}"


def _decimal(amount: int, size: int) -> str:
    """The amount in units of a size, with as many decimals as it takes."""
    whole, rest = divmod(amount, size)
    decimals = str(size + rest)[1:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


def _part(part: re.Match[str], text: str) -> int:
    """Nanoseconds of one number and its unit."""
    whole, fraction, unit = part["whole"], (part["fraction"] or "")[1:], part["unit"]
    if (not whole and not fraction) or len(whole) > 100 or int(whole or "0") > _MAX + 1:
        raise DurationError(f"time: invalid duration {_quoted(text)}")
    if not unit:
        raise DurationError(f"time: missing unit in duration {_quoted(text)}")
    if unit not in _UNITS:
        raise DurationError(f"time: unknown unit {_quoted(unit)} in duration {_quoted(text)}")
    size = _UNITS[unit]
    fraction = fraction[:18]
    # In floating point, as Go computes it: 1.µs is exact, 0.1 h may lose a nanosecond there too.
    return int(whole or "0") * size + int(float(int(fraction or "0")) * (float(size) / float(10 ** len(fraction))))


def _quoted(text: str) -> str:
    """As Go's time package quotes: what is not printable ASCII becomes the escapes of its bytes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if " " <= c <= "~" else _bytes(c) for c in escaped) + '"'


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "replace"))
