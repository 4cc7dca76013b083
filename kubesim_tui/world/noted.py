"""The requests that a container's own script makes one by one, as far as there are so many that they weigh something.

A shell asks once and waits for the answer; what it is told comes from a single request (world/answer). When it asks
again and again within a second, whoever is asked has to feel it: then its requests are noted, and count among those
that arrive there.
"""

from __future__ import annotations

from attrs import define, field, frozen

from kubesim_tui.world.plan import Call
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.urls import PORTS

FEW = 5
"""So many requests a second weigh something."""
RESTS = 30
"""Ticks without so many, after which a script is thought to have done."""
MOST = 8
"""So many things are told apart that a script asks for; further ones count as the last of these."""


@frozen
class Asked(Shared):
    """What is asked for; a path without its query."""

    method: str
    scheme: str
    host: str
    port: int
    target: str

    @property
    def call(self) -> Call:
        """As a call, each over a connection of its own."""
        port = self.port or PORTS.get(self.scheme, 80)
        return Call(self.host, port, self.scheme, self.method, self.target or "/", keepalive=False)


@define(eq=False, repr=False)
class Noted:
    """See the module. `known`: what it asks for; empty while that is little."""

    known: list[Asked] = field(factory=list)
    busy: int = -1  # the last tick in which it was much
    _tick: int = -1
    _counts: dict[Asked, int] = field(factory=dict)

    def add(self, asked: Asked, tick: int) -> bool:
        """One more; whether something is known now that was not before."""
        if tick != self._tick:
            self._tick, self._counts = tick, {}
        asked = Asked(asked.method, asked.scheme, asked.host, asked.port, asked.target.partition("?")[0])
        self._counts[asked] = self._counts.get(asked, 0) + 1
        if sum(self._counts.values()) < FEW:
            return False
        self.busy = tick
        news = [one for one in self._counts if one not in self.known][: MOST - len(self.known)]
        self.known += news
        return bool(news)

    def counts(self, tick: int) -> list[int]:
        """How often it has asked for each of the known in a tick."""
        if tick != self._tick:
            return [0] * len(self.known)
        found = [self._counts.get(one, 0) for one in self.known]
        found[-1] += sum(self._counts.values()) - sum(found)
        return found

    def rests(self, tick: int) -> bool:
        """Whether it has done, as it seems; then it begins anew."""
        if tick - self.busy < RESTS:
            return False
        self.known = []
        return True
