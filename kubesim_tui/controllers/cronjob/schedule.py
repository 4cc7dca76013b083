"""Cron schedules: five fields, names, ranges, lists, steps, and `@hourly` or `@every 5m`. Pure.

As github.com/robfig/cron's standard parser. Time zones are those of the machine's zone data; without one it is UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from attrs import frozen

from kubesim_tui.api.times import civil_from_days

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {n: i + 1 for i, n in enumerate(_MONTH_NAMES)}
_DAYS = {n: i for i, n in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_UNITS = {"h": 3600, "m": 60, "s": 1}
YEARS_AHEAD = 5


@frozen
class Schedule:
    """When: minutes, hours, days of the month, months, days of the week; or every so many seconds."""

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = True  # the day of the month is * (or ?)
    any_weekday: bool = True
    every: int = 0

    def next(self, after: int, zone: tzinfo | None = None) -> int | None:
        """The first time after a Unix time; None if there is none within five years."""
        if self.every:
            return after + self.every
        offset = _offset(after, zone)
        local = after + offset - (after + offset) % 60 + 60
        found = self._next_local(local)
        if found is None:
            return None
        at = found - _offset(found - offset, zone)
        return at if at > after else self.next(after + 3600, zone)

    def _next_local(self, local: int) -> int | None:
        day, second = divmod(local, 86400)
        first = day
        while day - first < YEARS_AHEAD * 366:
            if self._day_fits(day):
                at = self._in_day(second)
                if at is not None:
                    return day * 86400 + at
            day, second = day + 1, 0
        return None

    def _day_fits(self, day: int) -> bool:
        _, month, of_month = civil_from_days(day)
        if month not in self.months:
            return False
        by_date, by_weekday = of_month in self.days, (day + 4) % 7 in self.weekdays
        return by_date and by_weekday if self.any_day or self.any_weekday else by_date or by_weekday

    def _in_day(self, second: int) -> int | None:
        hour, minute = second // 3600, second // 60 % 60
        for h in sorted(self.hours):
            if h < hour:
                continue
            for m in sorted(self.minutes):
                if h > hour or m >= minute:
                    return h * 3600 + m * 60
        return None


def _offset(at: int, zone: tzinfo | None) -> int:
    if zone is None:
        return 0
    shift = zone.utcoffset(datetime.fromtimestamp(at, UTC).astimezone(zone))
    return int((shift or timedelta()).total_seconds())


def parse(text: str) -> Schedule:
    """A schedule; ValueError with the parser's words if it is none."""
    text = text.strip()
    if text.startswith("@every "):
        return Schedule(every=_duration(text[7:]))
    fields = _ALIASES.get(text, text).split()
    if text.startswith("@") and text not in _ALIASES:
        raise ValueError(f"unrecognized descriptor: {text}")
    if len(fields) != 5:
        raise ValueError(f"expected exactly 5 fields, found {len(fields)}: [{' '.join(fields)}]")
    sets = [_field(f, *_FIELDS[i]) for i, f in enumerate(fields)]
    stars = [f.split("/")[0] in ("*", "?") and (f in ("*", "?") or f.endswith("/1")) for f in fields]
    minutes, hours, days, months, weekdays = sets
    return Schedule(minutes, hours, days, months, weekdays, any_day=stars[2], any_weekday=stars[4])


def _field(text: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first in ("*", "?"):
            a, b = low, high
        else:
            a = _value(first, names)
            b = _value(last, names) if last else (high if step else a)
        width = _value(step, {}) if step else 1
        if a < low:
            raise ValueError(f"beginning of range ({a}) below minimum ({low}): {part}")
        if b > high:
            raise ValueError(f"end of range ({b}) above maximum ({high}): {part}")
        if a > b:
            raise ValueError(f"beginning of range ({a}) beyond end of range ({b}): {part}")
        if width == 0:
            raise ValueError(f"step of range should be a positive number: {part}")
        found |= set(range(a, b + 1, width))
    return frozenset(found)


def _value(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not text.isdecimal():
        raise ValueError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def _duration(text: str) -> int:
    total, digits = 0, ""
    for c in text:
        if c.isdecimal():
            digits += c
        elif c in _UNITS and digits:
            total, digits = total + int(digits) * _UNITS[c], ""
        else:
            raise ValueError(f'failed to parse duration @every {text}: time: invalid duration "{text}"')
    return max(1, total)
