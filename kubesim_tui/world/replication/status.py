"""What a member says of itself and the others: the names that queries of its image may use."""

from __future__ import annotations

from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying, ring
from kubesim_tui.world.replication.member import Part
from kubesim_tui.world.replication.node import Node, contact, followers

ALONE = "standalone"


def of(node: Node, program: Program) -> dict[str, str]:
    """`part` in the image's own words, `leader`, `followers` (how many), `linked` (up or down), `term` and `index`
    in hexadecimal digits, `ring`: the members of a cluster without a leader as nodetool lists them.
    """
    spec, member = program.spec.replication, program.member
    if spec is None:
        return {}
    part = member.part if member is not None else Part.LEADER if followers(node) else ALONE
    journal = copying.journal(node, program) if not copying.in_memory(program) else None
    leader = member.leader if member is not None else None
    return {
        "part": spec.words.get(part, part),
        "leader": leader.sandbox.hostname if leader is not None else "",
        "followers": str(len(followers(node))),
        "ring": ring.listed(node, program) if spec.kind == "leaderless" else "",
        "linked": "up" if leader is not None and contact(node, leader) == "open" else "down",
        "term": f"{journal.term:x}" if journal is not None else "0",
        "index": f"{journal.index:08x}" if journal is not None else "0",
        "decimal": str(journal.term) if journal is not None else "0",
        "id": node.id[:16],
        "nodes": str(1 + len(copying.values(node, program))),
    }
