"""What a database says to what its client types: by the patterns of its image (`queries`), with keys that it keeps.

What sets or removes a key is a write: it is refused where a write is, and reaches the other members as one does.
"""

from __future__ import annotations

import re

from kubesim_tui.world import backup, mongo, sql
from kubesim_tui.world.container import Container
from kubesim_tui.world.images import Query
from kubesim_tui.world.net import Fetched
from kubesim_tui.world.plan import Refused
from kubesim_tui.world.program import Program
from kubesim_tui.world.replication import copying, status, writes
from kubesim_tui.world.template import Names, expand

LANGUAGES = {"sql": sql.answer, "mongo": mongo.answer}


def answer(container: Container, program: Program, text: str, took_us: int) -> Fetched:
    """The answer to one query: 400 with an error of the database's own; nothing for what no pattern knows."""
    said = LANGUAGES[program.spec.speaks](container, program, text, took_us) if program.spec.speaks else None
    if said is not None:
        return said
    for known in program.spec.queries:
        found = re.match(known.match, text, re.IGNORECASE | re.DOTALL)
        if found is not None:
            return _matched(container, program, known, found, took_us)
    return Fetched(200, "", took_us=took_us)


def _matched(container: Container, program: Program, known: Query, found: re.Match[str], took_us: int) -> Fetched:
    """Set, remove, get, or just say something."""

    def filled(text: str) -> str:
        for number, group in enumerate(found.groups(), 1):
            text = text.replace(f"\\{number}", group or "")
        return text

    if known.dump:
        return Fetched(200, backup.write(*container.files().volume(known.dump)), took_us=took_us)
    key = filled(known.set or known.remove or known.get)
    values = copying.values(container, program) if key else {}
    value = filled(known.value) if known.set else values.get(key, "")
    fails = known.error
    asks = known.asks or ("read" if known.get else "append" if key else "")
    refused = refusal(container, program, asks, took_us) if asks else None
    if refused is not None:
        return refused
    if key:
        fails = (known.exists if known.set else "") if key in values else known.missing
        if not fails and not known.get:
            writes.change(container, program, {key: value if known.set else None})
    scope = Names({"query": found.string, "value": value, "length": str(len(value))}, status.of(container, program))
    scope = Names(scope, program.scope(container, container.host.now, {}))
    return Fetched(400 if fails else 200, expand(filled(fails or known.output), scope), took_us=took_us)


def refusal(container: Container, program: Program, verb: str, took_us: int) -> Fetched | None:
    """Why a member does not take a write or read that was typed; None if it does."""
    refused = writes.refusal(container, program, verb, writes.copies_for(container, program, ""))
    if refused is None:
        return None
    words = program.spec.replication.words if program.spec.replication is not None else {}
    if isinstance(refused, Refused):
        return Fetched(error=refused.error, body=words.get("not-serving", ""), took_us=took_us)
    return Fetched(400, words.get("not-primary", refused.why), took_us=took_us)
