"""What a member has on its volume beside the records: how far it is, what was typed into it, whom it knows.

It lies where the data lie and shares their fate: a member that comes back on an empty volume has forgotten all of it.
"""

from __future__ import annotations

from attrs import define, field

Position = tuple[int, int]
"""(term, index): the term of the leader that it heard last, and how many writes it has."""


@define(eq=False, repr=False)
class Journal:
    """Of one data directory."""

    term: int = 0
    index: int = 0
    values: dict[str, str] = field(factory=dict)  # keys and values, tables, …
    known: dict[str, str] = field(factory=dict)  # members that it has met: id → address
    primary: str | None = None  # whom it was told by hand to copy
    members: str = ""  # of a quorum that is told its members by hand
    source: str = ""  # whom it would copy if it were told to begin
    discarded: int = 0  # records that it gave up when it followed another that did not have them
    followed: str = ""  # … whom
    identity: str = ""  # of the member whose volume this is, where members have one

    @property
    def position(self) -> Position:
        """How far it is: of two members the one with the greater has all that the other has acknowledged."""
        return self.term, self.index
