"""The health checks of cloud balancers: which machines they send to.

A balancer asks each of its machines every few seconds: kube-proxy's /healthz, or with externalTrafficPolicy Local
whether a Pod of the Service is there. Two answers in a row decide. Nothing polls: whether a machine answers is looked
at when something has changed, and what has not lasted long enough yet is looked at again when it will have.
"""

from __future__ import annotations

from collections.abc import Callable

from kubesim_tui.world.balancer import Balancer

PERIOD, IN_A_ROW = 5, 2
LASTS = PERIOD * IN_A_ROW
Answers = Callable[[Balancer, str], bool]


class HealthChecks:
    """See the module. `answers`: whether a machine's check is well now."""

    def __init__(self, balancers: dict[str, Balancer], answers: Answers) -> None:
        self.balancers, self.answers = balancers, answers
        self._seen: dict[tuple[str, str], tuple[bool, int]] = {}  # (balancer, machine) → what it answers, since when
        self._believed: dict[tuple[str, str], bool] = {}
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
        seen, believed, self._due = {}, {}, 0
        for balancer in self.balancers.values():
            for machine in balancer.machines:
                key, well = (balancer.name, machine), self.answers(balancer, machine)
                before = self._seen.get(key)
                since = before[1] if before is not None and before[0] == well else None
                known = well if settled and since is None else self._believed.get(key, well)
                since = tick if since is None else since
                if known != well and tick - since >= LASTS:
                    known = well
                elif known != well:
                    self._due = min(self._due or since + LASTS, since + LASTS)
                seen[key], believed[key] = (well, since), known
        self._seen, self._believed = seen, believed

    def takes(self, balancer: Balancer) -> tuple[str, ...]:
        """The machines to which it sends."""
        return tuple(m for m in balancer.machines if self._believed.get((balancer.name, m), True))
