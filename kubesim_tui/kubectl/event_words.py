"""When an Event happened, in words: `5m (x3 over 10m)`; and the order of Events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubesim_tui.api import duration
from kubesim_tui.api.times import parse_time

UNKNOWN = "<unknown>"


def since(time: str | None, now: int) -> str:
    """How long ago, as AGE shows it."""
    return duration.human_seconds(now - parse_time(time)) if time else UNKNOWN


def interval(event: Mapping[str, Any], now: int) -> str:
    """How long ago it was seen last, how often, and over how long a time."""
    first = since(event.get("eventTime") or event.get("firstTimestamp"), now)
    if series := event.get("series"):
        return f"{since(series.get('lastObservedTime'), now)} (x{series.get('count', 0)} over {first})"
    if (event.get("count") or 0) > 1:
        return f"{since(event.get('lastTimestamp'), now)} (x{event['count']} over {first})"
    return first


def order(event: Mapping[str, Any]) -> str:
    """What Events are sorted by: when they were seen last."""
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or "")
