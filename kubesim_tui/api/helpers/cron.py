"""Cron schedules, as github.com/robfig/cron v3 reads them: five fields, names, steps, `@hourly` and `@every 1h30m`.

Times are Unix seconds in UTC; a schedule in another time zone is the caller's affair.
"""

from __future__ import annotations

import re
from datetime import tzinfo
from zoneinfo import ZoneInfo

from attrs import frozen

from kubesim_tui.api import duration
from kubesim_tui.api.times import civil_from_days

MINUTE, HOUR, DAY = 60, 3600, 86400
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS = {name: i + 1 for i, name in enumerate(MONTH_NAMES)}
DAYS = {n: i for i, n in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
YEARS_AHEAD = 5
_ZONE_PART = re.compile(r"(?!-|\.{1,2}$)[A-Za-z._0-9+-]{1,14}", re.ASCII)


class CronError(ValueError):
    """A schedule that cannot be read, or an unknown time zone; the text is the library's."""


def load_zone(name: str) -> tzinfo | None:
    """The time zone of a name (None: UTC); CronError if this machine knows none of that name."""
    if name in ("UTC", "Etc/UTC"):
        return None
    try:
        if not all(_ZONE_PART.fullmatch(part) for part in name.split("/")):
            raise ValueError(name)
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise CronError(f"unknown time zone {name}") from None


@frozen
class Field:
    """The bounds of one field, and names for its values."""

    least: int
    most: int
    names: dict[str, int]


FIELDS = (Field(0, 59, {}), Field(0, 23, {}), Field(1, 31, {}), Field(1, 12, MONTHS), Field(0, 6, DAYS))


@frozen
class Schedule:
    """When a job is due. `every` (seconds) replaces the fields."""

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = True  # the day of the month is `*` or `?`
    any_weekday: bool = True
    every: int = 0

    def next_after(self, time: int) -> int | None:
        """The first due time after a time; None if there is none in the next five years."""
        if self.every:
            return time + self.every
        minute = time // MINUTE + 1
        day = minute * MINUTE // DAY
        end = day + 366 * YEARS_AHEAD
        first = minute * MINUTE - day * DAY
        while day <= end:
            if self._has_day(day) and (found := self._in_day(first)) is not None:
                return day * DAY + found
            day, first = day + 1, 0
        return None

    def _has_day(self, day: int) -> bool:
        _, month, date = civil_from_days(day)
        if month not in self.months:
            return False
        by_date, by_weekday = date in self.days, (day + 4) % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_date and by_weekday
        return by_date or by_weekday

    def _in_day(self, first: int) -> int | None:
        """The first due second of a day that is not before `first`."""
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes) if (hour + 1) * HOUR > first else ():
                if hour * HOUR + minute * MINUTE >= first:
                    return hour * HOUR + minute * MINUTE
        return None


def parse(text: str) -> Schedule:
    """Read a schedule. CronError with the library's text if it cannot be read."""
    if not text:
        raise CronError("empty spec string")
    if text.startswith("@"):
        return _descriptor(text)
    fields = text.split()
    if len(fields) != 5:
        raise CronError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    minute, hour, day, month, weekday = [_field(p, bounds) for p, bounds in zip(fields, FIELDS, strict=True)]
    return Schedule(minute[0], hour[0], day[0], month[0], weekday[0], any_day=day[1], any_weekday=weekday[1])


def _descriptor(text: str) -> Schedule:
    if text in DESCRIPTORS:
        return parse(DESCRIPTORS[text])
    if text.startswith("@every "):
        given = text[len("@every ") :]
        try:
            seconds = duration.parse(given) // 1_000_000_000
        except duration.DurationError as wrong:
            raise CronError(f"failed to parse duration {text}: {wrong}") from None
        return Schedule(every=max(1, seconds))
    raise CronError(f"unrecognized descriptor: {text}")


def _field(text: str, bounds: Field) -> tuple[frozenset[int], bool]:
    """The values of one field, and whether it is a star."""
    values: set[int] = set()
    star = False
    for part in text.split(","):
        found, any_value = _range(part, bounds)
        values |= found
        star = star or any_value
    return frozenset(values), star


def _range(text: str, bounds: Field) -> tuple[set[int], bool]:
    span, slash, step_text = text.partition("/")
    low_text, dash, high_text = span.partition("-")
    if "/" in step_text:
        raise CronError(f"too many slashes: {text}")
    if "-" in high_text:
        raise CronError(f"too many hyphens: {text}")
    star = low_text in ("*", "?")
    if star:
        low, high = bounds.least, bounds.most
    else:
        low = _value(low_text, bounds.names)
        high = _value(high_text, bounds.names) if dash else low
    step = _number(step_text) if slash else 1
    if slash and not dash and not star:
        high = bounds.most
    if star and slash and step > 1:
        star = False
    _check(text, bounds, low, high, step)
    return set(range(low, high + 1, step)), star


def _check(text: str, bounds: Field, low: int, high: int, step: int) -> None:
    if low < bounds.least:
        raise CronError(f"beginning of range ({low}) below minimum ({bounds.least}): {text}")
    if high > bounds.most:
        raise CronError(f"end of range ({high}) above maximum ({bounds.most}): {text}")
    if low > high:
        raise CronError(f"beginning of range ({low}) beyond end of range ({high}): {text}")
    if step == 0:
        raise CronError(f"step of range should be a positive number: {text}")


def _value(text: str, names: dict[str, int]) -> int:
    known = names.get(text.lower())
    return known if known is not None else _number(text)


def _number(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise CronError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    value = int(text)
    if value < 0:
        raise CronError(f"negative number ({value}) not allowed: {text}")
    return value
