"""Expectations: what a controller has asked for and not yet seen in its own cache.

A cache that lags would show too few Pods right after they were created, and the controller would create them again.
So it counts what it asked for; until all of it has been seen (or 5 minutes are over) it makes no further Pods.
As ControllerExpectations in pkg/controller. With a watch without lag they are met at once.
"""

from __future__ import annotations

from attrs import define, field

from kubesim_tui.kernel.engine import Key

TIMEOUT = 300


@define
class _Expected:
    adds: int = 0
    deletes: dict[str, None] = field(factory=dict)  # uids
    since: int = 0


@define(eq=False)
class Expectations:
    """By key of the owner. Deletions are remembered by uid, so that one deletion seen twice counts once."""

    _open: dict[Key, _Expected] = field(factory=dict)

    def creations(self, key: Key, count: int, tick: int) -> None:
        """So many creations have been asked for."""
        found = self._open.setdefault(key, _Expected())
        found.adds, found.since = max(0, found.adds) + count, tick

    def deletion(self, key: Key, uid: str, tick: int) -> None:
        """A deletion has been asked for."""
        found = self._open.setdefault(key, _Expected())
        found.deletes[uid], found.since = None, tick

    def saw_creation(self, key: Key, count: int = 1) -> None:
        """Creations were seen, or failed."""
        found = self._open.get(key)
        if found is not None:
            found.adds -= count

    def saw_deletion(self, key: Key, uid: str) -> None:
        """A deletion was seen, or failed."""
        found = self._open.get(key)
        if found is not None:
            found.deletes.pop(uid, None)

    def satisfied(self, key: Key, tick: int) -> bool:
        """Whether the cache shows all that was asked for (or it has been too long)."""
        found = self._open.get(key)
        return found is None or (found.adds <= 0 and not found.deletes) or tick - found.since > TIMEOUT

    def forget(self, key: Key) -> None:
        """The owner is gone."""
        self._open.pop(key, None)

    def clear(self) -> None:
        """The process has lost its memory."""
        self._open.clear()
