"""Durations and shares as levels and scripts write them."""

from __future__ import annotations

import re

_PART = re.compile(r"(\d+)(ms|s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def micros(text: str) -> int:
    """`1m30s` → 90,000,000; `250ms` → 250,000. ValueError if it is not a duration."""
    parts = _PART.findall(text)
    if "".join(n + unit for n, unit in parts) != text or not text:
        raise ValueError(f"{text!r} is not a duration; write it like 90s, 1m30s or 250ms")
    return sum(int(n) * (1000 if unit == "ms" else _SECONDS[unit] * 1_000_000) for n, unit in parts)


def ticks(text: str) -> int:
    """A duration in whole seconds, rounded up."""
    return -(-micros(text) // 1_000_000)


def share_pm(text: str) -> int:
    """`99.5%` → 995 per mille. ValueError if it is not a share."""
    found = re.fullmatch(r"(\d+)(?:\.(\d))?\d*%", text)
    if found is None:
        raise ValueError(f"{text!r} is not a share; write it like 99% or 99.5%")
    return int(found[1]) * 10 + int(found[2] or 0)


def rate_milli(text: str) -> int:
    """`20/s` → 20,000 thousandths of a request a second. ValueError if it is not a rate."""
    found = re.fullmatch(r"(\d+)(?:\.(\d{1,3}))?/s", text)
    if found is None:
        raise ValueError(f"{text!r} is not a rate; write it like 20/s or 0.5/s")
    return int(found[1]) * 1000 + int((found[2] or "0").ljust(3, "0"))
