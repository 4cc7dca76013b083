"""What a database keeps over its own death.

Most write every record to their directory at once (`Container.keep` does). One with `snapshot` (redis) keeps records in
memory and writes them all out when it stops in an orderly way and, by its rules, now and then: whoever kills it loses
what came after the last snapshot. When that was is computed only then, from the ticks of the records.
"""

from __future__ import annotations

import json
from typing import Protocol

from kubesim_tui.world.disk import Volume
from kubesim_tui.world.errors import FileError
from kubesim_tui.world.files import Files
from kubesim_tui.world.program import Program
from kubesim_tui.world.queues import DIED, Queue, Queueing
from kubesim_tui.world.records import Records
from kubesim_tui.world.template import Lookup, expand

RULES = ((3600, 1), (300, 100), (60, 10_000))
"""redis' own: after so many seconds if at least so many changes were made."""
SNAPSHOT = "dump.rdb"


class Holder(Lookup, Protocol):
    """What is needed of a container."""

    @property
    def layer(self) -> Volume | None:
        """Its own layer of files."""
        ...

    def files(self) -> Files:
        """Its files."""
        ...


def load_remembered(container: Holder, program: Program, path: str) -> None:
    """Read what was remembered when the data directory was filled."""
    values = program.remembered().values
    for line in container.files().read(path).splitlines():
        name, equals, value = line.partition("=")
        if equals:
            values[name] = value


def load_snapshot(container: Holder, program: Program, directory: str) -> None:
    """Read the last snapshot, if there is one."""
    files = container.files()
    path = f"{directory}/{SNAPSHOT}"
    if not files.is_file(path):
        return
    memory = program.remembered()
    memory.values.update(json.loads(files.read(path) or "{}"))
    volume, inside = files.volume(directory)
    for (at, store), kept in sorted(volume.records.items()):
        if at == inside:
            memory.records.setdefault(store, Records()).update(kept)


def save(container: Holder, program: Program, now: int, *, orderly: bool) -> None:
    """Write memory to the directory: all of it, or (after a sudden death) what was in the last snapshot."""
    data = program.spec.data
    memory = program.memory
    if memory is None:
        return
    scope = program.scope(container, now, {})
    if memory.queues:
        _save_queues(container, program, memory.queues, scope, now, orderly=orderly)
    if data is None or not data.snapshot:
        return
    directory = expand(data.directory, scope)
    files = container.files()
    until = (
        now if orderly else last_snapshot(memory.records, program.since, now, always=scope.get("appendonly") == "yes")
    )
    if until is None or files.refusal(f"{directory}/{SNAPSHOT}"):
        return
    path = f"{directory}/{SNAPSHOT}"
    try:
        if orderly or scope.get("appendonly") == "yes" or not files.is_file(path):
            files.write(path, json.dumps(memory.values if orderly else {}, sort_keys=True))
        _write_records(files, directory, memory.records, until)
    except FileError:
        return


def _write_records(files: Files, directory: str, records: dict[str, Records], until: int) -> None:
    volume, inside = files.volume(directory)
    for store, kept in sorted(records.items()):
        for first, last, tick in kept.until(until).runs():
            volume.append(inside, store, first, last, tick, 0)


def queue_of(container: Holder, program: Program, at: Queueing) -> Queue:
    """A queue of a broker: in its memory, where its last incarnation has written it, or on its volume."""
    known = program.remembered().queues
    found = known.get(at.name)
    if found is not None:
        return found
    place = container.files().volume(at.directory or _directory(container, program))
    found = place[0].queues.get((place[1], at.name)) or Queue(at.name)
    found.message_bytes, found.memory_bytes = at.message_bytes, at.memory_bytes
    if at.directory:
        found.volume = place[0]
        place[0].queues[place[1], at.name] = found
    else:
        place[0].queues.pop((place[1], at.name), None)
    known[at.name] = found
    return found


def _directory(container: Holder, program: Program) -> str:
    return expand(program.spec.data.directory, program.scope(container, 0, {})) if program.spec.data else "/"


def _save_queues(
    container: Holder, program: Program, queues: dict[str, Queue], scope: Lookup, now: int, *, orderly: bool
) -> None:
    """The broker ends: queues on a volume rest there, those in memory are written down if it does that, or are gone."""
    data, logs = program.spec.data, scope.get("appendonly") == "yes"
    directory = _directory(container, program)
    writes = data is not None and data.snapshot and (orderly or logs)
    if writes and container.files().refusal(f"{directory}/{SNAPSHOT}"):
        writes = False
    for name, queue in queues.items():
        if queue.volume is not None and queue.volume is not container.layer:  # which no other container sees
            queue.rest()
        elif writes:
            queue.rest()
            if not orderly:
                queue.forget(now, DIED)
            volume, inside = container.files().volume(directory)
            volume.queues[inside, name] = queue
        else:
            queue.end(DIED)
    queues.clear()


def last_snapshot(records: dict[str, Records], since: int, now: int, *, always: bool = False) -> int | None:
    """The tick of the last snapshot before a sudden death; None if there was none. `always`: a log of each second."""
    if always:
        return now - 1
    changes = sorted((tick, last - first + 1) for kept in records.values() for first, last, tick in kept.runs())
    last: int | None = None
    base = since
    while True:
        when = _next_snapshot(changes, base, last, now)
        if when is None:
            return last
        last = base = when


def _next_snapshot(changes: list[tuple[int, int]], base: int, last: int | None, now: int) -> int | None:
    """The first tick after `base` at which one of the rules holds, if that is not after `now`."""
    best: int | None = None
    for seconds, least in RULES:
        count = 0
        for tick, changed in changes:
            if last is not None and tick <= last:
                continue
            count += changed
            if count >= least:
                when = max(base + seconds, tick)
                best = when if best is None else min(best, when)
                break
    return best if best is not None and best <= now else None
