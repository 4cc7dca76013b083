"""Which stations are alike: rows of them, found when ways have been built.

Stations are alike that have the same to do, for the same destinations, in containers of the same image and setting. A
destination is dealt out by rows if few of them hold all its legs: then all that comes to their stations comes by rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from kubesim_tui.traffic import rows
from kubesim_tui.traffic.way import Destination, Leg, Part, Row, Station
from kubesim_tui.world.ledger import Ledger

FEWEST = 2
"""Legs a row, on average, for which it is worth while."""
Alike = Mapping[object, Sequence[Station]]
"""Stations by what they are alike in."""


def line_up(destinations: Iterable[Destination]) -> None:
    """Find the rows of ways that have just been built."""
    taking = [one for one in destinations if one.draws is None and one.pool is None and not one.wired]
    while True:
        alike, unfit = _alike(taking)
        if not unfit:
            break
        taking = [one for one in taking if id(one) not in unfit]
    for stations in alike.values():
        _row(stations)
    made: dict[int, Part] = {}  # by their first legs
    for destination in taking:
        destination.parts = _parts(destination)
        made.update({id(part.legs[0]): part for part in destination.parts})
    for first, *_ in alike.values():
        if first.row is not None:
            first.row.parts = tuple([made[id(leg)] for leg in first.legs])


def dissolve(destinations: Iterable[Destination]) -> None:
    """The ways are about to be built anew: each station keeps what its row has told of it."""
    for destination in destinations:
        for part in destination.parts:
            rows.disband(part.row)
            for station in part.row.stations:
                station.row = None
        destination.parts = ()


def _alike(destinations: Sequence[Destination]) -> tuple[Alike, set[int]]:
    """The stations of destinations, and (by their ids) those of these that cannot be dealt out by rows."""
    owners = {id(leg): id(one) for one in destinations for leg in one.legs}
    alike: dict[object, list[Station]] = {}
    known: dict[int, tuple[object, int]] = {}  # what each station is alike in, and its place among those who are
    unfit: set[int] = set()
    for destination in destinations:
        last: dict[object, int] = {}
        for leg in destination.legs:
            station = leg.station
            kind = _kind(station, owners) if station is not None and id(station) not in known else None
            if station is not None and kind is not None:
                members = alike.setdefault(kind, [])
                known[id(station)] = kind, len(members)
                members.append(station)
            found = known.get(id(station))
            part = (found[0], station.legs.index(leg)) if station is not None and found is not None else None
            if part is None or found is None or found[1] <= last.get(part, -1):  # in no row, or not in its order
                unfit.add(id(destination))
                break
            last[part] = found[1]
        if len(last) * FEWEST > len(destination.legs):
            unfit.add(id(destination))
    return alike, unfit


def _kind(station: Station, owners: Mapping[int, int]) -> object | None:
    """All that has to be alike; None: it stands in no row."""
    whose = tuple([owners.get(id(leg), 0) for leg in station.legs])
    if station.pulls or not all(whose):
        return None
    does = {(leg.plan, tuple([id(called) for called in leg.calls])) for leg in station.legs}
    if len(does) > 1 or not all(leg.fine and leg.outlet is None for leg in station.legs):
        return None
    return whose, does.pop(), station.setting, station.memory_bytes, station.container.config.image


def _row(stations: Sequence[Station]) -> None:
    """They stand in a row from now on."""
    containers: list[Any] = [station.container for station in stations]
    hosts: dict[int, list[Any]] = {}
    for container in containers:
        hosts.setdefault(id(container.host), []).append(container.host)
    ledger = Ledger.of(containers, [found[0] for found in hosts.values()])
    machines = frozenset([station.machine for station in stations])
    row = Row(tuple(stations), ledger, max(map(len, hosts.values())), machines)
    for place, station in enumerate(stations):
        station.row, station.place = row, place


def _parts(destination: Destination) -> tuple[Part, ...]:
    """Its legs by the rows of their stations; where several lead to the same one, each in a part of its own."""
    found: dict[tuple[int, int], tuple[Row, list[int]]] = {}
    for place, leg in enumerate(destination.legs):
        if leg.station is not None and leg.station.row is not None:
            row, nth = leg.station.row, leg.station.legs.index(leg)
            found.setdefault((id(row), nth), (row, []))[1].append(place)
    return tuple([_part(row, destination.legs, places) for row, places in found.values()])


def _part(row: Row, legs: Sequence[Leg], places: Sequence[int]) -> Part:
    members = tuple([legs[place] for place in places])
    far = dict.fromkeys([leg.network_us for leg in members])
    networks = [(us, tuple(accumulate([leg.network_us == us for leg in members], initial=0))) for us in far]
    return Part(row, members, tuple(places), tuple(networks))
