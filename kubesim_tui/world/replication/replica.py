"""A replica: it copies one primary, a little behind it, and never becomes one by itself.

What its primary stores is on its way to it for a tick. When the connection breaks, that is lost to it; when it comes
back, it becomes as its primary is then, whatever it had.
"""

from __future__ import annotations

from kubesim_tui.world.replication import copying
from kubesim_tui.world.replication.member import Contact, Part
from kubesim_tui.world.replication.node import Node, member_of, program_of

LAG = 1
"""Ticks that a replica is behind its primary."""


def copy(node: Node, now: int) -> None:
    """A replica that has reached its primary copies it; what it heard before the connection broke it has."""
    member = member_of(node)
    assert member is not None
    peer = next(iter(member.peers.values()))
    if peer.contact is Contact.OPEN and member.leader is not peer.container:
        program, source = program_of(node), program_of(peer.container)
        if program is not None and source is not None and copying.take_over(node, program, peer.container, source):
            member.behind.clear()
            member.become(Part.FOLLOWER, peer.container, now)
            node.changed()
    elif peer.contact is not Contact.OPEN and member.part is Part.FOLLOWER:
        catch_up(node, now - LAG)
        member.behind.clear()  # what was on its way is lost
        member.become(Part.LOOKING, None, now)
        node.changed()


def catch_up(node: Node, until: int) -> None:
    """What its primary stored until a tick has arrived."""
    program, member = program_of(node), member_of(node)
    if program is None or member is None or not member.behind:
        return
    for store, first, last, tick in [one for one in member.behind if one[3] <= until]:
        copying.put(node, program, store, first, last, tick)
    member.behind = [one for one in member.behind if one[3] > until]
