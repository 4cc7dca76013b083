"""A line of the journal, and how klog and logrus begin theirs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from attrs import frozen

FIRST_PIDS: Mapping[str, int] = {"kubelet": 742, "containerd": 611, "crio": 611, "docker": 611}
PIDS_APART = 1_300
"""Between a process and the next of the same service."""


@frozen
class Line:
    """When (a tick, and microseconds in it), who has said it (`kubelet[742]`), of which service, and what."""

    tick: int
    micros: int
    who: str
    unit: str
    text: str


def pid(unit: str, starts: int = 1) -> int:
    """That of a service that has been started so often."""
    return FIRST_PIDS.get(unit, 800) + PIDS_APART * (starts - 1)


def klog(level: str, unix: int, micros: int, process: int, place: str, text: str, values: Mapping[str, str]) -> str:
    """A structured line: `E1126 12:00:00.000000     742 controller.go:208] "…" err="…"`; the text as it is."""
    at = datetime.fromtimestamp(unix, UTC).strftime("%m%d %H:%M:%S")
    said = "".join(f" {key}={quoted(value)}" for key, value in values.items())
    return f"{level}{at}.{micros:06} {process:7} {place}] {text}{said}"


def logrus(level: str, unix: int, message: str, error: str = "") -> str:
    """`time="…" level=info msg="…"`."""
    at = datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")
    return f'time="{at}" level={level} msg={quoted(message)}' + (f" error={quoted(error)}" if error else "")


def quoted(text: str) -> str:
    """As Go's strconv.Quote."""
    return json.dumps(text, ensure_ascii=False)
