"""The health checks of cloud balancers: which machines they send to.

A balancer asks each of its machines every few seconds: kube-proxy's /healthz, or with externalTrafficPolicy Local
whether a Pod of the Service is there. Two answers in a row decide. Nothing polls: whether a machine answers is looked
at when something has changed, and what has not lasted long enough yet is looked at again when it will have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import frozen

from kubesim_tui.world.balancer import Balancer

PERIOD, IN_A_ROW = 5, 2
LASTS = PERIOD * IN_A_ROW
Answers = Callable[[Balancer, str], bool]


@frozen
class Seen:
    """What a machine answers and since when, and what the balancer believes of it."""

    well: bool
    since: int
    believed: bool


class HealthChecks:
    """See the module. `answers`: whether a machine's check is well now."""

    def __init__(self, balancers: Mapping[str, Balancer], answers: Answers) -> None:
        self.balancers, self.answers = balancers, answers
        self._seen: dict[tuple[str, str], Seen] = {}  # (balancer, machine) → what was found at the last look
        self._due = 0  # when the next belief may change; 0: never
        self._version = 0  # of the rules at the last look
        self._watched = 0  # the last tick in which somebody asked whether to look

    def wants(self, tick: int, rules: int) -> bool:
        """Whether to look now: a belief is due, or the rules (of this version) may have changed what is answered.

        What is found otherwise when somebody begins to ask is believed at once: it may have been so for long.
        """
        if tick - self._watched > LASTS:
            self.look(tick, settled=True)
        self._watched = tick
        moved, self._version = rules != self._version, rules
        return 0 < self._due <= tick or (moved and any(b.local for b in self.balancers.values()))

    def look(self, tick: int, *, settled: bool = False) -> None:
        """Ask all machines. `settled`: believe at once what is news."""
        found: dict[tuple[str, str], Seen] = {}
        self._due = 0
        for balancer in self.balancers.values():
            for machine in balancer.machines:
                key, well = (balancer.name, machine), self.answers(balancer, machine)
                before = self._seen.get(key)
                if before is None or (before.well != well and settled):
                    found[key] = Seen(well, tick, well)
                    continue
                since = before.since if before.well == well else tick
                ripe = since + LASTS
                believed = well if tick >= ripe else before.believed
                if believed != well:
                    self._due = min(self._due or ripe, ripe)
                found[key] = Seen(well, since, believed)
        self._seen = found

    def takes(self, balancer: Balancer) -> tuple[str, ...]:
        """The machines to which it sends."""
        known = ((machine, self._seen.get((balancer.name, machine))) for machine in balancer.machines)
        return tuple(machine for machine, seen in known if seen is None or seen.believed)
