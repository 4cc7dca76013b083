"""Zones and their queues: nodes wait to be tainted NoExecute, one in ten seconds a zone.

If every zone is down, the fault is most likely ours: then nobody is tainted. Counts are kept as nodes change, so that
nothing ever loops over all nodes.
"""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.controllers.nodelifecycle.decide import Zone, seconds_between, zone_state


@define(eq=False)
class ZoneData:
    """One zone: how many nodes are ready and not, and who waits since when."""

    ready: int = 0
    not_ready: int = 0
    waiting: dict[str, None] = field(factory=dict)
    next: int = 0  # the tick from which on the next node may be tainted

    @property
    def state(self) -> Zone:
        """How it fares."""
        return zone_state(self.ready, self.not_ready)


@define(eq=False)
class Zones:
    """All zones. `nodes`: each node's zone and whether it is ready."""

    zones: dict[str, ZoneData] = field(factory=dict)
    nodes: dict[str, tuple[str, bool]] = field(factory=dict)

    def clear(self) -> None:
        """Forget all."""
        self.zones.clear()
        self.nodes.clear()

    def put(self, node: str, zone: str, ready: bool) -> None:
        """A node came or changed."""
        self.drop(node, keep_waiting=not ready)
        self.nodes[node] = (zone, ready)
        data = self.zones.setdefault(zone, ZoneData())
        if ready:
            data.ready += 1
        else:
            data.not_ready += 1

    def drop(self, node: str, *, keep_waiting: bool = False) -> None:
        """A node went."""
        known = self.nodes.pop(node, None)
        if known is None:
            return
        data = self.zones[known[0]]
        if known[1]:
            data.ready -= 1
        else:
            data.not_ready -= 1
        if not keep_waiting:
            data.waiting.pop(node, None)

    def all_down(self) -> bool:
        """Whether every zone that has nodes is fully disrupted."""
        states = [z.state for z in self.zones.values() if z.ready or z.not_ready]
        return bool(states) and all(s is Zone.FULL for s in states)

    def wait(self, node: str) -> None:
        """A node wants its taint."""
        self.zones[self.nodes[node][0]].waiting[node] = None

    def take(self, zone: str, tick: int) -> tuple[str | None, int | None]:
        """(the node whose turn it is, or None; ticks until the next look, or None)."""
        data = self.zones[zone]
        pause = seconds_between(data.state, data.ready + data.not_ready)
        if not data.waiting or pause is None or self.all_down():
            return None, None
        if tick < data.next:
            return None, data.next - tick
        node = next(iter(data.waiting))
        del data.waiting[node]
        data.next = tick + pause
        return node, pause if data.waiting else None

    def not_ready(self) -> list[str]:
        """The names of all nodes that are not ready."""
        return sorted(n for n, (_, ready) in self.nodes.items() if not ready)
