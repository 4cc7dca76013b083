"""Where the leader of a lock sits: what acts by its lead has this for its process and for its road.

Loops, caches and queues of a manager exist once. When the lead changes hands they find their process gone, forget all,
and start again where the new leader sits (cluster.roads).
"""

from __future__ import annotations

from typing import Protocol

from kubesim_tui.api.releases import VERSION
from kubesim_tui.apiserver.client import Client
from kubesim_tui.apiserver.errors import ApiError, Unreachable
from kubesim_tui.kernel.process import Alive


class Leader(Protocol):
    """Who has won the lock."""

    machine: str
    identity: str
    process: Alive
    client: Client


class Seat:
    """See the module."""

    def __init__(self) -> None:
        self.leader: Leader | None = None
        self.last = ""  # the machine on which it sits, or sat last

    def runs(self) -> bool:
        """Somebody leads, and his process runs."""
        return self.leader is not None and self.leader.process.runs()

    def slowness(self) -> int:
        """That of the leader's process."""
        return self.leader.process.slowness() if self.leader is not None else 1

    def open(self) -> bool:
        """The leader's road."""
        return self.leader is not None and self.leader.client.road.open()

    def refusal(self, *, write: bool = False) -> ApiError:
        """Why the leader's requests do not get through."""
        if self.leader is None:
            return Unreachable("connection refused")
        return self.leader.client.road.refusal(write=write)

    def cached(self) -> int | None:
        """What the leader's server has in its watch cache."""
        return self.leader.client.road.cached() if self.leader is not None else None

    def release(self) -> str:
        """Of the leader's server."""
        return self.leader.client.road.release() if self.leader is not None else VERSION

    def take(self, leader: Leader) -> None:
        """Somebody has the lead."""
        self.leader, self.last = leader, leader.machine

    def leave(self, leader: Leader) -> None:
        """He has it no more."""
        if self.leader is leader:
            self.leader = None
