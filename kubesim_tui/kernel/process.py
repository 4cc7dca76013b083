"""Something that can be running, paused or stopped: what a component asks of the process that it is."""

from __future__ import annotations

from typing import Protocol


class Alive(Protocol):
    """The process behind a component (world.process.Process is one)."""

    def runs(self) -> bool:
        """Running, not paused, on a machine that has power."""
        ...

    def slowness(self) -> int:
        """How many times slower it is than it should be; 1: not at all."""
        ...


class Always:
    """A process that always runs, for tests and for what cannot fail."""

    __slots__ = ()

    def runs(self) -> bool:
        """Yes."""
        return True

    def slowness(self) -> int:
        """Not slow."""
        return 1
