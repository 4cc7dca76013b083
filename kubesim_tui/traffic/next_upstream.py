"""The next Pod is asked where one takes no connection: what nginx's proxy_next_upstream makes of a list of endpoints.

nginx goes round the endpoints. A refusal comes at once, and the request goes on to the endpoint whose turn is next: so
those that answer share what refusing ones would have had, evenly, as long as no more refuse in a row than there are
tries. A connection that nobody answers takes its time-out, and by then it is anybody's turn. Both are known when a way
is built, and so is the share of every end: the places of a ring are walked once, and each place where a request stays
becomes a leg of its own, later by what the tries before it took. Where an Ingress says so (`http_503` …) an answer
sends a request on, too; who has given it has worked for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from attrs import evolve, frozen

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.network.ingress_upstream import ERROR, TIMEOUT, Upstream
from kubesim_tui.traffic.way import Destination, Fail, Group, Leg

CONNECTING = ("black-hole", "policy")
"""Codes of silence before anything was sent."""
STAYS, GOES_ON, WAITS = "stays", "goes on", "waits"


@frozen
class _Level:
    """Requests that have come equally far: so many tries and so much time are behind them."""

    tried: tuple[Leg, ...] = ()
    spent_us: int = 0


def passed_on(
    found: Destination, upstream: Upstream, method: str, patience_us: int, draws: Draws, *, joins: bool
) -> Destination:
    """The endpoints of a location as requests of a method end there, whose users wait so long.

    `joins`: their legs are asked every tick, and not once.
    """
    kinds = kinds_of(found.legs, upstream, method, patience_us)
    if all(kind == STAYS for kind in kinds):
        return found
    groups = _groups(found.legs, kinds, upstream, patience_us)
    if joins:
        _join(set(map(id, found.legs)), groups)
    legs = tuple(leg for group in groups for leg in group.legs)
    wired = found.wired or any(
        kind == GOES_ON and leg.fail is None for leg, kind in zip(found.legs, kinds, strict=True)
    )
    if len(groups) == 1:
        return evolve(found, legs=legs, wired=wired)
    return evolve(found, legs=legs, wired=wired, groups=groups, draws=draws)


def kinds_of(legs: Sequence[Leg], upstream: Upstream, method: str, patience_us: int) -> list[str]:
    """What becomes of requests that come to each of some endpoints."""
    return [_kind(leg, upstream, method, patience_us) for leg in legs]


def _kind(leg: Leg, upstream: Upstream, method: str, patience_us: int) -> str:
    """What becomes of a request that comes to an endpoint."""
    fail = leg.fail
    if not upstream.may_try(1, 0):
        return STAYS
    if fail is None:
        status = leg.plan.status if leg.plan is not None else 0
        return GOES_ON if upstream.passes_on(f"http_{status}", method, sent=True) else STAYS
    if fail.reason == "502":
        return GOES_ON if upstream.passes_on(ERROR, method, sent=False) else STAYS
    sent = fail.code not in CONNECTING
    passes = fail.reason == "504" and upstream.passes_on(TIMEOUT, method, sent=sent)
    return WAITS if passes and fail.delay_us < patience_us else STAYS


def _groups(legs: Sequence[Leg], kinds: Sequence[str], upstream: Upstream, patience_us: int) -> tuple[Group, ...]:
    """The ends of all requests: groups of legs that get the same, with the share of each group."""
    own_us = [leg.network_us for leg in legs]
    asked = [_asked(leg) if kind == GOES_ON else leg for leg, kind in zip(legs, kinds, strict=True)]
    took_us = [_took_us(leg) for leg in legs]
    found: list[tuple[Fraction, list[Leg]]] = []
    levels: dict[tuple[int, int], tuple[_Level, Fraction]] = {(0, 0): (_Level(), Fraction(1))}
    while levels:
        key = min(levels)
        level, weight = levels.pop(key)
        left = (upstream.tries or len(legs)) - len(level.tried)
        ends: list[Leg] = []
        runs = revolution(kinds, max(1, left))
        for run in runs:
            last = legs[run[-1]]
            tried = (*level.tried, *(asked[at] for at in run[:-1]))
            spent = level.spent_us + sum(took_us[at] for at in run[:-1])
            after = spent + (last.fail.delay_us if last.fail is not None else 0)
            again = kinds[run[-1]] == WAITS and after < patience_us and upstream.may_try(len(tried) + 1, after)
            if again:
                onward = _Level((*tried, last), after)
                at_key = (len(onward.tried), after)
                known = levels.get(at_key, (onward, Fraction(0)))
                levels[at_key] = (known[0], known[1] + weight / len(runs))
            else:
                ends.append(_end(last, own_us[run[-1]], tried, spent, first=key == (0, 0)))
        if ends:
            found.append((weight * len(ends) / len(runs), ends))
    whole = lcm(*(share.denominator for share, _ in found))
    return tuple(Group(tuple(ends), int(share * whole)) for share, ends in found)


def revolution(kinds: Sequence[str], tries: int) -> list[list[int]]:
    """Each request of one turn round the endpoints: the places that it tries; at the last one it stays, or waits."""
    count = len(kinds)
    if all(kind == GOES_ON for kind in kinds):
        return [[(first + n) % count for n in range(tries)] for first in range(count)]
    start = next(at for at in range(count) if kinds[at - 1] != GOES_ON)
    runs: list[list[int]] = [[]]
    for place in range(start, start + count):
        runs[-1].append(place % count)
        if kinds[place % count] != GOES_ON or len(runs[-1]) == tries:
            runs.append([])
    return runs[:-1]


def _end(leg: Leg, own_us: int, tried: tuple[Leg, ...], spent_us: int, *, first: bool) -> Leg:
    """A leg where requests stay that have tried others before."""
    if leg.fail is not None:
        return evolve(leg, fail=_later(leg.fail, spent_us), tried=tried)
    if not first:
        leg = evolve(leg, wire=leg.wire.again() if leg.wire is not None else None)
    leg.network_us, leg.tried = own_us + spent_us, tried
    return leg


def _asked(leg: Leg) -> Leg:
    """A Pod whose answer is for nobody, as a leg of its own for what it works in vain."""
    return leg if leg.fail is not None else evolve(leg, calls=())


def _took_us(leg: Leg) -> int:
    """How long it takes until a Pod has refused, or answered."""
    served = leg.plan is not None and leg.fail is None
    return leg.network_us + (leg.plan.service_us if served and leg.plan is not None else 0)


def _join(known: set[int], groups: Sequence[Group]) -> None:
    """New legs are legs of their stations."""
    for group in groups:
        for leg in [one for end in group.legs for one in (end, *end.tried)]:
            if leg.station is not None and id(leg) not in known:
                known.add(id(leg))
                leg.station.legs.append(leg)


def _later(fail: Fail, spent_us: int) -> Fail:
    return evolve(fail, delay_us=fail.delay_us + spent_us) if spent_us else fail
