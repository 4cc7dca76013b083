"""What a kubelet writes into the journal of its machine, beside what it tells the API server.

It logs all that it tells as Events (as with -v=3), also what never gets there; that it registers; and that its lease
cannot be renewed. The kinds of entries are here; how they read is cluster/journalctl's.
"""

from __future__ import annotations

from kubesim_tui.api.types import ObjectReference
from kubesim_tui.apiserver.heartbeat import PERIOD
from kubesim_tui.world.machine import KUBELET, Machine

EVENT, REGISTERS, REGISTERED = "event", "registers", "registered"
UNRENEWED, HEARD = "unrenewed", "heard"
"""From a tick on the lease is not renewed, for a reason; the API server is reached (again)."""
RENEWAL = PERIOD


class Diary:
    """Where its Events go besides."""

    __slots__ = ("machine",)

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def event(self, about: ObjectReference, type_: str, reason: str, message: str) -> None:
        """Something was told."""
        self.machine.say(KUBELET, EVENT, about, type_, reason, message)
