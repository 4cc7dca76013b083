"""A script that asks and waits, again and again: each of its requests has been answered when it counts here.

It is told by single requests what it is answered (cluster/net); here they put load on whom it asks (world/noted).
"""

from __future__ import annotations

from attrs import define

from kubesim_tui.kernel.chance import Stream as Draws
from kubesim_tui.traffic.generator import Generator
from kubesim_tui.traffic.network import Place
from kubesim_tui.world.noted import Asked, Noted
from kubesim_tui.world.sending import Sending, Target

BY_SCRIPT = -1
"""In place of the number of a program."""
WAITS_US = 130_000_000
"""As long as a kernel tries to connect."""


@define(eq=False)
class Scripted(Generator):
    """See the module."""

    @classmethod
    def at(cls, name: str, place: Place, draws: Draws, tick: int) -> Scripted:
        """That of a container."""
        noted: Noted = place.container.noted
        does = Sending(tuple(map(_target, noted.known)), ((0, 1),), timeout_us=WAITS_US)
        return cls.of(name, place, BY_SCRIPT, does, draws, tick)

    def learn(self) -> None:
        """It may ask for more than it did."""
        noted: Noted = self.place.container.noted
        for asked in noted.known[len(self.asks) :]:
            self.ask(_target(asked))

    def _parts(self, tick: int, phase: int) -> list[int]:  # noqa: ARG002
        noted: Noted = self.place.container.noted
        counts = noted.counts(tick)
        self.over = noted.rests(tick)
        return [*counts, *[0] * (len(self.asks) - len(counts))]


def _target(asked: Asked) -> Target:
    return Target(asked.call)
