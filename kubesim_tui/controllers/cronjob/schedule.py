"""The next start of a schedule in a time zone. Pure.

Zones are those of the machine's zone data (IANA); a local time that a change of the clock leaves out starts nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from kubesim_tui.api.helpers.cron import Schedule


def next_start(schedule: Schedule, after: int, zone: tzinfo | None = None) -> int | None:
    """The first start after a Unix time; None if there is none within five years."""
    if zone is None or schedule.every:
        return schedule.next_after(after)
    offset = _offset(after, zone)
    local = schedule.next_after(after + offset)
    if local is None:
        return None
    at = local - _offset(local - offset, zone)
    return at if at > after else next_start(schedule, after + 3600, zone)


def _offset(at: int, zone: tzinfo) -> int:
    """Seconds that the zone's clock is ahead of UTC."""
    shift = zone.utcoffset(datetime.fromtimestamp(at, UTC).astimezone(zone))
    return int((shift or timedelta()).total_seconds())
