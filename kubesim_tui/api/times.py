"""Times: integers inside, RFC 3339 text at the rim.

metav1.Time is whole Unix seconds, metav1.MicroTime whole microseconds since the epoch. No locale, no time zone table,
no wall clock: the calendar is computed, so that every machine writes the same text.
"""

from __future__ import annotations

import re

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
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
    """Microseconds since the epoch; ValueError if the text is not RFC 3339."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse')
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    seconds = days_from_civil(int(year), int(month), int(day)) * 86400 + int(hour) * 3600 + int(minute) * 60
    seconds += int(second)
    if zone not in "Zz":
        offset = int(zone[1:3]) * 3600 + int(zone[4:]) * 60
        seconds -= offset if zone[0] == "+" else -offset
    return seconds * MICROS + int(((fraction or ".0")[1:] + "000000")[:6])


def parse_time(text: str) -> int:
    """Unix seconds of a metav1.Time; ValueError if the text is not RFC 3339."""
    return parse_micro(text) // MICROS
