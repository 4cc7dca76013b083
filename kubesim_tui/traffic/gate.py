"""What new connections for a destination need on their way: a place in the tables of kernels, and a local port.

A request that opens a connection of its own is tracked on every machine that it passes. Where a table is full the first
packet is dropped, and nobody answers; where all local ports to a destination are taken the caller is told at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, evolve, field

from kubesim_tui.kernel.numeric import ceil_div
from kubesim_tui.network.dns_records import Answer
from kubesim_tui.traffic import lookup
from kubesim_tui.traffic.histogram import PPM
from kubesim_tui.traffic.network import Entry, Fabric, Place
from kubesim_tui.traffic.way import TIMED_OUT, Destination, Fail, Hop, Result
from kubesim_tui.world.conntrack import PORTS, TCP_SECONDS, UDP_SECONDS, Sockets, Table, open_in
from kubesim_tui.world.plan import Call

TABLE_FULL = "nf_conntrack: table full, dropping packet"
NO_ADDRESS = "cannot assign requested address"
RESOLVER_US = 5_000_000
"""How long a resolver waits for an answer."""


@define(eq=False)
class Need:
    """How many entries each million connections take in some tables."""

    ppm: int
    owed: int = 0  # millionths of an entry

    def of(self, connections: int) -> int:
        """How many more these connections take."""
        wanted, self.owed = divmod(connections * self.ppm + self.owed, PPM)
        return wanted


@define(eq=False)
class Passage:
    """A table, what is needed in it, and what becomes of who finds no room."""

    table: Table
    need: Need
    seconds: int
    fail: Fail

    def refuses(self, n: int, lacking: int) -> int:
        """How many of n connections find no room, when so many entries do not."""
        return min(n, ceil_div(lacking * PPM, max(self.need.ppm, PPM)))


@define(eq=False)
class Gate:
    """Of one destination. `each`: so many requests share a connection."""

    passages: tuple[Passage, ...]
    each: int = 1
    owed: int = 0  # requests of a connection that is not full yet
    missed: tuple[tuple[Fail, int], ...] = ()  # of this tick's requests
    _tables: tuple[tuple[Need, int, tuple[Table, ...]], ...] = field(init=False)  # of all its passages

    def __attrs_post_init__(self) -> None:
        found: dict[tuple[int, int], tuple[Need, int, list[Table]]] = {}
        for one in self.passages:
            found.setdefault((id(one.need), one.seconds), (one.need, one.seconds, []))[2].append(one.table)
        self._tables = tuple([(need, seconds, tuple(tables)) for need, seconds, tables in found.values()])

    def admit(self, requests: int, tick: int) -> int:
        """How many of the requests of a tick get on."""
        opened, self.owed = divmod(requests + self.owed, self.each) if self.each > 1 else (requests, 0)
        lacking: dict[tuple[int, int], int] = {}
        for need, seconds, tables in self._tables:
            wanted = need.of(opened)
            if wanted:
                for table, n in open_in(tables, wanted, tick, seconds):
                    lacking[id(table), seconds] = n
        self.missed = self._lost(requests, opened, lacking) if lacking else ()
        return requests - self.lost

    def _lost(self, requests: int, opened: int, lacking: Mapping[tuple[int, int], int]) -> tuple[tuple[Fail, int], ...]:
        """Who finds no room, on the way from table to table, when so many entries lack."""
        missed, left = [], requests
        for passage in self.passages:
            n = lacking.get((id(passage.table), passage.seconds), 0)
            if n:
                lost = min(left, passage.refuses(opened, n) * self.each)
                left -= lost
                missed.append((passage.fail, lost))
        return tuple(missed)

    @property
    def spared(self) -> int:
        """All have to be made."""
        return 0

    @property
    def lost(self) -> int:
        """How many requests of this tick did not get on."""
        return sum(n for _, n in self.missed) if self.missed else 0

    def told(self, result: Result) -> Result:
        """The result of those that got on, and of those that did not."""
        return evolve(result, failed=(*result.failed, *self.missed)) if self.missed else result


def shares(enters: Iterable[str], ends: Iterable[str]) -> Mapping[str, int]:
    """How many of a million connections pass a machine that enter evenly at some machines and end evenly at others."""
    first, last = list(enters), list(ends)
    found = dict.fromkeys(first, PPM // len(first)) if first else {}
    count: dict[str, int] = {}
    for machine in last:
        count[machine] = count.get(machine, 0) + 1
    for machine, n in count.items():
        entered = found.get(machine, 0)
        found[machine] = entered + (PPM - entered) * n // len(last)
    return found


def of_users(fabric: Fabric, entry: Entry, root: Destination, each: int) -> Gate | None:
    """For users outside: each of them has connections of his own."""
    if root.fail is not None and not root.fail.reason.isdigit():
        return None  # nobody takes the connection
    enters = {"node": (entry.machine,), "balancer": entry.machines}.get(entry.kind, ())
    proxied = bool(root.way) and root.way[0][0] == "Ingress"  # the controller keeps its connections to Pods
    ends = [proxy.machine for proxy in fabric.proxies().values()] if proxied else _ends(root)
    passages = _tracked(fabric, root.way, enters, ends)
    if any(nginx is not None and nginx.opens_ppm for nginx, _ in root.through):
        passages += _upstream(fabric, root, max(1, each))
    return Gate(passages, max(1, each)) if enters else None


def _upstream(fabric: Fabric, root: Destination, each: int) -> tuple[Passage, ...]:
    """What an ingress controller needs that does not keep its connections to Pods, for each connection of a user."""
    whole = sum(weight for _, weight in root.through)
    targets = dict.fromkeys(leg.target for leg in root.legs if leg.station is not None and leg.target is not None)
    found: list[Passage] = []
    for nginx, weight in root.through:
        if nginx is None or not nginx.opens_ppm or not targets:
            continue
        place, ppm = nginx.place, nginx.opens_ppm * each * weight // whole
        for target in targets:
            where, need = f"{target.ip}:{target.port}", Need(ppm // len(targets))
            found.append(_port(place.container, where, need, "502", (*root.way, place.hop)))
        found += _tracked(fabric, root.way, (place.machine,), _ends(root), ppm)
    return tuple(found)


def of_call(fabric: Fabric, call: Call, place: Place, answer: Answer | None, destination: Destination) -> Gate | None:
    """For calls of a container that are not made over connections that are there."""
    if destination.fail is not None or place.container is None:
        return None
    passages = _tracked(fabric, destination.way, (place.machine,), _ends(destination))
    asked = _asks_name(fabric, call, place, answer)
    port = _port(place.container, f"{call.host}:{call.port}", Need(PPM), NO_ADDRESS, destination.way)
    return Gate((*asked, port, *passages))


def _port(container: Any, where: str, need: Need, reason: str, way: tuple[Hop, ...]) -> Passage:
    """The local ports of a container to somebody."""
    sockets: Sockets = container.sockets or Sockets()
    container.sockets = sockets
    fail = Fail(reason, "port-exhaustion", way, f"{NO_ADDRESS}: all {PORTS} local ports to {where} are taken")
    return Passage(sockets.to(where), need, sockets.seconds, fail)


def _asks_name(fabric: Fabric, call: Call, place: Place, answer: Answer | None) -> tuple[Passage, ...]:
    """The questions about a name that come before a connection, each an entry in the table of the caller's machine."""
    table = fabric.connections(place.machine)
    tried = lookup.candidates(fabric.resolver(place.container), call.host, answer)
    if table is None or not tried:
        return ()
    fail = Fail("no such host", "conntrack-full", (("Node", "", place.machine),), TABLE_FULL, RESOLVER_US)
    return (Passage(table, Need(tried * lookup.RECORDS * PPM), UDP_SECONDS, fail),)


def _tracked(
    fabric: Fabric, way: tuple[Hop, ...], enters: Iterable[str], ends: Iterable[str], ppm: int = PPM
) -> tuple[Passage, ...]:
    """The tables of kernels on a way. `ppm`: how many connections are made for a million that are asked for."""
    found = []
    needs: dict[int, Need] = {}
    for machine, part in shares(enters, ends).items():
        table = fabric.connections(machine)
        if table is not None:
            each = ppm * part // PPM
            fail = Fail(TIMED_OUT, "conntrack-full", (*way, ("Node", "", machine)), TABLE_FULL, -1)
            found.append(Passage(table, needs.setdefault(each, Need(each)), TCP_SECONDS, fail))
    return tuple(found)


def _ends(destination: Destination) -> list[str]:
    return [leg.station.machine for leg in destination.legs if leg.station is not None]
