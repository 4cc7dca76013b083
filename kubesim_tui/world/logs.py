"""What a container has written: a ring of entries, put into words only when somebody reads it.

Ten thousand replicas write the same ten lines when they start. So an entry may be a reference to the lines of a
program, or a count of equal requests; text is made at the rim.
"""

from __future__ import annotations

from attrs import frozen

from kubesim_tui.world.program import Program
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Lookup, expand

MOST_ENTRIES = 2_000
STDOUT = "stdout"
STDERR = "stderr"


@frozen(eq=False, repr=False)
class LogLine(Shared):
    """One line: the tick and the microsecond within it, the stream, the text without its newline."""

    tick: int
    stream: str
    text: str


@frozen(eq=False, repr=False)
class Request(Shared):
    """So many equal requests, for an access log."""

    method: str
    path: str
    status: int
    count: int
    client: str


Entry = tuple[int, str, str] | tuple[int, str, tuple[str, ...], Program] | tuple[int, str, Request, Program]


class Log:
    """The ring. `written` counts entries ever, so that a follower knows what is new."""

    __slots__ = ("_entries", "written")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.written = 0

    def add(self, tick: int, stream: str, text: str) -> None:
        """Write one line."""
        self._add((tick, stream, text))

    def add_lines(self, tick: int, stream: str, lines: tuple[str, ...], program: Program) -> None:
        """Write lines of a program, with templates that are filled in when they are read."""
        if lines:
            self._add((tick, stream, lines, program))

    def add_requests(self, tick: int, stream: str, request: Request, program: Program) -> None:
        """Write the access log of equal requests."""
        self._add((tick, stream, request, program))

    def lines(self, render: Lookup, since: int = 0, limit: int | None = None) -> list[LogLine]:
        """The lines of the entries numbered `since` and up (see `written`), at most the last `limit`."""
        first = max(0, since - (self.written - len(self._entries)))
        found: list[LogLine] = []
        for entry in reversed(self._entries[first:]):
            found.extend(reversed(_words(entry, render)))
            if limit is not None and len(found) >= limit:
                break
        found.reverse()
        return found if limit is None else found[len(found) - min(limit, len(found)) :]

    def _add(self, entry: Entry) -> None:
        entries = self._entries
        entries.append(entry)
        self.written += 1
        if len(entries) > 2 * MOST_ENTRIES:
            del entries[:MOST_ENTRIES]


def _words(entry: Entry, render: Lookup) -> list[LogLine]:
    if len(entry) == 3:
        return [LogLine(*entry)]
    tick, stream, what, program = entry
    if isinstance(what, Request):
        known = {"method": what.method, "path": what.path, "status": str(what.status), "client": what.client}
        line = expand(program.spec.log.request, program.scope(render, tick, known))
        return [LogLine(tick, stream, line)] * what.count
    scope = program.scope(render, tick, {})
    return [LogLine(tick, stream, text) for line in what for text in expand(line, scope).split("\n")]
