"""What people type into mongosh: rs.initiate, rs.add, rs.status, db.hello, and documents put in and found.

A replica set is told its members by hand: they lie on the volume of each, and are sent to those whom they name.
"""

from __future__ import annotations

import json
import re

from kubesim_tui.world.container import Container
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.plan import Refused
from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying, names, writes
from kubesim_tui.world.replication.joining import join
from kubesim_tui.world.replication.member import Contact, Part
from kubesim_tui.world.replication.node import program_of

NOT_PRIMARY = "MongoServerError[NotWritablePrimary]: not primary"
NOT_YET = "MongoServerError[NotYetInitialized]: no replset config has been received"
ALREADY = "MongoServerError[AlreadyInitialized]: already initialized"
LOST = "MongoServerError[WriteConcernFailed]: waiting for replication timed out"
UNHEARD = (
    "MongoServerError[NodeNotFound]: replSetInitiate quorum check failed because not all proposed set members "
    "responded affirmatively"
)
_HOST = re.compile(r"""["']?host["']?\s*:\s*["']([^"']+)["']""")
_STATES = {Part.LEADER: "PRIMARY", Part.FOLLOWER: "SECONDARY", Part.LOOKING: "SECONDARY"}


def answer(container: Container, program: Program, text: str, took_us: int) -> Fetched | None:
    """The answer to an expression; None if it is not known here."""
    for form, rule in FORMS:
        found = re.match(form, text.strip(), re.DOTALL)
        if found is not None:
            said = rule(container, program, *(group or "" for group in found.groups()))
            return Fetched(400 if said.startswith("Mongo") else 200, said, took_us=took_us)
    return None


def _members(container: Container, program: Program) -> list[str]:
    return copying.journal(container, program).members.split(",") if copying.journal(container, program).members else []


def _initiate(container: Container, program: Program, config: str) -> str:
    if _members(container, program):
        return ALREADY
    port = program.listens[0].port
    return _configure(container, _HOST.findall(config) or [f"{container.sandbox.hostname}:{port}"])


def _add(container: Container, program: Program, host: str) -> str:
    known = _members(container, program)
    if not known:
        return NOT_YET
    if program.member is not None and program.member.part is not Part.LEADER:
        return NOT_PRIMARY
    return _configure(container, list(dict.fromkeys([*known, host if ":" in host else f"{host}:27017"])))


def _configure(container: Container, hosts: list[str]) -> str:
    """All who are named hear of it, or none does."""
    net = container.host.net
    others = [host for host in hosts if not names.is_own(container, host)]
    reached = [container]
    for host in others:
        name, _, port = host.rpartition(":")
        found = net.dial(container.host.machine, container.id, name, int(port)) if net and port.isdecimal() else None
        if found is None or program_of(found) is None:
            return f"{UNHEARD}: {host}"
        reached.append(found)
    for one in reached:
        running = program_of(one)
        if running is not None:
            copying.journal(one, running).members = ",".join(hosts)
            join(one, running)
            one.changed()
    return "{ ok: 1 }"


def _status(container: Container, program: Program) -> str:
    known = _members(container, program)
    if not known:
        return NOT_YET
    rows = [
        f"{{ name: '{host}', health: {health}, stateStr: '{state}' }}"
        for host, health, state in _states(container, program)
    ]
    return f"{{ set: '{_set(container, program)}', members: [ {', '.join(rows)} ], ok: 1 }}"


def _states(container: Container, program: Program) -> list[tuple[str, int, str]]:
    """(address, whether it is heard, state) of every member, as this one sees it."""
    found, member = [], program.member
    for host in _members(container, program):
        peer = member.peers.get(host) if member is not None else None
        if peer is None:
            found.append((host, 1, _STATES[member.part] if member is not None else "PRIMARY"))
        elif (
            peer.contact is Contact.OPEN
            and (other := program_of(peer.container)) is not None
            and other.member is not None
        ):
            found.append((host, 1, _STATES[other.member.part]))
        else:
            found.append((host, 0, "(not reachable/healthy)"))
    return found


def _hello(container: Container, program: Program, field: str) -> str:
    states = _states(container, program)
    primary = next((host for host, _, state in states if state == "PRIMARY"), "")
    writable = writes.refusal(container, program, "append") is None
    if field:
        return str(writable).lower()
    inside = f" setName: '{_set(container, program)}', primary: '{primary}'," if states else ""
    return f"{{ isWritablePrimary: {str(writable).lower()},{inside} ok: 1 }}"


def _set(container: Container, program: Program) -> str:
    return program.scope(container, container.host.now, {}).get("replSet") or ""


def _insert(container: Container, program: Program, collection: str, document: str) -> str:
    refused = writes.refusal(container, program, "append", writes.copies_for(container, program, ""))
    if isinstance(refused, Refused):
        return NOT_PRIMARY if program.member is not None and program.member.part is not Part.LEADER else LOST
    if refused is not None:
        return NOT_PRIMARY
    held = json.loads(copying.values(container, program).get(f"documents:{collection}", "[]"))
    writes.change(container, program, {f"documents:{collection}": json.dumps([*held, document.strip()])})
    return "{ acknowledged: true }"


def _find(container: Container, program: Program, collection: str, how: str) -> str:
    held = json.loads(copying.values(container, program).get(f"documents:{collection}", "[]"))
    return str(len(held)) if how.startswith("count") else f"[ {', '.join(held)} ]" if held else ""


FORMS = (
    (r"rs\.initiate\((.*)\)$", _initiate),
    (r"rs\.add\(\s*(?:\{\s*host\s*:\s*)?[\"']([^\"']+)[\"'].*\)$", _add),
    (r"rs\.status\(\)", _status),
    (r"(?:db\.hello|db\.isMaster|rs\.isMaster)\(\)(?:\.(isWritablePrimary|ismaster))?", _hello),
    (r"db\.(\w+)\.insert(?:One)?\((\{.*\})\)$", _insert),
    (r"db\.(\w+)\.(find|countDocuments|count)\(", _find),
)
"""What is typed → what is done."""
