"""The members of all databases of a world at work: they connect, agree on who leads, and catch up.

`look` is asked when something may have changed, or when time alone changes something (it answers when that will be).
An open connection needs neither DNS nor rules any more, as TCP has it; only one that is missing is dialled anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubesim_tui.world.net import Net
from kubesim_tui.world.replication import quorum, replica, ring
from kubesim_tui.world.replication.member import Contact, Member
from kubesim_tui.world.replication.node import Node, member_of, program_of

QUORUM, REPLICA, LEADERLESS = "quorum", "primary-replica", "leaderless"


def look(members: dict[str, Node], net: Net, now: int) -> int | None:
    """All members see to what has changed; the tick in which they must look again by themselves."""
    for identity, node in list(members.items()):
        if member_of(node) is None:
            del members[identity]
    for node in members.values():
        _connect(node, net, now)
    later = []
    for node in members.values():
        if _kind(node) == REPLICA:
            replica.copy(node, now)
        elif _kind(node) == LEADERLESS:
            later.append(ring.gossip(node, now))
    later.append(quorum.agree({name: node for name, node in members.items() if _kind(node) == QUORUM}, now))
    return min((tick for tick in later if tick is not None), default=None)


def restless(members: Mapping[str, Node]) -> bool:
    """Whether somebody misses another, and so has to try again when names or rules have changed."""
    return any(peer.contact is not Contact.OPEN for node in members.values() for peer in _member(node).peers.values())


def _member(node: Node) -> Member:
    member = member_of(node)
    assert member is not None
    return member


def _kind(node: Node) -> str:
    return _member(node).spec.kind


# -- connections


def _connect(node: Node, net: Net, now: int) -> None:
    for address, peer in _member(node).peers.items():
        other, before = peer.container, peer.contact
        linked = other is not None and net.linked(node.host.machine, other.host.machine)
        if program_of(other) is not None and linked and other.sandbox.ready:
            peer.contact = Contact.OPEN
        else:
            host, _, port = address.rpartition(":")
            found = net.dial(node.host.machine, node.id, host, int(port) if port.isdecimal() else 0)
            if program_of(found) is not None and found is not node:
                peer.container, peer.contact = found, Contact.OPEN
            else:
                peer.contact = Contact.CLOSED if linked or other is None else Contact.SILENT
        if peer.contact is not before:
            peer.since, peer.given_up = now, False
            node.changed()
