"""Regions that users come from: how far each is from the data centre, and what is wrong on the way."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define, field


@define(eq=False)
class Region:
    """A round trip from it takes `latency_us`, to a zone that `zones` names so long instead."""

    name: str
    latency_us: int = 0
    zones: Mapping[str, int] = field(factory=dict)
    added_us: int = 0  # while the way is slow
    cut: bool = False

    def trip_us(self, zone: str) -> int:
        """A round trip to a zone."""
        return self.zones.get(zone, self.latency_us) + self.added_us
