"""Times: integers inside, RFC 3339 text at the rim.

metav1.Time is whole Unix seconds, metav1.MicroTime whole microseconds since the epoch. No locale, no time zone table,
no wall clock: the calendar is computed, so that every machine writes the same text.
"""

from __future__ import annotations

import re

_LAYOUT = (
    ("", "2006", 4, "year", 0, 9999),
    ("-", "01", 2, "month", 1, 12),
    ("-", "02", 2, "day", 1, 31),
    ("T", "15", 2, "hour", 0, 23),
    (":", "04", 2, "minute", 0, 59),
    (":", "05", 2, "second", 0, 59),
)
"""RFC 3339 as Go's layout has it: the text before a part, the part, its digits, its name, its range."""
_FRACTION = re.compile(r"[.,]([0-9]+)")
_ZONE = re.compile(r"Z|([+-])([01][0-9]|2[0-4]):([0-5][0-9]|60)")
MICROS = 1_000_000


def days_from_civil(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def civil_from_days(days: int) -> tuple[int, int, int]:
    """(year, month, day) of a number of days from 1970-01-01."""
    days += 719468
    era = days // 146097
    doe = days - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    day, month = doy - (153 * mp + 2) // 5 + 1, mp + (3 if mp < 10 else -9)
    return yoe + era * 400 + (month <= 2), month, day


def format_time(seconds: int) -> str:
    """`1767225600` → `2026-01-01T00:00:00Z`."""
    days, rest = divmod(seconds, 86400)
    year, month, day = civil_from_days(days)
    return f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def format_micro(micros: int) -> str:
    """A MicroTime: always six digits, as Kubernetes writes it."""
    seconds, rest = divmod(micros, MICROS)
    return f"{format_time(seconds)[:-1]}.{rest:06}Z"


def parse_micro(text: str) -> int:
    """Microseconds since the epoch; ValueError with Go's message if the text is not RFC 3339."""
    year, month, day, hour, minute, second, fraction, zone = _parts(text)
    seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
    return (seconds - zone) * MICROS + fraction


def _parts(text: str) -> tuple[int, ...]:
    """Year, month, day, hour, minute, second, microseconds, offset in seconds; read as Go reads a layout."""
    found: list[int] = []
    at = 0
    for prefix, layout, digits, name, least, most in _LAYOUT:
        if not text.startswith(prefix, at):
            raise _unread(text, at, prefix)
        at += len(prefix)
        part = text[at : at + digits]
        if len(part) < digits or not (part.isascii() and part.isdigit()):
            raise _unread(text, at, layout)
        if not least <= int(part) <= most:
            raise ValueError(f'parsing time "{text}": {name} out of range')
        found.append(int(part))
        at += digits
    fraction = _FRACTION.match(text, at)
    zone = _ZONE.match(text, fraction.end() if fraction else at)
    if not zone:
        raise _unread(text, fraction.end() if fraction else at, "Z07:00")
    if zone.end() < len(text):
        raise ValueError(f'parsing time "{text}": extra text: "{text[zone.end() :]}"')
    if found[2] > _days_in(found[0], found[1]):
        raise ValueError(f'parsing time "{text}": day out of range')
    micros = int((fraction[1] + "000000")[:6]) if fraction else 0
    sign, hours, minutes = zone[1], int(zone[2] or 0), int(zone[3] or 0)
    return (*found, micros, (-1 if sign == "-" else 1) * (hours * 3600 + minutes * 60))


def _unread(text: str, at: int, layout: str) -> ValueError:
    return ValueError(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text[at:]}" as "{layout}"')


def _days_in(year: int, month: int) -> int:
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return days_from_civil(*following, 1) - days_from_civil(year, month, 1)


def parse_time(text: str) -> int:
    """Unix seconds of a metav1.Time; ValueError if the text is not RFC 3339."""
    return parse_micro(text) // MICROS
