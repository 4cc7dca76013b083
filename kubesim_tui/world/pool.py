"""A pool of equal machines that the cloud keeps at a wanted size: asked for more it makes some, which takes its time.

A new machine is ordered, then made, unless the account's quota or the zone's stock says no; such an order stays where
it is, with its error, until whoever asked takes it back. What is made belongs to the pool until it is deleted.
"""

from __future__ import annotations

from attrs import define, field, frozen

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@frozen
class Refused:
    """Why a machine cannot be made. `code` as clouds name it."""

    code: str
    message: str


@define(eq=False, repr=False)
class Pool:
    """One. `wanted` counts what is there and what is ordered, refused orders too."""

    name: str
    smallest: int
    largest: int
    members: dict[str, None] = field(factory=dict)
    ordered: dict[str, Refused | None] = field(factory=dict)
    _named: int = 0

    @property
    def wanted(self) -> int:
        """The size that it is kept at."""
        return len(self.members) + len(self.ordered)

    def order(self) -> str:
        """One more machine; its name."""
        name = name_of(self.name, self._named)
        self._named += 1
        self.ordered[name] = None
        return name

    def made(self, name: str) -> None:
        """An ordered machine is there."""
        del self.ordered[name]
        self.members[name] = None

    def adopt(self, name: str) -> None:
        """A machine that was there before anybody asked."""
        self._named += 1
        self.members[name] = None

    def drop(self, name: str) -> None:
        """A machine is gone, or no longer asked for."""
        self.members.pop(name, None)
        self.ordered.pop(name, None)


def name_of(pool: str, index: int) -> str:
    """The name of a pool's machine number so and so, from 0: letters first, then numbers."""
    return f"{pool}-{LETTERS[index]}" if index < len(LETTERS) else f"{pool}-{index + 1}"
