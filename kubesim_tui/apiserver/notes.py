"""What each station of the door did with one request, for whoever wants to follow it: only requests that ask are noted.

A request that carries `Notes` leaves them in its record: who allowed it, which fields a station filled in or changed,
which stations looked at it and let it pass. The station that refused it is told by the record itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from attrs import define, field, frozen

MOST = 40
"""So many changed fields are named a station."""


@frozen
class Stop:
    """One station that a request has passed: what it changed (paths), and what it had to say."""

    station: str  # "authorization", "defaulting", "admission/ServiceAccount", "validation", "webhooks" …
    changed: tuple[str, ...] = ()
    text: str = ""


@define(eq=False)
class Notes:
    """Of one request. `seen` is the object as the station before left it."""

    stops: list[Stop] = field(factory=list)
    seen: Any = None

    def begin(self, data: Any) -> None:
        """The object as it came."""
        self.seen = deepcopy(data)

    def passed(self, station: str, text: str = "") -> None:
        """A station let it pass as it is."""
        self.stops.append(Stop(station, (), text))

    def worked(self, station: str, data: Any) -> None:
        """A station is done: what is different now is its doing."""
        changed = tuple(_differences(self.seen, data, ""))
        if changed:
            self.seen = deepcopy(data)
        self.stops.append(Stop(station, changed[:MOST]))


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    """The paths that are in one and not, or not so, in the other: as high up as something is new."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            where = f"{path}.{key}" if path else str(key)
            if key in before and key in after:
                yield from _differences(before[key], after[key], where)
            else:
                yield where if key in after else f"-{where}"
    elif isinstance(before, list) and isinstance(after, list):
        for n in range(max(len(before), len(after))):
            if n < len(before) and n < len(after):
                yield from _differences(before[n], after[n], f"{path}[{n}]")
            else:
                yield f"{path}[{n}]" if n < len(after) else f"-{path}[{n}]"
    elif before != after:
        yield path
