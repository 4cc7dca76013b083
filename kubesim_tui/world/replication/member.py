"""A program as a member of a replicated database: its part, and its connections. Lost with its process."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import define, field

from kubesim_tui.world.images import Replication


class Part(StrEnum):
    """What a member is to the others."""

    LOOKING = "looking"  # for a leader
    FOLLOWER = "follower"
    LEADER = "leader"


class Contact(StrEnum):
    """How a connection stands."""

    OPEN = "open"
    CLOSED = "closed"  # the other end said so, or refused
    SILENT = "silent"  # nothing comes back: a cut link, a machine without power


@define(eq=False, repr=False)
class Peer:
    """Another member, as it is known by an address."""

    container: Any = None  # world.container.Container, of the last connection
    contact: Contact = Contact.CLOSED
    since: int = 0  # of the contact
    given_up: bool = False  # it was silent for so long that it is taken to be down


@define(eq=False, repr=False)
class Member:
    """See the module. `leader` is the container that it follows (or copies)."""

    spec: Replication
    rank: int
    part: Part = Part.LOOKING
    leader: Any = None  # world.container.Container
    since: int = 0  # of its part
    alone_since: int | None = None  # since when it has not heard from those whom it needs
    stands_since: int | None = None  # since when it could be elected
    peers: dict[str, Peer] = field(factory=dict)  # by address
    met: dict[str, None] = field(factory=dict)  # containers with which it has compared what they have
    behind: list[tuple[str, int, int, int]] = field(factory=list)  # (store, first, last, tick) on their way to it

    def become(self, part: Part, leader: Any, now: int) -> None:
        """Take another part."""
        self.part, self.leader, self.since = part, leader, now
        self.alone_since = self.stands_since = None
