"""Members without a leader (Cassandra): each takes writes, tells others whom it knows, and hands over what they miss.

A member first finds the others by its seeds; whom it has met it remembers on its volume, by an id that lies there, too.
So it is the same member with another address after a restart, and another one on an empty volume; the old one stays in
the list, down, until somebody removes it.
"""

from __future__ import annotations

import hashlib

from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying
from kubesim_tui.world.replication.member import Contact, Peer
from kubesim_tui.world.replication.node import Node, contact, heard, member_of, program_of
from kubesim_tui.world.template import expand
from kubesim_tui.world.units import ceil_tick

SYSTEM_BYTES = 64 << 10
"""What Cassandra's own tables take."""


def identity(node: Node, program: Program) -> str:
    """The id of the member whose volume this is, made when it first starts on it."""
    journal = copying.journal(node, program)
    if not journal.identity:
        text = hashlib.sha256(node.id.encode()).hexdigest()
        journal.identity = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:32]}"
    journal.known[journal.identity] = node.sandbox.ip
    return journal.identity


def gossip(node: Node, now: int) -> int | None:
    """It tells those whom it hears, and hears from them, who else is there; what one misses it gets.

    The answer is the tick in which it takes the next of those to be down that are silent.
    """
    program, member = program_of(node), member_of(node)
    if program is None or member is None:
        return None
    for other in heard(node):
        theirs = program_of(other)
        if theirs is None or theirs.member is None:
            continue
        if contact(node, other) is Contact.OPEN and other.id not in member.met:
            member.met[other.id] = None
            theirs.member.met[node.id] = None
            copying.merge(node, program, other, theirs)
            copying.merge(other, theirs, node, program)
            node.changed()
        _introduce(node, program, other, theirs)
    member.met = {one.id: None for one in heard(node) if one.id in member.met}
    patience = ceil_tick(member.spec.timeout_us)
    silent = [peer for peer in member.peers.values() if peer.contact is Contact.SILENT and not peer.given_up]
    for peer in silent:
        if now >= peer.since + patience:
            peer.given_up = True
            node.changed()
    return min((peer.since + patience for peer in silent if not peer.given_up), default=None)


def _introduce(node: Node, program: Program, other: Node, theirs: Program) -> None:
    """Each knows afterwards whom either knew; of themselves they know best where they are."""
    mine, its = copying.journal(node, program).known, copying.journal(other, theirs).known
    both = {**mine, **its, identity(node, program): node.sandbox.ip, identity(other, theirs): other.sandbox.ip}
    for known, one, running in ((mine, node, program), (its, other, theirs)):
        if known != both:
            known.update(both)
            _dial_known(one, running)
            one.changed()


def _dial_known(node: Node, program: Program) -> None:
    """It keeps connections to all members that it knows."""
    member = program.member
    if member is None:
        return
    port = expand(member.spec.port, program.scope(node, node.host.now, {}))
    known = copying.journal(node, program).known.values()
    for address in list(member.peers):
        host = address.rpartition(":")[0]
        if host[:1].isdecimal() and host not in known:
            del member.peers[address]
    for ip in known:
        if ip != node.sandbox.ip:
            member.peers.setdefault(f"{ip}:{port}", Peer())


def size(node: Node, program: Program) -> int:
    """How many members there are, up or down, as far as it knows."""
    return max(1, len(copying.journal(node, program).known))


def believed_up(node: Node, program: Program, ip: str) -> bool:
    """Whether it takes a member to be up: silence is noticed after a while."""
    member = program.member
    if ip == node.sandbox.ip:
        return True
    if member is None:
        return False
    return any(
        peer.contact is Contact.OPEN or (peer.contact is Contact.SILENT and not peer.given_up)
        for peer in member.peers.values()
        if peer.container is not None and peer.container.sandbox.ip == ip
    )


def listed(node: Node, program: Program) -> str:
    """The members as `nodetool status` lists them."""
    scope = program.scope(node, node.host.now, {})
    known = copying.journal(node, program).known
    identity(node, program)
    kept = sum(len(records) for records in copying.records(node, program).values())
    load = f"{(kept * copying.record_bytes(program) + SYSTEM_BYTES) / 1024:.2f} KiB"
    rows = [
        f"{'UN' if believed_up(node, program, ip) else 'DN'}  {ip:<15} {load if ip == node.sandbox.ip else '?':<11} "
        f"{scope.get('tokens') or '16':<6}  100.0%            {host}  {scope.get('rack') or 'rack1'}"
        for host, ip in sorted(known.items(), key=lambda item: item[1])
    ]
    center = scope.get("datacenter") or "datacenter1"
    title = f"Datacenter: {center}"
    head = "--  Address         Load        Tokens  Owns (effective)  Host ID                               Rack"
    return "\n".join([title, "=" * len(title), "Status=Up/Down", "|/ State=Normal/Leaving/Joining/Moving", head, *rows])
