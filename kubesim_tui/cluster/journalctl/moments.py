"""Times as journalctl reads them (systemd.time): `2026-11-26 12:00`, `12:00`, `today`, `5 min ago`, `-90s`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1, "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hour": 3600, "hours": 3600, "d": 86_400, "day": 86_400, "days": 86_400,
}  # fmt: skip
FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
OF_TODAY = ("%H:%M:%S", "%H:%M")


def moment(text: str, now: int) -> int | None:
    """The Unix time that is meant; None if nobody knows."""
    told, midnight = text.strip(), now - now % 86_400
    named = {"now": now, "today": midnight, "yesterday": midnight - 86_400, "tomorrow": midnight + 86_400}
    if told in named:
        return named[told]
    if told.endswith(" ago"):
        return _back(told.removesuffix(" ago"), now)
    if told[:1] == "-":
        return _back(told[1:], now)
    for form in (*FORMS, *OF_TODAY):
        try:
            found = datetime.strptime(told, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if form in OF_TODAY:
            return midnight + 3600 * found.hour + 60 * found.minute + found.second
        return int(found.timestamp())
    return None


def _back(text: str, now: int) -> int | None:
    parts = re.findall(r"(\d+)\s*([a-z]*)", text)
    if not parts or re.sub(r"(\d+)\s*([a-z]*)", "", text).strip() or any(u and u not in UNITS for _, u in parts):
        return None
    return now - sum(int(number) * UNITS[unit or "s"] for number, unit in parts)
