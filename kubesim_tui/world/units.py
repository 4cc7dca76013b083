"""Durations and sizes as image files write them: `80ms` is 80,000 µs, `64Mi` is 67,108,864 bytes."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)")
_US = {"us": 1, "µs": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T|)")
_BYTES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
SECOND_US = 1_000_000


def duration_us(text: str | int) -> int:
    """`1.5s` in microseconds; parts may follow one another (`1m30s`). A bare number is microseconds already."""
    if isinstance(text, int):
        return text
    parts = _DURATION.findall(text)
    if not parts or "".join(a + b for a, b in parts) != text:
        raise ValueError(f"{text!r} is not a duration like 80ms, 1.5s or 2m")
    return sum(_scaled(number, _US[unit]) for number, unit in parts)


def size_bytes(text: str | int) -> int:
    """`64Mi` in bytes. A bare number is bytes already."""
    if isinstance(text, int):
        return text
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a size like 512, 64Ki or 1.5Gi")
    return _scaled(found[1], _BYTES[found[2]])


def ceil_tick(us: int) -> int:
    """The first tick that begins at or after a moment."""
    return -(-us // SECOND_US)


def decimal(text: str, unit: int) -> int:
    """So many units as a decimal number says, which a script or a flag may bring: `0.5`, `.5`, `2.`."""
    whole, _, fraction = text.partition(".")
    return _scaled(f"{whole[:9] or '0'}.{fraction[:6]}", unit)


def whole(text: str) -> int:
    """What a script or a flag counts; 0 for what is no number."""
    return int(text[:9]) if text.isdecimal() else 0


def _scaled(number: str, unit: int) -> int:
    """Exactly, without floats: 1.5 of 1000 is 1500."""
    whole, _, fraction = number.partition(".")
    return int(whole) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
