"""Pages for errors: what `custom-http-errors` makes of answers with such a status, be they a Pod's or nginx's own.

nginx throws the answer away and asks the `default-backend` of the Ingress instead; what that answers, users get, status
and all. Where there is none the controller's own answers: 404 to everything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import lcm

from attrs import evolve

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic.way import Destination, Group, Leg


def covered(
    found: Destination, errors: Collection[str], page: Callable[[], Destination], draws: Draws, *, joins: bool
) -> Destination:
    """The ends of a location, with a page in place of each that answers with an error of these."""
    if found.fail is not None:
        return page() if found.fail.reason in errors else found
    bad = {id(leg) for leg in found.legs if _status(leg) in errors}
    if not bad:
        return found
    groups, uses = [], [*found.uses]
    before = found.groups or (Group(found.legs, 1),)
    common = lcm(*(len(group.legs) for group in before))
    for group in before:
        each = group.weight * common // len(group.legs)
        good = tuple(leg for leg in group.legs if id(leg) not in bad)
        if good:
            groups.append(Group(good, each * len(good), pool=group.pool if len(good) == len(group.legs) else None))
        for leg in group.legs:
            if id(leg) in bad:
                instead = page()
                uses += instead.uses
                groups.append(Group(_after(leg, instead, joins=joins), each))
    legs = tuple(leg for group in groups for leg in group.legs)
    called = tuple({id(one): one for one in uses}.values())
    wired = found.wired or any(leg.wire is not None for leg in legs)
    return evolve(found, legs=legs, groups=tuple(groups), draws=draws, uses=called, wired=wired)


def _status(leg: Leg) -> str:
    if leg.fail is not None:
        return leg.fail.reason
    return str(leg.plan.status) if leg.plan is not None else ""


def _after(leg: Leg, page: Destination, *, joins: bool) -> tuple[Leg, ...]:
    """The legs of a page that is asked for what a leg has answered."""
    if page.fail is not None or not page.legs:
        return (Leg(page.way, fail=page.fail),)
    tried, took_us = leg.tried, leg.network_us + (leg.fail.delay_us if leg.fail is not None else 0)
    if leg.fail is None and leg.station is not None and leg.plan is not None:
        asked = evolve(leg, calls=(), tried=())
        if joins:
            leg.station.legs.append(asked)
        tried, took_us = (*leg.tried, asked), took_us + leg.plan.service_us
    for one in page.legs:
        one.tried, one.network_us = (*one.tried, *tried), one.network_us + max(0, took_us)
    return page.legs
