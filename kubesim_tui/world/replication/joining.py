"""A program becomes a member when it serves, and again when somebody tells it by hand whom it belongs to."""

from __future__ import annotations

from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying, names, ring
from kubesim_tui.world.replication.member import Member, Peer
from kubesim_tui.world.replication.node import Node
from kubesim_tui.world.template import expand


def join(node: Node, program: Program) -> None:
    """A program begins to be a member, if its settings say that there are others."""
    spec = program.spec.replication
    program.member = None
    node.host.pulse.members.pop(node.id, None)
    if spec is None:
        return
    found = names.addresses(node, program, spec)
    if spec.kind == "leaderless":
        port = expand(spec.port, names.scope_of(node, program))
        ring.identity(node, program)
        found += [f"{ip}:{port}" for ip in copying.journal(node, program).known.values()]
    if not found or (spec.kind == "quorum" and len(found) == 1):
        return
    rank = expand(spec.rank, names.scope_of(node, program))
    member = Member(spec, int(rank) if rank.isdecimal() else 0, since=node.host.now)
    member.peers = {at: Peer() for at in found if not names.is_own(node, at)}
    program.member = member
    node.host.pulse.members[node.id] = node
    node.host.pulse.beat()
