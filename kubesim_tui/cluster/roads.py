"""Roads: whether requests get from a place to the API server, and what happens to caches when that changes.

The links of the world, the machine and the process of the API server decide. Nothing polls: after each change of these
(a version number grows) `Roads.look` compares, and connects or disconnects the components at that place.
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.apiserver.component import Component
from kubesim_tui.kernel.process import Alive


class Links(Protocol):
    """What is asked of the world's links."""

    def reachable(self, a: str, b: str) -> bool:
        """Packets get from a to b and back."""
        ...


class Road:
    """From one place to the API server."""

    __slots__ = ("links", "place", "server", "target")

    def __init__(self, links: Links, place: str, target: str, server: Alive) -> None:
        self.links, self.place, self.target, self.server = links, place, target, server

    def open(self) -> bool:
        """Links stand, and the server runs."""
        return self.server.runs() and (self.place == self.target or self.links.reachable(self.place, self.target))


class Roads:
    """All roads, and the components that depend on them."""

    def __init__(self) -> None:
        self._users: list[tuple[Road, Component]] = []
        self._state: dict[str, tuple[bool, bool]] = {}

    def add(self, road: Road, component: Component) -> None:
        """A component that reaches the server by this road; it is started if it can be."""
        self._users.append((road, component))
        self._look(road, component)

    def look(self) -> None:
        """Something has changed: start, stop, connect and disconnect whom it concerns."""
        for road, component in self._users:
            self._look(road, component)

    def _look(self, road: Road, component: Component) -> None:
        runs, reaches = component.runs(), road.open()
        was_running, reached = self._state.get(component.name, (False, False))
        self._state[component.name] = (runs, reaches)
        if was_running and not runs:
            component.stop()
        elif runs and not was_running:
            component.start() if reaches else component.wake_up()
        elif runs and reaches and not reached:
            component.connect()
        elif runs and reached and not reaches:
            component.disconnect()
