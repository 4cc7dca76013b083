"""What a member holds (records and typed values), and how it gets what another has.

Databases that keep all in memory (`data.snapshot`) hold it there; the others on the volume in which their directory
lies. A follower that joins takes over its leader's state as it is: what it had on top of it is gone.
"""

from __future__ import annotations

from typing import Any

from kubesim_tui.world.disk import Volume
from kubesim_tui.world.errors import NoSpace
from kubesim_tui.world.program import Program
from kubesim_tui.world.records import Records
from kubesim_tui.world.replication.journal import Journal
from kubesim_tui.world.template import expand

RECORD_BYTES = 512


def place(node: Any, program: Program) -> tuple[Volume, str]:
    """The volume of its data directory, and where in that."""
    data = program.spec.data
    directory = expand(data.directory, program.scope(node, node.host.now, {})) if data is not None else "/data"
    volume, inside = node.files().volume(directory)
    return volume, inside


def journal(node: Any, program: Program) -> Journal:
    """Its journal, begun if there is none."""
    volume, inside = place(node, program)
    found = volume.journals.get(inside)
    if found is None:
        found = volume.journals[inside] = Journal()
    return found


def values(node: Any, program: Program) -> dict[str, str]:
    """Its keys and values."""
    return program.remembered().values if in_memory(program) else journal(node, program).values


def in_memory(program: Program) -> bool:
    """Whether it holds everything in its memory."""
    data = program.spec.data
    return data is not None and data.snapshot


def records(node: Any, program: Program) -> dict[str, Records]:
    """What it has of every store."""
    if in_memory(program):
        return program.remembered().records
    volume, inside = place(node, program)
    return {store: kept for (at, store), kept in sorted(volume.records.items()) if at == inside}


def room(node: Any, program: Program) -> int:
    """How many more records it has room for."""
    return 1 << 40 if in_memory(program) else place(node, program)[0].free_bytes // record_bytes(program)


def record_bytes(program: Program) -> int:
    """What one record takes."""
    stores = (route.store for route in program.spec.routes if route.store is not None)
    return next((store.record_bytes for store in stores if store.verb == "append"), RECORD_BYTES)


def put(node: Any, program: Program, store: str, first: int, last: int, tick: int) -> int:
    """It stores some records; returns how many had room."""
    if in_memory(program):
        program.remembered().records.setdefault(store, Records()).add(first, last, tick)
        return last - first + 1
    volume, inside = place(node, program)
    return volume.append(inside, store, first, last, tick, record_bytes(program))


def take_over(node: Any, program: Program, source: Any, source_program: Program) -> bool:
    """It becomes as another is. False, and nothing has changed, if it has no room for that."""
    theirs, ours = records(source, source_program), records(node, program)
    gone = sum(len(theirs.get(store, Records()).missing(kept)) for store, kept in ours.items())
    for store in {**ours, **theirs}:
        if not _replace(node, program, store, theirs.get(store, Records())):
            return False
    held = values(node, program)
    remembered = program.spec.data.remembers if program.spec.data is not None else {}
    own = {key: held[key] for key in remembered if key in held}
    held.clear()
    held.update({**values(source, source_program), **own})
    mine, its = journal(node, program), journal(source, source_program)
    mine.term, mine.index = its.position
    if gone:
        mine.discarded, mine.followed = mine.discarded + gone, source.sandbox.hostname
    return True


def merge(node: Any, program: Program, source: Any, source_program: Program) -> bool:
    """It gets what it lacks of what another has; whether it had room for that."""
    held = values(node, program)
    for key, value in values(source, source_program).items():
        held.setdefault(key, value)
    whole = True
    for store, theirs in records(source, source_program).items():
        ours = records(node, program).get(store, Records())
        for first, last, tick in list(ours.missing(theirs).runs()):
            whole = put(node, program, store, first, last, tick) == last - first + 1 and whole
    return whole


def _replace(node: Any, program: Program, store: str, wanted: Records) -> bool:
    copy = Records()
    copy.update(wanted)
    if in_memory(program):
        program.remembered().records[store] = copy
        return True
    volume, inside = place(node, program)
    try:
        volume.replace_records(inside, store, copy, record_bytes(program))
    except NoSpace:
        return False
    return True
