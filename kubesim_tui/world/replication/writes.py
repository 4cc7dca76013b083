"""What a write (or read) meets at a member, and how many of the members it reaches.

`refusal` says why it cannot be: asked when a plan is made, which holds until something has changed. `keep` stores
records with all who take part in it now, `change` a typed value. A write is acknowledged when as many members have it
as it asked for: of a quorum a majority, of a primary itself alone, unless its settings or its caller say otherwise.
"""

from __future__ import annotations

from urllib.parse import parse_qs

from kubesim_tui.world.plan import RESET, TIMED_OUT, Plan, Refused
from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying, names, ring
from kubesim_tui.world.replication.joining import join
from kubesim_tui.world.replication.member import Contact, Member, Part
from kubesim_tui.world.replication.node import Node, contact, followers, heard, member_of, program_of
from kubesim_tui.world.replication.quorum import in_step, majority
from kubesim_tui.world.replication.replica import LAG, catch_up
from kubesim_tui.world.template import expand

NO_MAJORITY, NO_LEADER, NOT_PRIMARY = "no-majority", "no-leader", "not-primary"
MAJORITY = ("majority", "quorum", "local_quorum", "each_quorum")
ON = ("yes", "on", "true", "1")
ONE = ("", "one", "local_one")


def refusal(node: Node, program: Program, verb: str, copies: int = 0) -> Plan | Refused | None:
    """Why a member does not take a request to `append` or `read`; None if it does."""
    spec, member = program.spec.replication, program.member
    if spec is None:
        return None
    if member is None or spec.kind == "primary-replica":
        return _of_primary(node, program, verb, copies)
    if spec.kind == "leaderless":
        return _of_any(node, program, copies)
    if verb == "read" and spec.reads == "always":
        return None
    if member.part is Part.LOOKING:
        return _searching(node, member)
    if verb == "read" and spec.reads == "joined":
        return None
    return _of_quorum(node, program, member, copies)


def _of_primary(node: Node, program: Program, verb: str, copies: int) -> Plan | Refused | None:
    spec, member = program.spec.replication, program.member
    assert spec is not None
    if verb == "read":
        return None
    scope = names.scope_of(node, program)
    if expand(spec.awaits, scope) and not scope.get("told"):
        return _not_primary(program, f"{node.sandbox.hostname} was not told yet which members there are")
    if expand(spec.refuses, scope).lower() in ON:
        return _not_primary(program, f"{node.sandbox.hostname} takes no writes, as it is configured")
    if member is not None and expand(spec.read_only, scope).lower() in ON:
        address = next(iter(member.peers), "")
        return _not_primary(program, f"{node.sandbox.hostname} is a replica of {address.rpartition(':')[0]}")
    have = 1 + len(followers(node))
    if copies > have:
        return Refused(TIMED_OUT, f"{have} members have it, and a write needs {copies}", NO_MAJORITY)
    return None


def _not_primary(program: Program, why: str) -> Plan:
    spec = program.spec.replication
    said = spec.words.get("not-primary", "") if spec is not None else ""
    return Plan(status=500, service_us=500, cpu_us=50, why=f"{why}: {said}" if said else why, code=NOT_PRIMARY)


def _of_any(node: Node, program: Program, copies: int) -> Refused | None:
    """Enough of those that have a copy must answer; it knows at once where it believes too few to be up."""
    have, size = 1 + len(heard(node)), ring.size(node, program)
    if have >= copies:
        return None
    up = sum(ring.believed_up(node, program, ip) for ip in copying.journal(node, program).known.values())
    why = f"{node.sandbox.hostname} hears {have - 1} of {size - 1} other members, and this needs {copies} copies"
    return Refused(TIMED_OUT if up >= copies else RESET, why, NO_MAJORITY)


def _searching(node: Node, member: Member) -> Refused:
    hears, size = 1 + len(heard(node)), len(member.peers) + 1
    name = node.sandbox.hostname
    if hears < majority(member):
        why = f"{name} hears {hears} of {size} members, and a write needs {majority(member)}"
        return Refused(RESET, why, NO_MAJORITY)
    return Refused(RESET, f"{name} and the members that it hears are electing a leader", NO_LEADER)


def _of_quorum(node: Node, program: Program, member: Member, copies: int) -> Plan | Refused | None:
    leader = leader_of(node)
    if leader is None:
        name = member.leader.sandbox.hostname if member.leader is not None else "its leader"
        return Refused(TIMED_OUT, f"{name}, which leads {node.sandbox.hostname}, does not answer", NO_LEADER)
    if leader is not node and not member.spec.forwards:
        return _not_primary(program, f"{node.sandbox.hostname} is no primary, {leader.sandbox.hostname} is")
    have = 1 + len(in_step(leader))
    need = copies or majority(member)
    if have < need:
        size = len(member.peers) + 1
        why = f"{leader.sandbox.hostname} reaches {have} of {size} members, and a write needs {need}"
        return Refused(TIMED_OUT, why, NO_MAJORITY)
    return None


