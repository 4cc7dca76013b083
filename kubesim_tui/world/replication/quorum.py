"""A quorum at work: what decide.py says is done to its members."""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying
from kubesim_tui.world.replication.decide import Act, Action, Fact, decide, due
from kubesim_tui.world.replication.member import Contact, Member, Part
from kubesim_tui.world.replication.node import Node, contact, followers, heard, member_of, program_of
from kubesim_tui.world.units import ceil_tick

MOST_ROUNDS = 64


def agree(quorums: Mapping[str, Node], now: int) -> int | None:
    """They agree on who leads, as far as they hear one another; the tick in which time alone changes something."""
    facts = [_fact(node) for node in quorums.values()]
    for _ in range(MOST_ROUNDS):
        changed = [_act(quorums[action.who], action, quorums, now) for action in decide(facts, now)]
        if not any(changed):
            break
        facts = [_fact(node) for node in quorums.values()]
    return due(facts)


def _fact(node: Node) -> Fact:
    program = program_of(node)
    assert program is not None
    member = _member(node)
    leader = member.leader
    return Fact(
        node.id,
        member.rank,
        majority(member),
        member.part,
        copying.journal(node, program).position,
        frozenset(other.id for other in heard(node)),
        leader.id if leader is not None else "",
        contact(node, leader) if leader is not None else Contact.CLOSED,
        member.alone_since,
        member.stands_since,
        ceil_tick(member.spec.timeout_us),
        ceil_tick(member.spec.election_us),
    )


def in_step(leader: Node) -> list[Node]:
    """Its followers that have all that it has."""
    program = program_of(leader)
    position = copying.journal(leader, program).position if program is not None else None
    return [
        node
        for node in followers(leader)
        if (own := program_of(node)) is not None and copying.journal(node, own).position == position
    ]


def majority(member: Member) -> int:
    """More than half of all members, however many of them live."""
    return (len(member.peers) + 1) // 2 + 1


def _act(node: Node, action: Action, quorums: Mapping[str, Node], now: int) -> bool:
    """Do it; whether anything has changed."""
    program, member = program_of(node), _member(node)
    assert program is not None
    match action.act:
        case Act.MISS:
            member.alone_since = now
        case Act.HEAR:
            member.alone_since = None
        case Act.STAND:
            member.stands_since = now
        case Act.SIT:
            member.stands_since = None
        case Act.RESIGN:
            member.become(Part.LOOKING, None, now)
        case Act.FOLLOW:
            return _follow(node, program, quorums[action.other], now)
        case Act.LEAD:
            terms = [copying.journal(one, found).term for one in heard(node) if (found := program_of(one)) is not None]
            journal = copying.journal(node, program)
            journal.term = max([journal.term, *terms]) + 1
            member.become(Part.LEADER, None, now)
    node.changed()
    return True


def _follow(node: Node, program: Program, leader: Node, now: int) -> bool:
    """It takes over the leader's state; without room for that it cannot follow."""
    source = program_of(leader)
    if source is None:
        return False
    if not copying.take_over(node, program, leader, source):
        if _member(node).part is not Part.FOLLOWER:
            return False
        _member(node).become(Part.LOOKING, None, now)
        return True
    program.remembered()
    _member(node).become(Part.FOLLOWER, leader, now)
    node.changed()
    return True


def _member(node: Node) -> Member:
    member = member_of(node)
    assert member is not None
    return member
