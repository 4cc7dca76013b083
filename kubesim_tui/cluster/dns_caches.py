"""NodeLocal DNSCache: a DaemonSet whose Pods answer the containers of their machine, and ask cluster DNS for what they
do not know.

A name that is in use is asked for anew each time its record's TTL is over. So while cluster DNS answers nothing of the
cache is seen, but that it takes the questions; when it falls silent, each machine goes on with what it has learnt until
the TTL of that is over, counted from when it was asked last.
"""

from __future__ import annotations

from collections.abc import Hashable

from kubesim_tui.network.dns_records import Answer
from kubesim_tui.world.container import Container
from kubesim_tui.world.pulse import Pulse

ROLE = "dns-cache"
"""Of the program that makes a container one of them."""


class DnsCaches:
    """See the module. A key is what somebody on a machine asks."""

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self._on: tuple[int, dict[str, Container]] = (-1, {})
        self._learnt: dict[str, dict[Hashable, tuple[int, Answer, int]]] = {}  # by machine: since when, what, its TTL
        self._silent: dict[str, int] = {}  # machine → since when cluster DNS has not answered it
        self.ends: dict[tuple[str, Hashable], int] = {}  # of what was recalled: when its time is over

    def on(self, machine: str) -> Container | None:
        """The cache of a machine."""
        if self._on[0] != self.pulse.beats:
            self._on = (self.pulse.beats, {c.host.machine: c for c in self.pulse.playing(ROLE)})
        return self._on[1].get(machine)

    def learn(self, machine: str, key: Hashable, answer: Answer, now: int, ttl: int) -> None:
        """Cluster DNS has answered."""
        self._silent.pop(machine, None)
        if answer.exists and self.on(machine) is not None:
            known = self._learnt.setdefault(machine, {})
            since = known[key][0] if key in known else now
            known[key] = (since, answer, max(1, ttl))

    def recall(self, machine: str, key: Hashable, now: int) -> Answer | None:
        """Cluster DNS has not answered: what is known; None if nothing is, or no more."""
        silent = self._silent.setdefault(machine, now)
        cache, found = self.on(machine), self._learnt.get(machine, {}).get(key)
        if cache is None or found is None:
            return None
        since, ttl = max(found[0], cache.started or 0), found[2]
        until = since + max(1, -(-(silent - since) // ttl)) * ttl
        if since > silent or now >= until:
            return None
        self.ends[machine, key] = until
        return found[1]

    def turned(self, now: int) -> bool:
        """Whether the time of something that was recalled is over by now."""
        over = [key for key, until in self.ends.items() if until <= now]
        for key in over:
            del self.ends[key]
        return bool(over)
