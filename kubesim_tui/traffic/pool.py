"""Connections that stay: what is asked over them goes to the Pods at their other ends, and to nobody else.

kube-proxy chooses an endpoint once a connection, when it is opened. Whoever keeps his connections (HTTP/1.1 keep-alive,
gRPC over HTTP/2) therefore asks the same Pods again and again: new ones get nothing until something is opened anew, and
a Pod that has left its Service is asked on, as long as it lives. A connection ends with its container, after `renew`
ticks (0: never), or with its owner. New ones go round the endpoints of the moment; what they meet nobody at fails.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise
from zlib import crc32

from attrs import define, field

from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.way import Destination, Leg

Key = tuple[str | int, ...]


@define(eq=False)
class Pool:
    """The connections of one owner to one destination: so many (`counts`) over each of its legs.

    Of the legs only the first `open_to` take new connections; the others lead to who is no endpoint any more.
    """

    wanted: int
    renew: int
    turn: int  # who gets the next new connection
    legs: tuple[Leg, ...] = ()
    counts: list[int] = field(factory=list)
    open_to: int = 0
    asked: int = 0  # over which connection the next request goes
    owed: int = 0  # of a renewal

    def settle_on(self, destination: Destination, again: Callable[[Leg], Leg]) -> None:
        """The ways have changed: connections stay where their other end is still the same, also off the new ways.

        `again` leads to the other end of an old leg as it is now.
        """
        legs = list(destination.legs)
        open_to, counts = len(legs), [0] * len(legs)
        known = {_end(leg): at for at, leg in reversed(list(enumerate(legs)))}
        for old, n in zip(self.legs, self.counts, strict=True):
            end = _end(old)
            if not n or end is None:
                continue
            at = known.get(end)
            if at is not None:
                counts[at] += n
                continue
            leg = again(old)
            if _end(leg) == end:
                legs.append(leg)
                counts.append(n)
        self.legs, self.counts, self.open_to = tuple(legs), counts, open_to
        if len(legs) > open_to:
            uses = {id(called): called for leg in legs for called in leg.calls}
            destination.legs, destination.uses, destination.fail = self.legs, tuple(uses.values()), None
            destination.wired = any(leg.wire is not None for leg in legs)
        destination.pool = self

    def deal(self, n: int) -> list[int]:
        """n requests, over one connection after the other: how many over each leg."""
        self._renew()
        trying = list(self.counts)
        for _ in range(self.wanted - sum(trying) if self.open_to else 0):
            at = self.turn % self.open_to
            self.turn += 1
            trying[at] += 1
            if self.legs[at].fail is None:
                self.counts[at] += 1
        total = sum(trying)
        each, odd = divmod(n, total)
        first = self.asked % total
        self.asked = first + odd
        bounds = pairwise(accumulate(trying, initial=0))
        more = ((first, first + odd), (first - total, first + odd - total))
        return [each * (b - a) + sum(max(0, min(b, end) - max(a, start)) for start, end in more) for a, b in bounds]

    def _renew(self) -> None:
        """Close those whose time is over; where all endpoints have as many, that would change nothing."""
        now = self.counts[: self.open_to]
        if not self.renew or not now or (max(now) - min(now) <= 1 and len(self.counts) == self.open_to):
            return
        over, self.owed = divmod(self.wanted + self.owed, self.renew)
        for at, closed in enumerate(share(min(over, sum(self.counts)), self.counts)):
            self.counts[at] -= closed


@define(eq=False)
class Pools:
    """All of a cluster. Those that nobody asks for while ways are built are closed."""

    pools: dict[Key, Pool] = field(factory=dict)
    _used: dict[Key, None] = field(factory=dict)

    def get(self, key: Key, wanted: int, renew: int) -> Pool:
        """The pool of an owner to a destination. Where its first connection goes, its name decides."""
        self._used[key] = None
        found = self.pools.get(key)
        if found is None or (found.wanted, found.renew) != (wanted, renew):
            start = crc32("/".join(map(str, key)).encode())
            found = self.pools[key] = Pool(wanted, renew, start)
        return found

    def close(self) -> None:
        """All ways are built."""
        self.pools = {key: pool for key, pool in self.pools.items() if key in self._used}
        self._used = {}


def _end(leg: Leg) -> tuple[str, int] | None:
    return (leg.station.container.id, leg.port) if leg.station is not None else None
