"""A member's container, as far as replication is concerned, and how to find its program there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubesim_tui.world.program import Program
from kubesim_tui.world.replication.member import Contact, Member, Peer

Node = Any
"""A world.container.Container: that module asks this one, so that it cannot be named here."""


def program_of(node: Node) -> Program | None:
    """The replicating program that answers there; None if none does."""
    if node is None:
        return None
    for program in node.programs:
        if program.spec.replication is not None and program.answers:
            found: Program = program
            return found
    return None


def member_of(node: Node) -> Member | None:
    """The member that it is."""
    program = program_of(node)
    return program.member if program is not None else None


def peers(node: Node) -> Iterator[Peer]:
    """The connections that it has opened."""
    member = member_of(node)
    if member is not None:
        yield from member.peers.values()


def contact(one: Node, other: Node) -> Contact:
    """How the connection between two members stands, whoever opened it."""
    found = [peer.contact for a, b in ((one, other), (other, one)) for peer in peers(a) if peer.container is b]
    if Contact.OPEN in found:
        return _now(one, other)
    return Contact.SILENT if Contact.SILENT in found else Contact.CLOSED


def _now(one: Node, other: Node) -> Contact:
    """How a connection stands that was open when they last looked: commands come between ticks."""
    net = one.host.net
    if net is not None and not net.linked(one.host.machine, other.host.machine):
        return Contact.SILENT
    return Contact.OPEN if program_of(other) is not None else Contact.CLOSED


def heard(node: Node) -> list[Node]:
    """The other members whom it hears, each once, in the order in which they came up."""
    others = node.host.pulse.members.values()
    return [other for other in others if other is not node and contact(node, other) is Contact.OPEN]


def followers(node: Node) -> list[Node]:
    """The members that follow (or copy) this one and hear it."""
    found = []
    for other in node.host.pulse.members.values():
        member = member_of(other)
        if member is not None and member.leader is node and contact(other, node) is Contact.OPEN:
            found.append(other)
    return found
