"""Templates in image files: `${name}`, `${name:-default}`, `${time:%Y/%m/%d}`; what is unknown becomes empty.

A lookup is an object with `get(name)`, never a function: it may be part of a checkpoint.
"""

from __future__ import annotations

import re
from typing import Protocol

_HOLE = re.compile(r"\$\{([^{}]*)\}")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Lookup(Protocol):
    """Finds the value of a name."""

    def get(self, name: str) -> str | None:
        """The value, or None if the name is unknown."""
        ...


class Names:
    """Lookups one after the other: the first that knows the name answers."""

    __slots__ = ("_parts",)

    def __init__(self, *parts: Lookup) -> None:
        self._parts = parts

    def get(self, name: str) -> str | None:
        """The value from the first that has one."""
        for part in self._parts:
            value = part.get(name)
            if value is not None:
                return value
        return None


def expand(text: str, names: Lookup) -> str:
    """Fill in the holes of a text."""
    if "${" not in text:
        return text
    pieces = []
    end = 0
    for hole in _HOLE.finditer(text):
        pieces.append(text[end : hole.start()])
        pieces.append(_value(hole[1], names))
        end = hole.end()
    pieces.append(text[end:])
    return "".join(pieces)


def variables(text: str) -> list[str]:
    """The names in the holes of a text."""
    return [hole.partition(":-")[0] for hole in _HOLE.findall(text)]


def _value(hole: str, names: Lookup) -> str:
    name, has_default, default = hole.partition(":-")
    value = names.get(name)
    return default if not value and has_default else value or ""


def clock_text(unix_us: int, form: str) -> str:
    """A moment in the words of strftime (%Y %m %d %H %M %S %f %j %a %b %e %s %Z %z %F %T and %%), always UTC."""
    seconds, micros = divmod(unix_us, 1_000_000)
    days, rest = divmod(seconds, 86_400)
    year, month, day = _civil(days)
    known = {
        "Y": f"{year:04}",
        "y": f"{year % 100:02}",
        "m": f"{month:02}",
        "d": f"{day:02}",
        "e": f"{day:2}",
        "H": f"{rest // 3600:02}",
        "I": f"{(rest // 3600 - 1) % 12 + 1:02}",
        "p": "AM" if rest < 43_200 else "PM",
        "M": f"{rest // 60 % 60:02}",
        "S": f"{rest % 60:02}",
        "L": f"{micros // 1000:03}",
        "f": f"{micros:06}",
        "N": f"{micros:06}000",
        "s": str(seconds),
        "j": f"{days - day_number(year, 1, 1) + 1:03}",
        "u": str((days + 3) % 7 + 1),
        "a": _DAYS[(days + 3) % 7],
        "b": _MONTHS[month - 1],
        "Z": "UTC",
        "z": "+0000",
        "F": f"{year:04}-{month:02}-{day:02}",
        "T": f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}",
        "R": f"{rest // 3600:02}:{rest // 60 % 60:02}",
        "n": "\n",
        "%": "%",
    }
    return re.sub(r"%(.)", lambda found: known.get(found[1], found[0]), form)


def day_number(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _civil(days: int) -> tuple[int, int, int]:
    """The date of a number of days from 1970-01-01."""
    days += 719_468
    era, of_era = divmod(days, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1
