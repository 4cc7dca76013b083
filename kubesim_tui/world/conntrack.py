"""Connections that something keeps in mind, and has room for only so many of: a kernel's table, a program's ports.

Each entry outlives its connection: the kernel's connection tracking (nf_conntrack) keeps a TCP connection for 120 s
after it was closed (TIME_WAIT) and a question and answer over UDP for 30 s; whoever closes a connection keeps its local
port for 60 s. A connection counts as closed within its second. Entries that nobody ever closes are `stuck`.
When there is no room, what is new is refused, and what is there goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

TCP_SECONDS, UDP_SECONDS = 120, 30
CONNECTIONS = 262_144
"""How many a kernel tracks unless it is told otherwise (nf_conntrack_max)."""
PORT_SECONDS = 60
PORTS = 28_232
"""Local ports to one destination: net.ipv4.ip_local_port_range is 32768 to 60999."""


@define(eq=False, repr=False)
class Table:
    """See the module. Ticks may be left out; `refused` counts for ever."""

    limit: int
    entries: int = 0
    stuck: int = 0  # of the entries
    refused: int = 0
    at: int = 0  # the tick up to which entries have been let go
    due: dict[int, int] = field(factory=dict)  # in which tick → how many go

    def open(self, n: int, tick: int, seconds: int = TCP_SECONDS) -> int:
        """So many new ones in a tick: how many find room."""
        if tick != self.at:
            self.turn(tick)
        taken, room = n, self.limit - self.entries
        if n > room:
            taken = max(0, room)
            self.refused += n - taken
        if taken:
            self.entries += taken
            due = tick + seconds
            self.due[due] = self.due.get(due, 0) + taken
        return taken

    def turn(self, tick: int) -> None:
        """Let go whose time is over."""
        if tick == self.at:
            return
        if tick - self.at == 1:
            self.entries -= self.due.pop(tick, 0)
        else:
            for at in [at for at in self.due if at <= tick]:
                self.entries -= self.due.pop(at)
        self.at = tick

    def clog(self, leave: int) -> bool:
        """Connections that nobody closes take the room of all but so many; False if there was none to take."""
        more = max(0, self.limit - self.entries - leave)
        self.stuck += more
        self.entries += more
        return more > 0

    def unclog(self) -> bool:
        """They are closed; False if there were none."""
        self.entries -= self.stuck
        found, self.stuck = self.stuck > 0, 0
        return found

    def clear(self, limit: int) -> None:
        """All is forgotten; it has so much room from now on."""
        self.due.clear()
        self.entries, self.stuck, self.limit = 0, 0, limit


def open_in(tables: Iterable[Table], n: int, tick: int, seconds: int) -> list[tuple[Table, int]]:
    """n new ones in each of some tables; in which of them how many find no room."""
    due, lacking = tick + seconds, []
    for table in tables:
        if table.at != tick:
            table.turn(tick)
        entries = table.entries + n
        if entries <= table.limit:
            table.entries = entries
            table.due[due] = table.due.get(due, 0) + n
        else:
            lacking.append((table, n - table.open(n, tick, seconds)))
    return lacking


NEVER = 1 << 40
"""Seconds after which a connection is let go that nobody closes."""


@define(eq=False, repr=False)
class Sockets:
    """The local ports of one program, by where they are connected to. `leaves`: it leaks, and had so many left."""

    leaves: int | None = None
    _to: dict[str, Table] = field(factory=dict)

    @property
    def seconds(self) -> int:
        """How long a connection holds its port."""
        return PORT_SECONDS if self.leaves is None else NEVER

    def to(self, destination: str) -> Table:
        """The ports to one destination."""
        found = self._to.get(destination)
        if found is None:
            found = self._to[destination] = Table(PORTS)
            if self.leaves is not None:
                found.clog(self.leaves)
        return found
