"""Who leads: what members of a quorum do about what they hear of one another. Pure.

A leader needs a majority that follows it, a follower its leader; whoever goes without for longer than the time-out
looks for a leader again. A member that looks follows a leader that it hears. Where there is none, one stands for
election that hears a majority of others who look, and of whom none is further than itself: so it has all that was ever
acknowledged, since that is what a majority had. It leads when it has stood for as long as an election takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from attrs import frozen

from kubesim_tui.world.replication.journal import Position
from kubesim_tui.world.replication.member import Contact, Part


class Act(StrEnum):
    """What a member does."""

    RESIGN = "resign"  # look for a leader
    FOLLOW = "follow"  # the leader that is named
    LEAD = "lead"
    MISS = "miss"  # notice that it no longer hears those whom it needs
    HEAR = "hear"  # … that it does again
    STAND = "stand"  # for election
    SIT = "sit"  # … no longer


@frozen
class Fact:
    """One member. Times are ticks."""

    id: str
    rank: int
    majority: int
    part: Part
    position: Position
    hears: frozenset[str]
    leader: str = ""
    to_leader: Contact = Contact.CLOSED
    alone_since: int | None = None
    stands_since: int | None = None
    patience: int = 10
    election: int = 1


@frozen
class Action:
    """Who does what; `other` is the leader to follow."""

    who: str
    act: Act
    other: str = ""


Facts = Mapping[str, Fact]


def decide(facts: Sequence[Fact], now: int) -> list[Action]:
    """What is to be done now; to be asked again with what has become of it, until nothing is."""
    known = {fact.id: fact for fact in facts}
    actions = [action for fact in facts for action in _keeps(fact, known, now)]
    return actions or _looks([fact for fact in facts if fact.part is Part.LOOKING], known, now)


def due(facts: Iterable[Fact]) -> int | None:
    """The tick in which time alone changes something."""
    ends = [f.alone_since + f.patience for f in facts if f.alone_since is not None]
    ends += [f.stands_since + f.election for f in facts if f.stands_since is not None]
    return min(ends, default=None)


def _heard(fact: Fact, known: Facts) -> list[Fact]:
    return [known[other] for other in sorted(fact.hears) if other in known]


def _keeps(fact: Fact, known: Facts, now: int) -> list[Action]:
    """A leader or follower: whether it still can be one."""
    if fact.part is Part.LEADER:
        heard = _heard(fact, known)
        if any(other.position[0] > fact.position[0] for other in heard):
            return [Action(fact.id, Act.RESIGN)]
        well = 1 + sum(other.leader == fact.id for other in heard) >= fact.majority
        return _waits(fact, now, well=well)
    if fact.part is Part.FOLLOWER:
        leads = fact.leader in known and known[fact.leader].part is Part.LEADER
        if fact.to_leader is Contact.CLOSED or (fact.to_leader is Contact.OPEN and not leads):
            return [Action(fact.id, Act.RESIGN)]
        if fact.to_leader is Contact.OPEN and known[fact.leader].position != fact.position:
            return [Action(fact.id, Act.FOLLOW, fact.leader)]  # it has missed something meanwhile
        return _waits(fact, now, well=fact.to_leader is Contact.OPEN)
    return []


def _waits(fact: Fact, now: int, *, well: bool) -> list[Action]:
    if well:
        return [] if fact.alone_since is None else [Action(fact.id, Act.HEAR)]
    if fact.alone_since is None:
        return [Action(fact.id, Act.MISS)]
    return [Action(fact.id, Act.RESIGN)] if now >= fact.alone_since + fact.patience else []


def _looks(looking: list[Fact], known: Facts, now: int) -> list[Action]:
    """Those who look for a leader follow one, or elect one."""
    joins = [Action(fact.id, Act.FOLLOW, leader) for fact in looking if (leader := _leader_for(fact, known))]
    if joins:
        return joins
    able = [fact for fact in looking if _electable(fact, known)]
    best = max(able, key=lambda fact: (fact.position, fact.rank, fact.id), default=None)
    others = [Action(f.id, Act.SIT) for f in looking if f.stands_since is not None and f is not best]
    if best is None:
        return others
    if best.stands_since is None:
        return [*others, Action(best.id, Act.STAND)]
    return [Action(best.id, Act.LEAD)] if now >= best.stands_since + best.election else others


def _leader_for(fact: Fact, known: Facts) -> str:
    """The leader of the latest term that it hears, if that is not behind its own."""
    leaders = [other for other in _heard(fact, known) if other.part is Part.LEADER]
    best = max(leaders, key=lambda other: (other.position, other.id), default=None)
    return best.id if best is not None and best.position[0] >= fact.position[0] else ""


def _electable(fact: Fact, known: Facts) -> bool:
    voters = [other for other in _heard(fact, known) if other.part is Part.LOOKING and other.position <= fact.position]
    return 1 + len(voters) >= fact.majority
