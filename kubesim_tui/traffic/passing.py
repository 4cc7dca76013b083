"""What passed each Service in the last ticks, for whoever draws its history.

Kept where a tick ends, since a destination knows its own last tick only; a few numbers a Service and tick, a bounded
number of ticks. What a Service could not answer in the tick in which it was asked (it waits for a call that never comes
back) is told when the user's wait is over: a failure counts against every Service on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from kubesim_tui.traffic.way import Destination

KEPT = 60
Name = tuple[str, str]
"""(namespace, name) of a Service."""
NOTHING = (0, 0)
Moment = tuple[int, int, int]
"""(tick, requests that were well, requests that ended)."""


class Passing:
    """The last ticks of every Service that somebody asked for."""

    def __init__(self) -> None:
        self._moments: dict[Name, deque[Moment]] = {}

    def take(self, destinations: Iterable[Destination], missed: Mapping[Name, int], tick: int) -> None:
        """The requests of a tick; `missed`: users whose requests failed in it, by the Services on their way."""
        counts: dict[Name, tuple[int, int]] = dict.fromkeys(missed, (0, 0))
        for destination in destinations:
            result, name = destination.result, destination.service
            if not destination.arrivals or result is None or name is None:
                continue
            asked = result.ok - (destination.gate.spared if destination.gate is not None else 0)
            ok, lost = counts.get(name, NOTHING)
            counts[name] = (ok + asked, lost + result.lost)
        for name, (ok, lost) in counts.items():
            ended = ok + max(lost, missed.get(name, 0))
            moments = self._moments.get(name)
            if moments is None:
                moments = self._moments[name] = deque(maxlen=KEPT)
            moments.append((tick, ok, ended))

    def history(self, name: Name, tick: int) -> tuple[int, ...]:
        """Per mille that were well in each of the ticks before `tick`, oldest first; -1 where nothing ended."""
        moments = self._moments.get(name)
        if not moments:
            return ()
        start = max(moments[0][0], tick - KEPT)
        found = [-1] * (tick - start)
        for at, ok, ended in moments:
            if at >= start and ended:
                found[at - start] = ok * 1000 // ended
        return tuple(found)

    def forget(self, tick: int) -> None:
        """Drop Services that nobody has asked for in all the ticks that are kept."""
        for name in [name for name, moments in self._moments.items() if moments[-1][0] < tick - KEPT]:
            del self._moments[name]
