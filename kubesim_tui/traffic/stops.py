"""What requests meet on their way, as far as it knows nothing of the way itself."""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.traffic.fail import Fail
from kubesim_tui.traffic.work import Work


class Connections(Protocol):
    """Connections that stay with their Pods (traffic/pool)."""

    def deal(self, n: int) -> list[int]:
        """How many of n requests go over each leg."""
        ...


class Doorway(Protocol):
    """A proxy by which requests pass (traffic/nginx). `needs`: of all of them, if they need the same.

    `slack`: so many more may come before `takes_all` has to be asked.
    """

    needs: tuple[int, int, int] | None
    slack: int

    def takes_all(self, tick: int) -> bool:
        """Whether there is room for all that may come in this tick."""
        ...

    def busy(self, work: Work | None, service_us: int) -> bool:
        """Whether somebody waits there for more than a moment."""
        ...

    def lets_in(self, n: int, lasting_us: int, tick: int) -> int:
        """How many of n requests, which stay so long, find room."""
        ...


class Outlet(Protocol):
    """Where messages go that are published over a leg (traffic/queues)."""

    refusal: Fail

    def publish(self, n: int) -> int:
        """How many of n messages are taken."""
        ...
