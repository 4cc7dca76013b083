"""In which order a tick goes through the ways: arrivals from callers down to callees, work and outcomes back up."""

from __future__ import annotations

from collections.abc import Sequence

from kubesim_tui.traffic.way import Destination, Row, Station

Step = tuple[Row | None, Sequence[Station], list[Destination]]
"""Stations, maybe a row of them, and the destinations whose outcome is known when they have worked."""


def callers_first(root: Destination) -> list[Destination]:
    """Every destination of a tree, each once, none before all that call it."""
    found: dict[int, Destination] = {}

    def visit(destination: Destination) -> None:
        for leg in destination.legs:
            for called in leg.calls:
                if id(called) not in found:
                    visit(called)
        found[id(destination)] = destination

    visit(root)
    return list(reversed(found.values()))


def in_order(stations: list[Station]) -> list[Station]:
    """Callees before callers; in a circle the first that is met comes last."""
    done: dict[int, None] = {}
    order: list[Station] = []

    def visit(station: Station) -> None:
        done[id(station)] = None
        for leg in station.legs:
            for called in leg.calls:
                if id(called) not in done:
                    done[id(called)] = None
                    for other in called.legs:
                        if other.station is not None and id(other.station) not in done:
                            visit(other.station)
        order.append(station)

    for station in stations:
        if id(station) not in done:
            visit(station)
    return order


def steps(order: list[Station], down: list[Destination]) -> list[Step]:
    """The stations in their order, each with the destinations that can be settled after it, callees first.

    Those of a row work together, when all that they call is settled.
    """
    place: dict[int, int] = {}
    after: dict[int, int] = {}
    made: list[Step] = [(None, (), [])]
    for row, stations in _together(order):
        place.update((id(station), len(made)) for station in stations)
        made.append((row, stations, []))
    for destination in reversed(down):
        last = 0
        for leg in (*destination.doors, *destination.legs):
            last = max(last, place[id(leg.station)] if leg.station is not None else 0)
            last = max([last, *(after[id(called)] for called in leg.calls)])
        after[id(destination)] = last
        made[last][2].append(destination)
    return made


def _together(order: list[Station]) -> list[tuple[Row | None, list[Station]]]:
    """Rows at the place of their last station, and the others."""
    found: dict[int, tuple[Row | None, list[Station]]] = {}
    for station in order:
        key = id(station.row or station)
        row, members = found.pop(key, (station.row, []))
        members.append(station)
        found[key] = row, members
    return list(found.values())
