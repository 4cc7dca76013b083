"""What a container has written: a ring of entries, put into words only when somebody reads it.

Ten thousand replicas write the same ten lines when they start. So an entry may be a reference to the lines of a
program, or a count of equal requests; text is made at the rim. What the file would weigh is counted all the same, and
taken from the machine's disk a mebibyte at a time. Whoever turns it (`rotate`) keeps some old files; only the newest
one is read.
"""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from kubesim_tui.world.program import Program
from kubesim_tui.world.shared import Shared
from kubesim_tui.world.template import Lookup, expand

MOST_ENTRIES = 2_000
STAMP_BYTES = 41
"""What the runtime writes beside each line: the time, the stream, a tag, the newline."""
REQUEST_BYTES = 100
"""The length of a line of an access log."""
STEP_BYTES = 1 << 20
_GZIP = 10
"""Old files are compressed to a tenth, but for the newest of them."""
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


class Shelf(Protocol):
    """Where logs lie: the runtime of a machine."""

    def log_grew(self, log: Log, count: int) -> int:
        """A log wants so many bytes more; how many there were for it."""
        ...


class Log:
    """The ring. `written` counts entries ever, so that a follower knows what is new.

    `size_bytes` is the weight of the newest file, `rotated` that of the older ones, the newest of them first;
    `claimed` is what all of them have of the disk. A `limited` one is looked at whenever it grows.
    """

    __slots__ = ("_entries", "_settle_at", "_shelf", "claimed", "limited", "rotated", "size_bytes", "written")

    def __init__(self, shelf: Shelf | None = None, *, limited: bool = False) -> None:
        self._entries: list[Entry] = []
        self._shelf, self.limited = shelf, limited
        self.written = self.size_bytes = self.claimed = 0
        self._settle_at = STEP_BYTES
        self.rotated: tuple[int, ...] = ()

    @property
    def total_bytes(self) -> int:
        """The weight of all its files."""
        return self.size_bytes + sum(self.rotated)

    def add(self, tick: int, stream: str, text: str) -> None:
        """Write one line."""
        self._add((tick, stream, text), len(text) + STAMP_BYTES)

    def add_lines(self, tick: int, stream: str, lines: tuple[str, ...], program: Program) -> None:
        """Write lines of a program, with templates that are filled in when they are read."""
        if lines:
            self._add((tick, stream, lines, program), sum(map(len, lines)) + STAMP_BYTES * len(lines))

    def add_requests(self, tick: int, stream: str, request: Request, program: Program) -> None:
        """Write the access log of equal requests."""
        self._add((tick, stream, request, program), (REQUEST_BYTES + STAMP_BYTES) * request.count)

    def flood(self, tick: int, stream: str, text: str, count: int) -> None:
        """Write so many bytes of one line again and again."""
        self._add((tick, stream, text), count)

    def rotate(self, most_files: int) -> None:
        """Begin a new file; of the old ones the newest are kept."""
        older = tuple(size // _GZIP if place == 0 else size for place, size in enumerate(self.rotated))
        self.rotated = (self.size_bytes, *older)[: most_files - 1]
        self.size_bytes = 0
        self._entries.clear()
        self._claim()

    def release(self) -> None:
        """The files are removed."""
        self.size_bytes, self.rotated = 0, ()
        self._claim()

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

    def _add(self, entry: Entry, size: int) -> None:
        entries = self._entries
        entries.append(entry)
        self.written += 1
        if len(entries) > 2 * MOST_ENTRIES:
            del entries[:MOST_ENTRIES]
        self.size_bytes += size
        if self.size_bytes >= self._settle_at:
            self._claim()

    def _claim(self) -> None:
        """Settle with the disk; what finds no room there is lost."""
        wanted = self.total_bytes - self.claimed
        if self._shelf is not None and wanted:
            got = self._shelf.log_grew(self, wanted)
            self.claimed += got
            self.size_bytes -= wanted - got
        self._settle_at = self.size_bytes + STEP_BYTES


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
