"""Session affinity by ClientIP: a caller keeps to the endpoint that it was given, as long as it comes often enough.

The rules of kube-proxy remember which endpoint an address was given, and when it came last (xt_recent in iptables, a
map in nftables, persistence in IPVS): whoever comes again within `timeoutSeconds` gets the same, whatever others come
and go. Who comes later, or whose endpoint is gone, is given one like a newcomer. All callers of one address are one.
"""

from __future__ import annotations

from typing import Protocol

from attrs import define, field

from kubesim_tui.kernel.clock import Clock
from kubesim_tui.network.ruleset import Rule, Target, Targets
from kubesim_tui.traffic.sessions import placed
from kubesim_tui.traffic.way import Destination

Key = tuple[str, str, str, int]
"""The address of a caller, and the namespace, name and port of a Service."""


class Make(Protocol):
    """Makes a destination of some endpoints."""

    def __call__(self, *, targets: Targets) -> Destination: ...


@define(eq=False)
class Kept:
    """What is remembered of one caller. `times`: how often it was given an endpoint."""

    ip: str = ""
    used: int = 0  # the tick in which it came last
    times: int = 0
    seconds: int = 0


@define(eq=False)
class Affinity:
    """All that the rules of a cluster remember."""

    clock: Clock
    kept: dict[Key, Kept] = field(factory=dict)

    def to(self, rule: Rule, source: str, targets: Targets, make: Make, *, alone: bool) -> Destination:
        """What an address comes to by a rule. `alone`: only the endpoint that it has now is to be asked."""
        key = (source, rule.namespace, rule.name, rule.port)
        kept = self._of(key, rule.affinity_seconds)
        if alone:
            return make(targets=(self.given(key, kept, targets),))
        found = make(targets=targets)
        if len(targets) > 1:
            found.pool, found.draws = Sticky(self, key, kept, targets), None
        return found

    def _of(self, key: Key, seconds: int) -> Kept:
        found = self.kept.get(key)
        if found is None:
            tick = self.clock.tick
            self.kept = {known: one for known, one in self.kept.items() if tick - one.used <= one.seconds}
            found = self.kept[key] = Kept(used=tick)
        found.seconds = seconds
        return found

    def given(self, key: Key, kept: Kept, targets: Targets) -> Target:
        """The endpoint that a caller would be given now; nothing is remembered of that."""
        known = next((target for target in targets if target.ip == kept.ip), None)
        if known is not None and self.clock.tick - kept.used <= kept.seconds:
            return known
        caller = f"{'/'.join(map(str, key))}/{kept.times}"
        chosen = placed(caller, [target.ip for target in targets])
        return next(target for target in targets if target.ip == chosen)


@define(eq=False)
class Sticky:
    """The legs of one caller to all endpoints, of which it asks one."""

    affinity: Affinity
    key: Key
    kept: Kept
    targets: Targets

    def deal(self, n: int) -> list[int]:
        """All n requests over one leg."""
        kept = self.kept
        chosen = self.affinity.given(self.key, kept, self.targets)
        if n:
            kept.times += chosen.ip != kept.ip or self.affinity.clock.tick - kept.used > kept.seconds
            kept.ip, kept.used = chosen.ip, self.affinity.clock.tick
        return [n if target is chosen else 0 for target in self.targets]
