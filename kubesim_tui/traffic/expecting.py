"""How many requests are to be expected, down the ways: what users send on average, shared out as the requests are.

A stream's requests are as random as can be (their variance is their mean). A destination that deals them out in turn
makes what comes to its replicas vary together, and the less the more there are; where they are drawn each replica has
chance of its own. Other streams vary on their own. Whoever asks in a closed loop has been answered before: where nobody
else asks, nobody waits at random.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from math import isqrt

from kubesim_tui.traffic.random_wait import PULLED, Expected
from kubesim_tui.traffic.way import Destination, Leg, Station


def expect(
    roots: Iterable[tuple[Destination, int]],
    down: Sequence[Destination],
    stations: Iterable[Station],
    loops: Collection[str] = (),
) -> None:
    """Tell all on the ways, of which `down` are callers first. `roots`: with thousandths of requests in a tick.

    `loops`: the streams that are closed loops without thinking.
    """
    for destination in down:
        destination.expected_milli = destination.sway_milli = 0
    for root, expected_milli in roots:
        root.expected_milli, root.sway_milli = expected_milli, isqrt(expected_milli * 1000)
    for destination in down:
        _share(destination)
    for station in stations:
        if station.pulls:
            continue
        alone = bool(loops) and all(leg.users in loops or not leg.expected_milli for leg in station.legs)
        station.expected = PULLED if alone and station.legs else _together(station)


def differ(told: Sequence[int], now: Sequence[int]) -> bool:
    """Whether what is expected is no longer what was told, by more than a hundredth."""
    if told == now:
        return False
    return len(told) != len(now) or any(abs(a - b) * 100 > a for a, b in zip(told, now, strict=True))


def _share(destination: Destination) -> None:
    legs = destination.legs
    if destination.doors:
        _pass_through(destination)
    if not legs:
        return
    if destination.groups:
        whole = sum(group.weight for group in destination.groups)
        for group in destination.groups:
            part = destination.expected_milli * group.weight // whole
            _go_round(group.legs, part // len(group.legs), isqrt(part * 1000) // len(group.legs))
        return
    each, sway = destination.expected_milli // len(legs), destination.sway_milli // len(legs)
    _go_round(legs, each, sway if destination.draws is None else isqrt(each * 1000))


def _pass_through(destination: Destination) -> None:
    """All that come pass by one of the proxies before."""
    whole = sum(destination.by_door)
    for door, weight in zip(destination.doors, destination.by_door, strict=False):
        door.expected_milli = destination.expected_milli * weight // whole
        door.sway_milli = destination.sway_milli * weight // whole


def _go_round(legs: Sequence[Leg], each: int, sway: int) -> None:
    for leg in legs:
        leg.expected_milli, leg.sway_milli = each, sway
        for called in leg.calls:
            called.expected_milli += each
            called.sway_milli += sway


def _together(station: Station) -> Expected:
    sways: dict[str, int] = {}
    for leg in station.legs:
        sways[leg.users] = sways.get(leg.users, 0) + leg.sway_milli
    return sum(leg.expected_milli for leg in station.legs), sum(sway * sway // 1000 for sway in sways.values())
