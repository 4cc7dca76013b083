"""The journal of all machines: what their services have said of late (systemd-journald), and systemd of them.

It is a ring that the machines share, so that five hundred of them cost no more than five. What is said is kept as it
was meant; it is put into words when somebody reads it.
"""

from __future__ import annotations

from typing import Any, Protocol

from attrs import frozen

from kubesim_tui.kernel.trace import Ring

KEPT = 4096
SYSTEMD = "systemd"
STARTED, STOPPED, FAILED = "started", "stopped", "failed"
"""What systemd says of a service."""


class Clock(Protocol):
    """Who knows the time."""

    @property
    def tick(self) -> int:
        """Now."""
        ...


@frozen
class Entry:
    """What one service of a machine has said: the tick, how often it had been started, the kind of thing, its words."""

    tick: int
    machine: str
    unit: str
    starts: int
    kind: str
    words: tuple[Any, ...]

    def __deepcopy__(self, _memo: Any) -> Entry:
        return self


class Journal(Ring[Entry]):
    """The ring. As long as nobody has given it a clock, all happens at the beginning."""

    __slots__ = ("clock",)

    def __init__(self) -> None:
        super().__init__(KEPT)
        self.clock: Clock | None = None

    @property
    def tick(self) -> int:
        """Now."""
        return self.clock.tick if self.clock is not None else 0
