"""What rows of replicas tell of a tick: what became of requests, and what containers had to bear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kubesim_tui.traffic.settling import Timed, merged, settle_late, told
from kubesim_tui.traffic.split import share
from kubesim_tui.traffic.way import Destination, Held, Part, Result, Row, RowPart, Share, Station
from kubesim_tui.traffic.work import Work
from kubesim_tui.world.ledger import Load


def all_well(destination: Destination) -> Result | None:
    """What became of its requests, if all is well and what it calls is clean; None: some are still inside."""
    parts = destination.parts
    if any(part.row.holds for part in parts):
        return None
    part = parts[0]
    if len(parts) == len(part.row.parts) == len(part.networks) == 1:
        network_us = part.networks[0][0]
        timed = [told(work, network_us, count * n) for _, count, n, work in part.row.kinds]
        return Result(destination.admitted, merged(timed))
    found: dict[tuple[int, int], tuple[int, Work, int]] = {}
    for part in parts:
        places, each, first, odd, size = part.places, part.each, part.first, part.odd, len(part.legs)
        for start, end, _, work in part.row.spans:
            n = each + 1 if (start - first) % size < odd else each
            for network_us, before in part.networks if n else ():
                count = n * (before[end] - before[start])
                if count:
                    key = id(work), network_us
                    place, _, sofar = found.get(key, (places[start], work, 0))
                    found[key] = place, work, sofar + count
    timed_at = [(place, told(work, network_us, n)) for (_, network_us), (place, work, n) in found.items()]
    return Result(destination.admitted, merged([timed for _, timed in sorted(timed_at, key=_place)]))


def settled(destination: Destination) -> Result | None:
    """What became of its requests, if all is well but that some are still inside; None: each leg has to be asked."""
    parts = destination.parts
    found: list[tuple[int, Timed]] = []
    held: list[tuple[int, Held]] = []
    pieces: list[RowPart] = []
    for part in parts:
        for piece in _shares(part):
            start, end, done, stays, work = piece
            leg = part.legs[start]
            late = settle_late(leg, done) if done and leg.calls else Result(done)
            if late.failed or late.kept:
                return None
            if late.ok:
                for network_us, before in part.networks:
                    if before[end] > before[start]:
                        n = (before[end] - before[start]) * late.ok
                        found.append((part.places[start], told(work, network_us, n)))
            if late.held or stays:
                held += _held(part, piece, late.held)
            pieces.append((part, piece, late.held))
    if len(parts) > 1:
        found.sort(key=_place)
        held.sort(key=_place)
    ok = sum([n for _, (_, _, n) in found])
    result = Result(ok, merged([timed for _, timed in found]) if found else (), held=tuple([one for _, one in held]))
    if held:
        result.by_row = tuple(pieces)
    return result


def _shares(part: Part) -> list[Share]:
    """What a destination's part of each station is in what it has done and still has."""
    row, found = part.row, []
    for start, end, total, work in row.spans:
        n, stays = part.at(start), work.held
        if n != total:
            weights = [other.at(start) for other in row.parts]
            stays = min(share(stays, weights)[row.parts.index(part)], n) if stays else 0
        if n:
            found.append((start, end, n - stays, stays, work))
    return found


def _held(part: Part, piece: Share, called: Sequence[Held]) -> Iterator[tuple[int, Held]]:
    """What is inside whom each of some neighbours called, and in itself, by its place."""
    start, end, done, stays, _ = piece
    for at in range(start, end):
        for one in called if at == start else settle_late(part.legs[at], done).held if called else ():
            yield part.places[at], one
        if stays:
            yield part.places[at], Held(part.row.stations[at], stays)


def _place(one: tuple[int, object]) -> int:
    return one[0]


def loads(row: Row, tick: int) -> tuple[list[tuple[int, int, Load]], int, int]:
    """What a row puts on its containers, and the most memory and processor time that one of them needs for it."""
    memory, made = row.stations[0].memory_bytes, {}
    most_inside = most_cpu = 0
    for _, _, n, work in row.kinds:
        held, cpu_us = work.inside, work.outcome.cpu_us
        if held > most_inside:
            most_inside = held
        if cpu_us > most_cpu:
            most_cpu = cpu_us
        made[id(work)] = Load(tick, n, held, held * memory, cpu_us, work.wait_us)
    return [(start, end, made[id(work)]) for start, end, _, work in row.spans], most_inside * memory, most_cpu


def worked(row: Row) -> list[Station]:
    """Those who had something to do."""
    return [station for start, end, _, _ in row.spans for station in row.stations[start:end]]