def leader_of(node: Node) -> Node | None:
    """The leader to whom its writes go, if it hears it."""
    member = member_of(node)
    if member is None or member.part is Part.LEADER:
        return node
    if member.part is Part.LOOKING or contact(node, member.leader) is not Contact.OPEN:
        return None
    return member.leader


def copies_for(node: Node, program: Program, target: str) -> int:
    """How many members must have a record, as settings or the caller's address (`?w=majority`) say."""
    spec, member = program.spec.replication, program.member
    if spec is None:
        return 1
    said = expand(spec.acknowledge, names.scope_of(node, program))
    if spec.parameter:
        said = parse_qs(target.partition("?")[2]).get(spec.parameter, [said])[-1]
    word = said.lower()
    size = len(member.peers) + 1 if member is not None else 1
    if spec.kind == "leaderless":
        size = ring.size(node, program)
    numbers = word.split("+")  # "1+1": itself, and so many replicas
    if all(number.isdecimal() for number in numbers):
        return max(1, sum(map(int, numbers)))
    if word == "all":
        return size
    many = word in MAJORITY or (spec.kind != "primary-replica" and word not in ONE[1:])
    return size // 2 + 1 if many else 1


def takers(node: Node, program: Program) -> list[Node]:
    """All who take part in a write that comes to a member: who decides on it first, then who gets it from there."""
    kind = program.spec.replication.kind if program.spec.replication is not None else ""
    if kind == "leaderless":
        return [node, *heard(node)]
    if kind != "quorum":
        return [node, *followers(node)]
    leader = leader_of(node)
    return [leader, *in_step(leader)] if leader is not None else []


def keep(node: Node, program: Program, store: str, first: int, last: int, now: int, copies: int) -> int:
    """Store the records first … last with all who take part; returns how many are acknowledged."""
    if refusal(node, program, "append", copies) is not None:
        return 0
    nodes = takers(node, program)
    if program.spec.replication is not None and program.spec.replication.kind == "primary-replica":
        return _keep_and_send(nodes, store, first, last, now, copies)
    return _keep_together(nodes, store, first, last, now, copies)


def _keep_together(nodes: list[Node], store: str, first: int, last: int, now: int, copies: int) -> int:
    """All at once, as many as `copies` of them have room for; whoever has less falls behind."""
    takers = [(node, program) for node in nodes if (program := program_of(node)) is not None]
    rooms = sorted((copying.room(node, program) for node, program in takers), reverse=True)
    fits = min(last - first + 1, rooms[copies - 1], copying.room(*takers[0]))
    for node, program in takers if fits > 0 else ():
        whole = copying.put(node, program, store, first, first + fits - 1, now) == fits
        _counted(node, program, fits, now, whole=whole)
    return max(0, fits)


def _counted(node: Node, program: Program, count: int, now: int, *, whole: bool) -> None:
    member = program.member
    if whole:
        copying.journal(node, program).index += count
    elif member is not None and member.spec.kind == "quorum":
        member.become(Part.LOOKING, None, now)
        node.changed()


def _keep_and_send(nodes: list[Node], store: str, first: int, last: int, now: int, copies: int) -> int:
    """A primary stores it, and it is on its way to the replicas; some wait for it, as many as `copies` says."""
    primary, *replicas = nodes
    program = program_of(primary)
    accepted = copying.put(primary, program, store, first, last, now) if program is not None else 0
    for at, replica in enumerate(replicas if accepted else (), 2):
        member = member_of(replica)
        if member is not None:
            member.behind.append((store, first, first + accepted - 1, now))
            catch_up(replica, now if at <= copies else now - LAG)
    return accepted


def change(node: Node, program: Program, changes: dict[str, str | None]) -> None:
    """Typed values: set, or (None) removed, with all who take part now. Whether it may be says `refusal`."""
    for one in takers(node, program):
        found = program_of(one)
        if found is None:
            continue
        held = copying.values(one, found)
        held.update({key: value for key, value in changes.items() if value is not None})
        for key in [key for key, value in changes.items() if value is None]:
            held.pop(key, None)
        if not copying.in_memory(found):
            copying.journal(one, found).index += 1


def mirror(node: Node) -> None:
    """The typed values of a primary are those of its replicas at once."""
    program = program_of(node)
    for one in followers(node) if program is not None else ():
        found = program_of(one)
        if program is not None and found is not None:
            held = copying.values(one, found)
            held.clear()
            held.update(copying.values(node, program))


def tell(node: Node, program: Program, primary: str) -> None:
    """Somebody says by hand whom it copies ("": it is a primary itself); it goes on with what it has."""
    if program.member is not None:
        catch_up(node, node.host.now - LAG)
    program.told = primary
    if not copying.in_memory(program):
        copying.journal(node, program).primary = primary
    join(node, program)
    node.changed()
