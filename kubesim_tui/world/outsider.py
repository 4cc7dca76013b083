"""Processes that run on a machine beside its containers: a backup, an agent, a shell that somebody has left behind.

No Pod owns them, so no kubelet can limit or evict them; only the kernel stops one, when memory is out and it is the
worst. They take from what everybody shares: memory, and numbers for processes.
"""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.shared import Shared

SYSTEM_PIDS = 180
"""Processes of the system itself."""


@frozen
class Outsider(Shared):
    """One of them, or a family of them. From `since` on its memory grows by so many bytes a second.

    One with `spares` forks whenever a process can be made, until only so many more can be.
    """

    name: str
    memory_bytes: int = 0
    growth: int = 0
    since: int = 0
    spares: int | None = None

    def held_bytes(self, now: int) -> int:
        """What it holds in memory."""
        return self.memory_bytes + self.growth * max(0, now - self.since)
