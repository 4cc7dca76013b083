"""Roads: whether requests get from a place to the API server, and what happens to caches when that changes.

The links of the world and the API servers decide (plane.py). Nothing polls: after each change of these
(a version number grows) `Roads.look` compares, and connects or disconnects the components at that place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kubesim_tui.apiserver.client import Road as AnyRoad
from kubesim_tui.apiserver.component import Component
from kubesim_tui.apiserver.errors import ApiError, Unreachable


class Links(Protocol):
    """What is asked of the world's links."""

    def timely(self, a: str, b: str) -> bool:
        """A request from a to b is answered while its client waits."""
        ...


class Door(Protocol):
    """An API server."""

    place: str

    def answers(self) -> bool:
        """It accepts connections."""
        ...

    def has_etcd(self) -> bool:
        """There is an etcd that it can ask, whatever that says."""
        ...

    def serves(self) -> bool:
        """It can do what it is asked for."""
        ...

    def distrust(self, caller: str, whose: str) -> ApiError | None:
        """Why it and a caller do not believe each other; None if they do."""
        ...

    def refusal(self, *, write: bool) -> ApiError:
        """What it says while it accepts connections and cannot."""
        ...

    def cached(self) -> int:
        """The revision that its watch cache shows."""
        ...

    def release(self) -> str:
        """As `v1.37.0`."""
        ...


class Road:
    """From one place to the API server, or to one of several; `whose` certificate the caller shows."""

    __slots__ = ("doors", "links", "place", "whose")

    def __init__(self, links: Links, place: str, doors: Sequence[Door], whose: str = "") -> None:
        self.links, self.place, self.doors, self.whose = links, place, tuple(doors), whose

    def open(self) -> bool:
        """Links stand, and a server serves and believes."""
        for door in self.doors:
            if door.serves() and self._reaches(door) and door.distrust(self.place, self.whose) is None:
                return True
        return False

    def refusal(self, *, write: bool = False) -> ApiError:
        """What is told to who asks while it is not open: by a server that cannot, or by nobody."""
        door = self._answering()
        if door is None:
            return Unreachable("connection refused")
        return door.distrust(self.place, self.whose) or door.refusal(write=write)

    def cached(self) -> int | None:
        """The revision that the watch cache of a server shows which answers, but does not serve; None if none does."""
        door = self._answering()
        return door.cached() if door is not None and door.distrust(self.place, self.whose) is None else None

    def release(self) -> str:
        """That of the server which is asked."""
        door = next((d for d in self.doors if d.serves() and self._reaches(d)), None) or self._answering()
        return (door or self.doors[0]).release()

    def _answering(self) -> Door | None:
        answering = [d for d in self.doors if d.answers() and self._reaches(d)]
        return next((d for d in answering if d.has_etcd()), answering[0] if answering else None)

    def _reaches(self, door: Door) -> bool:
        return self.place == door.place or self.links.timely(self.place, door.place)


class Roads:
    """All roads, and the components that depend on them."""

    def __init__(self) -> None:
        self._users: list[tuple[AnyRoad, Component]] = []
        self._state: dict[str, tuple[bool, bool]] = {}

    def add(self, road: AnyRoad, component: Component) -> None:
        """A component that reaches the server by this road; it is started if it can be."""
        self._users.append((road, component))
        self._look(road, component)

    def look(self) -> None:
        """Something has changed: start, stop, connect and disconnect whom it concerns."""
        for road, component in self._users:
            self._look(road, component)

    def _look(self, road: AnyRoad, component: Component) -> None:
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
        if runs:
            component.pace(component.process.slowness())
