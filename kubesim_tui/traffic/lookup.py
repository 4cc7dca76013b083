"""Looking names up: what comes before each connection that is opened, as one more destination of the caller.

A resolver goes through its search path (`ndots`) and asks for an A and an AAAA record of each candidate until one
exists: a name outside with fewer than five dots costs eight questions in a Pod, one that ends in a dot two. The servers
are stations as all others: many questions take processor time, and those that wait take memory.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from attrs import evolve

from kubesim_tui.network.dns_records import Answer
from kubesim_tui.network.resolver import Resolver
from kubesim_tui.network.ruleset import Targets
from kubesim_tui.traffic.ask import Ask, Way
from kubesim_tui.traffic.network import Fabric, Place, Spot
from kubesim_tui.traffic.way import Destination, Fail
from kubesim_tui.world.plan import Call, Plan

RECORDS = 2
"""A and AAAA."""
PATIENCE_US = 10_000_000
"""A resolver's `timeout:5` and `attempts:2`."""
QUERY = "QUERY"
"""What a server is asked."""


def candidates(resolver: Resolver, host: str, answer: Answer | None) -> int:
    """How many names are asked for until one has an answer; 0 where no server is asked (/etc/hosts, addresses)."""
    if answer is None or not (answer.service or answer.alias):
        return 0
    names = resolver.candidates(host.lower())
    found = answer.name if answer.name in names else answer.alias
    return names.index(found) + 1 if found in names else 1


@lru_cache(maxsize=1024)
def times(plan: Plan, names: int, at_once: int) -> Plan:
    """The plan of one question, for so many names one after the other, and so many lookups at once."""
    n = names * RECORDS * at_once
    memory = plan.memory_bytes * RECORDS * at_once
    return evolve(plan, service_us=plan.service_us * n, cpu_us=plan.cpu_us * n, memory_bytes=memory)


def unanswered(fabric: Fabric, place: Place, host: str) -> Fail:
    """What a container is told while no server answers it."""
    why = fabric.unanswered(place.machine, place.container)
    detail = why.detail if why.code == "policy" else f"{host}: {why.detail}"
    return Fail("no such host", why.code, why.way, detail, why.delay_us)


class Lookups:
    """Those of one tree of ways: callers with the same questions share them. `balance` makes a destination."""

    def __init__(self, fabric: Fabric, balance: Callable[[Way, Spot, Targets, Ask], Destination]) -> None:
        self.fabric, self.balance = fabric, balance
        self._made: dict[tuple[Any, ...], Destination] = {}

    def before(self, call: Call, place: Place, answer: Answer | None, face: object) -> Destination | None:
        """What a container asks before it opens a connection; None: nothing."""
        fabric, container = self.fabric, place.container
        names = candidates(fabric.resolver(container), call.host, answer)
        if not names:
            return None
        way, targets = fabric.name_server(place.machine, container)
        patience = min(call.timeout_us or PATIENCE_US, PATIENCE_US)
        spot, at_once = fabric.spot(place.machine), max(1, container.lookups)
        key = (names, at_once, way, targets, spot.key, face, call.failure, patience)
        found = self._made.get(key)
        if found is None:
            origin = fabric.origin(place.machine, container)
            asks = Ask(QUERY, "/", origin=origin, container=container, protocol="UDP")
            found = self._made[key] = self.balance(way, spot, targets, asks)
            found.failure, found.timeout_us = call.failure, patience
            found.legs = tuple(leg for leg in found.legs if leg.plan is not None)
            for leg in found.legs:
                assert leg.plan is not None
                leg.plan, leg.network_us = times(leg.plan, names, at_once), leg.network_us * names
        return found if found.legs else None
